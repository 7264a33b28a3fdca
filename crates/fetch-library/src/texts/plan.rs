//! What looking at a file leaves: its pages, and parts of those that must be recognised.

use sqlx::PgConnection;

use super::due::{BULK_YIELDS, PART_YIELDS, PARTS_YIELD_AT_MOST};
use super::{ClaimedText, StoredPage, storable};
use crate::Error;

/// A plan that was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// All pages of the file.
    pub pages: i32,
    /// Pages that need not be recognised.
    pub read: i32,
}

/// Keeps the pages of a file, and opens parts for those that must be recognised: `parts`
/// names their pages. `None` when the claim was lost.
pub async fn save_plan(
    connection: &mut PgConnection,
    claim: &ClaimedText,
    pages: &[StoredPage],
    parts: &[Vec<i32>],
    problems: &serde_json::Value,
) -> Result<Option<Planned>, Error> {
    let total = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    let read = pages.iter().filter(|page| page.source.is_some()).count();
    let read = i32::try_from(read).unwrap_or(i32::MAX);
    let lane = sqlx::query_scalar!(
        "update texts
         set state = case when $3 then 'assembling' else 'recognising' end,
             worker = case when $3 then worker end,
             lease_until = case when $3 then lease_until end,
             attempts = case when $3 then 1 else 0 end,
             problems = $4, pages = $5, pages_read = $6, date_planned = clock_timestamp()
         where sha256 = $1 and fence = $2 and state = 'planning'
         returning lane",
        claim.sha256,
        claim.fence.0,
        parts.is_empty(),
        problems,
        total,
        read
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(lane) = lane else { return Ok(None) };
    insert_pages(connection, &claim.sha256, pages).await?;
    for (index, part) in parts.iter().enumerate() {
        sqlx::query!(
            "insert into text_parts (sha256, part, pages, lane, due_at)
             values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs =>
                 $5::float8 * $4::smallint + least($6::float8 * ($2::integer - 1), $7::float8)))",
            claim.sha256,
            i32::try_from(index + 1).unwrap_or(i32::MAX),
            part,
            lane,
            BULK_YIELDS,
            PART_YIELDS,
            PARTS_YIELD_AT_MOST
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(Some(Planned { pages: total, read }))
}

/// Notes that the file has no pages to give, and why. `false` when the claim was lost; else it
/// holds on, for the requests to be told.
pub async fn refuse_text(
    connection: &mut PgConnection,
    claim: &ClaimedText,
    why: &str,
) -> Result<bool, Error> {
    let changed = sqlx::query!(
        "update texts set state = 'assembling', attempts = 1, refusal = $3
         where sha256 = $1 and fence = $2 and state = 'planning'",
        claim.sha256,
        claim.fence.0,
        storable(why)
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(changed == 1)
}

async fn insert_pages(
    connection: &mut PgConnection,
    sha256: &str,
    pages: &[StoredPage],
) -> Result<(), Error> {
    let numbers: Vec<i32> = pages.iter().map(|page| page.page).collect();
    let texts: Vec<String> = pages.iter().map(|page| storable(&page.text)).collect();
    let sources: Vec<Option<String>> = pages.iter().map(|page| page.source.clone()).collect();
    let reasons: Vec<String> = pages.iter().map(|page| page.reason.clone()).collect();
    let confidences: Vec<Option<f32>> = pages.iter().map(|page| page.confidence).collect();
    let millis: Vec<i32> = pages.iter().map(|page| page.millis).collect();
    let cuts: Vec<bool> = pages.iter().map(|page| page.cut).collect();
    let sure: Vec<Option<f32>> = pages.iter().map(|page| page.sure_words).collect();
    let hidden: Vec<serde_json::Value> =
        pages.iter().map(|page| page.hidden_text.clone()).collect();
    sqlx::query!(
        "insert into text_pages (sha256, page, text, source, reason, confidence, millis, cut,
                                 sure_words, hidden_text)
         select $1, * from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::real[],
                                  $7::int[], $8::bool[], $9::real[], $10::jsonb[])",
        sha256,
        &numbers,
        &texts,
        &sources as &[Option<String>],
        &reasons,
        &confidences as &[Option<f32>],
        &millis,
        &cuts,
        &sure as &[Option<f32>],
        &hidden
    )
    .execute(connection)
    .await?;
    Ok(())
}
