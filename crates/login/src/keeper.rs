//! Opens, lends and retires sessions.
//!
//! One login of an account at a time, in all replicas; whoever comes meanwhile waits and then shares
//! what the first one got, if the password is the same. That it is the same shows when the session
//! opens: it lies sealed with the password it was given for, and with a secret of this service.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{
    Bus, Credentials, Error, KeptRefusal, LoginHandler, LoginKeyPair, LoginOutcome, LoginRecords,
    OpenLogin, OpenedLogin, PacerSession, PasswordSeal, SealedSession, SessionDeath, SessionLife,
    SessionSealingKey, Sessions,
};
use fetch_model::UserId;
use fetch_runtime::Counter;
use kill_point::Point;
use moka::future::Cache;
use pacer::sign_on::Refusal;
use pacer_client::{Courts, LoginAnswer, LoginError};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Mutex, time};
use tracing::{info, warn};

use crate::{
    PaceConfig, TotpSecrets, sentence,
    totp::wait_before_code,
    tries::{Permission, Tries},
    turn::{Outcome, Turn, Turns},
};

/// The longest life of a session: a little less than the hour that readers allow, so that two clocks
/// may differ.
pub(crate) const LIFE: Duration = Duration::from_secs(58 * 60);

/// A session with less left, or with less than a tenth of its life, is not lent to a new request: its
/// work could not be finished.
const WORTHWHILE: Duration = Duration::from_secs(5 * 60);

/// How long a refused password is answered without asking PACER again.
const REFUSED_FOR: TimeDelta = TimeDelta::minutes(10);

/// More accounts than any deployment has; a bound all the same.
const MANY: u64 = 100_000;

/// Between two looks whether a user may try something again who has enough under way.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LAST_PAUSE: Duration = Duration::from_millis(400);

/// What a visitor is told, and when PACER refused, if it was asked and did.
type Answered = (LoginOutcome, Option<DateTime<Utc>>);

/// What a keeper holds secret.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Seals sessions for the fetchers, and names accounts.
    pub sessions: SessionSealingKey,
    /// Opens credentials; together with a password, seals what belongs to who knows it.
    pub login: LoginKeyPair,
    /// Make one-time codes.
    pub totp: TotpSecrets,
}

/// Keeps the sessions of all accounts.
pub struct Keeper {
    courts: Courts,
    sessions: Sessions,
    records: LoginRecords,
    secrets: Secrets,
    pace: PaceConfig,
    /// How long a session lives.
    life: Duration,
    turns: Turns,
    tries: Tries,
    /// By username: within this process, one at a time looks at all.
    doors: Cache<String, Arc<Mutex<()>>>,
    /// By login digest.
    open: Cache<String, OpenLogin>,
    /// By session key.
    lent: Cache<String, Lent>,
    told: Counter,
}

/// A session as one user of ours has it.
#[derive(Clone)]
struct Lent {
    sealed: SealedSession,
    expires_at: DateTime<Utc>,
}

/// Who wants to be logged in.
struct Visit {
    user: UserId,
    credentials: Credentials,
    /// Of the username alone: what PACER counts logins by.
    name: String,
    /// Of the username too, as the books know it: whom PACER bills.
    account: String,
    /// Of username and client code: what a session belongs to.
    login: String,
    /// Of user, username and client code: where the session lies.
    session_key: String,
    /// Opens what belongs to whoever knows the password.
    owner: PasswordSeal,
    /// Opens what was said to these very credentials.
    attempt: PasswordSeal,
}

/// A session that was proved to be the visitor's.
struct Proved {
    login: OpenedLogin,
    expires_at: DateTime<Utc>,
}

impl LoginHandler for Keeper {
    async fn log_in(&self, user: UserId, credentials: Credentials) -> LoginOutcome {
        let visit = self.visit(user, credentials);
        self.serve(&visit).await.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            warn!(error, "nobody was logged in without the message server");
            sentence::not_now()
        })
    }

    async fn lend(&self, key: &str) -> Option<SealedSession> {
        let lent = self.lent.get(key).await?;
        (lent.expires_at > Utc::now()).then_some(lent.sealed)
    }

    async fn forget(&self, death: &SessionDeath) {
        let (key, login) = (&death.session_key, &death.login_digest);
        let is_it = |expires_at| expires_at == death.expires_at;
        if self
            .lent
            .get(key)
            .await
            .is_some_and(|lent| is_it(lent.expires_at))
        {
            info!("a session was reported dead");
            self.lent.invalidate(key).await;
        }
        if self
            .open
            .get(login)
            .await
            .is_some_and(|open| is_it(open.expires_at))
        {
            self.open.invalidate(login).await;
        }
        if let Err(error) = self.sessions.forget(death).await {
            let error = &error as &dyn std::error::Error;
            warn!(error, "a dead session could not be removed");
        }
    }
}

