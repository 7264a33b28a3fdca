//! A database for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use fetch_store::{Store, StoreConfig, merge::DocketTarget};
use sqlx::{Connection, PgConnection, PgPool};

/// A migrated database with a blob store beside it; both go away with this value.
pub struct Database {
    /// The store under test.
    pub store: Store,
    /// A way around it.
    pub pool: PgPool,
    admin_url: String,
    name: String,
    _blobs: tempfile::TempDir,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A database, or none if there is no server to make it on.
pub async fn database() -> Option<Database> {
    let Ok(admin_url) = std::env::var("PACER_FETCH_TEST_DATABASE_URL") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "PACER_FETCH_TEST_DATABASE_URL is not set"
        );
        skipped("PACER_FETCH_TEST_DATABASE_URL is not set");
        return None;
    };
    let name = format!(
        "merge_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    execute(&admin_url, &format!("drop database if exists {name}")).await;
    execute(&admin_url, &format!("create database {name}")).await;
    let mut url: url::Url = admin_url.parse().unwrap();
    url.set_path(&name);
    let blobs = tempfile::tempdir().unwrap();
    let config = StoreConfig {
        database_url: url.to_string().into(),
        blob_url: blobs.path().to_str().unwrap().to_owned(),
        max_connections: 10,
        allow_plain: false,
    };
    let store = Store::connect(&config).await.unwrap();
    store.migrate().await.unwrap();
    let pool = PgPool::connect(url.as_str()).await.unwrap();
    let database = Database {
        store,
        pool,
        admin_url,
        name,
        _blobs: blobs,
    };
    database.add_court("cand").await;
    Some(database)
}

/// Says why a test did nothing.
#[allow(
    clippy::print_stderr,
    reason = "whoever runs the tests has to see that some did not"
)]
pub fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

async fn execute(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("drop database if exists {} with (force)", self.name);
        let url = self.admin_url.clone();
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(execute(&url, &sql));
        })
        .join();
        assert!(
            dropped.is_ok() || std::thread::panicking(),
            "the database {} is left",
            self.name
        );
    }
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
        for table in [
            "dockets",
            "bankruptcy_information",
            "originating_court_information",
            "docket_entries",
            "recap_documents",
            "parties",
            "party_types",
            "criminal_counts",
            "criminal_complaints",
            "attorneys",
            "roles",
        ] {
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
