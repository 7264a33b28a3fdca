//! One login by way of the service, and what it answers.

use std::{fmt, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use pacer_fetch_client::{
    Account,
    raw::{Api, Method},
};
use secrecy::SecretString;
use serde_json::Value;

use super::one_time::Codes;
use crate::table::counted;

const PLACE: &str = "/api/rest/v4/recap-fetch/login/";

/// Why nobody was logged in, for programs: see the gateway's `LOGIN_REFUSAL`.
const REFUSAL: &str = "pacer-login-refusal";

/// Refusals after which the same login would be refused again, and held against the account.
const FINAL: [&str; 3] = ["credentials", "redaction", "account_disabled"];

/// Two clocks that differ by no more are taken for one.
const SAME_CLOCK: TimeDelta = TimeDelta::seconds(5);

/// The life of a session when the service does not say it.
const USUAL_LIFE: TimeDelta = TimeDelta::minutes(55);

/// The service, and who is logged in there.
pub(super) struct Service {
    api: Api,
    account: Account,
    codes: Option<Codes>,
}

/// A session that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Session {
    /// Nobody uses it after that.
    pub ends: DateTime<Utc>,
    /// From then on a login opens a new session.
    pub renewed_from: DateTime<Utc>,
    /// Requests that waited for the login and now continue.
    pub taken_up: i64,
}

/// What became of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    LoggedIn(Session),
    /// The same must not be tried again.
    Refused(String),
    /// The same may work later, and not before the service says so.
    Later {
        why: String,
        after: Option<Duration>,
    },
}

impl fmt::Display for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends = self.ends.format("%Y-%m-%d %H:%M:%S");
        write!(formatter, "logged in; the session ends at {ends} UTC; ")?;
        match self.taken_up {
            0 => write!(formatter, "no requests were waiting for it"),
            // Whether they come through this time is the court's to say.
            count => write!(
                formatter,
                "{} that waited for it {} tried again",
                counted(count, "request"),
                if count == 1 { "is" } else { "are" }
            ),
        }
    }
}

impl Service {
    pub(super) fn new(
        api: Api,
        username: &str,
        password: SecretString,
        codes: Option<Codes>,
        client_code: Option<String>,
    ) -> Service {
        let account = Account {
            username: username.to_owned(),
            password,
            client_code,
            otp_code: None,
        };
        Service {
            api,
            account,
            codes,
        }
    }

    /// Logs in, or finds the session there is.
    pub(super) async fn log_in(&self) -> Outcome {
        let otp_code = match &self.codes {
            Some(codes) => Some(codes.next().await),
            None => None,
        };
        let account = Account {
            otp_code,
            ..self.account.clone()
        };
        // PACER may take its time, and the service waits for it, and for the turn of the account.
        let request = self.api.login(&account).timeout(Duration::from_secs(240));
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                // With what is behind it: a certificate that is not known, say.
                let error = anyhow::Error::from(error);
                return later(format!("the service does not respond: {error:#}"), None);
            }
        };
        let status = answer.status().as_u16();
        let header = |name: &str| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let (refusal, after) = (header(REFUSAL), header("retry-after"));
        let ahead = header("date").map_or(TimeDelta::zero(), |date| ahead_of_us(&date, Utc::now()));
        let body = answer.json().await.unwrap_or(Value::Null);
        let (refusal, after) = (refusal.as_deref(), after.as_deref());
        match understood(status, refusal, after, &body, Utc::now()) {
            Outcome::LoggedIn(session) => Outcome::LoggedIn(Session {
                ends: session.ends - ahead,
                renewed_from: session.renewed_from - ahead,
                ..session
            }),
            outcome => outcome,
        }
    }

    /// How many requests of this user wait for a login; none if nobody can tell.
    pub(super) async fn waiting(&self) -> Option<i64> {
        let request = self.api.request(Method::GET, PLACE);
        let answer = self.api.send(request).await.ok()?;
        answer.body["waiting"].as_i64()
    }
}

/// How far the clock of the service is ahead of ours; what is less than a few seconds is the way of the
/// answer, and a date has no parts of a second.
fn ahead_of_us(date: &str, now: DateTime<Utc>) -> TimeDelta {
    let date = DateTime::parse_from_rfc2822(date);
    let ahead = date.map_or(TimeDelta::zero(), |date| date.to_utc() - now);
    match ahead.abs() > SAME_CLOCK {
        true => ahead,
        false => TimeDelta::zero(),
    }
}

fn later(why: String, after: Option<Duration>) -> Outcome {
    Outcome::Later { why, after }
}

