//! Pages that are kept.

use chrono::{DateTime, NaiveDate, Utc};
use fetch_db::{RequestState, blobs};
use fetch_model::{
    CaptureId, DocketId, DocketOptions, DocumentId, Failure, FetchId, FetchKind, State, UserId,
};
use futures_util::TryStreamExt;
use sqlx::PgConnection;

use crate::{Error, Ledger, captures::UNRECOGNISED, other_case::OTHER_CASE};

/// So many of the latest captures are looked for to know a store of blobs again.
const LATEST: i64 = 5;

/// Bytes that are kept, and what is known of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBytes {
    /// The court that they are from (CourtListener's id).
    pub court: String,
    /// What they are (`fetch_model::item_key`).
    pub item_key: String,
    /// The `Content-Type` that they came with.
    pub media_type: String,
    /// Their name in the blob store.
    pub sha256: String,
    /// How many they are.
    pub byte_count: i64,
    /// When they came.
    pub date_created: DateTime<Utc>,
    /// The request that brought them home, if it is known still.
    pub request: Option<FetchId>,
}

/// A page that is kept, or of which the ledger knows that it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPage {
    /// Its number. Pages that came later have higher ones.
    pub id: CaptureId,
    /// What it is (`fetch_model::item_key`). Of a forgotten one, what the ledger says that it was.
    pub item_key: String,
    /// Where it came from.
    pub url: String,
    /// The `Content-Type` that it came with.
    pub media_type: String,
    /// Its name in the blob store.
    pub sha256: String,
    /// When it came.
    pub date_created: DateTime<Utc>,
    /// It was billed, and was taken for something else than what had been asked for.
    pub in_vain: bool,
    /// Its bytes are gone.
    pub is_forgotten: bool,
    /// The request that brought it home; none if that is gone.
    pub buyer: Option<Buyer>,
}

/// What is left of a request that brought a page home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// Which.
    pub id: FetchId,
    /// Whose.
    pub user: UserId,
    /// What it fetched.
    pub kind: FetchKind,
    /// Where it is in its life.
    pub state: State,
    /// Why it failed, as far as that is known still.
    pub failure: Option<Failure>,
    /// Its life was over: what it asked for is not known any more.
    pub is_forgotten: bool,
    /// The options of its report.
    pub options: DocketOptions,
    /// The case id as sent, or empty.
    pub pacer_case_id: String,
    /// The docket number as sent, or empty.
    pub docket_number: String,
    /// The case that its court has named, if it was asked: id and number.
    pub found_case_id: Option<String>,
    /// The same case's number.
    pub found_case_number: Option<String>,
    /// The document that it named.
    pub document: Option<DocumentId>,
    /// The court's name of that, or empty.
    pub pacer_doc_id: String,
    /// The docket that it named or that was saved, or that its document is on.
    pub docket: Option<DocketId>,
    /// The court's id of that docket's case.
    pub stored_case_id: Option<String>,
    /// The number of that docket.
    pub stored_number: Option<String>,
}

struct PageRow {
    id: i64,
    item_key: String,
    url: String,
    media_type: String,
    sha256: String,
    date_created: DateTime<Utc>,
    in_vain: bool,
    is_forgotten: bool,
    request: Option<i64>,
    user: Option<i64>,
    request_type: Option<i16>,
    state: Option<RequestState>,
    failure: Option<serde_json::Value>,
    request_is_forgotten: Option<bool>,
    de_date_start: Option<NaiveDate>,
    de_date_end: Option<NaiveDate>,
    de_number_start: Option<i32>,
    de_number_end: Option<i32>,
    show_parties_and_counsel: Option<bool>,
    show_terminated_parties: Option<bool>,
    show_list_of_member_cases: Option<bool>,
    pacer_case_id: Option<String>,
    docket_number: Option<String>,
    found_case_id: Option<String>,
    found_case_number: Option<String>,
    document: Option<i64>,
    pacer_doc_id: Option<String>,
    docket: Option<i64>,
    stored_case_id: Option<String>,
    stored_number: Option<String>,
}

