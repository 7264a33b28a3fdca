//! What an endpoint is told: the request as a `GET` answers it, and the endpoint.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use fetch_model::{
    Cents, DocketOptions, Fence, FetchId, FetchKind, FetchRequest, Lane, OnDoubt, RequestSpec,
    State, UserId,
};
use fetch_webhooks::Claimed;

use crate::dialect::{Object, moment, rendered};

/// Since when version 1 is out of date. CourtListener's.
const VERSION_1_OUT_OF_DATE: &str = "2024-11-18T00:00:00+00:00";

/// The body that tells an endpoint that a request has ended.
pub(super) fn body(claimed: &Claimed, request: &FetchRequest, zone: Tz) -> String {
    let out_of_date = (claimed.version == 1).then_some(VERSION_1_OUT_OF_DATE);
    let webhook = Object::new()
        .with("event_type", claimed.event_type)
        .with("version", claimed.version)
        .with("date_created", moment::write_utc(claimed.endpoint_created))
        .with("deprecation_date", out_of_date);
    let body = Object::new()
        .with("webhook", webhook)
        .with("payload", rendered::fetch_request(request, zone));
    serde_json::to_string(&body).expect("an object of text keys has a JSON form")
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
