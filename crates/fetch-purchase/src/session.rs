//! Opens the sealed session that a request was accepted with.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use fetch_attempt::{Attempt, BoxFuture, LookForSession};
use fetch_bus::{PacerSession, SessionDeath};
use fetch_model::{Failure, FetchRequest, JobError, NewFetchRequest};
use pacer_client::CourtSession;
use tracing::warn;

use crate::Purchases;

/// An opened session with its cookies. It is used only while the sealed one is there.
#[derive(Clone)]
pub(crate) struct OpenSession {
    pub session: Arc<CourtSession>,
    expires_at: DateTime<Utc>,
    login_digest: String,
}

/// Before the message server is asked again for a session.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(5);

impl Purchases {
    /// The session of this request, with the cookies that courts gave it meanwhile.
    pub(crate) async fn session(&self, attempt: &Attempt) -> Result<OpenSession, JobError> {
        let asked = &attempt.request.asked;
        let session = match self.living_session(asked).await {
            Ok(Some(session)) => session,
            Ok(None) => {
                return Err(JobError::NeedsLogin {
                    failure: gone(&attempt.request),
                    turned_away: false,
                });
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "the session could not be fetched");
                return Err(JobError::PutOff {
                    wait: ASK_AGAIN_AFTER,
                    reason: "The place where sessions are kept could not be asked.".to_owned(),
                });
            }
        };
        // The key stays the same over logins; the time tells one from the next.
        if let Some(open) = self.open.get(&asked.session_key).await
            && open.expires_at == session.expires_at
        {
            return Ok(open);
        }
        let open = OpenSession {
            expires_at: session.expires_at,
            login_digest: session.login_digest,
            session: Arc::new(CourtSession::new(session.token, session.client_code)),
        };
        self.open
            .insert(asked.session_key.clone(), open.clone())
            .await;
        Ok(open)
    }

    /// The session that would serve a request now, unless a court has turned it away.
    async fn living_session(
        &self,
        asked: &NewFetchRequest,
    ) -> Result<Option<PacerSession>, fetch_bus::Error> {
        let sealed = self.sessions.get(&asked.session_key).await?;
        let Some(session) = sealed.filter(|session| serves(session, asked)) else {
            return Ok(None);
        };
        if self.dead.get(&asked.session_key).await != Some(session.expires_at) {
            return Ok(Some(session));
        }
        // It is still lent: the login service has not heard that it is dead.
        self.report_dead(
            &asked.session_key,
            &session.login_digest,
            session.expires_at,
        )
        .await;
        Ok(None)
    }

    /// The court turned this session away: nobody shall use it again. One that has taken its place
    /// meanwhile stays.
    pub(crate) async fn forget_session(&self, attempt: &Attempt, dead: &OpenSession) {
        let key = &attempt.request.asked.session_key;
        // Should nobody else hear of it, at least it is not asked with again from here.
        self.dead.insert(key.clone(), dead.expires_at).await;
        let current = self.open.get(key).await;
        if current.is_some_and(|current| current.expires_at == dead.expires_at) {
            self.open.invalidate(key).await;
        }
        self.report_dead(key, &dead.login_digest, dead.expires_at)
            .await;
    }

    async fn report_dead(&self, key: &str, login_digest: &str, expires_at: DateTime<Utc>) {
        let death = SessionDeath {
            session_key: key.to_owned(),
            login_digest: login_digest.to_owned(),
            expires_at,
        };
        if let Err(error) = self.sessions.report_dead(&death).await {
            let error = &error as &dyn std::error::Error;
            warn!(error, "the login service was not told of a dead session");
        }
    }
}

impl LookForSession for Purchases {
    fn has_session<'a>(&'a self, request: &'a FetchRequest) -> BoxFuture<'a, bool> {
        // Should nobody be able to tell, the next login lets it go on.
        Box::pin(async { matches!(self.living_session(&request.asked).await, Ok(Some(_))) })
    }
}

impl fmt::Debug for Purchases {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Purchases")
    }
}

/// A session serves its owner only, for the account and on the client code that it was opened with,
/// whatever a row says: with another one the purchase would be somebody else's, or booked on
/// another matter.
fn serves(session: &PacerSession, asked: &NewFetchRequest) -> bool {
    session.user == asked.user
        && session.account_digest == asked.account_digest
        && session.client_code == asked.client_code
}

/// The session is not there any more.
fn gone(request: &FetchRequest) -> Failure {
    Failure::SessionGone {
        kind: request.asked.kind,
        user: request.asked.user,
    }
}
