//! How much of its limits an account has used, and how often it has called lately.

use axum::{
    http::HeaderMap,
    routing::{MethodRouter, get},
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use super::endpoint::View;
use crate::{
    api::Api,
    dialect::{ApiError, Caller, Item, Object, filter::NO_PARAMETERS, moment, options},
    guard::{Scope, Used},
    openapi::{Answer, Described, Operation, Shape, key, options_of, tag},
};

pub(super) fn told() -> Vec<Operation> {
    const TOLD: Operation = Operation::get(
        "api_usage",
        tag::SERVICE,
        "How much of your limits you have used",
    )
    .about("True of the gateway that answers: each counts for itself, as it does when it refuses.")
    .names_ignored()
    .answers(&[Answer::ok("What was used.", Shape::Object(&USAGE))]);
    vec![TOLD, options_of("api_usage_options", tag::SERVICE)]
}

#[rustfmt::skip]
const USAGE: Described = Described {
    name: "Usage",
    about: "How much of your limits you have used.",
    keys: &[
        key("current_usage", Shape::List(&Shape::Object(&RATE))),
        key("historical_usage", Shape::Numbers).means("Calls by day, and their `total`."),
        key("membership", Shape::Any).means("Null, always."),
    ],
};

#[rustfmt::skip]
const RATE: Described = Described {
    name: "UsedRate",
    about: "A rate, and what was used of it.",
    keys: &[
        key("scope", Shape::Text),
        key("rate", Shape::Text),
        key("used", Shape::Integer),
        key("limit", Shape::Integer),
        key("remaining", Shape::Integer),
        key("window_seconds", Shape::Integer),
        key("reset_at", Shape::Instant).or_null().means("When the allowance is whole; null if it is."),
        key("blocked", Shape::Boolean),
    ],
};

pub(super) fn place() -> MethodRouter<Api> {
    get(tell)
        .options(async || options::introduce("Api Usage", "How much of your limits you have used."))
}

async fn tell(caller: Caller, view: View) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = NO_PARAMETERS.check_query(&view.here)?;
    let (api, now) = (&view.api, Utc::now());
    let mut used = api.guard.used(caller.id());
    used.sort_by_key(|(_, used)| std::cmp::Reverse(share(used)));
    let used = used
        .iter()
        .map(|(scope, used)| rate(*scope, used, now, api.time_zone));
    let object = Object::new()
        .with("current_usage", Item::list(used))
        .with("historical_usage", days(api, &caller).await?)
        .with("membership", Value::Null);
    Ok((ignored, object))
}

/// How near a caller is to a limit: whatever comes first is hit first.
fn share(used: &Used) -> u64 {
    u64::from(used.used) * 1_000_000 / u64::from(used.limit.max(1))
}

fn rate(scope: Scope, used: &Used, now: DateTime<Utc>, zone: Tz) -> Object {
    let full = used.full_after.and_then(|after| {
        let after = TimeDelta::from_std(after).ok()?;
        Some(moment::write(now + after, zone))
    });
    Object::new()
        .with("scope", scope.as_str())
        .with("rate", used.rate.as_str())
        .with("used", used.used)
        .with("limit", used.limit)
        .with("remaining", used.limit - used.used)
        .with("window_seconds", used.window.as_secs())
        .with("reset_at", full)
        // Who may not call is not let in here either.
        .with("blocked", false)
}

/// Calls day by day, those without calls left out, and all of them.
async fn days(api: &Api, caller: &Caller) -> Result<Object, ApiError> {
    let days = api.control.ledger.calls(caller.id()).await?;
    let total: i64 = days.iter().map(|(_, calls)| calls).sum();
    let days = days.into_iter().map(|(day, calls)| {
        let calls = Item::from(calls);
        (day.format("%Y-%m-%d").to_string(), calls)
    });
    Ok(days.collect::<Object>().with("total", total))
}
