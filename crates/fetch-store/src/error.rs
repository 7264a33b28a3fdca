//! What can go wrong at the stores.

/// A store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Postgres refused or was away.
    #[error("the database could not answer")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be migrated")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The blob store refused or was away.
    #[error("the blob store could not answer")]
    Blob(#[from] object_store::Error),
    /// A file could not be read or written.
    #[error("a file of the blob store could not be used")]
    File(#[from] std::io::Error),
    /// Too little is free where the blobs are.
    #[error("{free_bytes} bytes are free where documents are kept, and {reserve_bytes} must be")]
    Full {
        /// What is free.
        free_bytes: u64,
        /// What must be.
        reserve_bytes: u64,
    },
    /// A row holds something that this version does not understand.
    #[error("the stored {what} cannot be understood: {why}")]
    Malformed {
        /// What the row is.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A setting of the stores is wrong.
    #[error("the setting {name} is wrong: {why}")]
    Setting {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl From<Error> for fetch_model::JobError {
    /// A store that is away may be back: the work is tried again.
    fn from(error: Error) -> fetch_model::JobError {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the store did not answer"
        );
        fetch_model::JobError::retry(fetch_model::Failure::Internal)
    }
}
