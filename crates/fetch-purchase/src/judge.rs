//! Carries out what the table of answers decides (`fetch_model::verdict`).

use fetch_model::{
    Failure, JobError,
    kept_page::{self, DocketPage},
    verdict::{About, BEHIND_BREAKER, Then, billed_in_vain, verdict},
};
use pacer::page::verdict::{
    CourtAnswer,
    table::{Asked, Billed},
};
use pacer_client::SendError;
use tracing::{error, warn};

use crate::{Conversation, answer::Answer, bill, purchase::Deal};

/// What is known when an answer is judged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen<'a> {
    /// The answer, unless there was none.
    pub answer: Option<&'a Answer>,
    /// The case as far as known, or empty.
    pub case: &'a str,
    /// The most bytes that are taken; only of interest if there were more.
    pub limit_bytes: u64,
    /// The cases to choose from, a line each.
    pub candidates: &'a [String],
}

impl<'a> Seen<'a> {
    /// An answer, about no case in particular.
    pub(crate) fn answer(answer: &'a Answer) -> Seen<'a> {
        Seen {
            answer: Some(answer),
            ..Seen::default()
        }
    }
}

/// The row of the table for no answer at all.
pub(crate) fn row_of(error: &SendError) -> CourtAnswer {
    match error {
        SendError::NotSent { .. } => CourtAnswer::NotReached,
        SendError::TimedOut { .. } => CourtAnswer::TimedOut,
        SendError::Broken { .. } => CourtAnswer::BrokenOff,
        SendError::TooLarge { .. } => CourtAnswer::TooLarge,
    }
}

pub(crate) fn limit_of(error: &SendError) -> u64 {
    match error {
        SendError::TooLarge { limit_bytes } => *limit_bytes,
        SendError::NotSent { .. } | SendError::TimedOut { .. } | SendError::Broken { .. } => 0,
    }
}

impl Conversation<'_> {
    pub(crate) fn about<'b>(&'b self, seen: &Seen<'b>) -> About<'b> {
        let request = &self.attempt.request;
        About {
            kind: request.asked.kind,
            request: request.id,
            user: request.asked.user,
            document: request.asked.document,
            court: &request.asked.target_court,
            case: seen.case,
            url: seen.answer.map_or("", |answer| answer.url.as_str()),
            attempts: request.attempts,
            retry_after: seen.answer.and_then(|answer| answer.retry_after),
            limit_bytes: seen.limit_bytes,
            candidates: seen.candidates,
        }
    }

    /// Whether the table wants the same asked once more before anything else.
    pub(crate) fn is_repeated(&self, found: CourtAnswer) -> bool {
        verdict(found, &self.about(&Seen::default())).repeat
    }

    /// Decides about an answer and does what follows from it for everybody: the page is kept, the
    /// court loses or regains trust, a dead session is dropped.
    pub(crate) async fn judge(
        &self,
        found: CourtAnswer,
        seen: &Seen<'_>,
    ) -> Result<Then, JobError> {
        let verdict = verdict(found, &self.about(seen));
        let court = &self.attempt.request.asked.target_court;
        if verdict.keep
            && let Some(answer) = seen.answer
        {
            self.keep_unrecognised(answer).await?;
        }
        if verdict.alarm {
            let court = court.as_str();
            error!(
                court.id = court,
                "a court says that it is used too much: look at the kept page"
            );
        }
        if found == CourtAnswer::LoginPage {
            self.forget_session().await;
        }
        let asks_for_a_pause = matches!(
            found,
            CourtAnswer::TooManyRequests | CourtAnswer::Unavailable
        );
        if let Then::Snooze { wait, reason } = &verdict.then
            && asks_for_a_pause
        {
            let by = found.row().signal;
            self.purchases.store.push_back(court, *wait, by).await?;
            // The court's row says until when. Did the request say it too, it would go on waiting
            // when the operator has ended the pause.
            return Ok(Then::Snooze {
                wait: BEHIND_BREAKER.min(*wait),
                reason: reason.clone(),
            });
        }
        let Some(strike) = verdict.strike else {
            if proves_health(found, seen, &verdict.then) {
                self.purchases.store.answered_well(court).await?;
            }
            return Ok(verdict.then);
        };
        warn!(court.id = court.as_str(), answer = ?found, "a bad answer");
        let reason = found.row().signal;
        let open = self.purchases.store.strike(court, strike, reason).await?;
        Ok(match (verdict.then, open) {
            // The court is left alone now, and so nothing more is held against the request.
            (Then::Retry(_), Some(open)) => Then::Snooze {
                wait: BEHIND_BREAKER,
                reason: left_alone(court, &open),
            },
            (then, _) => then,
        })
    }

