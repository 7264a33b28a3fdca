//! Bills that wait until the pages of a document are counted.
//!
//! Whoever buys a document does not open it: that is for the readers of documents, who touch no
//! money. So a line is booked at the most, and completed from what they have found.

use fetch_model::{Cents, PurchaseId};
use pacer::price::{Counted, Item};
use sqlx::PgConnection;

use crate::{Error, events};

/// Lines that are completed in one go; the next one goes on.
const AT_ONCE: i64 = 100;

/// Files that bills wait for and that nobody counts: a document that came in place of a menu, or for a
/// request that has ended, is read for nobody else.
pub async fn uncounted(connection: &mut PgConnection) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar!(
        "select distinct sha256 from purchases
         join captures on captures.id = capture_id
         join fetch_requests on fetch_requests.id = purchases.request_id
         where pages_awaited is not null
           and not exists (select from texts where texts.sha256 = captures.sha256)
           and (fetch_requests.date_completed is not null
                or purchases.date_modified < clock_timestamp() - interval '1 minute')
         limit $1",
        AT_ONCE
    )
    .fetch_all(connection)
    .await?)
}

/// The files that bills wait for.
pub async fn awaited(connection: &mut PgConnection) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar!(
        "select distinct sha256 from purchases
         join captures on captures.id = capture_id
         where pages_awaited is not null"
    )
    .fetch_all(connection)
    .await?)
}

/// Completes the bills whose pages are counted by now, with what `price` says of them. A file
/// that its readers refuse keeps the most, with a word in its story. Returns how many lines it completed.
pub async fn complete(
    connection: &mut PgConnection,
    price: impl Fn(Item, u32) -> Counted,
) -> Result<usize, Error> {
    let counted = sqlx::query!(
        r#"select purchases.id, pages_awaited as "item!", texts.pages, refusal
           from purchases
           join captures on captures.id = capture_id
           join texts on texts.sha256 = captures.sha256
           where pages_awaited is not null
             and (texts.pages is not null or refusal is not null)
           order by purchases.id
           limit $1
           for update of purchases skip locked"#,
        AT_ONCE
    )
    .fetch_all(&mut *connection)
    .await?;
    let completed = counted.len();
    for line in counted {
        let pages = line.pages.and_then(|pages| u32::try_from(pages).ok());
        let bill = match (Item::of_awaited_name(&line.item), pages) {
            (Some(item), Some(pages)) if pages > 0 => Some(price(item, pages)),
            _ => None,
        };
        let cents = bill.and_then(|bill| i32::try_from(bill.cents).ok());
        let paid = bill.and_then(|bill| i32::try_from(bill.pages).ok());
        sqlx::query!(
            "update purchases
             set billed_cents = coalesce($2, billed_cents),
                 billed_pages = coalesce($3, billed_pages),
                 pages_awaited = null, date_modified = clock_timestamp()
             where id = $1",
            line.id,
            cents,
            paid
        )
        .execute(&mut *connection)
        .await?;
        let word = match (cents, paid) {
            (Some(cents), Some(paid)) => {
                format!("{} by its pages, {paid} of them billed", Cents(cents))
            }
            _ => format!(
                "the most stands: its pages cannot be counted ({})",
                line.refusal.as_deref().unwrap_or("it has none")
            ),
        };
        events::note(connection, PurchaseId(line.id), "captured", &word).await?;
    }
    Ok(completed)
}
