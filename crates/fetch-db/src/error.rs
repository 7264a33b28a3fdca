//! What can go wrong at the stores.

use crate::schema::BEFORE_THE_FIRST_RELEASE;

/// A store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Postgres refused or was away.
    #[error("the database could not answer")]
    Database(#[from] sqlx::Error),
    /// Postgres did not confirm a write in time, or the connection broke meanwhile: it may have
    /// taken place or not.
    #[error("the database did not confirm a write in time")]
    Unconfirmed,
    /// Postgres confirms no writes at present; this one was not begun.
    #[error("the database does not confirm writes at the moment")]
    Stalled,
    /// The schema could not be brought up to date.
    #[error("the database schema could not be migrated")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The schema is none that any release has made.
    #[error("{}", BEFORE_THE_FIRST_RELEASE)]
    BeforeTheFirstRelease,
    /// Whoever migrates may not change the schema.
    #[error(
        "this user may not change the schema: migrate as the owner of the database, whose URL belongs in \
         PACER_FETCH_DATABASE_URL (`pacer-fetch keys` writes it to database/owner.url)"
    )]
    NotOwner(#[source] sqlx::Error),
    /// There are roles missing in the database, and whoever migrates may not make them.
    #[error(
        "the roles of the services cannot be created or granted to: migrate as a user that owns the \
         database and may create roles (`alter role … createrole`), or let an \
         administrator create the roles pacer_fetch_gateway, pacer_fetch_docket_fetcher, \
         pacer_fetch_pdf_fetcher, pacer_fetch_ocr, pacer_fetch_operator and pacer_fetch_follower (`create role … \
         login`)"
    )]
    NoRoles(#[source] sqlx::Error),
    /// Another deployment has the roles of the services.
    #[error(
        "the roles of the services belong to another deployment on this server of Postgres, with the database \
         {0}: its passwords would be replaced, and its services could access this database. Give this \
         deployment its own server; if both are the same deployment, or the other is no longer used, run \
         `pacer-fetch migrate --share-roles`"
    )]
    RolesOfAnother(String),
    /// The blob store refused or was away.
    #[error("the blob store could not answer")]
    Blob(#[from] object_store::Error),
    /// A file could not be read or written.
    #[error("a file of the blob store could not be used")]
    File(#[from] std::io::Error),
    /// Too little is free where the blobs are.
    #[error(
        "only {free_bytes} bytes are free where documents are stored, and {reserve_bytes} are required"
    )]
    Full {
        /// What is free.
        free_bytes: u64,
        /// What must be.
        reserve_bytes: u64,
    },
    /// A row holds something that this version does not understand.
    #[error("the stored {what} cannot be read: {why}")]
    Malformed {
        /// What the row is.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// There is something of that name already.
    #[error("{what} named {name} exists already")]
    Taken {
        /// What there is.
        what: &'static str,
        /// Its name.
        name: String,
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

impl Error {
    /// Whether the database is away, so that the same may succeed in a while. Nothing is wrong
    /// with what was asked.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Error::Unconfirmed | Error::Stalled => true,
            Error::Database(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                // Connections broke; there are too many of them; the server stops, starts, is a
                // standby that takes no writes, or does not know us: a role is made by the first
                // migration, and passwords are changed.
                let absences = ["08", "53300", "57P", "25006", "28"];
                absences.iter().any(|absence| code.starts_with(absence))
            }
            Error::Database(error) => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    // The connection ended, or something answers in the place of a database.
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            ),
            _ => false,
        }
    }

    /// Whether the statement was ended because it took longer than it may. Of the codes that say so, this is
    /// the one without a fault of the server's.
    #[must_use]
    pub fn took_too_long(&self) -> bool {
        self.has_code("57014")
    }

    /// Whether the same can never succeed against this schema: the data do not fit (22), break a constraint
    /// (23), or the statement or the right to it is wrong (42).
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Error::Database(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                let classes = ["22", "23", "42"];
                classes.iter().any(|class| code.starts_with(class))
            }
            _ => false,
        }
    }

    /// Whether the transaction gave way to another one that it waited for in a circle: nothing of it
    /// has happened, and it may begin again.
    #[must_use]
    pub fn gave_way(&self) -> bool {
        self.has_code("40P01")
    }

    fn has_code(&self, expected: &str) -> bool {
        match self {
            Error::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| code == expected)
            }
            _ => false,
        }
    }
}

impl From<Error> for fetch_model::AttemptError {
    /// A store that is away may be back: the work is tried again.
    fn from(error: Error) -> fetch_model::AttemptError {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the store did not answer"
        );
        fetch_model::AttemptError::retry(fetch_model::Failure::Internal)
    }
}
