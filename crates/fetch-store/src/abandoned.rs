//! Purchases whose request is over while nobody knows how they ended.

use fetch_model::{Failure, FetchId, State, retry::MAX_ATTEMPTS};

use crate::Error;

/// Ends requests whose last worker fell silent while money may have been moving, and says so in
/// the answer; the plain reason of other silent workers would hide it.
pub(crate) async fn give_up_in_doubt(
    connection: &mut sqlx::PgConnection,
) -> Result<Vec<FetchId>, Error> {
    let failure = Failure::MoneyInDoubt;
    let json = serde_json::to_value(&failure).map_err(|error| Error::Malformed {
        what: "failure",
        why: error.to_string(),
    })?;
    let status: i16 = State::Failed.public(Some(&failure), MAX_ATTEMPTS).into();
    let ids = sqlx::query_scalar!(
        "update fetch_requests
         set attempts = attempts + 1, fence = fence + 1, worker = null, lease_until = null,
             state = 'failed', status = $2, failure = $3, message = $4,
             date_completed = clock_timestamp(), date_modified = clock_timestamp()
         where state = 'running' and lease_until < clock_timestamp() and attempts + 1 >= $1
           and exists (select 1 from purchases where request_id = fetch_requests.id
                       and purchases.state in ('intent', 'doubt'))
         returning id",
        MAX_ATTEMPTS,
        status,
        json,
        failure.to_string()
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(FetchId).collect())
}

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
