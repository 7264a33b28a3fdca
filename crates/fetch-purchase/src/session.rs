//! Opens the sealed session that a request was accepted with.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use fetch_attempt::Attempt;
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

impl Purchases {
    /// The session of this request, with the cookies that courts gave it meanwhile.
    pub(crate) async fn session(&self, attempt: &Attempt) -> Result<OpenSession, JobError> {
        let asked = &attempt.request.asked;
        let sealed = match self.sessions.get(&asked.session_key).await {
            Ok(sealed) => sealed,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "the session could not be fetched");
                return Err(JobError::retry(gone(&attempt.request)));
            }
        };
        let session = sealed
            .filter(|session| serves(session, asked))
            .ok_or_else(|| gone(&attempt.request))?;
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

    /// The court turned this session away: nobody shall use it again. One that has taken its place
    /// meanwhile stays.
    pub(crate) async fn forget_session(&self, attempt: &Attempt, dead: &OpenSession) {
        let key = &attempt.request.asked.session_key;
        let current = self.open.get(key).await;
        if current.is_some_and(|current| current.expires_at == dead.expires_at) {
            self.open.invalidate(key).await;
        }
        let death = SessionDeath {
            session_key: key.clone(),
            login_digest: dead.login_digest.clone(),
            expires_at: dead.expires_at,
        };
        if let Err(error) = self.sessions.report_dead(&death).await {
            let error = &error as &dyn std::error::Error;
            warn!(error, "the login service was not told of a dead session");
        }
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
