//! What a request says beyond the contract, for those who ask (`docs/API.md#more-about-a-request`): what it
//! costs, where it is in its life and what its owner can do, its place in the queue, and what it has changed.
//!
//! Each group is read in one or two statements for all requests of an answer, and in none if nobody asks.

pub(crate) mod keys;
pub(crate) mod message;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use fetch_ledger::of_request::RequestMoney;
use fetch_library::request_changes::RequestChanges;
use fetch_model::{
    FetchId, FetchRequest, Resend, State, UserId,
    expand::{Group, Groups, UnknownGroup},
};
use fetch_queue::{Place, Step, plans::PlanStep};
use serde_json::Value;

use crate::{
    api::Api,
    dialect::{ApiError, Caller, Item, Object, RequestUrl, moment, rendered},
    dispatch,
};

/// The parameter that names groups.
pub(crate) const EXPAND: &str = "expand";

/// The groups that a call asks for. One that says nothing asks for those of its token.
///
/// # Errors
/// 400 for a word that names none.
pub(crate) fn groups_of(caller: &Caller, here: &RequestUrl) -> Result<Groups, ApiError> {
    let sent = here.parameters.iter().filter(|(name, _)| name == EXPAND);
    groups_named(caller, sent.map(|(_, list)| list.as_str()))
}

/// The groups of lists that a call has sent; those of its token if it has sent none.
///
/// # Errors
/// 400 for a word that names none.
pub(crate) fn groups_named<'a>(
    caller: &Caller,
    sent: impl IntoIterator<Item = &'a str>,
) -> Result<Groups, ApiError> {
    let sent = sent.into_iter().map(str::parse);
    let sent: Result<Vec<Groups>, UnknownGroup> = sent.collect();
    let sent = sent.map_err(|unknown| {
        let known = Group::ALL.map(Group::as_str).join(", ");
        let word = unknown.word;
        let text =
            format!("Select a valid choice. {word} is not one of the available choices: {known}.");
        ApiError::field(EXPAND, text)
    })?;
    match sent.is_empty() {
        true => Ok(caller.0.expand),
        false => Ok(sent.into_iter().fold(Groups::NONE, Groups::and)),
    }
}

/// Requests of a user as objects of the contract, with these groups.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn rendered(
    api: &Api,
    user: UserId,
    requests: &[FetchRequest],
    groups: Groups,
) -> Result<Vec<Object>, fetch_db::Error> {
    let known = Known::of(api, user, requests, groups).await?;
    let zone = api.time_zone;
    let objects = requests.iter().map(|request| {
        let object = rendered::fetch_request(request, zone);
        known.added_to(object, request, groups, zone)
    });
    Ok(objects.collect())
}

/// The same of one that was just accepted or cancelled: that is answered whatever comes in between, and what
/// cannot be read is null then.
pub(crate) async fn answered(api: &Api, request: &FetchRequest, groups: Groups) -> Object {
    let one = std::slice::from_ref(request);
    match rendered(api, request.spec.user, one, groups).await {
        Ok(mut objects) => objects.pop().unwrap_or_default(),
        Err(error) => {
            dispatch::log(&error);
            unknown(rendered::fetch_request(request, api.time_zone), groups)
        }
    }
}

/// An object with groups of which nothing is known.
pub(crate) fn unknown(object: Object, groups: Groups) -> Object {
    groups.iter().fold(object, |object, group| {
        object.with(group.as_str(), Value::Null)
    })
}

/// What is known about some requests, as far as it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub places: HashMap<FetchId, Place>,
    money: HashMap<FetchId, RequestMoney>,
    steps: HashMap<FetchId, Vec<Step>>,
    /// Courts that are asked nothing at present, and until when.
    left_alone: HashMap<String, Option<DateTime<Utc>>>,
    changes: HashMap<FetchId, RequestChanges>,
    plans: HashMap<FetchId, Vec<PlanStep>>,
    /// What the steps of plans cost.
    money_of_steps: HashMap<FetchId, RequestMoney>,
}