impl Keeper {
    /// A keeper that remembers nothing but what other replicas do.
    #[must_use]
    pub fn new(courts: Courts, bus: &Bus, secrets: Secrets, pace: PaceConfig) -> Keeper {
        let for_an_hour = || Cache::builder().max_capacity(MANY).time_to_live(LIFE);
        Keeper {
            courts,
            sessions: bus.sessions(secrets.sessions.clone()),
            records: bus.login_records(),
            secrets,
            pace,
            life: LIFE,
            turns: Turns::new(bus.login_records()),
            tries: Tries::new(bus.login_records(), pace),
            told: Counter::new("pacer_fetch_logins", "Logins by how they ended", "outcome"),
            doors: Cache::builder()
                .max_capacity(MANY)
                .time_to_idle(LIFE)
                .build(),
            open: for_an_hour().build(),
            lent: Cache::builder()
                .max_capacity(MANY)
                .time_to_live(LIFE)
                .build(),
        }
    }

    /// Ends sessions after so long, and no later than [`LIFE`].
    #[must_use]
    pub fn ending_sessions_after(mut self, life: Duration) -> Keeper {
        self.life = life.min(LIFE);
        self
    }

    /// In whole milliseconds, as messages have it: the time tells one session from the next.
    fn end_of_life(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let end = now + self.life;
        DateTime::from_timestamp_millis(end.timestamp_millis()).unwrap_or(end)
    }

    /// From when a session is not lent any more, which ends then.
    fn renewed_from(&self, ends: DateTime<Utc>) -> DateTime<Utc> {
        let worthwhile = TimeDelta::from_std(WORTHWHILE.min(self.life / 10));
        ends - worthwhile.unwrap_or_default()
    }

    /// The session in an opened login, if it is this visitor's and worth while.
    fn proved(&self, open: &OpenLogin, visit: &Visit) -> Option<Proved> {
        let expires_at = open.expires_at;
        if self.renewed_from(expires_at) <= Utc::now() {
            return None;
        }
        let login = open.open(&visit.owner)?;
        Some(Proved { login, expires_at })
    }

    fn visit(&self, user: UserId, credentials: Credentials) -> Visit {
        let Secrets {
            sessions,
            login: keys,
            ..
        } = &self.secrets;
        let username = credentials.username.expose_secret();
        let client_code = &credentials.client_code;
        Visit {
            user,
            name: sessions.username_digest(username),
            account: sessions.account_digest(username),
            login: sessions.login_digest(username, client_code),
            session_key: sessions.session_key(user, username, client_code),
            owner: keys.seal_of_account(&credentials),
            attempt: keys.seal_of_attempt(&credentials),
            credentials,
        }
    }