    /// What was paid for is there, and so the court regains trust. Should that not be written
    /// down, the purchase must not suffer.
    pub(crate) async fn answered_well(&self) {
        let court = &self.attempt.request.asked.target_court;
        if let Err(error) = self.purchases.store.answered_well(court).await {
            let error = &error as &dyn std::error::Error;
            warn!(error, "a good answer could not be noted");
        }
    }

    /// Judges the answer to something that costs nothing, when it is not what was asked for.
    pub(crate) async fn stop(&self, found: CourtAnswer, seen: &Seen<'_>) -> JobError {
        match self.judge(found, seen).await {
            Ok(then) => ending(then),
            Err(error) => error,
        }
    }

    /// Reads the page of a docket that was bought, by whomever; none if it says that there is nothing.
    ///
    /// # Errors
    /// What the court says in place of a docket, or that we do not understand it.
    pub fn read_docket(&self, page: &[u8]) -> Result<Option<DocketPage>, Failure> {
        kept_page::read_docket(&self.about(&Seen::default()), page)
    }

    /// Judges an answer to a purchase, with what it means for the books.
    pub(crate) async fn deal(&self, found: CourtAnswer, seen: &Seen<'_>) -> Deal {
        let then = self.judge(found, seen).await;
        let billed = found.row().billed;
        let bill = match billed {
            Billed::No => None,
            Billed::ByReceipt | Billed::Yes | Billed::Perhaps => seen
                .answer
                .and_then(|answer| Some((answer.clone(), bill::of_receipt(&answer.body)?))),
        };
        let nothing = matches!(then, Ok(Then::Nothing));
        let error = then.map_or_else(|error| error, ending);
        match (billed, bill, seen.answer) {
            (_, Some((answer, bill)), _) if nothing => Deal::Bought { answer, bill },
            (_, None, Some(answer)) if nothing => Deal::Bought {
                answer: answer.clone(),
                bill: bill::nothing(),
            },
            (_, Some((answer, bill)), _) => Deal::BilledInVain {
                answer,
                bill,
                failure: final_word(error, &self.about(seen)),
            },
            (Billed::No | Billed::ByReceipt, None, _) => Deal::NotBilled(error),
            (Billed::Yes | Billed::Perhaps, None, _) => Deal::Doubt {
                why: found.row().signal.to_owned(),
                then: error,
            },
        }
    }
}

/// Whether an answer shows that the court works again. One that broke down does not, and nor does
/// a lookup on the way to a purchase: a court may answer that, and turn the purchase away.
fn proves_health(found: CourtAnswer, seen: &Seen<'_>, then: &Then) -> bool {
    let on_the_way = found.row().asked == Asked::Lookup && *then == Then::GoOn;
    seen.answer.is_some_and(|answer| answer.status < 400) && !on_the_way
}

/// What is said while a court is left alone.
pub(crate) fn left_alone(court: &str, open: &fetch_store::breaker::OpenBreaker) -> String {
    let minutes = open.left.as_secs().div_ceil(60);
    let reason = &open.reason;
    format!(
        "The court does not answer as it should: {court} ({reason}). It is asked again in \
         {minutes} minutes."
    )
}

/// A court that billed is not asked again on our own account. What it sent is kept, and only a
/// reader that is mended can make more of it.
fn final_word(error: JobError, about: &About<'_>) -> Failure {
    match error {
        JobError::Retry { failure } | JobError::Refuse(failure)
            if failure.is_about_reading() || !failure.may_be_replayed() =>
        {
            failure
        }
        _ => billed_in_vain(about),
    }
}

pub(crate) fn ending(then: Then) -> JobError {
    match then {
        Then::Retry(failure) => JobError::retry(failure),
        Then::LogIn(failure) => JobError::NeedsLogin {
            failure,
            turned_away: true,
        },
        Then::Snooze { wait, reason } => JobError::Snooze { wait, reason },
        Then::Refuse(failure) => failure.into(),
        // Whoever asks has gone on by itself, and a request that was not accepted has no attempt.
        Then::GoOn | Then::Nothing | Then::NotAccepted(_) => Failure::Internal.into(),
    }
}
