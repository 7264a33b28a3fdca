//! The handle that every store holds: a pool of connections and the blob store.

use std::{net::IpAddr, str::FromStr, time::Duration};

use chrono_tz::Tz;
use fetch_settings::Settings;
use sqlx::{
    AssertSqlSafe, Connection as _, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use tokio::time;

use crate::{Blobs, Error, confirm::Confirmations, sockets};

/// Where the database and the blobs are.
#[derive(Debug, Clone)]
pub struct DbConfig {
    /// `postgres://…`; may hold a password, so it is never logged.
    pub database_url: secrecy::SecretString,
    /// A folder, or the URL of an object store.
    pub blob_url: String,
    /// Connections that one process may hold, and one more for a moment if none is free to look whether writes are
    /// confirmed.
    pub max_connections: u32,
    /// A database on another host may be asked in plain text.
    pub allow_plain: bool,
    /// The zone in which days begin, and times are told.
    pub time_zone: Tz,
}

/// [`DbConfig::time_zone`] unless set. That of the reference.
pub const DEFAULT_TIME_ZONE: Tz = chrono_tz::America::Los_Angeles;

impl DbConfig {
    /// What every process that opens the store reads. It may hold so many connections.
    pub fn read(settings: &mut Settings, max_connections: u32) -> DbConfig {
        DbConfig {
            database_url: settings.secret("DATABASE_URL"),
            blob_url: settings.required("BLOB_URL"),
            max_connections,
            allow_plain: settings.flag("DATABASE_ALLOW_PLAIN", false),
            time_zone: DEFAULT_TIME_ZONE,
        }
    }

    /// The same for a service, of which may be said how many connections it holds: `usual` unless set.
    pub fn of_service(settings: &mut Settings, usual: u32) -> DbConfig {
        let max_connections = settings.number("DATABASE_CONNECTIONS", usual, 1..=500);
        DbConfig::read(settings, max_connections)
    }

    /// In the zone that is set: for who tells times, or stores those of a page.
    #[must_use]
    pub fn in_time_zone(self, settings: &mut Settings) -> DbConfig {
        let time_zone = settings.parsed("TIME_ZONE", self.time_zone, |text| {
            text.parse()
                .map_err(|_| "must be a zone such as America/New_York".to_owned())
        });
        DbConfig { time_zone, ..self }
    }
}

impl DbConfig {
    /// Where the database is, for people: host or socket, port and name, and no password. None of a URL
    /// that is none.
    #[must_use]
    pub fn database_place(&self) -> Option<String> {
        use secrecy::ExposeSecret;

        let options = PgConnectOptions::from_str(self.database_url.expose_secret()).ok()?;
        let name = options.get_database().unwrap_or("of its user's name");
        Some(match options.get_socket() {
            Some(socket) => format!("{name} at {}", socket.display()),
            None => format!("{name} at {}:{}", options.get_host(), options.get_port()),
        })
    }
}

/// How long a connection that lay idle is thought to be alive.
const TRUSTED_FOR: Duration = Duration::from_millis(500);

/// How long a connection whose transaction or statement was given up may take until it can be used again.
const UNDONE_WITHIN: Duration = Duration::from_secs(2);

/// What bounds a session at the server: a process that is frozen or lost in the middle of a
/// transaction must not keep its locks.
///
/// - A transaction in which nothing happens for ten seconds is ended: the next sweeper takes over
///   within half a minute. Nothing of ours pauses for so long inside of one.
/// - A statement may take a minute, which is also the longest wait for a lock. There is no shorter
///   limit for locks: two merges of one docket wait for each other, and rightly.
/// - A client that is lost without a word is noticed within 25 seconds, or 15 if something was
///   sent to it.
///
/// None of them ends a commit that waits for a standby: see [`crate::confirm`].
///
/// Set once a session has begun, and not when it is asked for: poolers refuse connections that
/// ask for settings which they do not know. A client that is lost in between has asked for nothing and
/// holds nothing; the server ends its session by its own keepalives (`tcp_keepalives_idle`, two hours
/// unless set).
pub(crate) const BOUNDS: &str = "
    set idle_in_transaction_session_timeout = '10s';
    set statement_timeout = '60s';
    set tcp_keepalives_idle = 10;
    set tcp_keepalives_interval = 5;
    set tcp_keepalives_count = 3;
    set tcp_user_timeout = '15s'";

/// A migration may take its time, and wait for whoever uses the tables.
pub(crate) const NO_BOUNDS: &str = "set statement_timeout = 0";

/// What the functions of the stores take that happen together.
pub type Connection = sqlx::PgConnection;

/// A connection that goes back to the pool when it is dropped.
pub type PooledConnection = PoolConnection<Postgres>;

/// Several statements that all take place, or none. Dropped, nothing of it has happened.
pub type Transaction = sqlx::Transaction<'static, Postgres>;

/// The database and the blobs. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Db {
    pub(crate) pool: PgPool,
    pub(crate) confirmations: Confirmations,
    /// Captured pages and documents.
    pub blobs: Blobs,
    /// Where days begin.
    pub time_zone: Tz,
}

impl Db {
    /// Connects, whatever the schema is: see [`crate::schema`].
    ///
    /// # Errors
    /// When the database or the blob store cannot be reached, or a setting is wrong.
    pub async fn connect(config: &DbConfig) -> Result<Db, Error> {
        let db = Db::open(config)?;
        // Whoever has one connection may have more.
        drop(db.pool.acquire().await?);
        Ok(db)
    }

    /// Begins what has to happen together.
    pub async fn begin(&self) -> Result<Transaction, Error> {
        Ok(self.pool.begin().await?)
    }

