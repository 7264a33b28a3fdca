//! Whether the database can be reached, by a connection apart from the pool.
//!
//! The pool waits for a database that is away, since it may be starting; whoever wants to know now
//! must not.

use std::sync::Arc;

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::Mutex;

use crate::{Db, Error, db::BOUNDS, sockets};

/// Too many connections: the database is there, and those of the pool are good.
const TOO_MANY_CONNECTIONS: &str = "53300";

/// Looks whether the database is there. Cheap to clone; clones share one connection.
#[derive(Debug, Clone)]
pub struct Lookout {
    address: Arc<PgConnectOptions>,
    connection: Arc<Mutex<Option<PgConnection>>>,
}

impl Db {
    /// Somebody who looks whether this database is there.
    #[must_use]
    pub fn lookout(&self) -> Lookout {
        Lookout {
            address: self.pool.connect_options(),
            connection: Arc::default(),
        }
    }
}

impl Lookout {
    /// Looks once. A database that hangs keeps the caller waiting: give up after a while, which
    /// also gives up the connection.
    ///
    /// # Errors
    /// When it is away.
    pub async fn look(&self) -> Result<(), Error> {
        let mut place = self.connection.lock().await;
        // Taken out, so that it is gone if this is given up half-way.
        if let Some(mut connection) = place.take()
            && connection.ping().await.is_ok()
        {
            *place = Some(connection);
            return Ok(());
        }
        match PgConnection::connect_with(&self.address).await {
            Ok(mut connection) => {
                sockets::bound(self.address.get_port());
                sqlx::raw_sql(BOUNDS).execute(&mut connection).await?;
                *place = Some(connection);
                Ok(())
            }
            Err(sqlx::Error::Database(error))
                if error.code().as_deref() == Some(TOO_MANY_CONNECTIONS) =>
            {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}
