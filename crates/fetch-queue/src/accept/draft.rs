//! A request as the columns of its row.

use chrono::{DateTime, NaiveDate, Utc};
use fetch_model::{Cents, RequestSpec, TokenId, budget::Reservation};
use serde::Serialize;

use super::Unless;
use crate::Error;

/// A request that is about to be written, as the statement reads it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The columns, as a JSON object.
    pub(super) columns: String,
    pub(super) new: RequestSpec,
}

#[derive(Serialize)]
struct Columns<'a> {
    user_id: i64,
    request_type: i16,
    court: Option<&'a str>,
    docket_id: Option<i64>,
    recap_document_id: Option<i64>,
    pacer_case_id: &'a str,
    docket_number: &'a str,
    de_date_start: Option<NaiveDate>,
    de_date_end: Option<NaiveDate>,
    de_number_start: Option<i32>,
    de_number_end: Option<i32>,
    show_parties_and_counsel: bool,
    show_terminated_parties: bool,
    show_list_of_member_cases: bool,
    target_court: &'a str,
    session_key: &'a str,
    account_digest: &'a str,
    client_code: &'a str,
    on_doubt: &'a str,
    lane: i16,
    traceparent: Option<&'a str>,
    skip_if_unchanged: bool,
    not_before: Option<DateTime<Utc>>,
    reserved_cents: i32,
    max_cost_cents: Option<i32>,
    unless_limited: bool,
    token_id: Option<i64>,
}

impl Draft {
    /// `token`: the one that it came with, if it came with one.
    ///
    /// # Errors
    /// When it cannot be put in words.
    pub fn new(
        new: &RequestSpec,
        token: Option<TokenId>,
        reservation: Reservation,
        unless: Unless,
    ) -> Result<Draft, Error> {
        let columns = Columns {
            user_id: new.user.0,
            request_type: new.kind.number(),
            court: new.court.as_deref(),
            docket_id: new.docket.map(|id| id.0),
            recap_document_id: new.document.map(|id| id.0),
            pacer_case_id: &new.pacer_case_id,
            docket_number: &new.docket_number,
            de_date_start: new.options.date_start,
            de_date_end: new.options.date_end,
            de_number_start: new.options.number_start,
            de_number_end: new.options.number_end,
            show_parties_and_counsel: new.options.show_parties_and_counsel,
            show_terminated_parties: new.options.show_terminated_parties,
            show_list_of_member_cases: new.options.show_list_of_member_cases,
            target_court: &new.target_court,
            session_key: &new.session_key,
            account_digest: &new.account_digest,
            client_code: &new.client_code,
            on_doubt: new.on_doubt.as_str(),
            lane: new.lane as i16,
            traceparent: new.traceparent.as_deref(),
            skip_if_unchanged: new.skip_if_unchanged,
            not_before: new.not_before,
            reserved_cents: reservation.reserve.0,
            max_cost_cents: reservation.max_cost.map(|cents| cents.0),
            unless_limited: unless == Unless::Limited && reservation.reserve > Cents(0),
            token_id: token.map(|token| token.0),
        };
        let columns = serde_json::to_string(&columns).map_err(|error| Error::Malformed {
            what: "request",
            why: error.to_string(),
        })?;
        let new = new.clone();
        Ok(Draft { columns, new })
    }
}
