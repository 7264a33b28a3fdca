//! Which sessions are open, and who may use them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{
    AttemptEnd, Error, LoginOutcome, LoginRecord, OpenLogin, OpenedLogin, PacerSession,
    SealedSession, SessionLife,
};
use tracing::{debug, info, warn};

use super::{Keeper, LeasedSession, LoginRequest, VerifiedSession, ended};
use crate::turn::{LoginLock, Outcome};

/// A session with less left, or with less than a tenth of its life, is not lent to a new request: its
/// work could not be finished.
const WORTHWHILE: Duration = Duration::from_secs(5 * 60);

/// What a visitor comes to whose account may not be logged in again yet.
pub(super) enum Unasked {
    Lent(LoginOutcome),
    /// There is a session, which the visitor's password does not open.
    WrongPassword,
    NothingOpen,
}

impl Keeper {
    pub(super) async fn lend_what_is_open(
        &self,
        visit: &LoginRequest,
    ) -> Result<Option<LoginOutcome>, Error> {
        let session = match self.remembered(visit).await {
            Some(session) => Some(session),
            None => {
                let open = self.records.open_login(&visit.login).await?;
                self.recognised(visit, open).await
            }
        };
        Ok(self.lend_proved(visit, session).await)
    }

    /// The same for who does not wait for message servers that choose a leader: it is looked again
    /// before PACER is asked, where somebody may have a session.
    pub(super) async fn lend_what_is_seen(&self, visit: &LoginRequest) -> Option<LoginOutcome> {
        let session = match self.remembered(visit).await {
            Some(session) => Some(session),
            None => tokio::select! {
                biased;
                seen = self.seen(visit) => seen,
                () = self.until_nobody_can_have_one(visit) => None,
            },
        };
        self.lend_proved(visit, session).await
    }

