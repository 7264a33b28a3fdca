//! Opens, lends and retires sessions.
//!
//! One login of an account at a time, in all replicas; whoever comes meanwhile waits and then shares
//! what the first one got, if the password is the same. That it is the same shows when the session
//! opens: it lies sealed with the password it was given for, and with a secret of this service.

mod asking;
mod lending;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use fetch_bus::{
    Bus, Credentials, DeadSession, Error, KeptRefusal, LoginHandler, LoginKeyPair, LoginOutcome,
    LoginRecords, OpenLogin, OpenedLogin, PasswordSeal, SealedSession, SessionSealingKey, Sessions,
    TurnedAway,
};
use fetch_model::UserId;
use fetch_runtime::Counter;
use kill_point::Point;
use moka::{Entry, future::Cache};
use pacer_client::Courts;
use secrecy::ExposeSecret;
use tokio::{
    sync::{Mutex, watch},
    time,
};
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::{AccountLimits, PaceConfig, TotpSecrets, sentence, tries::Tries, turn::LoginLocks};

/// The longest life of a session: a little less than the hour that readers allow, so that two clocks
/// may differ.
pub(crate) const LIFE: Duration = Duration::from_secs(58 * 60);

/// By how much the clocks of two replicas may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);

/// How long whoever was answered waits until others know of it, too. It takes longer only where the message
/// servers choose a leader.
const KNOWN_SOON: Duration = Duration::from_millis(100);

/// Nobody waits longer for an answer (`fetch_bus`), so nobody is kept waiting longer for others.
const PATIENCE: Duration = Duration::from_secs(150);

/// More accounts than any deployment has; a bound all the same.
const MANY: u64 = 100_000;

/// How long a refused password is answered without asking PACER again.
const REFUSED_FOR: Duration = Duration::from_secs(10 * 60);

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
    /// The same of single accounts.
    limits: AccountLimits,
    /// How long a session lives.
    life: Duration,
    /// How long a visitor waits for others before PACER is asked.
    patience: Duration,
    turns: LoginLocks,
    tries: Tries,
    /// By username: within this process, one at a time looks at all.
    doors: Cache<String, Arc<Mutex<()>>>,
    /// By login digest.
    open: Cache<String, OpenLogin>,
    /// What PACER refused to visitors of this process lately, by username: the message servers may not be
    /// able to keep it.
    refused: Cache<String, Vec<KeptRefusal>>,
    /// By login digest: whose news were ignored. They come again and again.
    ignored: Cache<String, ()>,
    /// Changes when another replica has told of a session.
    news: watch::Sender<u64>,
    /// By session key.
    lent: Cache<String, LeasedSession>,
    /// Those that courts turned away, by login digest.
    turned_away: Cache<String, TurnedAway>,
    /// Tells others what PACER has said.
    telling: TaskTracker,
    told: Counter,
}

/// A session as one user of ours has it.
#[derive(Clone)]
struct LeasedSession {
    sealed: SealedSession,
    expires_at: DateTime<Utc>,
}

/// Who wants to be logged in.
struct LoginRequest {
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
    /// Tells others what came of this visit.
    telling: TaskTracker,
}

/// A session that was proved to be the visitor's.
struct VerifiedSession {
    login: OpenedLogin,
    expires_at: DateTime<Utc>,
}

