//! Where the ids of rows begin that callers name.
//!
//! A client that moves over from another server brings ids that it has kept. They must not be those of
//! other rows here: a document that is named so would be bought.

use crate::{Db, Error};

/// Above what CourtListener has given out by far, and below the 2³¹ that clients of 32 bits can hold.
pub const DEFAULT_FIRST_ID: i64 = 1_000_000_000;

/// What the API shows under an id of its own.
const TABLES: [&str; 8] = [
    "attorneys",
    "bankruptcy_information",
    "docket_entries",
    "dockets",
    "fetch_requests",
    "originating_court_information",
    "parties",
    "recap_documents",
];

impl Db {
    /// Gives new rows ids from `first` on. Rows that are there keep theirs, and a table whose ids are beyond that
    /// already goes on where it is.
    ///
    /// # Errors
    /// [`Error::NotOwner`] when this user may not change the schema.
    pub async fn begin_ids_at(&self, first: i64) -> Result<(), Error> {
        self.restart_ids(first).await.map_err(Error::of_no_owner)
    }

    async fn restart_ids(&self, first: i64) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        for table in TABLES {
            let last = format!("select last_value from {table}_id_seq");
            let last: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(last))
                .fetch_one(&mut *transaction)
                .await?;
            if last < first {
                let restart = format!(
                    "alter table {table} alter column id set start with {first} restart with {first}"
                );
                sqlx::raw_sql(sqlx::AssertSqlSafe(restart))
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Where ids of documents and dockets began, or went on from when that was set.
    pub async fn first_id(&self) -> Result<i64, Error> {
        let first = "select min(seqstart) from pg_sequence
             where seqrelid in ('dockets_id_seq'::regclass, 'recap_documents_id_seq'::regclass)";
        Ok(sqlx::query_scalar(first).fetch_one(&self.pool).await?)
    }
}
