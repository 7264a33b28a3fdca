//! The groups of a request as a message of gRPC.

use chrono::Utc;
use fetch_bus::wire;
use fetch_ledger::of_request::RequestMoney;
use fetch_library::request_changes::RequestChanges;
use fetch_model::{
    FetchRequest, Lane,
    expand::{Group, Groups},
};
use fetch_queue::{Place, Step, plans::PlanStep};

use super::{Known, code_of, detail_of};
use crate::grpc::timestamp;

impl Known {
    /// These groups of a request; none if there are none.
    pub fn message(&self, request: &FetchRequest, groups: Groups) -> Option<wire::RequestGroups> {
        if groups.is_empty() {
            return None;
        }
        let id = &request.id;
        let mut message = wire::RequestGroups::default();
        for group in groups.iter() {
            match group {
                Group::Money => message.money = self.money.get(id).map(money),
                Group::Life => message.life = Some(self.life_message(request)),
                Group::Queue => message.queue = self.places.get(id).map(place),
                Group::Changes => message.changes = self.changes.get(id).map(changes),
                Group::Plan => {
                    message.plan = self.plans.get(id).map(|steps| self.plan_message(steps))
                }
            }
        }
        Some(message)
    }

    fn life_message(&self, request: &FetchRequest) -> wire::RequestLife {
        wire::RequestLife {
            state: request.state.as_str().to_owned(),
            attempts: request.attempts,
            failure: code_of(request).unwrap_or_default(),
            not_before: request.spec.not_before.map(timestamp),
            steps: steps(self.steps.get(&request.id).map_or(&[][..], Vec::as_slice)),
            next_step: request.next_step().unwrap_or_default().to_owned(),
            retry_after: self.retry_after(request, Utc::now()),
        }
    }

    fn plan_message(&self, steps: &[PlanStep]) -> wire::RequestPlan {
        let told = steps.iter().map(|step| wire::PlanStep {
            id: step.step.0,
            request_type: step.kind.into(),
            state: step.state.as_str().to_owned(),
            message: step.message.clone(),
            cost_cents: self.cost_of_step(step),
        });
        wire::RequestPlan {
            steps: told.collect(),
            cost_cents: steps
                .iter()
                .filter_map(|step| self.cost_of_step(step))
                .sum(),
        }
    }
}

/// The steps of a request as they are told.
pub(crate) fn steps(steps: &[Step]) -> Vec<wire::Step> {
    let told = steps.iter().map(|(at, step, detail)| wire::Step {
        at: Some(timestamp(*at)),
        step: step.clone(),
        detail: detail_of(step, detail).to_owned(),
    });
    told.collect()
}

/// The place of a request in its queue.
pub(crate) fn place(place: &Place) -> wire::QueuePlace {
    let lane = match place.lane {
        Lane::Interactive => wire::Lane::Interactive,
        Lane::Bulk => wire::Lane::Bulk,
    };
    let reason = place.waits_for;
    let until = reason.and_then(|reason| reason.until());
    wire::QueuePlace {
        lane: lane.into(),
        position: place.position,
        under_way: place.under_way,
        eta_seconds: place
            .wait
            .map(|wait| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)),
        waits_for: reason
            .map(|reason| reason.as_str().to_owned())
            .unwrap_or_default(),
        waits_until: until.map(timestamp),
    }
}

fn money(money: &RequestMoney) -> wire::RequestMoney {
    wire::RequestMoney {
        cost_cents: money.billed.0,
        is_settled: money.is_settled,
        in_doubt_cents: money.in_doubt.0,
        under_way_cents: money.under_way.0,
        reserved_cents: money.reserved.0,
        max_cost_cents: money.max_cost.map(|cents| cents.0),
    }
}

fn changes(changes: &RequestChanges) -> wire::RequestChanges {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    wire::RequestChanges {
        docket_new: changes.docket_new,
        entries_new: number(changes.entries_new),
        entries_changed: number(changes.entries_changed),
        documents_new: number(changes.documents_new),
        documents_changed: number(changes.documents_changed),
        parties_new: number(changes.parties_new),
        parties_changed: number(changes.parties_changed),
    }
}