    /// The session there is; or else, in turn, what PACER says.
    ///
    /// Whoever knows the password of a session that lives waits for nobody: what others try at the
    /// same username meanwhile may take PACER minutes.
    async fn serve(&self, visit: &Visit) -> Result<LoginOutcome, Error> {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(lent) = self.lend_what_is_open(visit).await? {
                return Ok(lent);
            }
            let door = self
                .doors
                .get_with_by_ref(&visit.name, async { Arc::default() })
                .await;
            let alone = door.lock().await;
            if let Some(lent) = self.lend_what_is_open(visit).await? {
                return Ok(lent);
            }
            match self.tries.begin(visit.user).await? {
                Permission::Now(tried) => {
                    let answer = self.take_turn(visit).await;
                    let refused = answer.as_ref().ok().and_then(|(_, refused)| *refused);
                    ended(self.tries.end(tried, refused).await);
                    return answer.map(|(outcome, _)| outcome);
                }
                Permission::Not(wait) => return Ok(self.user_is_over(visit, wait)),
                // Outside: nobody else has to wait for what this user tries elsewhere.
                Permission::Later => drop(alone),
            }
            time::sleep(pause).await;
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    async fn lend_what_is_open(&self, visit: &Visit) -> Result<Option<LoginOutcome>, Error> {
        let Some(session) = self.session_of(visit).await? else {
            return Ok(None);
        };
        self.told.add("lent");
        Ok(Some(self.lend_to(visit, &session).await))
    }

    /// What PACER says to a visitor, or said to the same before; and when it refused, if it was
    /// asked and did.
    async fn take_turn(&self, visit: &Visit) -> Result<Answered, Error> {
        let turn = self.turns.take(&visit.name).await?;
        // Another replica may have logged the account in while this one waited.
        if let Some(lent) = self.lend_what_is_open(visit).await? {
            turn.end(Outcome::NotAsked).await?;
            return Ok((lent, None));
        }
        if let Some(said) = said_before(&turn, visit) {
            info!(
                user.id = visit.user.0,
                "a login was refused as it was before"
            );
            self.told.add("refused_before");
            turn.end(Outcome::NotAsked).await?;
            return Ok((said, None));
        }
        let attempts = &turn.record().attempts;
        let wait = self.pace.wait(attempts, visit.user, turn.now());
        if !wait.is_zero() {
            turn.end(Outcome::NotAsked).await?;
            self.told.add("too_many_of_account");
            warn!(
                user.id = visit.user.0,
                seconds = wait.as_secs(),
                "too many logins of an account"
            );
            return Ok((sentence::too_many(&self.pace, wait), None));
        }
        self.ask_pacer(visit, turn).await
    }

    fn user_is_over(&self, visit: &Visit, wait: Duration) -> LoginOutcome {
        self.told.add("too_many_of_user");
        warn!(
            user.id = visit.user.0,
            seconds = wait.as_secs(),
            "a user was refused too many logins"
        );
        sentence::too_many_refused(&self.pace, wait)
    }

    /// The session there is, here or in another replica, for whoever knows the password it was
    /// opened with.
    async fn session_of(&self, visit: &Visit) -> Result<Option<Proved>, Error> {
        if let Some(open) = self.open.get(&visit.login).await
            && let Some(session) = self.proved(&open, visit)
        {
            return Ok(Some(session));
        }
        let Some(open) = self.records.open_login(&visit.login).await? else {
            return Ok(None);
        };
        let session = self.proved(&open, visit);
        if session.is_some() {
            self.open.insert(visit.login.clone(), open).await;
        }
        Ok(session)
    }

    async fn ask_pacer(&self, visit: &Visit, mut turn: Turn<'_>) -> Result<Answered, Error> {
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
                let session = self.keep(visit, login).await;
                ended(turn.end(Outcome::LoggedIn).await);
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
                Ok((LoginOutcome::Refused { kind, text }, refused))
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
    async fn otp_code(&self, visit: &Visit, turn: &mut Turn<'_>) -> Option<SecretString> {
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

    /// Keeps a session that PACER just gave, here and for the other replicas.
    async fn keep(&self, visit: &Visit, login: OpenedLogin) -> Proved {
        let user = visit.user.0;
        let warned = login.warning.is_some();
        info!(user.id = user, warned, "logged an account in");
        let expires_at = self.end_of_life(Utc::now());
        let open = OpenLogin::seal(&visit.owner, &login, expires_at);
        let kept = match open {
            Ok(open) => {
                self.open.insert(visit.login.clone(), open.clone()).await;
                self.records.keep_open(&visit.login, &open).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            let error = &error as &dyn std::error::Error;
            warn!(error, "other replicas do not learn of a session");
        }
        Proved { login, expires_at }
    }

    /// Seals the session for one user of ours. The same session of the same account may serve
    /// several, each of whom has proved the password; none can open another's seal by its name.
    async fn lend_to(&self, visit: &Visit, session: &Proved) -> LoginOutcome {
        let current = self.lent.get(&visit.session_key).await;
        if current.is_none_or(|lent| lent.expires_at != session.expires_at) {
            let pacer_session = PacerSession {
                token: session.login.token.clone(),
                client_code: visit.credentials.client_code.clone(),
                user: visit.user,
                account_digest: visit.account.clone(),
                login_digest: visit.login.clone(),
                expires_at: session.expires_at,
            };
            self.hand_out(&visit.session_key, &pacer_session).await;
        }
        LoginOutcome::LoggedIn {
            session_key: visit.session_key.clone(),
            account_digest: visit.account.clone(),
            life: Some(SessionLife {
                ends: session.expires_at,
                renewed_from: self.renewed_from(session.expires_at),
            }),
            warning: session.login.warning.clone(),
        }
    }

    /// Here first, so that it can be lent even if the message server cannot keep it.
    async fn hand_out(&self, key: &str, session: &PacerSession) {
        let sealed = match self.sessions.seal(key, session) {
            Ok(sealed) => sealed,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                return warn!(error, "a session was not sealed");
            }
        };
        let lent = Lent {
            sealed: sealed.clone(),
            expires_at: session.expires_at,
        };
        self.lent.insert(key.to_owned(), lent).await;
        if let Err(error) = self.sessions.keep(key, &sealed).await {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "a session could not be kept; it will be lent from here"
            );
        }
    }
}

fn warn_of(error: &LoginError) {
    let error = error as &dyn std::error::Error;
    warn!(error, "PACER's sign-on gave no answer");
}

/// What PACER said to the same a little while ago.
fn said_before(turn: &Turn<'_>, visit: &Visit) -> Option<LoginOutcome> {
    let now = turn.now();
    let refusals = turn.record().refusals.iter();
    let (kind, text) = refusals
        .filter(|refusal| refusal.until > now)
        .find_map(|refusal| refusal.open(&visit.attempt).or(refusal.open(&visit.owner)))?;
    Some(LoginOutcome::Refused { kind, text })
}

/// PACER's answer counts, whether or not others can be told that the turn is over.
fn ended(told: Result<(), Error>) {
    if let Err(error) = told {
        let error = &error as &dyn std::error::Error;
        warn!(error, "the end of a login could not be passed on");
    }
}
