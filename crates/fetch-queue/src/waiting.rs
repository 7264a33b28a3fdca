//! Requests that wait for the text of their document.
//!
//! The text is a row of the library, by the name of the file's bytes; a request waits for it in the
//! state `reading`. The functions here are the halves of the queue: whoever composes them with those of
//! the library takes the row of the text first.

use fetch_model::{Failure, Fence, FetchId, FetchKind, State, UserId};
use sqlx::PgConnection;

use crate::{
    Error,
    notify::wake,
    row::{as_json, kind_of, status_of, status_of_failed},
    sweep::NOBODY_CAME,
    workers,
};

/// The kind of work of those who begin to read documents.
const READERS: &str = "ocr";

/// A request that waits for a text, or did until now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRequest {
    /// Which.
    pub id: FetchId,
    /// Whose it is.
    pub user: UserId,
    /// What it fetches.
    pub kind: FetchKind,
    /// The court that was asked, by CourtListener's id.
    pub court: String,
    /// Attempts that counted.
    pub attempts: i32,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
}

/// The columns of a [`WaitingRequest`].
struct WaitingRow {
    id: i64,
    user_id: i64,
    request_type: i16,
    target_court: String,
    attempts: i32,
    traceparent: Option<String>,
}

impl TryFrom<WaitingRow> for WaitingRequest {
    type Error = Error;

    fn try_from(row: WaitingRow) -> Result<WaitingRequest, Error> {
        Ok(WaitingRequest {
            id: FetchId(row.id),
            user: UserId(row.user_id),
            kind: kind_of(row.request_type)?,
            court: row.target_court,
            attempts: row.attempts,
            traceparent: row.traceparent,
        })
    }
}

/// A request that was handed to the readers of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// The token of the request from now on.
    pub fence: Fence,
    /// The file that is to be read.
    pub sha256: String,
    /// The lane of the request.
    pub lane: i16,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
}

/// Lets a captured document wait for the text of its file. `None` when the claim was lost, or the
/// document has no file.
pub async fn hand_over(
    connection: &mut PgConnection,
    id: FetchId,
    fence: Fence,
) -> Result<Option<HandedOver>, Error> {
    let row = sqlx::query!(
        r#"update fetch_requests
           set state = 'reading', fence = fence + 1, worker = null, lease_until = null,
               published_at = null, date_modified = clock_timestamp(),
               court_ms = extract(epoch from clock_timestamp() - date_started) * 1000
           from recap_documents
           where fetch_requests.id = $1 and fence = $2 and state = 'captured'
             and recap_documents.id = recap_document_id and sha256 is not null
           returning fence, target_court, lane, traceparent, sha256 as "sha256!""#,
        id.0,
        fence.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    sqlx::query!(
        "insert into fetch_steps (request_id, fence, step) values ($1, $2, 'reading')",
        id.0,
        row.fence
    )
    .execute(&mut *connection)
    .await?;
    wake(connection, &row.target_court).await?;
    Ok(Some(HandedOver {
        fence: Fence(row.fence),
        sha256: row.sha256,
        lane: row.lane,
        traceparent: row.traceparent,
    }))
}

/// Says in every waiting request how far its document is.
pub async fn tell_progress(
    connection: &mut PgConnection,
    sha256: &str,
    read: i32,
    pages: i32,
) -> Result<Vec<WaitingRequest>, Error> {
    let rows = sqlx::query_as!(
        WaitingRow,
        "update fetch_requests
         set message = $2, date_modified = clock_timestamp()
         where state = 'reading'
           and recap_document_id in (select id from recap_documents where sha256 = $1)
         returning id, user_id, request_type, target_court, attempts, traceparent",
        sha256,
        format!("Reading the document: {read} of {pages} pages."),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(WaitingRequest::try_from).collect()
}

/// Ends requests that wait for a text: they have their document. `note` is what they are told beside
/// the sentence of their purchase, or empty.
pub async fn end_waiting(
    connection: &mut PgConnection,
    ids: &[FetchId],
    note: &str,
) -> Result<Vec<WaitingRequest>, Error> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        WaitingRow,
        "with ended as (
             update fetch_requests
             set state = 'done', status = $6, fence = fence + 1, worker = null,
                 message = concat_ws(' ', case provenance_of(id)
                     when 'doubtful' then $5
                     when 'bought' then $3
                     else $4 end, nullif($2, '')),
                 lease_until = null, date_completed = clock_timestamp(),
                 date_modified = clock_timestamp()
             where state = 'reading' and id = any($1)
             returning id, fence, user_id, request_type, target_court, attempts, traceparent),
         noted as (
             insert into fetch_steps (request_id, fence, step, detail)
             select id, fence - 1, 'done', $2 from ended)
         select id, user_id, request_type, target_court, attempts, traceparent from ended",
        &ids,
        note,
        Failure::SUCCESS,
        Failure::SHARED,
        Failure::DOUBTFUL,
        status_of(State::Done, None, 0)
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(WaitingRequest::try_from).collect()
}

