//! Writing accepted requests down, any number of them with one statement.

use chrono::{DateTime, NaiveDate, Utc};
use fetch_model::{
    Cents, Fence, FetchId, FetchRequest, RequestSpec, State, TokenId, budget::Reservation,
};
use serde::Serialize;
use sqlx::PgConnection;

use super::notify::WORK_CHANNEL;
use crate::{Error, Queue};

/// Under which limits a request may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unless {
    /// It may not fit under the limits of its user: what it sets aside is more than a request may
    /// cost, or there is a limit for the quarter, against which it was not checked.
    Limited,
    /// Nothing stands against it.
    Nothing,
}

/// A request that is about to be written, as the statement reads it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The columns, as a JSON object.
    columns: String,
    new: RequestSpec,
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

    fn written(&self, row: Row) -> Written {
        let mut spec = self.new.clone();
        spec.not_before = row.not_before;
        let request = FetchRequest {
            id: FetchId(row.id),
            spec,
            state: State::Accepted,
            message: String::new(),
            failure: None,
            attempts: 0,
            fence: Fence(0),
            cost: Cents(0),
            date_created: row.date_created,
            date_modified: row.date_modified,
            date_completed: None,
        };
        Written {
            request,
            behind: row.behind,
            others_wait: row.others_wait,
        }
    }
}

struct Row {
    place: i64,
    id: i64,
    not_before: Option<DateTime<Utc>>,
    date_created: DateTime<Utc>,
    date_modified: DateTime<Utc>,
    behind: f64,
    others_wait: bool,
}

/// A request that was written down, and what was seen beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The row.
    pub request: FetchRequest,
    /// About how many turns of its user come before it at its court; of bulk work, by night.
    pub behind: f64,
    /// Whether others wait for a login with its session: see [`Queue::take_up`].
    pub others_wait: bool,
}

/// Writes accepted requests with what is set aside for them, in one statement: without a
/// transaction around it there is one round trip and one commit for all. In the order of `drafts`;
/// `None` for each that may not be written, because of [`Unless`] or because its user may not call
/// any more.
///
/// The virtual time of each comes one after the last of the same user at that court, and never
/// before the court's own: so users take turns, however many requests one of them has.
pub(crate) async fn write(
    connection: &mut PgConnection,
    drafts: &[&Draft],
) -> Result<Vec<Option<Written>>, Error> {
    let columns: Vec<&str> = drafts.iter().map(|draft| draft.columns.as_str()).collect();
    let rows = sqlx::query_file_as!(
        Row,
        "src/sql/accept.sql",
        format!("[{}]", columns.join(","))
    )
    .fetch_all(connection)
    .await?;
    let mut written = vec![None; drafts.len()];
    for row in rows {
        let place = usize::try_from(row.place - 1).unwrap_or(usize::MAX);
        if let (Some(slot), Some(draft)) = (written.get_mut(place), drafts.get(place)) {
            *slot = Some(draft.written(row));
        }
    }
    Ok(written)
}

/// The same for one.
pub async fn write_one(
    connection: &mut PgConnection,
    draft: &Draft,
) -> Result<Option<Written>, Error> {
    Ok(write(connection, &[draft]).await?.pop().flatten())
}

impl Queue {
    /// Writes an accepted request down and wakes the dispatchers. Nothing is set aside for what it
    /// may cost: callers come in by `fetch_control::Control::accept_within`.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing was accepted.
    pub async fn accept(&self, new: &RequestSpec) -> Result<FetchRequest, Error> {
        let connection = &mut *self.db.acquire().await?;
        let draft = Draft::new(new, None, Reservation::default(), Unless::Nothing)?;
        let written = write_one(connection, &draft).await?;
        let request = written.ok_or(sqlx::Error::RowNotFound)?.request;
        sqlx::query!("select pg_notify($1, $2)", WORK_CHANNEL, new.target_court)
            .fetch_one(connection)
            .await?;
        Ok(request)
    }
}
