//! One attempt's conversation with one court.

use fetch_attempt::Attempt;
use fetch_model::{
    AttemptError, Failure,
    kept_page::{self, DocketPage},
};
use fetch_queue::CaseOf;
use pacer::court::Court;
use tokio::sync::OnceCell;
use tracing::warn;

use crate::{Purchases, court_health::Seen, response::CourtResponse, session::OpenSession};

/// One attempt's conversation with one court.
pub struct Conversation<'a> {
    pub(crate) purchases: &'a Purchases,
    pub(crate) attempt: &'a Attempt,
    pub(crate) court: &'static Court,
    /// Opened when first needed: what was captured by an earlier attempt needs none.
    session: OnceCell<OpenSession>,
}

impl<'a> Conversation<'a> {
    /// Begins a conversation with the court of the attempt's request.
    ///
    /// # Errors
    /// A refusal when the court is unknown.
    pub fn open(
        purchases: &'a Purchases,
        attempt: &'a Attempt,
    ) -> Result<Conversation<'a>, AttemptError> {
        let id = &attempt.request.spec.target_court;
        let court = Court::by_cl_id(id).ok_or(Failure::Internal)?;
        Ok(Conversation {
            purchases,
            attempt,
            court,
            session: OnceCell::new(),
        })
    }

    /// The path of a link on a page of this court; none if it leads out of it.
    pub(crate) fn path_of(&self, response: &CourtResponse, link: &str) -> Option<String> {
        let court = self.court.id.as_str();
        let path = self.purchases.courts.resolve(court, &response.url, link);
        let path = path.inspect_err(|error| {
            let error = error as &dyn std::error::Error;
            warn!(
                court.id = court,
                error, "a page of the court links to another host; the link is not followed"
            );
        });
        path.ok()
    }

    /// The session of the request, opened when it is first needed.
    pub(crate) async fn session(&self) -> Result<&OpenSession, AttemptError> {
        self.session
            .get_or_try_init(|| self.purchases.session(self.attempt))
            .await
    }

    /// The session, if it was needed yet.
    pub(crate) fn opened(&self) -> Option<&OpenSession> {
        self.session.get()
    }

    /// Reads the page of a docket that was bought, by whomever; none if it says that there is nothing.
    ///
    /// # Errors
    /// What the court says in place of a docket, or that we do not understand it.
    pub fn read_docket(&self, page: &[u8]) -> Result<Option<DocketPage>, Failure> {
        kept_page::read_docket(&self.about(&Seen::default()), page)
    }

    /// Tells the request which docket it is about, if one is held.
    pub(crate) async fn note_docket(&self, case: CaseOf<'_>) -> Result<(), AttemptError> {
        let request = &self.attempt.request;
        let court = &request.spec.target_court;
        let stores = &self.purchases.stores;
        Ok(stores
            .queue
            .note_docket(request.id, request.fence, court, case)
            .await?)
    }

    /// What the court has set in the session is dropped; the login stays.
    pub(crate) fn forget_cookies(&self) {
        if let Some(open) = self.session.get() {
            open.session.forget_court(self.court.id.as_str());
        }
    }

    /// The court turned the session away: it is dropped.
    pub(crate) async fn forget_session(&self) {
        if let Some(dead) = self.session.get() {
            self.purchases.forget_session(self.attempt, dead).await;
        }
    }
}
