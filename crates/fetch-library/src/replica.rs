//! Rows as they are stored, for another archive that keeps in step with this one, and how they are taken over there.
//!
//! Rows keep the ids that they have at the source, and nothing that was written here is overwritten: what was not
//! brought by following alone is told as a [`FollowError::Clash`].

mod check;
mod rows;
mod take;

use fetch_db::blobs::wrong_folder;
use serde_json::Value;

use crate::{Error, Library, read::Resource};

/// Of how many documents it is looked whether a file is here.
const LATEST: i64 = 100;

/// A document whose file should be here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentWithFile {
    /// Its number.
    pub id: i64,
    /// The digest of its file.
    pub sha256: String,
    /// Where the file is, below the service.
    pub filepath_local: String,
}

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

    /// Documents that have a file, after one of them, in the order of their numbers; so many at most.
    pub async fn documents_with_files(
        &self,
        after: i64,
        most: i64,
    ) -> Result<Vec<DocumentWithFile>, Error> {
        let documents = sqlx::query_as!(
            DocumentWithFile,
            r#"select id, sha256 as "sha256!", filepath_local as "filepath_local!" from recap_documents
               where id > $1 and is_available and sha256 is not null and filepath_local is not null
               order by id limit $2"#,
            after,
            most
        );
        Ok(documents.fetch_all(self.db.pool()).await?)
    }

    /// Makes sure that the store of blobs is this archive's, and marks it as such. A store without a mark is taken for
    /// this archive's if it has a file of one of the latest documents, if none has one, or if all are copied again.
    ///
    /// # Errors
    /// [`Error::Setting`] when it is another archive's, or has none of those files.
    pub async fn ensure_files_are_ours(&self, are_copied_again: bool) -> Result<(), Error> {
        let own = self.archive().await?.id;
        match self.db.blobs.owner().await? {
            Some(owner) if owner == own => return Ok(()),
            Some(owner) => {
                return Err(wrong_folder(format!(
                    "the folder is the store of another archive, as its file \"archive\" says ({owner}; this one is \
                     {own}). Give this archive a store of its own"
                )));
            }
            None => {}
        }
        if !are_copied_again && !self.has_a_latest_file().await? {
            return Err(wrong_folder(
                "the folder has none of the files of this archive's latest documents: it is the store of another \
                 deployment, or was lost. Give the one of this archive. If this one was followed without files so far, \
                 or its store was lost, follow with --again, which copies all files"
                    .to_owned(),
            ));
        }
        self.db.blobs.set_owner(&own).await
    }

    /// Whether a file of one of the latest documents is here, or none has one.
    async fn has_a_latest_file(&self) -> Result<bool, Error> {
        let latest = sqlx::query_scalar!(
            r#"select sha256 as "sha256!" from recap_documents where is_available and sha256 is not null
               order by id desc limit $1"#,
            LATEST
        );
        let latest = latest.fetch_all(self.db.pool()).await?;
        for sha256 in &latest {
            if self.db.blobs.has(sha256).await? {
                return Ok(true);
            }
        }
        Ok(latest.is_empty())
    }
}
