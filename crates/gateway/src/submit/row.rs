//! A submission as the row that is written of it.

use fetch_control::{
    accept::{FirstStep, OnTheWay},
    plans::{docket_of, menu_of},
};
use fetch_model::{Cents, Lane, OnDoubt, RequestSpec, UserId};
use pacer::court::Court;

use super::{Intake, Prepared};
use crate::{dialect::submission::Submission, locate::Missing, login::Login, quote::estimate};

impl Intake {
    /// The row of a submission, with the session of this login, and what it has to wait for.
    pub(super) fn rows(
        &self,
        user: UserId,
        prepared: &Prepared,
        login: &Login,
    ) -> (RequestSpec, Option<OnTheWay>) {
        let submission = &prepared.located.submission;
        let at_most = estimate(&prepared.price.last).at_most;
        let mut new = self.row(user, submission, prepared.court.clone(), login, at_most);
        if prepared.located.set.is_some() {
            // The docket may have to be fetched for it.
            new.options = submission.options_on_the_way();
        }
        let way = match &prepared.located.set {
            Some(way) => Some(OnTheWay::Set(way.set.clone())),
            None => {
                let first = self.first_step(prepared, &new);
                first.map(|first| OnTheWay::Step(Box::new(first)))
            }
        };
        (new, way)
    }

    /// The row of a submission that costs no more than this.
    fn row(
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

    /// What is fetched before the document of a request is known, if anything is.
    fn first_step(&self, prepared: &Prepared, new: &RequestSpec) -> Option<FirstStep> {
        let (way, missing) = prepared.located.missing()?;
        let submission = &prepared.located.submission;
        let mut spec = match missing {
            Missing::Menu(main) => RequestSpec {
                not_before: new.not_before,
                ..menu_of(new, main)
            },
            Missing::Docket => {
                let court = Court::by_cl_id(&way.address.court);
                let is_appellate = court.is_some_and(Court::is_appellate);
                let named = RequestSpec {
                    options: submission.options_on_the_way(),
                    ..new.clone()
                };
                let mut spec = docket_of(&named, &way.address, is_appellate);
                spec.docket = spec.docket.or(way.docket.as_ref().map(|docket| docket.id));
                spec
            }
        };
        // A menu is free, and the docket on the way to it is not: each step is as dear as it is.
        let at_most = prepared.price.first.as_ref().map(estimate);
        let at_most = at_most.and_then(|estimate| estimate.at_most);
        spec.on_doubt = self.on_doubt(submission, spec.lane, at_most);
        Some(FirstStep {
            spec,
            reservation: prepared.reserved.first.unwrap_or_default(),
            address: way.address.clone(),
        })
    }
}
