//! A text that is taken once more from the beginning.

use fetch_model::Lane;
use sqlx::PgConnection;

use super::due::BULK_YIELDS;
use crate::{Error, Library};

/// What became of the wish for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextAgain {
    /// It is taken again, by the readers of documents, in the lane of bulk.
    Wanted,
    /// It is being taken at this moment.
    UnderWay,
}

impl Library {
    /// Has the text of a file taken again from its beginning. Until that is done the documents keep the
    /// text that they have. A dry run says what would become of that, and writes nothing.
    pub async fn read_text_again(&self, sha256: &str, dry_run: bool) -> Result<TextAgain, Error> {
        let mut transaction = self.db.begin().await?;
        let wanted = plan_again(&mut transaction, sha256, Lane::Bulk as i16).await?;
        match dry_run {
            true => transaction.rollback().await?,
            false => transaction.commit().await?,
        }
        Ok(match wanted {
            true => TextAgain::Wanted,
            false => TextAgain::UnderWay,
        })
    }
}

/// Begins a text again that is done, or was never taken. `false` if it is being taken.
async fn plan_again(connection: &mut PgConnection, sha256: &str, lane: i16) -> Result<bool, Error> {
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
