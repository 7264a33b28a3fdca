//! A submission as the row that is written of it.

use fetch_model::{Cents, Lane, OnDoubt, RequestSpec, UserId};

use super::Intake;
use crate::{dialect::submission::Submission, login::Login};

impl Intake {
    /// The row of a submission that costs no more than this, with the session of this login.
    pub(super) fn row(
        &self,
        user: UserId,
        submission: &Submission,
        court: String,
        login: &Login,
        at_most: Option<Cents>,
    ) -> RequestSpec {
        let lane = submission.lane.unwrap_or(Lane::Interactive);
        RequestSpec {
            user,
            kind: submission.kind,
            court: submission.court.clone(),
            docket: submission.docket,
            document: submission.document,
            pacer_case_id: submission.pacer_case_id.clone(),
            docket_number: submission.docket_number.clone(),
            options: submission.options(),
            skip_if_unchanged: submission.skip_if_unchanged,
            target_court: court,
            session_key: login.session_key.clone(),
            account_digest: login.account_digest.clone(),
            client_code: login.client_code.clone(),
            lane,
            on_doubt: self.on_doubt(submission, lane, at_most),
            traceparent: fetch_bus::traceparent(),
            not_before: submission.not_before,
        }
    }

    /// What to do in doubt about money: as the caller says, and otherwise nothing more is spent
    /// on bulk work, or on what is dear or has no bound.
    fn on_doubt(&self, submission: &Submission, lane: Lane, at_most: Option<Cents>) -> OnDoubt {
        let careful = lane == Lane::Bulk || at_most.is_none_or(|most| most > self.once_more);
        submission.on_doubt.unwrap_or(match careful {
            true => OnDoubt::Stop,
            false => OnDoubt::OnceMore,
        })
    }
}