impl Known {
    /// Reads what these groups need.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of(
        api: &Api,
        user: UserId,
        requests: &[FetchRequest],
        groups: Groups,
    ) -> Result<Known, fetch_db::Error> {
        let mut known = Known::default();
        if groups.is_empty() || requests.is_empty() {
            return Ok(known);
        }
        let control = &api.control;
        let ids: Vec<FetchId> = requests.iter().map(|request| request.id).collect();
        if groups.has(Group::Queue) {
            known.places = control.queue.places_of(user, &ids).await?;
        }
        if groups.has(Group::Life) {
            known.steps = control.queue.histories(&ids).await?;
            known.left_alone = left_alone(api, requests).await?;
        }
        if groups.has(Group::Money) {
            let money = control.ledger.money_of_requests(user, &ids).await?;
            known.money = money.into_iter().map(|it| (it.request, it)).collect();
        }
        if groups.has(Group::Changes) {
            known.changes = control.library.changes_of(&ids).await?;
        }
        if groups.has(Group::Plan) {
            known.read_plans(api, user, &ids).await?;
        }
        Ok(known)
    }

    async fn read_plans(
        &mut self,
        api: &Api,
        user: UserId,
        ids: &[FetchId],
    ) -> Result<(), fetch_db::Error> {
        let control = &api.control;
        let steps = control.queue.plan_steps(ids).await?;
        let of_steps: Vec<FetchId> = steps.iter().map(|step| step.step).collect();
        if !of_steps.is_empty() {
            let money = control.ledger.money_of_requests(user, &of_steps).await?;
            self.money_of_steps = money.into_iter().map(|it| (it.request, it)).collect();
        }
        for step in steps {
            self.plans.entry(step.request).or_default().push(step);
        }
        Ok(())
    }

    /// The requests that were made on the way to one, and what they cost.
    fn plan(&self, steps: &[PlanStep]) -> Object {
        let cost = |step: &PlanStep| self.cost_of_step(step);
        let told = steps.iter().map(|step| {
            Object::new()
                .with("id", step.step.0)
                .with("request_type", i64::from(step.kind))
                .with("state", step.state.as_str())
                .with("message", step.message.as_str())
                .with("cost_cents", cost(step))
        });
        Object::new()
            .with("steps", Item::list(told))
            .with("cost_cents", steps.iter().filter_map(cost).sum::<i32>())
    }

    fn cost_of_step(&self, step: &PlanStep) -> Option<i32> {
        let money = self.money_of_steps.get(&step.step);
        money.map(|money| money.billed.0)
    }

    /// The object of a request with these groups.
    pub fn added_to(
        &self,
        object: Object,
        request: &FetchRequest,
        groups: Groups,
        zone: Tz,
    ) -> Object {
        let id = &request.id;
        // In the order in which the first two were told before there were others.
        let order = [
            Group::Queue,
            Group::Life,
            Group::Money,
            Group::Changes,
            Group::Plan,
        ];
        let asked = order.into_iter().filter(|group| groups.has(*group));
        asked.fold(object, |object, group| {
            let item = match group {
                Group::Queue => self.places.get(id).map(|place| queue(place, zone)),
                Group::Life => Some(self.life(request, zone)),
                Group::Money => self.money.get(id).map(money),
                Group::Changes => self.changes.get(id).map(changes),
                Group::Plan => self.plans.get(id).map(|steps| self.plan(steps)),
            };
            object.with(
                group.as_str(),
                item.map_or(Value::Null.into(), Item::Object),
            )
        })
    }

    /// How a request fared so far: our own word for its state, the code of its failure, what can be done
    /// about it, and each step.
    fn life(&self, request: &FetchRequest, zone: Tz) -> Object {
        let written = |at: DateTime<Utc>| moment::write(at, zone);
        let steps = self.steps.get(&request.id).map_or(&[][..], Vec::as_slice);
        let steps = steps.iter().map(|(at, step, detail)| {
            Object::new()
                .with("at", written(*at))
                .with("step", step.as_str())
                .with("detail", detail_of(step, detail))
        });
        Object::new()
            .with("state", request.state.as_str())
            .with("attempts", request.attempts)
            .with("failure", code_of(request))
            .with("not_before", request.spec.not_before.map(written))
            .with("steps", Item::list(steps))
            .with("next_step", request.next_step())
            .with("retry_after", self.retry_after(request, Utc::now()))
    }

    /// In how many seconds a request is tried again that waits for that, and after how many one that has
    /// failed may succeed if it is sent again unchanged. None if nobody knows, or if it would not.
    fn retry_after(&self, request: &FetchRequest, now: DateTime<Utc>) -> Option<i64> {
        let until = |at: DateTime<Utc>| (at - now).num_seconds().max(0) + 1;
        match (request.state, &request.failure) {
            (State::Accepted | State::Waiting, None) => {
                let at = request.spec.not_before.filter(|at| *at > now);
                at.map(until)
            }
            (State::Failed, Some(failure)) => match failure.next_step().resend {
                Resend::No => None,
                Resend::Now => Some(0),
                Resend::OnceItsCourtIsAsked => {
                    match self.left_alone.get(&request.spec.target_court) {
                        None => Some(0),
                        Some(end) => end.map(until),
                    }
                }
            },
            _ => None,
        }
    }
}

