//! What came home is put into the books: the capture, and with it the bill.

use fetch_model::{Cents, PurchaseId};
use pacer::{page::receipt::Receipt, price};
use serde_json::json;
use sqlx::PgConnection;

use crate::{
    Error,
    captures::{self, Capture, NewCapture},
    events::close_intent,
    receipts::KeptReceipt,
};

/// What a purchase cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The amount.
    pub cents: Cents,
    /// The pages billed.
    pub pages: i32,
    /// The court's own receipt, or `None` if the amount was computed from its price rules. It is kept
    /// without the name of the account.
    pub receipt: Option<Receipt>,
    /// The amount is the most that it can be, and is completed by this rule once the pages of what
    /// was bought are counted. `None`: it is complete.
    pub awaited: Option<price::Item>,
}

/// Keeps what was bought, with its bill. Bytes that were paid for are kept even by an attempt that
/// lost its claim: the next one will find them. Of the account that a receipt names, `digest` makes what is kept. Said
/// again, as when the first time was not confirmed, it changes nothing.
pub async fn record_bought(
    connection: &mut PgConnection,
    purchase: PurchaseId,
    new: &NewCapture,
    bill: &Bill,
    digest: &(dyn Fn(&str) -> String + Sync),
) -> Result<Capture, Error> {
    let receipt = bill.receipt.as_ref();
    let receipt = receipt.map(|receipt| json!(KeptReceipt::of(receipt, digest)));
    if let Some(kept) = captures::of_purchase(connection, purchase).await? {
        return Ok(kept);
    }
    let capture = captures::insert(connection, new).await?;
    let billed_by = if bill.receipt.is_some() {
        "receipt"
    } else {
        "rules"
    };
    sqlx::query!(
        "with captured as (
             update purchases
             set state = 'captured', billed_cents = $2, billed_pages = $3, billed_by = $4,
                 receipt = $5, capture_id = $6, pages_awaited = $7,
                 date_modified = clock_timestamp()
             where id = $1
             returning id)
         insert into purchase_events (purchase_id, state, detail)
         select id, 'captured', $8 from captured",
        purchase.0,
        bill.cents.0,
        bill.pages,
        billed_by,
        receipt,
        capture.id.0,
        bill.awaited.and_then(price::Item::awaited_name),
        bill.cents.to_string()
    )
    .execute(&mut *connection)
    .await?;
    Ok(capture)
}

/// Remembers bytes that cost nothing, in place of the purchase that they might have been. Whoever waits
/// for the end of that purchase finds them.
pub async fn record_free(
    connection: &mut PgConnection,
    purchase: PurchaseId,
    new: &NewCapture,
) -> Result<Capture, Error> {
    let why = "what came costs nothing";
    close_intent(connection, purchase, "void", why).await?;
    captures::insert(connection, new).await
}