impl Ledger {
    /// Courts (CourtListener's ids) of which pages are kept.
    pub async fn courts_with_pages(&self) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar!(
            "select id from courts
             where exists (select from captures
                           where court_id = courts.id and not starts_with(item_key, 'doc/'))
             order by id"
        )
        .fetch_all(self.db.pool())
        .await?)
    }

    /// Courts (CourtListener's ids) of which files of documents are kept.
    pub async fn courts_with_files(&self) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar!(
            "select id from courts
             where exists (select from captures
                           where court_id = courts.id and starts_with(item_key, 'doc/'))
             order by id"
        )
        .fetch_all(self.db.pool())
        .await?)
    }

    /// Bytes that are kept, whatever they are; none if there are none of this number.
    pub async fn kept_bytes(&self, capture: CaptureId) -> Result<Option<KeptBytes>, Error> {
        let row = sqlx::query!(
            "select court_id, item_key, media_type, sha256, byte_count, date_created, request_id
             from captures where id = $1 and date_forgotten is null",
            capture.0
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map(|row| KeptBytes {
            court: row.court_id,
            item_key: row.item_key,
            media_type: row.media_type,
            sha256: row.sha256,
            byte_count: row.byte_count,
            date_created: row.date_created,
            request: row.request_id.map(FetchId),
        }))
    }

    /// Makes sure that the store of blobs is the one of this database: that it has one at least of the
    /// bytes that were kept last. Whoever reads pages again with another one would find all of them
    /// missing, and whoever forgets there would forget nothing.
    ///
    /// # Errors
    /// [`Error::Setting`] when it has none of them; when the database or the store cannot answer.
    pub async fn ensure_blobs_are_ours(&self) -> Result<(), Error> {
        let latest = sqlx::query_scalar!(
            "select sha256 from captures where date_forgotten is null order by id desc limit $1",
            LATEST
        )
        .fetch_all(self.db.pool())
        .await?;
        for sha256 in &latest {
            if self.db.blobs.has(sha256).await? {
                return Ok(());
            }
        }
        match latest.is_empty() {
            true => Ok(()),
            false => Err(blobs::wrong_folder(
                "the folder has nothing of what this database kept last: it is the store of another \
                 deployment, or was lost. Give the one that the services have, or bring its files back \
                 from a backup"
                    .to_owned(),
            )),
        }
    }

    /// Pages of a court that are kept or were bought and that are wanted, in the order in which they
    /// came, from this one on. Files of documents are no pages.
    pub async fn kept_pages(
        &self,
        court: &str,
        first: CaptureId,
        is_wanted: impl FnMut(&KeptPage) -> bool + Send,
    ) -> Result<Vec<KeptPage>, Error> {
        let before = CaptureId(first.0 - 1);
        pages_after(&mut *self.db.acquire().await?, court, before, is_wanted).await
    }
}

/// The same, of those with a higher number than this.
pub async fn pages_after(
    connection: &mut PgConnection,
    court: &str,
    after: CaptureId,
    mut is_wanted: impl FnMut(&KeptPage) -> bool + Send,
) -> Result<Vec<KeptPage>, Error> {
    let mut rows =
        sqlx::query_file_as!(PageRow, "src/sql/pages.sql", court, after.0).fetch(connection);
    let mut pages = Vec::new();
    // Of what may be many, only those that are wanted are held.
    while let Some(row) = rows.try_next().await? {
        let page = KeptPage::try_from(row)?;
        if is_wanted(&page) {
            pages.push(page);
        }
    }
    Ok(pages)
}

impl TryFrom<PageRow> for KeptPage {
    type Error = Error;

    fn try_from(row: PageRow) -> Result<KeptPage, Error> {
        let buyer = match (row.request, row.request_type, row.state) {
            (Some(id), Some(request_type), Some(state)) => Some(Buyer {
                id: FetchId(id),
                user: UserId(row.user.unwrap_or_default()),
                kind: FetchKind::from_number(request_type)
                    .ok_or_else(|| malformed(&format!("request_type {request_type}")))?,
                state: state.into(),
                // One that this version does not know proves nothing.
                failure: row
                    .failure
                    .and_then(|failure| serde_json::from_value(failure).ok()),
                is_forgotten: row.request_is_forgotten.unwrap_or_default(),
                options: DocketOptions {
                    date_start: row.de_date_start,
                    date_end: row.de_date_end,
                    number_start: row.de_number_start,
                    number_end: row.de_number_end,
                    show_parties_and_counsel: row.show_parties_and_counsel.unwrap_or_default(),
                    show_terminated_parties: row.show_terminated_parties.unwrap_or_default(),
                    show_list_of_member_cases: row.show_list_of_member_cases.unwrap_or_default(),
                },
                pacer_case_id: row.pacer_case_id.unwrap_or_default(),
                docket_number: row.docket_number.unwrap_or_default(),
                found_case_id: row.found_case_id,
                found_case_number: row.found_case_number,
                document: row.document.map(DocumentId),
                pacer_doc_id: row.pacer_doc_id.unwrap_or_default(),
                docket: row.docket.map(DocketId),
                stored_case_id: row.stored_case_id,
                stored_number: row.stored_number,
            }),
            _ => None,
        };
        Ok(KeptPage {
            id: CaptureId(row.id),
            item_key: row.item_key,
            url: row.url,
            media_type: row.media_type,
            sha256: row.sha256,
            date_created: row.date_created,
            in_vain: row.in_vain,
            is_forgotten: row.is_forgotten,
            buyer,
        })
    }
}

fn malformed(why: &dyn std::fmt::Display) -> Error {
    Error::Malformed {
        what: "request",
        why: why.to_string(),
    }
}

/// Notes that a page is what was asked for, if it was kept as something else: billed in vain, of
/// another case, or as what nobody knew, which is called `item_key` from now on. Tells whether it was.
pub async fn vouch_for(
    connection: &mut PgConnection,
    page: CaptureId,
    item_key: Option<&str>,
) -> Result<bool, Error> {
    let renamed = sqlx::query!(
        "update captures
         set in_vain = false,
             item_key = case when starts_with(item_key, $2) then substr(item_key, length($2) + 1)
                             when starts_with(item_key, $3) then coalesce($4, item_key)
                             else item_key end
         where id = $1
           and (in_vain or starts_with(item_key, $2)
                or starts_with(item_key, $3) and $4::text is not null)",
        page.0,
        OTHER_CASE,
        UNRECOGNISED,
        item_key
    )
    .execute(connection)
    .await?;
    Ok(renamed.rows_affected() > 0)
}
