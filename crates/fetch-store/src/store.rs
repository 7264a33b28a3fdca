//! The handle that every service holds: a pool of connections and the blob store.

use std::{str::FromStr, time::Duration};

use sqlx::{
    Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{Blobs, Error};

/// Where the stores are.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `postgres://…`; may hold a password, so it is never logged.
    pub database_url: secrecy::SecretString,
    /// A folder, or the URL of an object store.
    pub blob_url: String,
    /// Connections that one process may hold.
    pub max_connections: u32,
}

/// How long a connection that lay idle is thought to be alive.
const TRUSTED_FOR: Duration = Duration::from_millis(500);

/// The shared store.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: PgPool,
    /// Captured pages and documents.
    pub blobs: Blobs,
}

impl Store {
    /// Connects, whatever the schema is: see [`crate::schema`].
    ///
    /// # Errors
    /// When the database or the blob store cannot be reached, or a setting is wrong.
    pub async fn connect(config: &StoreConfig) -> Result<Store, Error> {
        use secrecy::ExposeSecret;

        let options = PgConnectOptions::from_str(config.database_url.expose_secret())?;
        let pool = PgPoolOptions::new()
            .max_connections(config.max_connections)
            .acquire_timeout(Duration::from_secs(10))
            // The pool tests a connection when it comes back; testing it again when it goes out
            // the next moment would be a third round trip for every statement.
            .test_before_acquire(false)
            .before_acquire(|connection, seen| {
                Box::pin(async move {
                    if seen.idle_for > TRUSTED_FOR {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        let blobs = Blobs::open(&config.blob_url)?;
        Ok(Store { pool, blobs })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn probe(&self) -> Result<(), Error> {
        sqlx::query("select 1").execute(&self.pool).await?;
        Ok(())
    }
}
