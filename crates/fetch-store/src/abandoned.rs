//! Purchases of which nobody says any more that he is making them.

use crate::{Error, ledger::SILENT_FOR};

/// Closes the intents of buyers that fell silent, unless they still hold the claim: of requests that
/// are over, and of those that somebody else has or that wait for somebody. An open intent keeps
/// everybody else from buying the same thing, and its own request may not be worked on for long.
/// Bytes that come late all the same are still kept.
///
/// Nobody else takes a buyer for dead: the sweeper knows when the database was away, and nobody could
/// say that he lives.
pub(crate) async fn doubt_the_forgotten(connection: &mut sqlx::PgConnection) -> Result<(), Error> {
    sqlx::query!(
        "with forgotten as (
             select purchases.id, request_id, fetch_requests.fence,
                 case when fetch_requests.state in ('done', 'failed', 'cancelled')
                     then 'the request ended while the answer was awaited'
                     else 'the attempt with token ' || purchases.fence || ' never came back'
                 end as why
             from purchases join fetch_requests on fetch_requests.id = request_id
             where purchases.state = 'intent'
               and purchases.date_modified < clock_timestamp() - make_interval(secs => $1)
               and (fetch_requests.state in ('done', 'failed', 'cancelled')
                    or purchases.fence < fetch_requests.fence)
             for update of purchases skip locked),
         closed as (
             update purchases set state = 'doubt', date_modified = clock_timestamp()
             from forgotten where purchases.id = forgotten.id),
         told as (
             insert into fetch_steps (request_id, fence, step, detail)
             select request_id, fence, 'doubt', why from forgotten)
         insert into purchase_events (purchase_id, state, detail)
         select id, 'doubt', why from forgotten",
        SILENT_FOR.as_secs_f64()
    )
    .execute(connection)
    .await?;
    Ok(())
}
