//! Requests that have ended, as far as they may have ended on a page.

use chrono::{DateTime, NaiveDate, Utc};
use fetch_model::{DocketId, DocketOptions, Failure, Fence, FetchId, FetchKind, State};

use futures_util::TryStreamExt;

use super::kept::malformed;
use crate::{Error, Store, requests::state::RequestState};

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

impl Store {
    /// Requests of a court for dockets and menus that have failed or are done and that are wanted,
    /// oldest first.
    pub async fn ended_requests(
        &self,
        court: &str,
        mut is_wanted: impl FnMut(&EndedRequest) -> bool + Send,
    ) -> Result<Vec<EndedRequest>, Error> {
        let mut rows =
            sqlx::query_file_as!(EndedRow, "src/reread/sql/ended.sql", court).fetch(&self.pool);
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
                .ok_or_else(|| malformed(&format!("request_type {}", row.request_type)))?,
            state: row.state.into(),
            failure: failure.map_err(|error| malformed(&error))?,
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
