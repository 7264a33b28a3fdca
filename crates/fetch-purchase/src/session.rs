//! Opens the sealed session that a request was accepted with.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use fetch_attempt::{Attempt, BoxFuture, LookForSession};
use fetch_bus::{DeadSession, PacerSession, TurnedAway};
use fetch_model::{AttemptError, Failure, FetchRequest, RequestSpec};
use moka::Entry;
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
    pub(crate) async fn session(&self, attempt: &Attempt) -> Result<OpenSession, AttemptError> {
        let asked = &attempt.request.spec;
        let session = match self.living_session(asked).await {
            Ok(Some(session)) => session,
            Ok(None) => {
                return Err(AttemptError::NeedsLogin {
                    failure: gone(&attempt.request),
                    turned_away: false,
                });
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "could not look up the session");
                return Err(AttemptError::PutOff {
                    wait: ASK_AGAIN_AFTER,
                    reason: "The session store could not be reached. The request is tried again \
                             shortly."
                        .to_owned(),
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
        asked: &RequestSpec,
    ) -> Result<Option<PacerSession>, fetch_bus::Error> {
        let sealed = self.sessions.get(&asked.session_key).await?;
        let Some(session) = sealed.filter(|session| serves(session, asked)) else {
            return Ok(None);
        };
        let turned_away = self.turned_away.get(&asked.session_key).await;
        let is_dead = turned_away.is_some_and(|away| {
            away.is_of(session.expires_at) && away.is_dead_at(&asked.target_court)
        });
        if !is_dead {
            return Ok(Some(session));
        }
        // It is still lent: the login service has not heard it.
        self.report_dead(&DeadSession {
            session_key: asked.session_key.clone(),
            login_digest: session.login_digest.clone(),
            expires_at: session.expires_at,
            court: asked.target_court.clone(),
        })
        .await;
        Ok(None)
    }

    /// The court turned this session away: it is not asked with it again, and nobody is when another
    /// court has said the same. One that has taken its place meanwhile stays.
    pub(crate) async fn forget_session(&self, attempt: &Attempt, dead: &OpenSession) {
        let asked = &attempt.request.spec;
        let death = DeadSession {
            session_key: asked.session_key.clone(),
            login_digest: dead.login_digest.clone(),
            expires_at: dead.expires_at,
            court: asked.target_court.clone(),
        };
        let key = &death.session_key;
        // Should nobody else hear of it, at least it is not asked with again from here.
        let known = self.turned_away.entry_by_ref(key);
        let known = known.and_upsert_with(|known| {
            let known = TurnedAway::with(known.map(Entry::into_value), &death, Utc::now());
            std::future::ready(known)
        });
        let is_proved = known.await.into_value().is_proved();
        let current = self.open.get(key).await;
        if is_proved && current.is_some_and(|current| current.expires_at == dead.expires_at) {
            self.open.invalidate(key).await;
        }
        self.report_dead(&death).await;
    }

    async fn report_dead(&self, death: &DeadSession) {
        if let Err(error) = self.sessions.report_dead(death).await {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "could not tell the login service that a session is dead"
            );
        }
    }
}

impl LookForSession for Purchases {
    fn has_session<'a>(&'a self, request: &'a FetchRequest) -> BoxFuture<'a, bool> {
        // Should nobody be able to tell, the next login lets it go on.
        Box::pin(async { matches!(self.living_session(&request.spec).await, Ok(Some(_))) })
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
fn serves(session: &PacerSession, asked: &RequestSpec) -> bool {
    session.user == asked.user
        && session.account_digest == asked.account_digest
        && session.client_code == asked.client_code
}

/// The session is not there any more.
fn gone(request: &FetchRequest) -> Failure {
    Failure::SessionGone {
        kind: request.spec.kind,
        user: request.spec.user,
    }
}
