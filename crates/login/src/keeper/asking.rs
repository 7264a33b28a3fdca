//! From a login request to PACER's answer.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{Credentials, Error, KeptRefusal, LoginOutcome, OpenedLogin};
use kill_point::Point;
use pacer::sign_on::Refusal;
use pacer_client::{LoginAnswer, LoginError};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{self, Instant};
use tracing::{info, warn};

use super::{Keeper, LoginRequest, ended};
use crate::{
    sentence,
    totp::wait_before_code,
    tries::{Permission, Place, Try},
    turn::{Free, LoginLock, Outcome},
};

/// How long a refused password is answered without asking PACER again.
const REFUSED_FOR: TimeDelta = TimeDelta::minutes(10);

/// Between two looks for a session, while a user has enough under way to try nothing more.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a visitor is told, and when PACER refused, if it was asked and did.
type Answered = (LoginOutcome, Option<DateTime<Utc>>);

/// What came of one round of looking, waiting and asking.
enum Round {
    Over(LoginOutcome),
    /// The user has enough under way.
    Later(Place),
    /// Somebody else tries the same account in this process.
    Again,
}

impl Keeper {
    /// The session there is; or else, in turn, what PACER says.
    ///
    /// Whoever knows the password of a session that lives waits for nobody: what others try at the
    /// same username meanwhile may take PACER minutes.
    pub(super) async fn serve(&self, visit: &LoginRequest) -> Result<LoginOutcome, Error> {
        // Whoever has tried too much could go on guessing at a session that somebody else has open.
        if let Some(wait) = self.tries.over_for(visit.user).await
            && !self.lent.contains_key(&visit.session_key)
        {
            return Ok(self.user_is_over(visit, wait));
        }
        if let Some(lent) = self.lend_what_is_seen(visit).await {
            return Ok(lent);
        }
        let until = Instant::now() + self.patience;
        let mut granted = None;
        while Instant::now() < until {
            let round = self.round(visit, &mut granted).await;
            if let Some(unused) = granted.take() {
                ended(self.tries.end(unused, None).await);
            }
            match round? {
                Round::Over(outcome) => return Ok(outcome),
                // Outside: nobody else has to wait for what this user tries elsewhere.
                Round::Later(place) => match self.stand_in_line(visit, place, until).await? {
                    Ok(tried) => granted = Some(tried),
                    Err(outcome) => return Ok(outcome),
                },
                Round::Again => {}
            }
        }
        if let Some(unused) = granted {
            ended(self.tries.end(unused, None).await);
        }
        Ok(sentence::not_now())
    }

    /// One at a time of an account, in this process. Takes what was granted, if it uses it.
    async fn round(&self, visit: &LoginRequest, granted: &mut Option<Try>) -> Result<Round, Error> {
        let door = self
            .doors
            .get_with_by_ref(&visit.name, async { Arc::default() })
            .await;
        let _alone = match door.try_lock() {
            Ok(alone) => alone,
            // What was granted is for others while this one waits.
            Err(_) if granted.is_some() => return Ok(Round::Again),
            Err(_) => {
                let alone = door.lock().await;
                if let Some(lent) = self.lend_what_is_open(visit).await? {
                    return Ok(Round::Over(lent));
                }
                alone
            }
        };
        let free = self.turns.until_free(&visit.name).await?;
        if free.waited
            && let Some(lent) = self.lend_what_is_open(visit).await?
        {
            return Ok(Round::Over(lent));
        }
        let permission = match granted.take() {
            Some(tried) => Permission::Now(tried),
            None => self.tries.begin(visit.user).await?,
        };
        match permission {
            Permission::Now(tried) => {
                let answer = self.take_turn(visit, free).await;
                let refused = answer.as_ref().ok().and_then(|(_, refused)| *refused);
                ended(self.tries.end(tried, refused).await);
                answer.map(|(outcome, _)| Round::Over(outcome))
            }
            Permission::Later(place) => Ok(Round::Later(place)),
            Permission::Not(wait) => Ok(Round::Over(self.user_is_over(visit, wait))),
        }
    }

    /// Waits for the right to ask PACER, unless the session is opened by somebody else meanwhile.
    async fn stand_in_line(
        &self,
        visit: &LoginRequest,
        mut place: Place,
        until: Instant,
    ) -> Result<Result<Try, LoginOutcome>, Error> {
        loop {
            match time::timeout(LOOK_EVERY, place.wait()).await {
                Ok(decided) => {
                    let decided = decided?;
                    return Ok(decided.map_err(|wait| self.user_is_over(visit, wait)));
                }
                Err(_) => {
                    let lent = self.lend_what_is_seen(visit).await;
                    let is_over = Instant::now() >= until;
                    if let Some(said) = lent.or_else(|| is_over.then(sentence::not_now)) {
                        if let Some(unused) = place.leave() {
                            ended(self.tries.end(unused, None).await);
                        }
                        return Ok(Err(said));
                    }
                }
            }
        }
    }