    /// Begins what only reads, and each statement of which may take so long.
    pub async fn begin_reading(&self, within: Duration) -> Result<Transaction, Error> {
        // The least that is a limit at all.
        let most = within.as_millis().max(1);
        let begin = format!("begin read only; set local statement_timeout = {most}");
        Ok(self.pool.begin_with(AssertSqlSafe(begin)).await?)
    }

    /// A connection, for statements one after the other.
    pub async fn acquire(&self) -> Result<PooledConnection, Error> {
        Ok(self.pool.acquire().await?)
    }

    /// For single statements.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// One that connects when it is asked for something, and as often as it has to.
    ///
    /// # Errors
    /// When a setting is wrong.
    pub fn open(config: &DbConfig) -> Result<Db, Error> {
        use secrecy::ExposeSecret;

        let options = PgConnectOptions::from_str(config.database_url.expose_secret())?;
        if !config.allow_plain {
            refuse_plain(&options)?;
        }
        let blobs = Blobs::open(&config.blob_url)?;
        Ok(Db {
            confirmations: Confirmations::new(config.max_connections, pool(options.clone(), 1)),
            pool: pool(options, config.max_connections),
            blobs,
            time_zone: config.time_zone,
        })
    }
}

/// Connects when it is asked for something, and as often as it has to.
fn pool(options: PgConnectOptions, max_connections: u32) -> PgPool {
    let port = options.get_port();
    PgPoolOptions::new()
        .max_connections(max_connections)
        // While the database is away, this is how long everybody waits before it is said so.
        .acquire_timeout(Duration::from_secs(10))
        .after_connect(move |connection, _| {
            sockets::bound(port);
            Box::pin(async move {
                sqlx::raw_sql(BOUNDS).execute(connection).await?;
                Ok(())
            })
        })
        .after_release(|connection, _| {
            // A transaction that was given up has its rollback to say yet, and a single statement an
            // answer to hear, as of a commit that hangs: without a bound it would keep its place in
            // the pool for as long. Where there is neither, this asks the server nothing.
            Box::pin(async move {
                let undone = time::timeout(UNDONE_WITHIN, connection.flush()).await;
                Ok(matches!(undone, Ok(Ok(()))))
            })
        })
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
        .connect_lazy_with(options)
}

/// Begins on a connection what has to happen together.
pub async fn begin_on(
    connection: &mut Connection,
) -> Result<sqlx::Transaction<'_, Postgres>, Error> {
    Ok(connection.begin().await?)
}

/// Refuses an address to which we would speak in plain text, or would if the server said so. Our
/// password goes there, and all that anybody has bought.
fn refuse_plain(options: &PgConnectOptions) -> Result<(), Error> {
    let is_encrypted = match options.get_ssl_mode() {
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => true,
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => false,
    };
    let host = options.get_host().trim_matches(['[', ']']);
    let is_here = options.get_socket().is_some()
        || host == "localhost"
        || host.starts_with('/')
        || host.parse().is_ok_and(|host: IpAddr| host.is_loopback());
    if is_encrypted || is_here {
        return Ok(());
    }
    Err(Error::Setting {
        name: "PACER_FETCH_DATABASE_URL",
        why: "it names another host without requiring encryption, so everything could be sent there in \
              plain text: add ?sslmode=verify-full&sslrootcert=PATH, or at least \
              sslmode=require, or set PACER_FETCH_DATABASE_ALLOW_PLAIN=true where nobody else can \
              listen"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> Option<String> {
        let options = PgConnectOptions::from_str(url).unwrap();
        refuse_plain(&options).err().map(|error| error.to_string())
    }

    #[test]
    fn the_place_of_the_database_is_told_without_a_password() {
        let place = |url: &str| {
            let config = DbConfig {
                database_url: url.into(),
                blob_url: String::new(),
                max_connections: 1,
                allow_plain: false,
                time_zone: DEFAULT_TIME_ZONE,
            };
            config.database_place()
        };
        assert_eq!(
            place("postgres://ann:canary@db.example.org:5433/books?sslmode=require").as_deref(),
            Some("books at db.example.org:5433")
        );
        let socket = place("postgres://ann:canary@localhost/books?host=/run/postgresql");
        assert!(
            socket
                .as_deref()
                .is_some_and(|place| place.starts_with("books at /run/postgresql")),
            "{socket:?}"
        );
        assert_eq!(place("canary"), None);
    }

    #[test]
    fn another_host_is_not_asked_in_plain_text() {
        for plain in [
            "postgres://u:canary@db.example.org/p",
            "postgres://u:canary@192.0.2.7:5432/p",
            "postgres://u:canary@[2001:db8::1]/p",
            "postgres://u:canary@db/p?sslmode=disable",
            "postgres://u:canary@db/p?sslmode=prefer",
            "postgres://u:canary@localhost/p?host=db.example.org",
            // A name that only looks like this machine.
            "postgres://u:canary@127.0.0.1.example.org/p",
        ] {
            let said = refused(plain).unwrap_or_else(|| panic!("{plain} is taken"));
            for word in ["sslmode=verify-full", "DATABASE_ALLOW_PLAIN=true"] {
                assert!(said.contains(word), "{said}");
            }
            assert!(!said.contains("canary"), "{said}");
        }
        for fine in [
            "postgres://u:p@localhost/p",
            "postgres://u:p@127.0.0.1:5432/p?sslmode=disable",
            "postgres://u:p@[::1]/p",
            "postgres:///p?host=/var/run/postgresql",
            "postgres://u:p@db/p?sslmode=require",
            "postgres://u:p@db/p?sslmode=verify-ca",
            "postgres://u:p@db/p?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        ] {
            assert_eq!(refused(fine), None, "{fine}");
        }
    }
}
