//! How a text comes to be wanted.

use sqlx::PgConnection;

use super::due::BULK_YIELDS;
use crate::Error;

/// Writes down that a text is wanted. One that is there already is put together once more, from
/// its stored pages, for whoever came later.
///
/// The row stays locked until the transaction ends, so that whoever finishes this text at the
/// same time either sees the request that wants it or is seen to have finished.
pub async fn request_text(
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
