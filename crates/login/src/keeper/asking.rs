//! From a login request to PACER's answer.

use std::{pin::pin, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{
    AttemptEnd, Credentials, Error, KeptRefusal, LoginAttempt, LoginOutcome, OpenedLogin,
};
use fetch_model::UserId;
use kill_point::Point;
use pacer::sign_on::Refusal;
use pacer_client::{LoginAnswer, LoginError};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{self, Instant};
use tracing::{debug, info, warn};

use super::{
    Keeper, LoginRequest, REFUSED_FOR, ended,
    lending::{Unasked, logged, may_be_open},
};
use crate::{
    sentence,
    totp::wait_before_code,
    tries::{Permission, Place, Try},
    turn::{Free, LoginLock, Outcome},
};

/// Refusals of one username that are remembered here.
const MOST_REFUSALS: usize = 32;

/// How long a turn is held for what was refused to be known to others.
const KEPT_SOON: Duration = Duration::from_millis(500);

/// Between two looks for a session, while a user has enough under way to try nothing more.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a visitor is told, and when what was tried turned out to be wrong, if it did just now: by PACER, or as it
/// did not open the session that there is.
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
        if let Some(stopped) = self.stopped(visit).await {
            return Ok(stopped);
        }
        if let Some(lent) = self.lend_what_is_seen(visit).await {
            return Ok(lent);
        }
        let until = Instant::now() + self.patience;
        let mut granted = None;
        while Instant::now() < until {
            let round = self.round(visit, &mut granted).await;
            if let Some(unused) = granted.take() {
                ended(self.tries.end(unused, None).await.written().await);
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
            ended(self.tries.end(unused, None).await.written().await);
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
                // The user may have gone over the limit meanwhile.
                if let Some(said) = self.stopped(visit).await {
                    return Ok(Round::Over(said));
                }
                if let Some(lent) = self.lend_what_is_seen(visit).await {
                    return Ok(Round::Over(lent));
                }
                alone
            }
        };
        // Another replica that has the turn tells of its session before it gives the turn back.
        let came = tokio::select! {
            biased;
            session = self.until_remembered(visit) => Err(session),
            free = self.turns.until_free(&visit.name) => Ok(free?),
        };
        if let Some(stopped) = self.stopped(visit).await {
            return Ok(Round::Over(stopped));
        }
        let free = match came {
            Ok(free) => free,
            Err(session) => return Ok(Round::Over(self.lend_verified(visit, session).await)),
        };
        if free.waited
            && let Some(lent) = self.lend_what_is_seen(visit).await
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
                let ending = self.tries.end(tried, refused).await;
                // What PACER said waits for no database.
                self.tell(visit, async move { ended(ending.written().await) });
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
                            ended(self.tries.end(unused, None).await.written().await);
                        }
                        return Ok(Err(said));
                    }
                }
            }
        }
    }

    /// What PACER says to a visitor, or said to the same before.
    async fn take_turn(&self, visit: &LoginRequest, free: Free) -> Result<Answered, Error> {
        let taken = self
            .turns
            .take(&visit.name, free, || self.until_remembered(visit));
        let mut turn = match taken.await? {
            Ok(turn) => turn,
            Err(session) => return Ok((self.lend_verified(visit, session).await, None)),
        };
        // Whoever waits for message servers that choose a leader may hear the news before there is one.
        let known = tokio::select! {
            biased;
            session = self.until_remembered(visit) => {
                Some(Ok(self.lend_verified(visit, session).await))
            }
            known = self.known_before(&mut turn, visit) => known.transpose(),
        };
        if let Some(known) = known {
            // Also when it cannot be known: others would wait until the turn counts as dead.
            ended(turn.end(Outcome::NotAsked).await);
            return Ok((known?, None));
        }
        let attempts = &turn.record().attempts;
        let username = visit.credentials.username.expose_secret();
        let (limits, usual) = (&self.limits, self.pace);
        let wait = limits.wait(username, usual, attempts, visit.user, turn.now());
        if !wait.is_zero() {
            let now = turn.now();
            ended(turn.end(Outcome::NotAsked).await);
            // Otherwise one could try any number of passwords at a session while PACER is not asked.
            let guessed = match self.without_pacer(visit).await? {
                Unasked::Lent(lent) => return Ok((lent, None)),
                Unasked::WrongPassword => Some(now),
                Unasked::NothingOpen => None,
            };
            self.told.add("too_many_of_account");
            warn!(
                user.id = visit.user.0,
                seconds = wait.as_secs(),
                "an account reached its limit of logins"
            );
            return Ok((sentence::too_many(&self.pace, wait), guessed));
        }
        self.ask_pacer(visit, turn).await
    }

    /// What a visitor is told without PACER: that of a session that another replica has opened meanwhile, or of
    /// what was refused before.
    async fn known_before(
        &self,
        turn: &mut LoginLock,
        visit: &LoginRequest,
    ) -> Result<Option<LoginOutcome>, Error> {
        if may_be_open(turn.record(), turn.now())
            && let Some(lent) = turn.while_asking(self.lend_what_is_open(visit)).await?
        {
            return Ok(Some(lent));
        }
        let said = self.said_before(turn, visit).await?;
        if said.is_some() {
            info!(
                user.id = visit.user.0,
                "refused a login that PACER has refused before"
            );
            self.told.add("refused_before");
        }
        Ok(said)
    }

    /// What a user is told who has tried too much, unless they have this session already.
    async fn stopped(&self, visit: &LoginRequest) -> Option<LoginOutcome> {
        let wait = self.tries.over_for(visit.user).await?;
        let has_it = self.lent.contains_key(&visit.session_key);
        (!has_it).then(|| self.user_is_over(visit, wait))
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
        match turn.begin(visit.user).await {
            Ok(true) => {}
            Ok(false) => return Ok((sentence::not_now(), None)),
            Err(error) => {
                // Others would wait until the turn counts as dead. The visitor has waited long enough.
                self.tell(visit, async move {
                    ended(turn.end(Outcome::NotAsked).await);
                });
                return Err(error);
            }
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
                Ok((self.lend_to(visit, &session).await, None))
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
                let refused = turn.now();
                let kept = KeptRefusal::seal(seal, kind, &text, refused + refused_for()).ok();
                if let Some(kept) = &kept {
                    self.remember_refusal(visit, kept, refused).await;
                }
                let wrong = meaning == Refusal::Credentials;
                self.keep_refusal(visit, kept, wrong, turn);
                let outcome = LoginOutcome::Refused {
                    kind,
                    text,
                    retry_after_seconds: None,
                };
                Ok((outcome, Some(refused)))
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

    /// Remembers here what PACER refused, so that this process does not send it again, whether or not the
    /// message servers can keep it.
    async fn remember_refusal(
        &self,
        visit: &LoginRequest,
        refusal: &KeptRefusal,
        now: DateTime<Utc>,
    ) {
        let known = self.refused.get(&visit.name).await;
        let mut refusals = known.unwrap_or_default();
        refusals.retain(|refusal| refusal.until > now);
        refusals.push(refusal.clone());
        let surplus = refusals.len().saturating_sub(MOST_REFUSALS);
        refusals.drain(..surplus);
        self.refused.insert(visit.name.clone(), refusals).await;
    }

    /// Keeps what PACER refused, and gives the turn back when whoever tries the same again can know. Neither
    /// the visitor nor the owner of the account is kept waiting for servers that choose a leader.
    fn keep_refusal(
        &self,
        visit: &LoginRequest,
        kept: Option<KeptRefusal>,
        wrong: bool,
        mut turn: LoginLock,
    ) {
        let (records, name) = (self.records.clone(), visit.name.clone());
        self.tell(visit, async move {
            let now = turn.now();
            let keeping = async {
                match kept {
                    Some(kept) => records.keep_refusal(&name, &kept, now).await,
                    None => Ok(()),
                }
            };
            let mut keeping = pin!(keeping);
            let soon = time::timeout(KEPT_SOON, &mut keeping);
            let soon = turn.while_asking(soon).await;
            // Neither waits for the other: the database may be away while the bucket is there.
            let ending = async { ended(turn.end(Outcome::Refused { wrong }).await) };
            let keeping = async {
                match soon {
                    Ok(kept) => kept,
                    Err(_) => keeping.await,
                }
            };
            let (kept, ()) = tokio::join!(keeping, ending);
            logged(kept);
        });
    }

    /// What PACER said to the same a little while ago: in this process, or in another as far as the bucket
    /// tells. Servers that choose a leader are waited for only by a user who has tried in vain: what strangers
    /// try must not delay the owner.
    async fn said_before(
        &self,
        turn: &mut LoginLock,
        visit: &LoginRequest,
    ) -> Result<Option<LoginOutcome>, Error> {
        let now = turn.now();
        let here = self.refused.get(&visit.name).await.unwrap_or_default();
        if let Some(said) = said_of(&here, visit, now) {
            return Ok(Some(said));
        }
        let in_vain = |attempt: &&LoginAttempt| {
            attempt.end != AttemptEnd::LoggedIn && now - attempt.at < refused_for()
        };
        let attempts = turn.record().attempts.iter();
        let by: Vec<UserId> = attempts.filter(in_vain).map(|it| it.user).collect();
        if by.is_empty() {
            return Ok(None);
        }
        let refusals = if by.contains(&visit.user) {
            let refusals = self.records.refusals(&visit.name);
            turn.while_asking(refusals).await?
        } else {
            let refusals = self.records.refusals_now(&visit.name);
            let refusals = turn.while_asking(refusals).await;
            refusals.unwrap_or_else(|error| {
                let error = &error as &dyn std::error::Error;
                debug!(error, "it is not known what was refused");
                Vec::new()
            })
        };
        Ok(said_of(&refusals, visit, now))
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

/// What PACER said to the same, if it is among these and still holds.
fn said_of(
    refusals: &[KeptRefusal],
    visit: &LoginRequest,
    now: DateTime<Utc>,
) -> Option<LoginOutcome> {
    let said = refusals
        .iter()
        .filter(|refusal| refusal.until > now)
        .find_map(|refusal| refusal.open(&visit.attempt).or(refusal.open(&visit.owner)));
    said.map(|(kind, text)| LoginOutcome::Refused {
        kind,
        text,
        retry_after_seconds: None,
    })
}

fn refused_for() -> TimeDelta {
    TimeDelta::from_std(REFUSED_FOR).unwrap_or_default()
}

fn warn_of(error: &LoginError) {
    let error = error as &dyn std::error::Error;
    warn!(error, "PACER's sign-on did not answer");
}