/// Notes a step in the life of every request that waits for a text.
pub async fn note_waiting(
    connection: &mut PgConnection,
    sha256: &str,
    step: &str,
    detail: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into fetch_steps (request_id, fence, step, detail)
         select id, fence, $2, $3 from fetch_requests
         where state = 'reading'
           and recap_document_id in (select id from recap_documents where sha256 = $1)",
        sha256,
        step,
        detail
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The requests that wait for the text of a file.
pub async fn waiting_for(
    connection: &mut PgConnection,
    sha256: &str,
) -> Result<Vec<FetchId>, Error> {
    let waiting = sqlx::query_scalar!(
        "select id from fetch_requests
         where state = 'reading'
           and recap_document_id in (select id from recap_documents where sha256 = $1)",
        sha256
    )
    .fetch_all(connection)
    .await?;
    Ok(waiting.into_iter().map(FetchId).collect())
}

/// A file that requests wait for and that nobody reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its name.
    pub sha256: String,
    /// The most urgent lane of those who wait.
    pub lane: i16,
    /// The trace of one of them.
    pub traceparent: Option<String>,
}

/// Files that requests wait for and whose text nobody is taking.
pub async fn unread(connection: &mut PgConnection) -> Result<Vec<Unread>, Error> {
    Ok(sqlx::query_as!(
        Unread,
        r#"select sha256 as "sha256!", min(lane) as "lane!", min(traceparent) as traceparent
           from fetch_requests
           join recap_documents on recap_documents.id = recap_document_id
           where state = 'reading' and sha256 is not null and worker is null
             and not exists (select from texts
                             where texts.sha256 = recap_documents.sha256
                               and texts.state <> 'done')
           group by sha256"#
    )
    .fetch_all(connection)
    .await?)
}

/// Ends requests whose document has no file any more. Returns them; they failed.
pub async fn fail_without_file(connection: &mut PgConnection) -> Result<Vec<FetchId>, Error> {
    let failure = as_json(&Failure::Internal)?;
    let lost = sqlx::query_scalar!(
        "update fetch_requests
         set state = 'failed', status = $3, failure = $1, message = $2, fence = fence + 1,
             worker = null, lease_until = null, date_completed = clock_timestamp(),
             date_modified = clock_timestamp()
         where state = 'reading'
           and not exists (select from recap_documents
                           where id = recap_document_id and sha256 is not null)
         returning id",
        failure,
        Failure::Internal.to_string(),
        status_of_failed(&Failure::Internal)
    )
    .fetch_all(connection)
    .await?;
    Ok(lost.into_iter().map(FetchId).collect())
}

/// Requests whose document was there to be read for a day in which no reader was seen.
pub async fn unread_for_long(connection: &mut PgConnection) -> Result<Vec<FetchId>, Error> {
    if workers::is_seen(connection, READERS, NOBODY_CAME).await? {
        return Ok(Vec::new());
    }
    let unread = sqlx::query_scalar!(
        "select id from fetch_requests
         where state = 'reading'
           and date_modified < clock_timestamp() - make_interval(secs => $1)",
        NOBODY_CAME.as_secs_f64()
    )
    .fetch_all(connection)
    .await?;
    Ok(unread.into_iter().map(FetchId).collect())
}
