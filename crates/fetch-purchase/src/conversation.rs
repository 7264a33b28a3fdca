//! Talking to one court for one attempt: every single HTTP request takes a turn first.

use std::time::Duration;

use fetch_attempt::{Attempt, Moment};
use fetch_model::{
    Failure, JobError,
    verdict::{BEHIND_BREAKER, Then},
};
use fetch_store::{
    courts::{HORIZON, HORIZON_OF_PURCHASES, Slot, Turn},
    requests::CaseOf,
};
use pacer::{court::Court, page::verdict::CourtAnswer};
use pacer_client::SendError;
use tokio::sync::OnceCell;
use tracing::warn;

use crate::{
    Purchases,
    answer::Answer,
    judge::{self, Seen},
    session::OpenSession,
    turn::{Opening, Right, Unsent},
};

/// One HTTP request to a court.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    /// GET of a path with its query.
    Get(String),
    /// The same, with the wish to be shown the price before anything is charged.
    GetPrice(String),
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

    /// Asks for something that costs nothing, until it is there or the table of answers says no.
    pub(crate) async fn ask(
        &self,
        ask: &Ask,
        row: fn(&Answer) -> CourtAnswer,
    ) -> Result<Answer, JobError> {
        let mut repeated = false;
        loop {
            let answer = self.answer_to(ask).await?;
            let found = CourtAnswer::of_status(answer.status).unwrap_or_else(|| row(&answer));
            if !repeated && self.is_repeated(found) {
                repeated = true;
                continue;
            }
            return match self.judge(found, &Seen::answer(&answer)).await? {
                Then::GoOn => Ok(answer),
                then => Err(judge::ending(then)),
            };
        }
    }

    async fn answer_to(&self, ask: &Ask) -> Result<Answer, JobError> {
        match self.send_in_turn(ask, Right::Free).await {
            Ok(answer) => Ok(answer),
            Err(Unsent::Not(error)) => Err(error),
            Err(Unsent::NoAnswer(error)) => Err(self.not_answered(&error).await),
        }
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

    /// Opens the session, then reserves the court's next free turn. A court that has failed is
    /// first asked for its front page, which costs nothing.
    pub(crate) async fn turn(&self, right: &Right) -> Result<Opening, JobError> {
        if !right.is_begun() {
            // No turn of the court's is used up for what cannot be kept.
            self.purchases.watch.check()?;
        }
        self.session().await?;
        // What is paid for is brought home by whoever has it; anything else is not begun.
        if !matches!(right, Right::Paid) && self.attempt.is_lost() {
            return Err(JobError::Lost);
        }
        let (opening, trust) = self.take_turn(right).await?;
        if trust == Trust::Trusted {
            return Ok(opening);
        }
        self.probe(opening).await?;
        Ok(self.take_turn(right).await?.0)
    }

    async fn take_turn(&self, right: &Right) -> Result<(Opening, Trust), JobError> {
        let court = &self.attempt.request.asked.target_court;
        let store = &self.purchases.store;
        let asked_at = Moment::now();
        if kill_point::turns_are_off() {
            return Ok((Opening::new(Slot::unlimited(), asked_at), Trust::Trusted));
        }
        let turn = match right {
            Right::Paid => store.take_turn_for_paid(court).await?,
            _ if right.is_begun() => store.take_turn(court, HORIZON_OF_PURCHASES).await?,
            Right::Free | Right::Buying(_) => store.take_turn(court, HORIZON).await?,
        };
        let (slot, trust) = match turn {
            Turn::In(slot) => (slot, Trust::Trusted),
            Turn::Probe(slot) => (slot, Trust::Doubted),
            Turn::TooFar => return Err(self.too_far().await?),
        };
        let opening = Opening::new(slot, asked_at).sharpened(store).await?;
        Ok((opening, trust))
    }

    /// What becomes of an attempt that gets no turn.
    async fn too_far(&self) -> Result<JobError, fetch_store::Error> {
        let court = &self.attempt.request.asked.target_court;
        let open = self.purchases.store.open_breaker(court).await?;
        Ok(match open {
            Some(open) => JobError::Snooze {
                wait: BEHIND_BREAKER,
                reason: judge::left_alone(court, &open),
            },
            None => JobError::Snooze {
                wait: Duration::from_secs(10),
                reason: format!("Waiting for a turn at {court}."),
            },
        })
    }

    /// Asks a court that has failed for something that costs nothing. Any page will do: only what
    /// was asked for next can win its trust back.
    async fn probe(&self, opening: Opening) -> Result<(), JobError> {
        let front_page = Ask::Get("/".to_owned());
        let answer = match self.send_at(opening, &front_page, &Right::Free).await {
            Ok(Some(answer)) => answer,
            Ok(None) => {
                return Err(JobError::PutOff {
                    wait: Duration::from_secs(1),
                    reason: "The worker was too slow to keep its turn.".to_owned(),
                });
            }
            Err(Unsent::Not(error)) => return Err(error),
            Err(Unsent::NoAnswer(error)) => return Err(self.not_answered(&error).await),
        };
        let alive = || Ok(());
        match CourtAnswer::of_status(answer.status) {
            None | Some(CourtAnswer::NotFound | CourtAnswer::OtherStatus) => alive(),
            Some(found) => Err(self.stop(found, &Seen::answer(&answer)).await),
        }
    }

    /// One request, one write, no repetition of any kind.
    pub(crate) async fn send(&self, ask: &Ask) -> Result<Answer, SendError> {
        let answer = self.ask_for(ask).await?;
        let (blobs, page_bytes) = (&self.purchases.store.blobs, self.purchases.page_bytes);
        Answer::arriving(answer, blobs, page_bytes).await
    }

    async fn ask_for(&self, ask: &Ask) -> Result<pacer_client::Answer, SendError> {
        let court = self.court.id.as_str();
        let courts = &self.purchases.courts;
        let open = self.session.get();
        let session = &*open
            .expect("a turn was taken, which opens the session")
            .session;
        match ask {
            Ask::Get(path) => courts.get(session, court, path).await,
            Ask::GetPrice(path) => courts.get_price(session, court, path).await,
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

    /// A request that cost nothing got no answer.
    async fn not_answered(&self, error: &SendError) -> JobError {
        warn!(
            error = error as &dyn std::error::Error,
            "no answer from the court"
        );
        let seen = Seen {
            limit_bytes: judge::limit_of(error),
            ..Seen::default()
        };
        self.stop(judge::row_of(error), &seen).await
    }

    /// Tells the request which docket it is about, if one is held.
    pub(crate) async fn note_docket(&self, case: CaseOf<'_>) -> Result<(), JobError> {
        let request = &self.attempt.request;
        let court = &request.asked.target_court;
        let store = &self.purchases.store;
        Ok(store
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

/// What a court may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Whatever is wanted.
    Trusted,
    /// Something free, to see whether it is back.
    Doubted,
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, String)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect()
}
