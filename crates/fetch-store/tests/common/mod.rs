//! A store on a database of its own, for tests that go through its functions.

use fetch_store::{Store, StoreConfig};
use sqlx::PgPool;
use tempfile::TempDir;

/// An empty store, with the present schema.
pub struct Stored {
    pub store: Store,
    /// For looking at rows that no function of the store shows.
    pub pool: PgPool,
    /// Where its blobs are until this is dropped.
    pub blobs: TempDir,
}

/// One with a pool of so many connections; none without a server.
pub async fn open(max_connections: u32) -> Option<Stored> {
    let database = testkit::database().await?;
    let blobs = tempfile::tempdir().unwrap();
    let store = Store::connect(&StoreConfig {
        database_url: database.url.clone().into(),
        blob_url: blobs.path().to_str().unwrap().to_owned(),
        max_connections,
        allow_plain: false,
    })
    .await
    .unwrap();
    store.migrate().await.unwrap();
    Some(Stored {
        store,
        pool: database.pool().await,
        blobs,
    })
}
