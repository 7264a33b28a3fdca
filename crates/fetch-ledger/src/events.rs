//! The story of a purchase, line by line, and its ends without a capture.

use fetch_model::PurchaseId;
use sqlx::PgConnection;

use crate::Error;

/// Ends an intent without a capture: `void`, or `doubt`. One that has an end stays as it is.
pub(crate) async fn close_intent(
    connection: &mut PgConnection,
    purchase: PurchaseId,
    state: &'static str,
    why: &str,
) -> Result<(), Error> {
    let changed = sqlx::query!(
        "update purchases set state = $2, date_modified = clock_timestamp()
         where id = $1 and state = 'intent'",
        purchase.0,
        state
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if changed == 1 {
        note(connection, purchase, state, why).await?;
    }
    Ok(())
}

/// Notes a line in the story of a purchase.
pub async fn note(
    connection: &mut PgConnection,
    purchase: PurchaseId,
    state: &str,
    detail: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into purchase_events (purchase_id, state, detail) values ($1, $2, $3)",
        purchase.0,
        state,
        detail
    )
    .execute(connection)
    .await?;
    Ok(())
}
