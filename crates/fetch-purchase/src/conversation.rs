//! Talking to one court for one attempt: every single HTTP request takes a turn first.

use std::time::Duration;

use fetch_attempt::Attempt;
use fetch_model::{Failure, JobError};
use fetch_store::courts::Turn;
use pacer::court::Court;
use pacer_client::{Answer, SendError};
use tokio::{sync::OnceCell, time};
use tracing::{debug, warn};

use crate::{
    Purchases,
    session::{self, OpenSession},
};

/// One HTTP request to a court.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    /// GET of a path with its query.
    Get(String),
    /// POST of a form, as multipart.
    Post(String, Vec<(String, String)>),
    /// POST of a form of an appellate court, url-encoded.
    PostUrlencoded(String, Vec<(String, String)>),
}

/// One attempt's talk with one court.
pub struct Conversation<'a> {
    pub(crate) purchases: &'a Purchases,
    pub(crate) attempt: &'a Attempt,
    pub(crate) court: &'static Court,
    /// Opened when first needed: what was captured by an earlier attempt needs none.
    session: OnceCell<OpenSession>,
}

/// How long to leave a court alone that asked for a pause without saying how long.
const PAUSE: Duration = Duration::from_secs(30);

impl<'a> Conversation<'a> {
    /// Begins a talk with the court of the attempt's request.
    ///
    /// # Errors
    /// A refusal when the court is unknown.
    pub fn open(
        purchases: &'a Purchases,
        attempt: &'a Attempt,
    ) -> Result<Conversation<'a>, JobError> {
        let id = &attempt.request.asked.target_court;
        let court = Court::by_cl_id(id).ok_or(Failure::Internal)?;
        Ok(Conversation {
            purchases,
            attempt,
            court,
            session: OnceCell::new(),
        })
    }

    /// Asks for something that costs nothing. A login page in between is asked past once: courts
    /// show one now and then although the session is good.
    pub(crate) async fn ask(
        &self,
        ask: &Ask,
        logged_out: fn(&Answer) -> bool,
    ) -> Result<Answer, JobError> {
        for _ in 0..2 {
            self.turn().await?;
            let answer = self
                .send(ask)
                .await
                .map_err(|error| self.not_answered(&error))?;
            let answer = self.understood(answer).await?;
            if !logged_out(&answer) {
                return Ok(answer);
            }
        }
        Err(self.session_refused().await)
    }

    /// The path of a link on a page of this court.
    pub(crate) fn path_of(&self, answer: &Answer, link: &str) -> Result<String, JobError> {
        let court = self.court.id.as_str();
        self.purchases
            .courts
            .resolve(court, &answer.url, link)
            .map_err(|error| {
                let error = &error as &dyn std::error::Error;
                warn!(
                    court.id = court,
                    error, "a page of the court points outside of it"
                );
                Failure::Internal.into()
            })
    }

    async fn session(&self) -> Result<&OpenSession, JobError> {
        self.session
            .get_or_try_init(|| self.purchases.session(self.attempt))
            .await
    }

    /// Opens the session, then waits for the court's next free turn.
    pub(crate) async fn turn(&self) -> Result<(), JobError> {
        self.session().await?;
        let court = &self.attempt.request.asked.target_court;
        match self.purchases.store.take_turn(court).await? {
            Turn::In(wait) => {
                time::sleep(wait).await;
                Ok(())
            }
            Turn::TooFar => Err(JobError::Snooze {
                wait: Duration::from_secs(10),
                reason: format!("Waiting for a turn at {court}."),
            }),
        }
    }

    /// One request, one write, no repetition of any kind.
    pub(crate) async fn send(&self, ask: &Ask) -> Result<Answer, SendError> {
        let court = self.court.id.as_str();
        let courts = &self.purchases.courts;
        let open = self.session.get();
        let session = &*open
            .expect("a turn was taken, which opens the session")
            .session;
        match ask {
            Ask::Get(path) => courts.get(session, court, path).await,
            Ask::Post(path, fields) => {
                courts
                    .post_form(session, court, path, &borrowed(fields))
                    .await
            }
            Ask::PostUrlencoded(path, fields) => {
                let fields = borrowed(fields);
                courts.post_urlencoded(session, court, path, &fields).await
            }
        }
    }

    /// Sorts out answers that are about the site and not about what was asked: pauses, blocks,
    /// breakdowns. Their pages cost nothing.
    pub(crate) async fn understood(&self, answer: Answer) -> Result<Answer, JobError> {
        let court = &self.attempt.request.asked.target_court;
        match answer.status {
            200..=399 => Ok(answer),
            429 | 503 => {
                let wait = answer.retry_after.unwrap_or(PAUSE);
                warn!(
                    court.id = court.as_str(),
                    status = answer.status,
                    "the court asked for a pause"
                );
                self.purchases.store.push_back(court, wait).await?;
                Err(JobError::retry(Failure::BlockedByCourt {
                    court: court.clone(),
                }))
            }
            403 => Err(JobError::retry(Failure::BlockedByCourt {
                court: court.clone(),
            })),
            status => {
                debug!(status, "the court's site failed");
                Err(JobError::retry(session::network(&self.attempt.request)))
            }
        }
    }

    /// A request that cost nothing got no answer.
    pub(crate) fn not_answered(&self, error: &SendError) -> JobError {
        warn!(
            error = error as &dyn std::error::Error,
            "no answer from the court"
        );
        match error {
            SendError::TooLarge { limit_bytes } => Failure::TooLarge {
                limit_bytes: *limit_bytes,
            }
            .into(),
            SendError::NotSent { .. } => JobError::retry(Failure::BlockedByCourt {
                court: self.attempt.request.asked.target_court.clone(),
            }),
            _ => JobError::retry(session::network(&self.attempt.request)),
        }
    }

    /// The session is dead: it is dropped, and the request ends.
    pub(crate) async fn session_refused(&self) -> JobError {
        if let Some(dead) = self.session.get() {
            self.purchases.forget_session(self.attempt, dead).await;
        }
        session::refused(&self.attempt.request).into()
    }
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, String)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect()
}
