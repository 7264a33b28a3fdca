//! A database for one test.

use fetch_control::Control;
use fetch_library::merge::DocketTarget;
use sqlx::PgPool;
use testkit::{MERGED_TABLES, TestStore};

/// A migrated database with a blob store beside it.
pub struct Database {
    /// The store under test.
    pub store: Control,
    /// A way around it.
    pub pool: PgPool,
    _blobs: tempfile::TempDir,
}

/// A database, or none if there is no server to make it on.
pub async fn database() -> Option<Database> {
    let TestStore {
        store, pool, blobs, ..
    } = testkit::store(10).await?;
    Some(Database {
        store,
        pool,
        _blobs: blobs,
    })
}

impl Database {
    /// Makes sure that a court is there, also one that the registry does not know.
    pub async fn add_court(&self, court: &str) {
        sqlx::query(
            "insert into courts (id, pacer_id, kind, gap_ms, cap)
             values ($1, 'test-' || $1, 'FD', 1000, 2) on conflict (id) do nothing",
        )
        .bind(court)
        .execute(&self.pool)
        .await
        .unwrap();
    }

    /// Every row of every table that a page is merged into, with ids and dates.
    pub async fn everything(&self) -> String {
        let mut all = String::new();
        for table in MERGED_TABLES {
            let sql = format!(
                "select coalesce(string_agg(to_jsonb(t)::text, E'\\n' order by id), '') from {table} t"
            );
            let rows: String = self.one(&sql).await;
            all.push_str(&format!("{table}\n{rows}\n"));
        }
        all
    }

    /// The one value that a query gives.
    pub async fn one<T>(&self, sql: &str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()))
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// The lines of a query for one text column.
    pub async fn lines(&self, sql: &str) -> Vec<String> {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()))
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    /// The entries in the order of the docket: place, number and text.
    pub async fn entries(&self) -> Vec<String> {
        self.lines(
            "select concat_ws(' ', recap_sequence_number, coalesce(entry_number::text, '-'), description)
             from docket_entries order by docket_id, recap_sequence_number, entry_number",
        )
        .await
    }
}

/// Case 990123 of cand.
pub fn target() -> DocketTarget {
    DocketTarget {
        court: "cand".to_owned(),
        docket: None,
        pacer_case_id: Some("990123".to_owned()),
    }
}

/// Tells whoever runs the tests a measurement.
#[allow(
    clippy::print_stderr,
    reason = "a measurement is for whoever runs the tests"
)]
pub fn note(what: &str) {
    eprintln!("{what}");
}
