//! What the ledger says of a request.

use fetch_model::{Fence, FetchId, Money};
use sqlx::PgConnection;

use crate::Error;

/// Whether money has moved for a request, or may be moving at this moment: by the attempt that has it,
/// if it is running. An intent of an earlier attempt is a doubt.
pub async fn has_spent(
    connection: &mut PgConnection,
    id: FetchId,
    fence: Fence,
    is_running: bool,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select 1 from purchases where request_id = $1
                 and (state = 'captured' or (state = 'intent' and fence = $2 and $3))) as "spent!""#,
        id.0,
        fence.0,
        is_running
    )
    .fetch_one(connection)
    .await?)
}

/// Closes what an earlier attempt left open; whether there was anything.
pub async fn doubt_open_intents(connection: &mut PgConnection, id: FetchId) -> Result<bool, Error> {
    sqlx::query!(
        "with doubted as (
             update purchases set state = 'doubt', date_modified = clock_timestamp()
             where request_id = $1 and state = 'intent'
             returning id)
         insert into purchase_events (purchase_id, state, detail)
         select id, 'doubt', 'the request was cancelled before the purchase came back' from doubted",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from purchases
                          where request_id = $1 and state = 'doubt') as "doubt!""#,
        id.0
    )
    .fetch_one(connection)
    .await?)
}

/// What the ledger says of trying a request again. What was captured is read again, and nothing is
/// bought: then it does not matter that something else was billed before.
pub async fn money_of(connection: &mut PgConnection, id: FetchId) -> Result<Money, Error> {
    let row = sqlx::query!(
        r#"select coalesce(bool_or(state = 'intent'
                                   or state = 'doubt' and settled_at is null), false) as "in_doubt!",
                  coalesce(bool_or(state = 'doubt') and not bool_or(state = 'captured'), false)
                      as "billed!"
           from purchases where request_id = $1"#,
        id.0
    )
    .fetch_one(connection)
    .await?;
    Ok(Money::of(row.in_doubt, row.billed))
}
