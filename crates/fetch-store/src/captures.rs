//! Bytes that a court sent, kept before anyone reads them.

use chrono::{DateTime, Utc};
use fetch_model::{CaptureId, Fence, FetchId};

use crate::{Error, Store};

/// What is to be remembered about bytes that are in the blob store already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCapture {
    /// The request that asked for them.
    pub request: FetchId,
    /// The court they came from (CourtListener's id).
    pub court: String,
    /// What they are: `doc/…`, `docket/…`, `menu/…`.
    pub item_key: String,
    /// Where they came from; never with credentials in it.
    pub url: String,
    /// The `Content-Type` they came with.
    pub media_type: String,
    /// Their name in the blob store.
    pub sha256: String,
    /// How many they are.
    pub byte_count: i64,
}

/// Bytes that are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Their number.
    pub id: CaptureId,
    /// Where they came from.
    pub url: String,
    /// The `Content-Type` they came with.
    pub media_type: String,
    /// Their name in the blob store.
    pub sha256: String,
    /// How many they are.
    pub byte_count: i64,
    /// When they came.
    pub date_created: DateTime<Utc>,
}

/// A capture as its row has it.
pub(crate) struct CaptureRow {
    pub(crate) id: i64,
    pub(crate) url: String,
    pub(crate) media_type: String,
    pub(crate) sha256: String,
    pub(crate) byte_count: i64,
    pub(crate) date_created: DateTime<Utc>,
}

impl From<CaptureRow> for Capture {
    fn from(row: CaptureRow) -> Capture {
        Capture {
            id: CaptureId(row.id),
            url: row.url,
            media_type: row.media_type,
            sha256: row.sha256,
            byte_count: row.byte_count,
            date_created: row.date_created,
        }
    }
}

pub(crate) async fn insert(
    connection: &mut sqlx::PgConnection,
    new: &NewCapture,
) -> Result<Capture, Error> {
    let row = sqlx::query!(
        "insert into captures (request_id, court_id, item_key, url, media_type, sha256, byte_count)
         values ($1, $2, $3, $4, $5, $6, $7)
         returning id, date_created",
        new.request.0,
        new.court,
        new.item_key,
        new.url,
        new.media_type,
        new.sha256,
        new.byte_count
    )
    .fetch_one(connection)
    .await?;
    Ok(Capture {
        id: CaptureId(row.id),
        url: new.url.clone(),
        media_type: new.media_type.clone(),
        sha256: new.sha256.clone(),
        byte_count: new.byte_count,
        date_created: row.date_created,
    })
}

impl Store {
    /// Remembers bytes that cost nothing, such as an attachment menu, and moves the request on
    /// if the caller still holds it.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn keep_free(&self, fence: Fence, new: &NewCapture) -> Result<Capture, Error> {
        let mut transaction = self.pool.begin().await?;
        let capture = insert(&mut transaction, new).await?;
        sqlx::query!(
            "update fetch_requests set state = 'captured', date_modified = clock_timestamp()
             where id = $1 and fence = $2 and state = 'running'",
            new.request.0,
            fence.0
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(capture)
    }

    /// Remembers a page that nobody knows, beside whatever becomes of the request.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn keep_unrecognised(&self, new: &NewCapture) -> Result<Capture, Error> {
        insert(&mut *self.pool.acquire().await?, new).await
    }

    /// The newest bytes kept of an item that came at or after `since`, whoever asked.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn captured(
        &self,
        item_key: &str,
        since: Option<DateTime<Utc>>,
    ) -> Result<Option<Capture>, Error> {
        let row = sqlx::query_as!(
            CaptureRow,
            "select id, url, media_type, sha256, byte_count, date_created
             from captures
             where item_key = $1 and ($2::timestamptz is null or date_created >= $2)
             order by id desc limit 1",
            item_key,
            since
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(Capture::from))
    }

    /// The newest bytes kept for a request under a key that starts with `prefix`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn captured_for(
        &self,
        request: FetchId,
        prefix: &str,
    ) -> Result<Option<(String, Capture)>, Error> {
        let row = sqlx::query!(
            "select id, item_key, url, media_type, sha256, byte_count, date_created
             from captures
             where request_id = $1 and starts_with(item_key, $2)
             order by id desc limit 1",
            request.0,
            prefix
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| {
            let capture = Capture {
                id: CaptureId(row.id),
                url: row.url,
                media_type: row.media_type,
                sha256: row.sha256,
                byte_count: row.byte_count,
                date_created: row.date_created,
            };
            (row.item_key, capture)
        }))
    }
}
