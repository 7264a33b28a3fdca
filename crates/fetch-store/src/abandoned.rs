//! Purchases whose request is over while nobody knows how they ended.

use crate::Error;

/// Closes the intents of requests that are over. Nobody comes back to them, and an open one keeps
/// everybody else from buying the same thing. Bytes that come late all the same are still kept.
pub(crate) async fn doubt_the_forgotten(connection: &mut sqlx::PgConnection) -> Result<(), Error> {
    sqlx::query!(
        "with closed as (
             update purchases set state = 'doubt', date_modified = clock_timestamp()
             from fetch_requests
             where purchases.state = 'intent' and fetch_requests.id = purchases.request_id
               and fetch_requests.state in ('done', 'failed', 'cancelled')
               and fetch_requests.date_modified < clock_timestamp() - interval '15 s'
             returning purchases.id)
         insert into purchase_events (purchase_id, state, detail)
         select id, 'doubt', 'the request ended while the answer was awaited' from closed"
    )
    .execute(connection)
    .await?;
    Ok(())
}
