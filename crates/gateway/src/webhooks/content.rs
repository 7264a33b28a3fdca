//! What an endpoint is told: the request as a `GET` answers it, and the endpoint.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use fetch_model::{
    Cents, DocketOptions, Fence, FetchId, FetchKind, FetchRequest, Lane, OnDoubt, RequestSpec,
    State, UserId,
};
use fetch_webhooks::Claimed;

use crate::{
    dialect::{Object, moment, rendered},
    openapi::{Described, Shape, key},
};

/// Since when version 1 is out of date. CourtListener's.
const VERSION_1_OUT_OF_DATE: &str = "2024-11-18T00:00:00+00:00";

/// The body that tells an endpoint that a request has ended.
pub(super) fn body(claimed: &Claimed, request: &FetchRequest, zone: Tz) -> String {
    let out_of_date = (claimed.version == 1).then_some(VERSION_1_OUT_OF_DATE);
    envelope(claimed, out_of_date, rendered::fetch_request(request, zone))
}

fn envelope(claimed: &Claimed, out_of_date: Option<&str>, payload: Object) -> String {
    let webhook = Object::new()
        .with("event_type", claimed.event_type)
        .with("version", claimed.version)
        .with("date_created", moment::write_utc(claimed.endpoint_created))
        .with("deprecation_date", out_of_date);
    let body = Object::new()
        .with("webhook", webhook)
        .with("payload", payload);
    serde_json::to_string(&body).expect("an object of text keys has a JSON form")
}

/// What is told of a docket in which something was filed, in the order in which the trigger of `0016_trackers.sql` writes
/// it.
#[rustfmt::skip]
pub(crate) const FILED: Described = Described {
    name: "Filed",
    about: "What a tracker has found.",
    keys: &[
        key("tracker", Shape::Integer),
        key("docket", Shape::Integer),
        key("recap_fetch", Shape::Integer).means("The request that has bought it."),
        key("entries_new", Shape::Integer),
        key("entries_changed", Shape::Integer),
        key("documents_new", Shape::Integer),
        key("documents_changed", Shape::Integer),
        key("cost_cents", Shape::Integer).means("What that has cost, or may have."),
    ],
};

/// What a test of an endpoint for trackers tells: of something that nobody filed, with the numbers of none.
pub(super) fn tracker_example(claimed: &Claimed) -> String {
    let payload: Object = FILED
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), 0.into()))
        .collect();
    envelope(claimed, None, payload)
}

/// The request that a test tells of: one that nobody made, with the number of none.
pub(super) fn example(now: DateTime<Utc>) -> FetchRequest {
    let spec = RequestSpec {
        user: UserId(0),
        kind: FetchKind::Docket,
        court: Some("cand".to_owned()),
        docket: None,
        document: None,
        pacer_case_id: String::new(),
        docket_number: "3:24-cv-09876".to_owned(),
        options: DocketOptions {
            show_parties_and_counsel: true,
            show_terminated_parties: true,
            ..DocketOptions::default()
        },
        skip_if_unchanged: false,
        target_court: "cand".to_owned(),
        session_key: String::new(),
        account_digest: String::new(),
        client_code: String::new(),
        lane: Lane::Interactive,
        on_doubt: OnDoubt::Stop,
        traceparent: None,
        not_before: None,
    };
    FetchRequest {
        id: FetchId(0),
        state: State::Done,
        message: "This is a test. No request has ended.".to_owned(),
        failure: None,
        attempts: 1,
        fence: Fence(0),
        cost: Cents(0),
        date_created: now,
        date_modified: now,
        date_completed: Some(now),
        spec,
    }
}