    /// What PACER says to a visitor, or said to the same before; and when it refused, if it was
    /// asked and did.
    async fn take_turn(&self, visit: &LoginRequest, free: Free) -> Result<Answered, Error> {
        let turn = self.turns.take(&visit.name, free).await?;
        // Another replica may have logged the account in while this one waited. Where nobody has
        // asked within the hour, nobody has a session.
        if !turn.record().attempts.is_empty()
            && let Some(lent) = self.lend_what_is_open(visit).await?
        {
            turn.end(Outcome::NotAsked).await?;
            return Ok((lent, None));
        }
        if let Some(said) = said_before(&turn, visit) {
            info!(
                user.id = visit.user.0,
                "refused a login that PACER has refused before"
            );
            self.told.add("refused_before");
            turn.end(Outcome::NotAsked).await?;
            return Ok((said, None));
        }
        let attempts = &turn.record().attempts;
        let wait = self.pace.wait(attempts, visit.user, turn.now());
        if !wait.is_zero() {
            turn.end(Outcome::NotAsked).await?;
            if let Some(lent) = self.lend_what_one_court_refuses(visit).await? {
                return Ok((lent, None));
            }
            self.told.add("too_many_of_account");
            warn!(
                user.id = visit.user.0,
                seconds = wait.as_secs(),
                "an account reached its limit of logins"
            );
            return Ok((sentence::too_many(&self.pace, wait), None));
        }
        self.ask_pacer(visit, turn).await
    }

    fn user_is_over(&self, visit: &LoginRequest, wait: Duration) -> LoginOutcome {
        self.told.add("too_many_of_user");
        warn!(
            user.id = visit.user.0,
            seconds = wait.as_secs(),
            "a user reached the limit of refused logins"
        );
        sentence::too_many_refused(&self.pace, wait)
    }

    async fn ask_pacer(
        &self,
        visit: &LoginRequest,
        mut turn: LoginLock,
    ) -> Result<Answered, Error> {
        let otp_code = self.otp_code(visit, &mut turn).await;
        if !turn.begin(visit.user).await? {
            return Ok((sentence::not_now(), None));
        }
        let Credentials {
            username,
            password,
            client_code,
            ..
        } = &visit.credentials;
        let (username, otp) = (username.expose_secret(), otp_code.as_ref());
        let asking = self.courts.log_in(username, password, client_code, otp);
        kill_point::reached(Point::LoginBeforeSignOn);
        let answer = turn.while_asking(asking).await;
        kill_point::reached(Point::LoginAfterSignOn);
        match answer {
            Ok(LoginAnswer::LoggedIn { token, warning }) => {
                let warning = warning.map(sentence::warning);
                let login = OpenedLogin { token, warning };
                let session = self.keep(visit, login, turn).await;
                self.told.add("logged_in");
                let lent = self.lend_to(visit, &session).await;
                kill_point::reached(Point::LoginBeforeAnswer);
                Ok((lent, None))
            }
            Ok(LoginAnswer::Refused {
                meaning,
                code,
                text,
            }) => {
                info!(user.id = visit.user.0, code, "PACER refused a login");
                self.told.add("refused");
                let (kind, text) = sentence::refusal(meaning, &code, &text, otp.is_some());
                // What depends on the client code may be mended by another one.
                let seal = match meaning {
                    Refusal::Credentials => &visit.attempt,
                    _ => &visit.owner,
                };
                let until = turn.now() + REFUSED_FOR;
                let outcome = Outcome::Refused {
                    wrong: meaning == Refusal::Credentials,
                    kept: KeptRefusal::seal(seal, kind, &text, until).ok(),
                };
                let refused = Some(turn.now());
                ended(turn.end(outcome).await);
                let outcome = LoginOutcome::Refused {
                    kind,
                    text,
                    retry_after_seconds: None,
                };
                Ok((outcome, refused))
            }
            Err(error) => {
                let outcome = sentence::no_answer(&error);
                warn_of(&error);
                self.told.add("no_answer");
                ended(turn.end(Outcome::Asked).await);
                Ok((outcome, None))
            }
        }
    }

    /// The code that was sent, or one made just now.
    async fn otp_code(&self, visit: &LoginRequest, turn: &mut LoginLock) -> Option<SecretString> {
        let sent = visit.credentials.otp_code.as_ref();
        let username = visit.credentials.username.expose_secret();
        let secret = match sent {
            Some(_) => None,
            None => self.secrets.totp.of(username),
        };
        let Some(secret) = secret else {
            return sent.cloned();
        };
        let last = turn.record().attempts.last().map(|attempt| attempt.at);
        let ago = last.map(|last| (turn.now() - last).to_std().unwrap_or_default());
        let wait = wait_before_code(Utc::now(), ago);
        turn.while_asking(time::sleep(wait)).await;
        Some(secret.code(Utc::now()))
    }
}

fn warn_of(error: &LoginError) {
    let error = error as &dyn std::error::Error;
    warn!(error, "PACER's sign-on did not answer");
}

/// What PACER said to the same a little while ago.
fn said_before(turn: &LoginLock, visit: &LoginRequest) -> Option<LoginOutcome> {
    let now = turn.now();
    let refusals = turn.record().refusals.iter();
    let (kind, text) = refusals
        .filter(|refusal| refusal.until > now)
        .find_map(|refusal| refusal.open(&visit.attempt).or(refusal.open(&visit.owner)))?;
    Some(LoginOutcome::Refused {
        kind,
        text,
        retry_after_seconds: None,
    })
}
