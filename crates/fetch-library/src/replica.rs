//! Rows as they are stored, for another archive that keeps in step with this one, and how they are taken over there.
//!
//! Rows keep the ids that they have at the source, and nothing that was written here is overwritten: what was not
//! brought by following alone is told as a [`FollowError::Clash`].

mod check;
mod rows;
mod take;

use serde_json::Value;

use crate::{Error, Library, read::Resource};

/// A row of the source as it is there now.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRow {
    /// What kind of row.
    pub resource: Resource,
    /// Which one.
    pub id: i64,
    /// What [`Library::stored_rows`] told of it there; none if it is there no more.
    pub stored: Option<Value>,
}

/// What comes from another archive at once: all of it is taken over, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'b> {
    /// The other archive's UUID.
    pub archive: &'b str,
    /// What the source calls the place that this one has reached.
    pub from: &'b str,
    /// What it calls the place that is reached with these rows.
    pub to: &'b str,
    /// The rows.
    pub rows: &'b [SourceRow],
}

/// Why rows of another archive were not taken over. Nothing of the batch is here then.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// There is a row of that id which was written here.
    #[error(
        "{kind} {id} was written or changed in this archive and not by following; nothing was overwritten. Follow \
         into an archive of its own, in which nothing is bought"
    )]
    Clash {
        /// What kind of row, as the API names it.
        kind: String,
        /// Which one.
        id: i64,
    },
    /// The source tells a row and means another one.
    #[error(
        "the source tells {kind} {id} with a row of another number, or with rows that are another's; nothing was \
         taken over"
    )]
    Stranger {
        /// What kind of row, as the API names it.
        kind: String,
        /// Which one.
        id: i64,
    },
    /// Somebody else has taken rows over meanwhile.
    #[error("another process follows the same archive into this one; stop one of them")]
    MovedOn,
    /// The database refused, or was away.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<sqlx::Error> for FollowError {
    fn from(error: sqlx::Error) -> FollowError {
        FollowError::Store(error.into())
    }
}

impl Library {
    /// How far another archive is followed, in that one's words; empty if nothing was taken over yet. From now on it
    /// is known as one that is followed.
    pub async fn follow(&self, archive: &str) -> Result<String, Error> {
        sqlx::query!(
            "insert into library_follows (archive) values ($1::text::uuid) on conflict do nothing",
            archive
        )
        .execute(self.db.pool())
        .await?;
        let cursor = sqlx::query_scalar!(
            "select cursor from library_follows where archive = $1::text::uuid",
            archive
        );
        Ok(cursor.fetch_one(self.db.pool()).await?)
    }
}
