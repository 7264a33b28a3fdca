//! Locks that only those can take whom they are for: rows, which only they may change. Each is held
//! until its transaction ends.
//!
//! Advisory locks are for everybody who may connect; none is used where a service that is taken over
//! could keep another from its work.

use sqlx::PgConnection;

use crate::Error;

/// What the gateways and the operator share out among themselves.
#[derive(Debug, Clone, Copy)]
pub enum Shared {
    /// How much an account has under way.
    Account,
    /// Whether bytes are still wanted.
    Blob,
}

impl Shared {
    fn kind(self) -> &'static str {
        match self {
            Shared::Account => "account",
            Shared::Blob => "blob",
        }
    }
}

/// Takes a lock of the gateways, unless somebody else has it.
///
/// # Errors
/// [`Error::Malformed`] when there is no such lock; when the database cannot answer.
pub async fn try_lock(connection: &mut PgConnection, name: &str) -> Result<bool, Error> {
    let found = sqlx::query!(
        r#"with held as (
               select name from gateway_locks where name = $1 for update skip locked)
           select exists (select from held) as "is_held!",
                  exists (select from gateway_locks where name = $1) as "is_there!""#,
        name
    )
    .fetch_one(connection)
    .await?;
    match found.is_there {
        true => Ok(found.is_held),
        // Whoever took that for a lock of somebody else would wait for ever, and say nothing.
        false => Err(missing(name)),
    }
}

/// Waits for the locks of all these keys. They are taken in one order, so that no two transactions
/// wait for each other.
///
/// # Errors
/// [`Error::Malformed`] when a lock is not there; when the database cannot answer.
pub async fn lock_shared(
    connection: &mut PgConnection,
    what: Shared,
    keys: &[String],
) -> Result<(), Error> {
    let found = sqlx::query!(
        r#"with wanted as (
               select distinct $1 || ' ' || (hashtextextended(key, 0) & 255) as name
               from unnest($2::text[]) as key),
           held as (
               select name from gateway_locks where name in (select name from wanted)
               order by name for update)
           select (select count(*) from held) as "held!",
                  (select count(*) from wanted) as "wanted!""#,
        what.kind(),
        keys
    )
    .fetch_one(connection)
    .await?;
    all_held(found.held, found.wanted, what.kind())
}

/// The same for cases that reports are merged into.
///
/// # Errors
/// As [`lock_shared`].
pub async fn lock_dockets(connection: &mut PgConnection, keys: &[String]) -> Result<(), Error> {
    let found = sqlx::query!(
        r#"with wanted as (
               select distinct 'docket ' || (hashtextextended(key, 0) & 4095) as name
               from unnest($1::text[]) as key),
           held as (
               select name from merge_locks where name in (select name from wanted)
               order by name for update)
           select (select count(*) from held) as "held!",
                  (select count(*) from wanted) as "wanted!""#,
        keys
    )
    .fetch_one(connection)
    .await?;
    all_held(found.held, found.wanted, "docket")
}

/// The same for the name of a file.
///
/// # Errors
/// As [`lock_shared`].
pub async fn lock_path(connection: &mut PgConnection, stem: &str) -> Result<(), Error> {
    let held = sqlx::query_scalar!(
        "select name from merge_locks
         where name = 'path ' || (hashtextextended($1, 0) & 255) for update",
        stem
    )
    .fetch_optional(connection)
    .await?;
    all_held(held.map_or(0, |_| 1), 1, "path")
}

/// Rows that are not there lock nothing: whoever has fewer than were wanted is alone with nobody.
fn all_held(held: i64, wanted: i64, kind: &str) -> Result<(), Error> {
    match held == wanted {
        true => Ok(()),
        false => Err(missing(kind)),
    }
}

fn missing(name: &str) -> Error {
    Error::Malformed {
        what: "lock",
        why: format!(
            "there is none for {name:?}: rows of the locks were deleted, which the migrations had made"
        ),
    }
}

/// Waits until nobody else reads the pages of a case again.
pub async fn lock_rereading(
    connection: &mut PgConnection,
    court: &str,
    case: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('pages of ' || $1 || ' ' || $2, 0))",
        court,
        case
    )
    .execute(connection)
    .await?;
    Ok(())
}
