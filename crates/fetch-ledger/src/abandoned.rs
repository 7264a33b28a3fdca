//! Purchases of which nobody says any more that he is making them.

use fetch_model::{Fence, FetchId};
use sqlx::PgConnection;

use crate::{Error, purchases::SILENT_FOR};

/// A purchase that was closed because nobody says any more that he is making it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// The request it was made for.
    pub request: FetchId,
    /// The token that the request has now.
    pub fence: Fence,
    /// Why it was closed.
    pub why: String,
}

/// Closes the intents of buyers that fell silent, unless they still hold the claim: of requests that
/// are over, and of those that somebody else has or that wait for somebody. An open intent keeps
/// everybody else from buying the same thing, and its own request may not be worked on for long.
/// Bytes that come late all the same are still kept. Whoever calls this notes it as steps of the requests.
///
/// Nobody else takes a buyer for dead: the sweeper knows when the database was away, and nobody could
/// say that he lives.
pub async fn close_forgotten_intents(
    connection: &mut PgConnection,
) -> Result<Vec<Forgotten>, Error> {
    let rows = sqlx::query!(
        r#"with forgotten as (
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
             insert into purchase_events (purchase_id, state, detail)
             select id, 'doubt', why from forgotten)
         select request_id, fence, why as "why!" from forgotten"#,
        SILENT_FOR.as_secs_f64()
    )
    .fetch_all(connection)
    .await?;
    let forgotten = rows.into_iter().map(|row| Forgotten {
        request: FetchId(row.request_id),
        fence: Fence(row.fence),
        why: row.why,
    });
    Ok(forgotten.collect())
}