fn understood(
    status: u16,
    refusal: Option<&str>,
    after: Option<&str>,
    body: &Value,
    now: DateTime<Utc>,
) -> Outcome {
    if status == 200 {
        let at = |name: &str| {
            let at = DateTime::parse_from_rfc3339(body[name].as_str()?).ok()?;
            Some(at.to_utc())
        };
        let ends = at("session_ends").unwrap_or(now + USUAL_LIFE);
        return Outcome::LoggedIn(Session {
            ends,
            renewed_from: at("renewed_from").unwrap_or(ends - USUAL_LIFE / 11),
            taken_up: body["taken_up"].as_i64().unwrap_or(0),
        });
    }
    let said = [&body["non_field_errors"][0], &body["detail"]];
    let said = said.into_iter().find_map(Value::as_str);
    let said = said.map_or_else(|| format!("status {status}: {body}"), str::to_owned);
    let after = after.and_then(|after| after.parse().ok());
    match (status, refusal) {
        (_, Some(refusal)) if FINAL.contains(&refusal) => Outcome::Refused(said),
        (_, Some(_)) | (408 | 409 | 425 | 429 | 500.., _) => {
            later(said, after.map(Duration::from_secs))
        }
        // The token opens nothing, a field is wrong, or this is another service.
        _ => Outcome::Refused(said),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn a_password_is_not_sent_where_an_answer_points_to() {
        let listener = async || TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (front, elsewhere) = (listener().await, listener().await);
        let url = format!("http://{}", front.local_addr().unwrap());
        let answer = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{}/x\r\ncontent-length: 0\r\n\r\n",
            elsewhere.local_addr().unwrap()
        );
        let pointing = async {
            let (mut caller, _) = front.accept().await.unwrap();
            assert!(caller.read(&mut [0; 4096]).await.unwrap() > 0);
            caller.write_all(answer.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        };
        let service = Service::new(Api::new(&url, "t"), "corr", "canary".into(), None, None);
        tokio::select! {
            outcome = service.log_in() => assert!(!matches!(outcome, Outcome::LoggedIn(_))),
            _ = elsewhere.accept() => panic!("the password went elsewhere"),
            () = pointing => {}
        }
    }

    #[test]
    fn a_password_that_was_refused_is_told_from_what_may_work_later() {
        let now = Utc::now();
        let body = json!({"non_field_errors": ["PacerLoginException: no"]});
        let check = |status, refusal, after, is_final| {
            let outcome = understood(status, refusal, after, &body, now);
            assert_eq!(
                matches!(outcome, Outcome::Refused(_)),
                is_final,
                "{outcome:?}"
            );
            outcome
        };
        for refusal in ["credentials", "redaction", "account_disabled"] {
            check(400, Some(refusal), None, true);
        }
        for refusal in [
            "no_session",
            "site_down",
            "too_many_logins",
            "what comes later",
        ] {
            check(400, Some(refusal), None, false);
        }
        for status in [401, 403, 404, 400] {
            check(status, None, None, true);
        }
        for status in [429, 500, 503] {
            check(status, None, None, false);
        }
        let outcome = check(503, None, Some("7"), false);
        let why = "PacerLoginException: no".to_owned();
        let after = Some(Duration::from_secs(7));
        assert_eq!(outcome, Outcome::Later { why, after });
    }

    #[test]
    fn a_service_that_does_not_say_how_long_is_asked_before_the_hour_is_over() {
        let now = Utc::now();
        let told = json!({"session_ends": "2026-11-29T10:58:00-08:00",
                          "renewed_from": "2026-11-29T18:53:00Z", "taken_up": 2});
        let Outcome::LoggedIn(session) = understood(200, None, None, &told, now) else {
            panic!("logged in");
        };
        assert_eq!(session.ends - session.renewed_from, TimeDelta::minutes(5));
        assert!(
            session
                .to_string()
                .ends_with("18:58:00 UTC; 2 requests that waited for it are tried again")
        );
        let untold = json!({"session_ends": null, "taken_up": 0});
        let Outcome::LoggedIn(session) = understood(200, None, None, &untold, now) else {
            panic!("logged in");
        };
        assert_eq!(session.ends - now, TimeDelta::minutes(55));
        assert_eq!(session.ends - session.renewed_from, TimeDelta::minutes(5));
    }

    #[test]
    fn a_clock_that_is_wrong_renews_nothing_too_late_or_again_and_again() {
        let now = DateTime::parse_from_rfc3339("2026-11-29T18:00:00Z")
            .unwrap()
            .to_utc();
        for (date, seconds) in [
            ("Sun, 29 Nov 2026 18:00:04 GMT", 0),
            ("Sun, 29 Nov 2026 17:50:00 GMT", -600),
            ("Sun, 29 Nov 2026 18:10:00 GMT", 600),
            ("yesterday", 0),
        ] {
            assert_eq!(ahead_of_us(date, now).num_seconds(), seconds, "{date}");
        }
    }
}