impl LoginHandler for Keeper {
    async fn log_in(&self, user: UserId, credentials: Credentials) -> LoginOutcome {
        let visit = self.visit(user, credentials);
        let outcome = self.serve(&visit).await.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "what logins are decided by cannot be read; nobody was logged in"
            );
            sentence::not_now()
        });
        visit.telling.close();
        if time::timeout(KNOWN_SOON, visit.telling.wait())
            .await
            .is_err()
        {
            info!("others do not know what came of a login yet");
        }
        kill_point::reached(Point::LoginBeforeAnswer);
        outcome
    }

    async fn learn(&self, login: String, open: OpenLogin) {
        let latest = Utc::now() + LIFE + CLOCKS_DIFFER;
        if open.expires_at > latest {
            if self.ignored.entry(login).or_insert(()).await.is_fresh() {
                warn!("ignored news of a session that would live for too long");
            }
            return;
        }
        let known = self.open.get(&login).await;
        if known.is_none_or(|known| known.expires_at < open.expires_at) {
            self.open.insert(login, open).await;
            self.news.send_modify(|count| *count += 1);
        }
    }

    async fn lend(&self, key: &str) -> Option<SealedSession> {
        let lent = self.lent.get(key).await?;
        (lent.expires_at > Utc::now()).then_some(lent.sealed)
    }

    /// One court alone has the next login open a new session, and leaves the old one to the others: it
    /// must not be able to end it everywhere, nor to use up the logins by turning away each that follows.
    async fn forget(&self, death: &DeadSession) {
        let (key, login) = (&death.session_key, &death.login_digest);
        let known = self.turned_away.entry_by_ref(login);
        let known = known.and_upsert_with(|known| {
            let known = TurnedAway::with(known.map(Entry::into_value), death, Utc::now());
            std::future::ready(known)
        });
        let known = known.await.into_value();
        if !(known.is_of(death.expires_at) && known.is_proved()) {
            let court = &death.court;
            info!(court.id = court, "a court rejected a session");
            return;
        }
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
            warn!(error, "could not remove a dead session");
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
            limits: AccountLimits::default(),
            life: LIFE,
            patience: PATIENCE,
            turns: LoginLocks::new(bus.login_records()),
            tries: Tries::new(bus.login_records(), pace),
            telling: TaskTracker::new(),
            told: Counter::new("pacer_fetch_logins", "Logins by outcome", "outcome"),
            doors: Cache::builder()
                .max_capacity(MANY)
                .time_to_idle(LIFE)
                .build(),
            open: for_an_hour().build(),
            refused: Cache::builder()
                .max_capacity(MANY)
                .time_to_live(REFUSED_FOR)
                .build(),
            ignored: Cache::builder()
                .max_capacity(MANY)
                .time_to_live(LIFE)
                .build(),
            news: watch::Sender::new(0),
            turned_away: Cache::builder()
                .max_capacity(MANY)
                .time_to_live(LIFE)
                .build(),
            lent: Cache::builder()
                .max_capacity(MANY)
                .time_to_live(LIFE)
                .build(),
        }
    }

    /// Logs these accounts in more or less often than all others.
    #[must_use]
    pub fn with_limits_of(mut self, limits: AccountLimits) -> Keeper {
        self.limits = limits;
        self
    }

    /// Ends sessions after so long, and no later than two minutes before their hour is over.
    #[must_use]
    pub fn ending_sessions_after(mut self, life: Duration) -> Keeper {
        self.life = life.min(LIFE);
        self
    }

    /// Lets no caller wait longer than this until PACER is asked.
    #[must_use]
    pub fn giving_up_after(mut self, patience: Duration) -> Keeper {
        self.patience = patience;
        self
    }

    fn visit(&self, user: UserId, credentials: Credentials) -> LoginRequest {
        let Secrets {
            sessions,
            login: keys,
            ..
        } = &self.secrets;
        let username = credentials.username.expose_secret();
        let client_code = &credentials.client_code;
        LoginRequest {
            user,
            name: sessions.username_digest(username),
            account: sessions.account_digest(username),
            login: sessions.login_digest(username, client_code),
            session_key: sessions.session_key(user, username, client_code),
            owner: keys.seal_of_account(&credentials),
            attempt: keys.seal_of_attempt(&credentials),
            credentials,
            telling: TaskTracker::new(),
        }
    }

    /// Has others told what came of a visit, which is waited for when its visitor is answered.
    fn tell(&self, visit: &LoginRequest, telling: impl Future<Output = ()> + Send + 'static) {
        self.telling.spawn(visit.telling.track_future(telling));
    }

    /// Waits until others know all that PACER has said.
    pub async fn finish(&self) {
        self.telling.close();
        self.telling.wait().await;
    }
}

/// PACER's answer counts, whether or not others can be told that the turn is over.
fn ended(told: Result<(), Error>) {
    if let Err(error) = told {
        let error = &error as &dyn std::error::Error;
        warn!(
            error,
            "could not tell the other replicas that a login has ended"
        );
    }
}
