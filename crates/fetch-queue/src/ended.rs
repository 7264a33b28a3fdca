//! Requests that have ended, as far as they may have ended on a page.

use chrono::{DateTime, NaiveDate, Utc};
use fetch_db::RequestState;
use fetch_model::{DocketId, DocketOptions, Failure, Fence, FetchId, FetchKind, State};

use futures_util::TryStreamExt;
use sqlx::PgConnection;

use crate::{
    Error, Queue,
    notify::ENDED_CHANNEL,
    row::{malformed, status_of},
};

/// A request for a docket or a menu that has failed or is done.
#[derive(Debug, Clone, PartialEq)]
pub struct EndedRequest {
    /// Which.
    pub id: FetchId,
    /// What it fetched.
    pub kind: FetchKind,
    /// Failed or done.
    pub state: State,
    /// Why, if it failed.
    pub failure: Option<Failure>,
    /// The token of its last attempt.
    pub fence: Fence,
    /// The docket that it named or that was saved.
    pub docket: Option<DocketId>,
    /// The options of its report.
    pub options: DocketOptions,
    /// How the court names its case, as far as known: ids as asked, found and stored.
    pub case_ids: Vec<String>,
    /// Numbers of the case, as asked, found and stored.
    pub numbers: Vec<String>,
    /// The court's name of its document, or empty.
    pub pacer_doc_id: String,
    /// Since when a page would do for it.
    pub begins_at: DateTime<Utc>,
    /// When it ended.
    pub date_completed: DateTime<Utc>,
}

struct EndedRow {
    id: i64,
    request_type: i16,
    state: RequestState,
    failure: Option<serde_json::Value>,
    fence: i64,
    docket_id: Option<i64>,
    de_date_start: Option<NaiveDate>,
    de_date_end: Option<NaiveDate>,
    de_number_start: Option<i32>,
    de_number_end: Option<i32>,
    show_parties_and_counsel: bool,
    show_terminated_parties: bool,
    show_list_of_member_cases: bool,
    case_ids: Vec<String>,
    numbers: Vec<String>,
    pacer_doc_id: String,
    begins_at: DateTime<Utc>,
    date_completed: DateTime<Utc>,
}

impl Queue {
    /// Requests of a court for dockets and menus that have failed or are done and that are wanted,
    /// oldest first.
    pub async fn ended_requests(
        &self,
        court: &str,
        mut is_wanted: impl FnMut(&EndedRequest) -> bool + Send,
    ) -> Result<Vec<EndedRequest>, Error> {
        let mut rows =
            sqlx::query_file_as!(EndedRow, "src/sql/ended.sql", court).fetch(self.db.pool());
        let mut requests = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let request = EndedRequest::try_from(row)?;
            if is_wanted(&request) {
                requests.push(request);
            }
        }
        Ok(requests)
    }
}

impl TryFrom<EndedRow> for EndedRequest {
    type Error = Error;

    fn try_from(row: EndedRow) -> Result<EndedRequest, Error> {
        let failure = row.failure.map(serde_json::from_value).transpose();
        Ok(EndedRequest {
            id: FetchId(row.id),
            kind: FetchKind::from_number(row.request_type)
                .ok_or_else(|| malformed(format!("request_type {}", row.request_type)))?,
            state: row.state.into(),
            failure: failure.map_err(malformed)?,
            fence: Fence(row.fence),
            docket: row.docket_id.map(DocketId),
            options: DocketOptions {
                date_start: row.de_date_start,
                date_end: row.de_date_end,
                number_start: row.de_number_start,
                number_end: row.de_number_end,
                show_parties_and_counsel: row.show_parties_and_counsel,
                show_terminated_parties: row.show_terminated_parties,
                show_list_of_member_cases: row.show_list_of_member_cases,
            },
            case_ids: row.case_ids,
            numbers: row.numbers,
            pacer_doc_id: row.pacer_doc_id,
            begins_at: row.begins_at,
            date_completed: row.date_completed,
        })
    }
}

/// Ends a request as done that had failed, as it stood when it was looked at, with what its owner
/// is told; none if it was put into the queue again meanwhile. `nothing` says that its court has
/// nothing of what was asked for.
pub async fn end_as_done(
    connection: &mut PgConnection,
    request: FetchId,
    fence: Fence,
    docket: Option<DocketId>,
    nothing: bool,
) -> Result<Option<String>, Error> {
    let said = sqlx::query_file_scalar!(
        "src/sql/end_as_done.sql",
        request.0,
        fence.0,
        docket.map(|docket| docket.0),
        nothing.then_some(Failure::NOTHING),
        Failure::SUCCESS,
        Failure::SHARED,
        Failure::DOUBTFUL,
        Failure::READ_AGAIN,
        ENDED_CHANNEL,
        Failure::SETTLED,
        status_of(State::Done, None, 0)
    )
    .fetch_optional(connection)
    .await?;
    Ok(said)
}

/// Tells the owner of a request that was done that its page says more than it did, and gives it
/// the docket if it had none. None if that was told before.
pub async fn tell_read_again(
    connection: &mut PgConnection,
    request: FetchId,
    docket: Option<DocketId>,
) -> Result<Option<String>, Error> {
    let said = sqlx::query_file_scalar!(
        "src/sql/tell_read_again.sql",
        request.0,
        docket.map(|docket| docket.0),
        Failure::NOTHING,
        Failure::SUCCESS,
        Failure::READ_AGAIN,
        ENDED_CHANNEL
    )
    .fetch_optional(connection)
    .await?;
    Ok(said)
}
