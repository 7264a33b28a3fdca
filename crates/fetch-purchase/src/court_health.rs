//! Carries out what the table of answers decides (`fetch_model::decision`).

use fetch_model::{
    AttemptError, Failure,
    decision::{About, BEHIND_BREAKER, Then, billed_in_vain, decide},
};
use pacer::page::answer::{Answer, table::AnswerTo};
use pacer_client::SendError;
use tracing::{error, warn};

use crate::{Conversation, response::CourtResponse};

/// What is known when an answer is judged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen<'a> {
    /// What the court answered, if it did.
    pub response: Option<&'a CourtResponse>,
    /// The case as far as known, or empty.
    pub case: &'a str,
    /// The most bytes that are taken; only of interest if there were more.
    pub limit_bytes: u64,
    /// The cases to choose from, a line each.
    pub candidates: &'a [String],
}

impl<'a> Seen<'a> {
    /// An answer, about no case in particular.
    pub(crate) fn response(response: &'a CourtResponse) -> Seen<'a> {
        Seen {
            response: Some(response),
            ..Seen::default()
        }
    }
}

/// The row of the table for no answer at all.
pub(crate) fn row_of(error: &SendError) -> Answer {
    match error {
        SendError::NotSent { .. } => Answer::NotReached,
        SendError::TimedOut { .. } => Answer::TimedOut,
        SendError::Broken { .. } => Answer::BrokenOff,
        SendError::TooLarge { .. } => Answer::TooLarge,
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
            kind: request.spec.kind,
            request: request.id,
            user: request.spec.user,
            document: request.spec.document,
            court: &request.spec.target_court,
            case: seen.case,
            url: seen.response.map_or("", |response| response.url.as_str()),
            attempts: request.attempts,
            retry_after: seen.response.and_then(|response| response.retry_after),
            limit_bytes: seen.limit_bytes,
            candidates: seen.candidates,
        }
    }

    /// Decides about an answer and does what follows from it for everybody: the page is kept, the
    /// court loses or regains trust, a dead session is dropped.
    pub(crate) async fn judge(&self, found: Answer, seen: &Seen<'_>) -> Result<Then, AttemptError> {
        let decision = decide(found, &self.about(seen));
        let court = &self.attempt.request.spec.target_court;
        if decision.keep
            && let Some(response) = seen.response
        {
            self.keep_unrecognised(response).await?;
        }
        if decision.alarm {
            let court = court.as_str();
            error!(
                court.id = court,
                "a court reports excessive usage: look at the page that was kept"
            );
        }
        if found == Answer::LoginPage {
            self.forget_session().await;
        }
        let asks_for_a_pause = matches!(found, Answer::TooManyRequests | Answer::Unavailable);
        if let Then::Stop(AttemptError::Snooze { wait, reason }) = &decision.then
            && asks_for_a_pause
        {
            let by = found.row().signal;
            self.purchases
                .stores
                .queue
                .delay_court(court, *wait, by)
                .await?;
            // The court's row says until when. Did the request say it too, it would go on waiting
            // when the operator has ended the pause.
            return Ok(Then::Stop(AttemptError::Snooze {
                wait: BEHIND_BREAKER.min(*wait),
                reason: reason.clone(),
            }));
        }
        let Some(breaker_event) = decision.breaker_event else {
            if proves_health(found, seen, &decision.then) {
                self.purchases.stores.queue.record_success(court).await?;
            }
            return Ok(decision.then);
        };
        warn!(court.id = court.as_str(), answer = ?found, "a bad answer");
        let reason = found.row().signal;
        let open = self
            .purchases
            .stores
            .queue
            .record_failure(court, breaker_event, reason)
            .await?;
        Ok(match (decision.then, open) {
            // The court is left alone now, and so nothing more is held against the request.
            (Then::Stop(AttemptError::Retry { .. }), Some(open)) => {
                Then::Stop(AttemptError::Snooze {
                    wait: BEHIND_BREAKER,
                    reason: left_alone(court, &open),
                })
            }
            (then, _) => then,
        })
    }

    /// What was paid for is there, and so the court regains trust. Should that not be written
    /// down, the purchase must not suffer.
    pub(crate) async fn record_success(&self) {
        let court = &self.attempt.request.spec.target_court;
        if let Err(error) = self.purchases.stores.queue.record_success(court).await {
            let error = &error as &dyn std::error::Error;
            warn!(error, "could not record a good answer of the court");
        }
    }

    /// The same for an answer that ends the attempt.
    pub(crate) async fn stop(&self, found: Answer, seen: &Seen<'_>) -> AttemptError {
        match self.judge(found, seen).await {
            Ok(Then::Stop(stop)) => stop,
            // Whoever asks has gone on by itself, and a request that was not accepted has no attempt.
            Ok(Then::GoOn | Then::Nothing | Then::NotAccepted(_)) => Failure::Internal.into(),
            Err(error) => error,
        }
    }
}

/// Whether an answer shows that the court works again. One that broke down does not, and nor does
/// a lookup on the way to a purchase: a court may answer that, and turn the purchase away.
fn proves_health(found: Answer, seen: &Seen<'_>, then: &Then) -> bool {
    let on_the_way = found.row().asked == AnswerTo::Lookup && *then == Then::GoOn;
    seen.response.is_some_and(|response| response.status < 400) && !on_the_way
}

/// What is said while a court is left alone.
pub(crate) fn left_alone(court: &str, open: &fetch_queue::breaker::OpenBreaker) -> String {
    let minutes = open.left.as_secs().div_ceil(60);
    let reason = &open.reason;
    format!(
        "Court {court} is not responding as it should ({reason}). Requests to it are paused for \
         {minutes} minutes."
    )
}

/// A court that billed is not asked again on our own account. What it sent is kept, and only a
/// reader that is mended can make more of it.
pub(crate) fn final_word(error: AttemptError, about: &About<'_>) -> Failure {
    match error {
        AttemptError::Retry { failure } | AttemptError::Refuse(failure)
            if failure.is_about_reading() || !failure.may_be_replayed() =>
        {
            failure
        }
        _ => billed_in_vain(about),
    }
}
