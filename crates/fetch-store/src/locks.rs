//! Locks that only those can take whom they are for: rows, which only they may change. Each is held
//! until its transaction ends.
//!
//! Advisory locks are for everybody who may connect; none is used where a service that is taken over
//! could keep another from its work.

use sqlx::PgConnection;

use crate::Error;

/// What the gateways and the operator share out among themselves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shared {
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
pub(crate) async fn try_lock(connection: &mut PgConnection, name: &str) -> Result<bool, Error> {
    let locked = sqlx::query_scalar!(
        "select name from gateway_locks where name = $1 for update skip locked",
        name
    )
    .fetch_optional(connection)
    .await?;
    Ok(locked.is_some())
}

/// Waits for the locks of all these keys. They are taken in one order, so that no two transactions
/// wait for each other.
pub(crate) async fn lock_shared(
    connection: &mut PgConnection,
    what: Shared,
    keys: &[String],
) -> Result<(), Error> {
    sqlx::query!(
        "select name from gateway_locks
         where name in (select $1 || ' ' || (hashtextextended(key, 0) & 255)
                        from unnest($2::text[]) as key)
         order by name for update",
        what.kind(),
        keys
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// The same for cases that reports are merged into.
pub(crate) async fn lock_dockets(
    connection: &mut PgConnection,
    keys: &[String],
) -> Result<(), Error> {
    sqlx::query!(
        "select name from merge_locks
         where name in (select 'docket ' || (hashtextextended(key, 0) & 4095)
                        from unnest($1::text[]) as key)
         order by name for update",
        keys
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// The same for the name of a file.
pub(crate) async fn lock_path(connection: &mut PgConnection, stem: &str) -> Result<(), Error> {
    sqlx::query!(
        "select name from merge_locks
         where name = 'path ' || (hashtextextended($1, 0) & 255) for update",
        stem
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}