    async fn seen(&self, visit: &LoginRequest) -> Option<VerifiedSession> {
        match self.records.open_login_now(&visit.login).await {
            Ok(open) => self.recognised(visit, open).await,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                debug!(error, "it is not known whether there is a session");
                None
            }
        }
    }

    /// Comes when it is known that nobody has a session; never, where that is not so.
    async fn until_nobody_can_have_one(&self, visit: &LoginRequest) {
        match self.records.read(&visit.name).await {
            Ok(read) if !may_be_open(&read.record, read.at) => {}
            _ => std::future::pending().await,
        }
    }

    /// Comes when this replica has the session of a visitor, as when another one tells of it; perhaps never.
    pub(super) async fn until_remembered(&self, visit: &LoginRequest) -> VerifiedSession {
        let mut news = self.news.subscribe();
        loop {
            if let Some(session) = self.remembered(visit).await {
                return session;
            }
            if news.changed().await.is_err() {
                std::future::pending().await
            }
        }
    }

    async fn lend_proved(
        &self,
        visit: &LoginRequest,
        session: Option<VerifiedSession>,
    ) -> Option<LoginOutcome> {
        Some(self.lend_verified(visit, session?).await)
    }

    pub(super) async fn lend_verified(
        &self,
        visit: &LoginRequest,
        session: VerifiedSession,
    ) -> LoginOutcome {
        self.told.add("lent");
        self.lend_to(visit, &session).await
    }

    /// The session there is in this replica, for whoever knows the password it was opened with.
    async fn remembered(&self, visit: &LoginRequest) -> Option<VerifiedSession> {
        let open = self.open.get(&visit.login).await?;
        self.proved(&open, visit).await
    }

    /// The session there is in another one, for the same.
    async fn recognised(
        &self,
        visit: &LoginRequest,
        open: Option<OpenLogin>,
    ) -> Option<VerifiedSession> {
        let open = open?;
        let session = self.proved(&open, visit).await?;
        self.open.insert(visit.login.clone(), open).await;
        Some(session)
    }

    /// Keeps a session that PACER just gave: here first, then for the other replicas and the fetchers,
    /// and gives the turn back when they can know. The visitor is not kept waiting for servers that
    /// choose a leader: what they cannot keep yet is lent from here, and by those that were told.
    pub(super) async fn keep(
        &self,
        visit: &LoginRequest,
        login: OpenedLogin,
        mut turn: LoginLock,
    ) -> VerifiedSession {
        let user = visit.user.0;
        let warned = login.warning.is_some();
        info!(user.id = user, warned, "logged an account in");
        let expires_at = self.end_of_life(Utc::now());
        let open = logged(OpenLogin::seal(&visit.owner, &login, expires_at));
        if let Some(open) = &open {
            self.open.insert(visit.login.clone(), open.clone()).await;
        }
        let session = VerifiedSession { login, expires_at };
        let sealed = self.hand_out(visit, &session).await;
        let (records, sessions) = (self.records.clone(), self.sessions.clone());
        let (login, key) = (visit.login.clone(), visit.session_key.clone());
        let replicas = async move {
            if let Some(open) = &open {
                let keeping = records.keep_open(&login, open);
                logged(turn.while_asking(keeping).await);
            }
            ended(turn.end(Outcome::LoggedIn).await);
        };
        let fetchers = async move {
            if let Some(sealed) = &sealed {
                logged(sessions.keep(&key, sealed).await);
            }
        };
        // Each has a leader of its own.
        self.tell(visit, replicas);
        self.tell(visit, fetchers);
        session
    }

    /// Lends the session to one user of ours. The same session of the same account may serve several,
    /// each of whom has proved the password; none can open another's seal by its name.
    pub(super) async fn lend_to(
        &self,
        visit: &LoginRequest,
        session: &VerifiedSession,
    ) -> LoginOutcome {
        let current = self.lent.get(&visit.session_key).await;
        if current.is_none_or(|lent| lent.expires_at != session.expires_at)
            && let Some(sealed) = self.hand_out(visit, session).await
        {
            let (sessions, key) = (self.sessions.clone(), visit.session_key.clone());
            let telling = async move {
                logged(sessions.keep(&key, &sealed).await);
            };
            self.tell(visit, telling);
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

    /// Seals the session for one user of ours, and remembers it so that it can be lent even if the
    /// message server cannot keep it.
    async fn hand_out(
        &self,
        visit: &LoginRequest,
        session: &VerifiedSession,
    ) -> Option<SealedSession> {
        let key = &visit.session_key;
        let expires_at = session.expires_at;
        let pacer_session = PacerSession {
            token: session.login.token.clone(),
            client_code: visit.credentials.client_code.clone(),
            user: visit.user,
            account_digest: visit.account.clone(),
            login_digest: visit.login.clone(),
            expires_at,
        };
        let sealed = logged(self.sessions.seal(key, &pacer_session))?;
        let lent = LeasedSession {
            sealed: sealed.clone(),
            expires_at,
        };
        self.lent.insert(key.clone(), lent).await;
        Some(sealed)
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

    /// The session in an opened login, if it is this visitor's, worth while, and no court that is
    /// believed has turned it away.
    async fn proved(&self, open: &OpenLogin, visit: &LoginRequest) -> Option<VerifiedSession> {
        let turned_away = self.turned_away.get(&visit.login).await;
        if turned_away.is_some_and(|away| away.is_of(open.expires_at) && away.asks_for_another()) {
            return None;
        }
        self.opened(open, visit)
    }

    fn opened(&self, open: &OpenLogin, visit: &LoginRequest) -> Option<VerifiedSession> {
        let expires_at = open.expires_at;
        if self.renewed_from(expires_at) <= Utc::now() {
            return None;
        }
        let login = open.open(&visit.owner)?;
        Some(VerifiedSession { login, expires_at })
    }

    /// What becomes of a visitor for whom PACER must not be asked now. A session that a lone court has turned
    /// away may serve at all others.
    pub(super) async fn without_pacer(&self, visit: &LoginRequest) -> Result<Unasked, Error> {
        let open = match self.open.get(&visit.login).await {
            Some(open) => Some(open),
            None => self.records.open_login(&visit.login).await?,
        };
        let lives = |open: &OpenLogin| self.renewed_from(open.expires_at) > Utc::now();
        let Some(open) = open.filter(lives) else {
            return Ok(Unasked::NothingOpen);
        };
        let lent = self.lend_proved(visit, self.opened(&open, visit)).await;
        Ok(lent.map_or(Unasked::WrongPassword, Unasked::Lent))
    }
}

/// Whether PACER may have given a session within the hour before this time: it did, or nobody knows what it
/// said, as it is being asked yet or whoever asked has died. A session lives for less.
pub(super) fn may_be_open(record: &LoginRecord, now: DateTime<Utc>) -> bool {
    let may_have = |end| matches!(end, AttemptEnd::Open | AttemptEnd::LoggedIn);
    let mut attempts = record.attempts.iter();
    attempts.any(|attempt| may_have(attempt.end) && now - attempt.at < TimeDelta::hours(1))
}

/// What could not be kept for others is lent from here, if at all.
pub(super) fn logged<T>(kept: Result<T, Error>) -> Option<T> {
    kept.inspect_err(|error| {
        let error = error as &dyn std::error::Error;
        warn!(error, "could not share with other replicas what PACER said");
    })
    .ok()
}
