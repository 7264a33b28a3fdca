//! A row of `fetch_requests`, and what it means.

use chrono::{DateTime, NaiveDate, Utc};
use fetch_db::RequestState;
use fetch_model::{
    Cents, DocketId, DocketOptions, DocumentId, Failure, Fence, FetchId, FetchKind, FetchRequest,
    Lane, OnDoubt, RequestSpec, State, UserId,
};

use crate::Error;

/// A failure as its column holds it.
pub(crate) fn as_json(failure: &Failure) -> Result<serde_json::Value, Error> {
    serde_json::to_value(failure).map_err(|error| Error::Malformed {
        what: "failure",
        why: error.to_string(),
    })
}

/// The number that clients see of such a request: what a move into that state writes.
pub(crate) fn status_of(state: State, failure: Option<&Failure>, attempts: i32) -> i16 {
    state.public(failure, attempts).into()
}

/// The same of one that has failed.
pub(crate) fn status_of_failed(failure: &Failure) -> i16 {
    status_of(State::Failed, Some(failure), 0)
}

pub(crate) fn kind_of(request_type: i16) -> Result<FetchKind, Error> {
    FetchKind::from_number(request_type)
        .ok_or_else(|| malformed(format!("request_type {request_type}")))
}

/// Every column, as `returning *` gives them.
#[derive(Debug)]
pub(crate) struct RequestRow {
    pub id: i64,
    pub user_id: i64,
    pub request_type: i16,
    pub court: Option<String>,
    pub docket_id: Option<i64>,
    pub recap_document_id: Option<i64>,
    pub pacer_case_id: String,
    pub docket_number: String,
    pub de_date_start: Option<NaiveDate>,
    pub de_date_end: Option<NaiveDate>,
    pub de_number_start: Option<i32>,
    pub de_number_end: Option<i32>,
    pub show_parties_and_counsel: bool,
    pub show_terminated_parties: bool,
    pub show_list_of_member_cases: bool,
    pub skip_if_unchanged: bool,
    pub message: String,
    pub state: RequestState,
    pub failure: Option<serde_json::Value>,
    pub target_court: String,
    pub session_key: String,
    pub account_digest: String,
    pub client_code: String,
    pub on_doubt: String,
    pub lane: i16,
    pub attempts: i32,
    pub fence: i64,
    pub traceparent: Option<String>,
    pub not_before: Option<DateTime<Utc>>,
    pub date_created: DateTime<Utc>,
    pub date_modified: DateTime<Utc>,
    pub date_completed: Option<DateTime<Utc>>,
    pub cost_cents: i32,
}

/// A row that this version does not understand.
pub(crate) fn malformed(why: impl ToString) -> Error {
    Error::Malformed {
        what: "request",
        why: why.to_string(),
    }
}

impl TryFrom<RequestRow> for FetchRequest {
    type Error = Error;

    fn try_from(row: RequestRow) -> Result<FetchRequest, Error> {
        let kind = kind_of(row.request_type)?;
        let failure = row
            .failure
            .map(serde_json::from_value)
            .transpose()
            .map_err(malformed)?;
        Ok(FetchRequest {
            id: FetchId(row.id),
            state: row.state.into(),
            message: row.message,
            failure,
            attempts: row.attempts,
            fence: Fence(row.fence),
            cost: Cents(row.cost_cents),
            date_created: row.date_created,
            date_modified: row.date_modified,
            date_completed: row.date_completed,
            spec: RequestSpec {
                user: UserId(row.user_id),
                kind,
                court: row.court,
                docket: row.docket_id.map(DocketId),
                document: row.recap_document_id.map(DocumentId),
                pacer_case_id: row.pacer_case_id,
                docket_number: row.docket_number,
                options: DocketOptions {
                    date_start: row.de_date_start,
                    date_end: row.de_date_end,
                    number_start: row.de_number_start,
                    number_end: row.de_number_end,
                    show_parties_and_counsel: row.show_parties_and_counsel,
                    show_terminated_parties: row.show_terminated_parties,
                    show_list_of_member_cases: row.show_list_of_member_cases,
                },
                skip_if_unchanged: row.skip_if_unchanged,
                target_court: row.target_court,
                session_key: row.session_key,
                account_digest: row.account_digest,
                client_code: row.client_code,
                lane: if row.lane == Lane::Bulk as i16 {
                    Lane::Bulk
                } else {
                    Lane::Interactive
                },
                on_doubt: OnDoubt::from_word(&row.on_doubt),
                traceparent: row.traceparent,
                not_before: crate::plans::named_time(row.not_before),
            },
        })
    }
}
