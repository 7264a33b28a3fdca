//! Which migrations the database has, and which this program needs.
//!
//! A migration is a step of its own (`pacer-fetch migrate`). Programs of two versions run side by
//! side while an update goes on, or is taken back: a schema that is newer than a program serves it
//! all the same, because migrations only add; on an older one the program waits.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use sqlx::migrate::{MigrateError, Migrator};
use tokio::time;

use crate::{Db, Error, db::NO_BOUNDS, roles::is_denied};

/// Between two looks at a schema that is too old.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The first migration of every release. Before the first release there was another one of that number.
const FIRST: i64 = 1;

/// What is said of a database from before the first release.
pub(crate) const BEFORE_THE_FIRST_RELEASE: &str = "the database was made by a version before 0.1.0, and \
    no release can bring it up to date: make a new database and run `pacer-fetch migrate` for that";

/// A schema that lacks what this program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldSchema {
    /// Migrations are missing.
    Lacks {
        /// The last migration before the first that is missing; none in an empty database.
        at: Option<i64>,
        /// The last migration that this program needs.
        needs: i64,
    },
    /// It is none that any release has made.
    BeforeTheFirstRelease,
}

impl fmt::Display for OldSchema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needs = match self {
            OldSchema::BeforeTheFirstRelease => {
                return formatter.write_str(BEFORE_THE_FIRST_RELEASE);
            }
            OldSchema::Lacks { at: None, needs } => {
                write!(formatter, "the database has nothing for this service yet")?;
                needs
            }
            OldSchema::Lacks {
                at: Some(at),
                needs,
            } => {
                write!(formatter, "the schema is at {at}")?;
                needs
            }
        };
        write!(
            formatter,
            ", this version needs {needs}: run `pacer-fetch migrate`"
        )
    }
}

impl Db {
    /// Brings the schema up to date. A schema that is newer than this program is left as it is.
    ///
    /// # Errors
    /// [`Error::NotOwner`] when this user may not change the schema. [`Error::BeforeTheFirstRelease`] when
    /// no release has made it. When a migration fails; those before it stay.
    pub async fn migrate_schema(&self) -> Result<(), Error> {
        self.run_migrations().await.map_err(Error::of_no_owner)
    }

    /// The number of the latest migration; 0 if there was none.
    pub async fn schema_version(&self) -> Result<i64, Error> {
        let newest = "select coalesce(max(version), 0) from _sqlx_migrations";
        Ok(sqlx::query_scalar(newest).fetch_one(&self.pool).await?)
    }

    /// Whether a later version than this one has migrated the schema.
    pub async fn is_newer(&self) -> Result<bool, Error> {
        let newest = self.schema_version().await?;
        Ok(migrations().iter().all(|one| one.version < newest))
    }

    async fn run_migrations(&self) -> Result<(), Error> {
        let mut migrator = migrations();
        migrator.set_ignore_missing(true);
        let mut connection = self.pool.acquire().await?;
        sqlx::raw_sql(NO_BOUNDS).execute(&mut *connection).await?;
        // What `run` does; borrowed through `Acquire`, the future could not be sent to a task.
        let done = migrator.run_direct(None, &mut *connection, false).await;
        connection.close().await?;
        match done {
            Err(MigrateError::VersionMismatch(FIRST)) => Err(Error::BeforeTheFirstRelease),
            done => Ok(done?),
        }
    }

    /// What the schema lacks of what this program needs, if anything.
    pub async fn old_schema(&self) -> Result<Option<OldSchema>, Error> {
        let migrations = migrations();
        let needed = migrations.iter().map(|one| one.version).collect();
        // Also the table of those that were granted for: who is not granted that may read nothing.
        let may_look = "select coalesce(has_table_privilege(to_regclass('granted'), 'select')
                     and has_table_privilege(to_regclass('_sqlx_migrations'), 'select'), false)";
        let may_look: bool = sqlx::query_scalar(may_look).fetch_one(&self.pool).await?;
        if !may_look {
            return Ok(lacking(&needed, &BTreeSet::new()));
        }
        // What nobody was granted anything of is of no use yet.
        let versions = "select version, checksum from _sqlx_migrations
             where success and version <= (select version from granted)";
        let applied: BTreeMap<i64, Vec<u8>> = sqlx::query_as(versions)
            .fetch_all(&self.pool)
            .await?
            .into_iter()
            .collect();
        let first = migrations.iter().find(|one| one.version == FIRST);
        if let (Some(first), Some(applied)) = (first, applied.get(&FIRST))
            && *first.checksum != **applied
        {
            return Ok(Some(OldSchema::BeforeTheFirstRelease));
        }
        Ok(lacking(&needed, &applied.into_keys().collect()))
    }

    /// Returns once the schema has all that this program needs; `waiting` is told what it lacks,
    /// again and again, until then.
    pub async fn until_migrated(&self, mut waiting: impl FnMut(OldSchema)) -> Result<(), Error> {
        while let Some(old) = self.old_schema().await? {
            waiting(old);
            time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }
}

impl Error {
    /// Of whoever migrates: what lacks a right lacks that of the owner.
    #[must_use]
    pub fn of_no_owner(self) -> Error {
        match self {
            Error::Database(error) | Error::Migration(MigrateError::Execute(error))
                if is_denied(&error) =>
            {
                Error::NotOwner(error)
            }
            Error::Migration(MigrateError::ExecuteMigration(error, _)) if is_denied(&error) => {
                Error::NotOwner(error)
            }
            other => other,
        }
    }
}

fn migrations() -> Migrator {
    sqlx::migrate!()
}

fn lacking(needed: &BTreeSet<i64>, applied: &BTreeSet<i64>) -> Option<OldSchema> {
    let missing = needed.difference(applied).next()?;
    Some(OldSchema::Lacks {
        at: applied.range(..missing).next_back().copied(),
        needs: *needed.last()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(needed: &[i64], applied: &[i64]) -> Option<String> {
        let set = |versions: &[i64]| versions.iter().copied().collect();
        lacking(&set(needed), &set(applied)).map(|old| old.to_string())
    }

    #[test]
    fn an_old_schema_is_told_with_what_to_do() {
        assert_eq!(
            told(&[1, 2, 14], &[1, 2]).unwrap(),
            "the schema is at 2, this version needs 14: run `pacer-fetch migrate`"
        );
        assert_eq!(
            told(&[1], &[]).unwrap(),
            "the database has nothing for this service yet, this version needs 1: run `pacer-fetch migrate`"
        );
    }

    #[test]
    fn a_newer_schema_lacks_nothing_and_one_with_a_gap_does() {
        assert_eq!(told(&[1, 2], &[1, 2]), None);
        assert_eq!(told(&[1, 2], &[1, 2, 3, 99]), None);
        let gap = told(&[1, 2, 3], &[1, 3, 4]).unwrap();
        assert!(gap.starts_with("the schema is at 1, "), "{gap}");
    }
}
