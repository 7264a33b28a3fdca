//! How a request comes to wait for a text.

use fetch_model::{Fence, FetchId};
use sqlx::PgConnection;

use super::due::BULK_YIELDS;
use crate::{Error, Store, requests::wakes::WAKE_CHANNEL};

/// A request that waits for its text now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handed {
    /// The token of the request from now on.
    pub fence: Fence,
}

impl Store {
    /// Hands a captured document to the text readers: the request waits for the text of the
    /// document's file, together with everybody who waits for the same bytes. `None` when the
    /// claim was lost, or the document has no file.
    pub async fn hand_to_readers(
        &self,
        id: FetchId,
        fence: Fence,
    ) -> Result<Option<Handed>, Error> {
        let mut transaction = self.pool.begin().await?;
        let row = sqlx::query!(
            r#"update fetch_requests
               set state = 'reading', fence = fence + 1, worker = null, lease_until = null,
                   published_at = null, date_modified = clock_timestamp(),
                   court_ms = extract(epoch from clock_timestamp() - date_started) * 1000
               from recap_documents
               where fetch_requests.id = $1 and fence = $2 and state = 'captured'
                 and recap_documents.id = recap_document_id and sha256 is not null
               returning fence, target_court, lane, traceparent, sha256 as "sha256!""#,
            id.0,
            fence.0
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        want_text(
            &mut transaction,
            &row.sha256,
            row.lane,
            row.traceparent.as_deref(),
        )
        .await?;
        sqlx::query!(
            "insert into fetch_steps (request_id, fence, step) values ($1, $2, 'reading')",
            id.0,
            row.fence
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!("select pg_notify($1, $2)", WAKE_CHANNEL, row.target_court)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(Handed {
            fence: Fence(row.fence),
        }))
    }
}

/// Writes down that a text is wanted. One that is there already is put together once more, from
/// its stored pages, for whoever came later.
///
/// The row stays locked until the transaction ends, so that whoever finishes this text at the
/// same time either sees the request that wants it or is seen to have finished.
pub(crate) async fn want_text(
    connection: &mut PgConnection,
    sha256: &str,
    lane: i16,
    traceparent: Option<&str>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into texts (sha256, state, lane, traceparent, due_at)
         values ($1, 'planning', $2, $3,
             clock_timestamp() + make_interval(secs => $4) * $2::smallint)
         on conflict (sha256) do update
         set lane = least(texts.lane, excluded.lane),
             due_at = case texts.state when 'done' then excluded.due_at
                      else least(texts.due_at, excluded.due_at) end,
             state = case texts.state when 'done' then 'assembling' else texts.state end,
             attempts = case texts.state when 'done' then 0 else texts.attempts end",
        sha256,
        lane,
        traceparent,
        BULK_YIELDS
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update text_parts
         set lane = $2, due_at = due_at - make_interval(secs => $3) * (lane - $2)
         where sha256 = $1 and is_open and lane > $2",
        sha256,
        lane,
        BULK_YIELDS
    )
    .execute(connection)
    .await?;
    Ok(())
}
