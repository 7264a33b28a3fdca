//! Where the ids of rows begin that callers name.
//!
//! A client that moves over from another server brings ids that it has kept. They must not be those of
//! other rows here: a document that is named so would be bought.

use crate::{Db, Error};

/// Above every id that CourtListener has given out, and below 2³¹, which 32-bit clients can hold.
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
    /// already goes on where it is. Each table is locked for a moment, by itself: who merges a docket has them in
    /// another order.
    ///
    /// # Errors
    /// [`Error::NotOwner`] when this user may not change the schema.
    pub async fn begin_ids_at(&self, first: i64) -> Result<(), Error> {
        self.restart_ids(first).await.map_err(Error::of_no_owner)
    }

    async fn restart_ids(&self, first: i64) -> Result<(), Error> {
        for table in TABLES {
            let last = format!("select last_value from {table}_id_seq");
            let last: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(last))
                .fetch_one(&self.pool)
                .await?;
            if last < first {
                let restart = format!(
                    "alter table {table} alter column id set start with {first} restart with {first}"
                );
                sqlx::raw_sql(sqlx::AssertSqlSafe(restart))
                    .execute(&self.pool)
                    .await?;
            }
        }
        Ok(())
    }

    /// The lowest id that new dockets and documents can have had since that was set; 1 if it never was.
    pub async fn first_id(&self) -> Result<i64, Error> {
        let first = "select min(seqstart) from pg_sequence
             where seqrelid in ('dockets_id_seq'::regclass, 'recap_documents_id_seq'::regclass)";
        Ok(sqlx::query_scalar(first).fetch_one(&self.pool).await?)
    }
}
