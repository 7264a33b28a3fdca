//! A store on a database of its own, for tests that go through its functions.

use std::path::Path;

use fetch_control::Control;
use fetch_db::{DbConfig, roles::WhoseRoles};
use fetch_model::DatabaseRole;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::{TestDatabase, database};

/// An empty store, with the present schema and all courts.
#[derive(Debug)]
pub struct TestStore {
    /// The store for whoever may do everything, as no service may: see [`TestStore::of`].
    pub store: Control,
    /// For looking at rows that no function of the store shows.
    pub pool: PgPool,
    /// Where its blobs are until this is dropped.
    pub blobs: TempDir,
    database: TestDatabase,
    max_connections: u32,
}

/// A store with a pool of so many connections.
///
/// `None` when there is no server to make its database on: the test is to return at once. In CI that
/// is a failure instead.
///
/// # Panics
/// When the server refuses, and in CI when there is none.
pub async fn store(max_connections: u32) -> Option<TestStore> {
    let database = database().await?;
    let blobs = tempfile::tempdir().expect("a directory can be made");
    let store = open_store(&database.url, blobs.path(), max_connections).await;
    store
        .migrate(WhoseRoles::Shared)
        .await
        .expect("the schema is up to date");
    Some(TestStore {
        store,
        pool: database.pool().await,
        blobs,
        database,
        max_connections,
    })
}

impl TestStore {
    /// Its database.
    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The same store as a service has it, with its rights and no others.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn of(&self, role: DatabaseRole) -> Control {
        let url = self.database.url_of(role);
        open_store(&url, self.blobs.path(), self.max_connections).await
    }
}

/// A store on whatever database and folder, with a pool of so many connections.
///
/// # Panics
/// When it cannot be opened.
pub async fn open_store(url: &str, blobs: &Path, max_connections: u32) -> Control {
    let config = DbConfig {
        database_url: url.to_owned().into(),
        blob_url: blobs.display().to_string(),
        max_connections,
        allow_plain: false,
        time_zone: fetch_db::DEFAULT_TIME_ZONE,
    };
    Control::connect(&config)
        .await
        .expect("the test's store opens")
}
