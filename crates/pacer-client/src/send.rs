//! One request, one answer, within limits of time; the content is read by [`Body`].

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kill_point::Point;
use reqwest::{
    RequestBuilder,
    header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, REFERER, RETRY_AFTER},
};
use tracing::debug;
use url::Url;

use crate::{Answer, Body, CourtSession, Courts, SendError, session::Preference};

pub(crate) async fn court(
    courts: &Courts,
    session: &CourtSession,
    court: &str,
    url: Url,
    request: RequestBuilder,
    preference: Preference,
) -> Result<Answer, SendError> {
    let Some(cookies) = session.cookies(court, &url, preference) else {
        return Err(SendError::NotSent {
            source: "the session cannot be written as cookies".into(),
        });
    };
    let started = Instant::now();
    let request = request
        .header(COOKIE, cookies)
        .header(REFERER, &courts.config.referer);
    let response = request
        .send()
        .await
        .map_err(|error| unanswered(error, started))?;
    session.keep(court, &url, response.headers());
    kill_point::reached(Point::MidResponse);
    let answer = Answer {
        status: response.status().as_u16(),
        url,
        media_type: text(response.headers(), &CONTENT_TYPE).unwrap_or_default(),
        retry_after: text(response.headers(), &RETRY_AFTER)
            .and_then(|text| pause(&text, Utc::now())),
        location: text(response.headers(), &LOCATION),
        body: Body::of(response, courts.config.max_body_bytes, started)?,
    };
    debug!(
        court.id = court,
        status = answer.status,
        duration_ms = started.elapsed().as_millis(),
        "answers"
    );
    Ok(answer)
}

/// What it means for money that there is no answer. In doubt, the request was sent.
pub(crate) fn unanswered(error: reqwest::Error, started: Instant) -> SendError {
    let (not_sent, timed_out) = (error.is_connect() || error.is_builder(), error.is_timeout());
    let source = error.without_url().into();
    match (not_sent, timed_out) {
        (true, _) => SendError::NotSent { source },
        (false, true) => SendError::TimedOut {
            waited: started.elapsed(),
        },
        (false, false) => SendError::Broken { source },
    }
}

fn text(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// `Retry-After` is a number of seconds or a date. It may be any: what is too long, whoever keeps to
/// it decides.
fn pause(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than a number holds are as many as it holds.
        let seconds = text.parse().unwrap_or(u64::from(u32::MAX));
        return Some(Duration::from_secs(seconds.min(u64::from(u32::MAX))));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_seconds_or_a_date() {
        let now = DateTime::from_timestamp(784_111_777, 0).unwrap();
        assert_eq!(pause(" 120 ", now), Some(Duration::from_secs(120)));
        let date = "Sun, 06 Nov 1994 08:50:37 GMT";
        assert_eq!(pause(date, now), Some(Duration::from_secs(60)));
        assert_eq!(
            pause("Sun, 06 Nov 1994 08:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        let most = Some(Duration::from_secs(u32::MAX.into()));
        assert_eq!(pause("18446744073709551615", now), most);
        assert_eq!(pause("99999999999999999999999999", now), most);
        assert_eq!(pause("soon", now), None);
        assert_eq!(pause("", now), None);
        assert_eq!(pause("-5", now), None);
    }
}
