//! A text that is taken once more from the beginning.

use sqlx::PgConnection;

use super::due::BULK_YIELDS;
use crate::Error;

/// Begins a text again that is done, or was never taken. `false` if it is being taken.
pub(crate) async fn plan_again(
    connection: &mut PgConnection,
    sha256: &str,
    lane: i16,
) -> Result<bool, Error> {
    let wanted = sqlx::query!(
        "insert into texts (sha256, state, lane, due_at)
         values ($1, 'planning', $2, clock_timestamp() + make_interval(secs => $3) * $2::smallint)
         on conflict (sha256) do update
         set state = 'planning', lane = excluded.lane, due_at = excluded.due_at, refusal = null,
             problems = '[]', pages = null, pages_read = 0, attempts = 0, fence = texts.fence + 1,
             worker = null, lease_until = null, not_before = null, traceparent = null,
             date_planned = null, date_completed = null
         where texts.state = 'done'",
        sha256,
        lane,
        BULK_YIELDS
    )
    .execute(&mut *connection)
    .await?
    .rows_affected()
        == 1;
    if wanted {
        sqlx::query!("delete from text_parts where sha256 = $1", sha256)
            .execute(&mut *connection)
            .await?;
        sqlx::query!("delete from text_pages where sha256 = $1", sha256)
            .execute(connection)
            .await?;
    }
    Ok(wanted)
}