/// Of the courts of those that have failed because of them.
async fn left_alone(
    api: &Api,
    requests: &[FetchRequest],
) -> Result<HashMap<String, Option<DateTime<Utc>>>, fetch_db::Error> {
    let failed = requests.iter().filter(|request| {
        let failure = request.failure.as_ref();
        failure.is_some_and(|it| it.next_step().resend == Resend::OnceItsCourtIsAsked)
    });
    let mut courts: Vec<&str> = failed
        .map(|request| request.spec.target_court.as_str())
        .collect();
    courts.sort_unstable();
    courts.dedup();
    match courts.is_empty() {
        true => Ok(HashMap::new()),
        false => api.control.queue.courts_left_alone(&courts).await,
    }
}

/// The code of the failure of a request (`docs/API.md#messages`).
pub(crate) fn code_of(request: &FetchRequest) -> Option<String> {
    let failure = serde_json::to_value(request.failure.as_ref()?).ok()?;
    failure["code"].as_str().map(str::to_owned)
}

/// What is told of a step. Which of our machines took a request is nobody's business.
pub(crate) fn detail_of<'a>(step: &str, detail: &'a str) -> &'a str {
    match step {
        "claimed" => "",
        _ => detail,
    }
}

fn queue(place: &Place, zone: Tz) -> Object {
    let reason = place.waits_for;
    let until = reason.and_then(|reason| reason.until());
    Object::new()
        .with("lane", place.lane.as_str())
        .with("position", place.position)
        .with("under_way", place.under_way)
        .with("eta_seconds", place.wait.map(|wait| wait.as_secs()))
        .with("waits_for", reason.map(|reason| reason.as_str()))
        .with("waits_until", until.map(|at| moment::write(at, zone)))
}

fn money(money: &RequestMoney) -> Object {
    Object::new()
        .with("cost_cents", money.billed.0)
        .with("is_settled", money.is_settled)
        .with("in_doubt_cents", money.in_doubt.0)
        .with("under_way_cents", money.under_way.0)
        .with("reserved_cents", money.reserved.0)
        .with("max_cost_cents", money.max_cost.map(|cents| cents.0))
}

fn changes(changes: &RequestChanges) -> Object {
    Object::new()
        .with("docket_new", changes.docket_new)
        .with("entries_new", changes.entries_new)
        .with("entries_changed", changes.entries_changed)
        .with("documents_new", changes.documents_new)
        .with("documents_changed", changes.documents_changed)
        .with("parties_new", changes.parties_new)
        .with("parties_changed", changes.parties_changed)
}
