//! Taking the text of a file: work that is shared by all readers, page by page.
//!
//! Keyed by the name of the file's bytes and the page, so that a file is read once, whoever and
//! however many want it, and doing a part twice changes nothing. Claims are leased and fenced as
//! those of requests are. `hand` is how a request comes to wait for a text, `claim` how a
//! reader takes work, `plan`, `part` and `finish` what it leaves, `sweep` what nobody moves.

mod again;
mod claim;
mod due;
mod finish;
mod hand;
mod named;
mod part;
mod plan;
mod sweep;

use fetch_model::{Failure, Fence, FetchId, FetchKind, UserId};
use sqlx::PgConnection;

use crate::Error;

pub(crate) use again::plan_again;
pub use claim::{ClaimedPart, ClaimedText, Stage};
pub use finish::FinishedText;
pub use hand::Handed;
pub(crate) use hand::want_text;
pub use named::NamedDocument;
pub use plan::PlannedText;
pub use sweep::OpenTexts;

/// What is stored about a page.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPage {
    /// Its number, from 1.
    pub page: i32,
    /// Its words; NUL characters are dropped, since the database has none.
    pub text: String,
    /// Where they came from, in the reader's words; none while it is to be recognised.
    pub source: Option<String>,
    /// Why that source, in the reader's words.
    pub reason: String,
    /// The recogniser's mean confidence, 0 to 100.
    pub confidence: Option<f32>,
    /// Wall time that it took, in milliseconds.
    pub millis: i32,
    /// Whether the text was longer than the limit.
    pub cut: bool,
    /// Share of its words that were recognised surely, 0 to 1.
    pub sure_words: Option<f32>,
    /// What of its text is hidden on the printed page, in the reader's words.
    pub hidden_text: serde_json::Value,
}

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

/// How far the reading of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingProgress {
    /// Pages that are read, or failed for good.
    pub read: i32,
    /// All pages of the file.
    pub pages: i32,
    /// Who waits for the text.
    pub waiting: Vec<WaitingRequest>,
}

/// Says in every waiting request how far its document is.
async fn tell_progress(
    connection: &mut PgConnection,
    sha256: &str,
    read: i32,
    pages: i32,
) -> Result<ReadingProgress, Error> {
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
    let waiting = rows.into_iter().map(WaitingRequest::try_from);
    Ok(ReadingProgress {
        read,
        pages,
        waiting: waiting.collect::<Result<_, Error>>()?,
    })
}

/// Ends requests that wait for a text: they have their document. `note` is what they are told beside
/// the sentence of their purchase, or empty.
async fn end_waiting(
    connection: &mut PgConnection,
    ids: &[i64],
    note: &str,
) -> Result<Vec<WaitingRequest>, Error> {
    let rows = sqlx::query_as!(
        WaitingRow,
        "with ended as (
             update fetch_requests
             set state = 'done', status = 2, fence = fence + 1, worker = null,
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
        ids,
        note,
        Failure::SUCCESS,
        Failure::SHARED,
        Failure::DOUBTFUL
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(WaitingRequest::try_from).collect()
}

/// Notes a step in the life of every request that waits for a text.
async fn note_step(
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

fn kind_of(request_type: i16) -> Result<FetchKind, Error> {
    FetchKind::from_number(request_type).ok_or_else(|| Error::Malformed {
        what: "request",
        why: format!("request_type {request_type}"),
    })
}

/// Texts for the database, which has no NUL character.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}

/// The name of a claim of a text or of a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadingClaim {
    /// A whole text: to be planned or put together.
    Text {
        /// The name of the file's bytes.
        sha256: String,
        /// The token of the claim.
        fence: Fence,
    },
    /// Some pages of one.
    Part {
        /// The number of the part.
        id: i64,
        /// The token of the claim.
        fence: Fence,
    },
}
