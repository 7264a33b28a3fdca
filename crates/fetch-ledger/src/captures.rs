//! Bytes that a court sent, kept before anyone reads them.

use chrono::{DateTime, Utc};
pub use fetch_model::item_key::UNRECOGNISED;
use fetch_model::{CaptureId, FetchId, FetchKind, PurchaseId};

use crate::{Error, Ledger};

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
    /// They were billed and are not what was asked for. They serve who waits for the same thing
    /// now, and nobody who asks for it later.
    pub in_vain: bool,
}

/// Which kept bytes make a purchase for a request needless, whoever brought them home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enough {
    /// Those of the very thing, of any age: a document does not change.
    OfAnyAge,
    /// Those of the very thing that came since the request was allowed to begin: a docket grows.
    Fresh,
    /// Of an entry whose menu is asked for under the name of its document: a menu that came since
    /// the request was allowed to begin, and the document, if it came in place of a menu.
    Menu {
        /// The key under which menus of the entry are kept.
        key: String,
        /// The document will do however it came: the court would sell it again.
        or_document: bool,
    },
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
        "insert into captures (request_id, court_id, item_key, url, media_type, sha256, byte_count,
                               in_vain)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         returning id, date_created",
        new.request.0,
        new.court,
        new.item_key,
        new.url,
        new.media_type,
        new.sha256,
        new.byte_count,
        new.in_vain
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

/// What a purchase has brought home.
pub(crate) async fn of_purchase(
    connection: &mut sqlx::PgConnection,
    purchase: PurchaseId,
) -> Result<Option<Capture>, Error> {
    let row = sqlx::query_as!(
        CaptureRow,
        "select captures.id, url, media_type, sha256, byte_count, captures.date_created
         from purchases join captures on captures.id = capture_id
         where purchases.id = $1 and purchases.state = 'captured'",
        purchase.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Capture::from))
}

/// The newest bytes that make a purchase of the item for this request needless.
pub(crate) async fn enough(
    connection: &mut sqlx::PgConnection,
    request: FetchId,
    item_key: &str,
    enough: &Enough,
) -> Result<Option<Capture>, Error> {
    match enough {
        Enough::OfAnyAge => same(connection, request, item_key, false).await,
        Enough::Fresh => same(connection, request, item_key, true).await,
        Enough::Menu { key, or_document } => {
            menu(connection, request, item_key, key, *or_document).await
        }
    }
}

/// Bytes of the very thing. Those that an earlier attempt at the request brought home always do.
async fn same(
    connection: &mut sqlx::PgConnection,
    request: FetchId,
    item_key: &str,
    fresh: bool,
) -> Result<Option<Capture>, Error> {
    let row = sqlx::query_as!(
        CaptureRow,
        "select captures.id, url, media_type, sha256, byte_count, captures.date_created
         from captures join fetch_requests on fetch_requests.id = $1
         where item_key = $2
           and (captures.request_id = $1
                or not (in_vain or $3)
                or captures.date_created >= coalesce(begins_at, fetch_requests.date_created))
         order by in_vain, captures.id desc limit 1",
        request.0,
        item_key,
        fresh
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Capture::from))
}

/// The menu of an entry, or its document.
async fn menu(
    connection: &mut sqlx::PgConnection,
    request: FetchId,
    document_key: &str,
    menu_key: &str,
    or_document: bool,
) -> Result<Option<Capture>, Error> {
    let row = sqlx::query_as!(
        CaptureRow,
        "select captures.id, url, media_type, sha256, byte_count, captures.date_created
         from captures join fetch_requests on fetch_requests.id = $1
              left join fetch_requests buyer on buyer.id = captures.request_id
         where (item_key = $3 or item_key = $2 and (buyer.request_type = $4 or $5 and not in_vain))
           and (item_key = $2 and not in_vain
                or captures.date_created >= coalesce(fetch_requests.begins_at,
                                                     fetch_requests.date_created))
         order by in_vain, captures.id desc limit 1",
        request.0,
        document_key,
        menu_key,
        FetchKind::Attachments.number(),
        or_document
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Capture::from))
}

impl Ledger {
    /// Remembers a page that nobody knows, beside whatever becomes of the request.
    pub async fn keep_unrecognised(&self, new: &NewCapture) -> Result<Capture, Error> {
        insert(&mut *self.db.acquire().await?, new).await
    }

    /// The newest bytes that make a purchase of the item for this request needless.
    pub async fn kept(
        &self,
        request: FetchId,
        item_key: &str,
        of: &Enough,
    ) -> Result<Option<Capture>, Error> {
        enough(&mut *self.db.acquire().await?, request, item_key, of).await
    }

    /// Whether an item is held for good, so that nobody buys it any more.
    pub async fn is_held(&self, item_key: &str) -> Result<bool, Error> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select 1 from captures
                              where item_key = $1 and not in_vain) as "held!""#,
            item_key
        )
        .fetch_one(self.db.pool())
        .await?)
    }

    /// Whether bytes were brought home by a request for a menu.
    pub async fn came_for_a_menu(&self, capture: CaptureId) -> Result<bool, Error> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select 1 from captures
                              join fetch_requests on fetch_requests.id = request_id
                              where captures.id = $1 and request_type = $2) as "for_a_menu!""#,
            capture.0,
            FetchKind::Attachments.number()
        )
        .fetch_one(self.db.pool())
        .await?)
    }

    /// The newest bytes kept for a request under a key that starts with `prefix`.
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
        .fetch_optional(self.db.pool())
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
