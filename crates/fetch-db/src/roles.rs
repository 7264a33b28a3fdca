//! Who may do what in the database: a role for each service, with the rights that `roles.sql` grants.
//!
//! The owner of the tables migrates and grants; no service owns anything, and none starts as
//! somebody who may do more than its role.

use fetch_model::DatabaseRole;
use postgres_protocol::password::scram_sha_256;
use secrecy::{ExposeSecret, SecretString};
use sqlx::AssertSqlSafe;

use crate::{Db, Error};

/// The roles and what they may do.
const ROLES: &str = include_str!("../roles.sql");

/// What Postgres says to whoever lacks a right.
const DENIED: &str = "42501";

/// Passwords that roles are given.
#[derive(Debug, Clone, Default)]
pub struct RolePasswords(Vec<(DatabaseRole, SecretString)>);

/// What is wrong with a list of passwords; the list is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongPasswords {
    /// An entry has another form.
    #[error("must be a list of SERVICE:PASSWORD, separated by white space")]
    Form,
    /// An entry is of nobody who has a role.
    #[error("names a service that has no role in the database")]
    Service,
    /// A password is easily guessed.
    #[error("has a password of less than {LEAST_PASSWORD} characters")]
    Short,
}

/// Characters of a password at least. They are made by `pacer-fetch keys`, and nobody types them.
const LEAST_PASSWORD: usize = 16;

impl RolePasswords {
    /// Reads `SERVICE:PASSWORD`, as often as there are services, separated by white space.
    ///
    /// # Errors
    /// When it is something else, or a password is short.
    pub fn parse(list: &SecretString) -> Result<RolePasswords, WrongPasswords> {
        let entries = list.expose_secret().split_whitespace().map(|entry| {
            let (service, password) = entry.split_once(':').ok_or(WrongPasswords::Form)?;
            let role = DatabaseRole::of(service).ok_or(WrongPasswords::Service)?;
            if password.len() < LEAST_PASSWORD {
                return Err(WrongPasswords::Short);
            }
            Ok((role, SecretString::from(password)))
        });
        entries.collect::<Result<_, _>>().map(RolePasswords)
    }

    /// Whether this role is given one.
    #[must_use]
    pub fn names(&self, role: DatabaseRole) -> bool {
        self.0.iter().any(|(named, _)| *named == role)
    }
}

impl Db {
    /// Makes the roles that are missing and grants to all of them what their services need, and no
    /// more. Roles are the server's and not the database's: where another database knows them, they are
    /// another deployment's, unless `whose` says otherwise.
    ///
    /// # Errors
    /// [`Error::NoRoles`] when roles are missing and this user may not make them,
    /// [`Error::RolesOfAnother`] when they are another deployment's; when the database cannot answer.
    pub async fn grant(&self, whose: WhoseRoles) -> Result<(), Error> {
        let mut transaction = self.pool.begin().await?;
        // Of two that grant at the same time, one would be refused.
        sqlx::query("select pg_advisory_xact_lock(hashtext('pacer-fetch roles'))")
            .execute(&mut *transaction)
            .await?;
        if whose == WhoseRoles::ThisDatabases {
            refuse_roles_of_another(&mut transaction).await?;
        }
        sqlx::raw_sql(ROLES)
            .execute(&mut *transaction)
            .await
            .map_err(|error| match is_denied(&error) {
                true => Error::NoRoles(error),
                false => error.into(),
            })?;
        transaction.commit().await?;
        Ok(())
    }

    /// Gives roles these passwords; those of others stay. The database is sent what it checks
    /// passwords by and not the passwords, so that no log of its own can show them.
    ///
    /// # Errors
    /// [`Error::NoRoles`] when this user may not; when the database cannot answer.
    pub async fn set_passwords(&self, passwords: &RolePasswords) -> Result<(), Error> {
        for (role, password) in &passwords.0 {
            let verifier = scram_sha_256(password.expose_secret().as_bytes());
            let statement = format!("alter role {} password '{verifier}'", role.name());
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&self.pool)
                .await
                .map_err(|error| match is_denied(&error) {
                    true => Error::NoRoles(error),
                    false => error.into(),
                })?;
        }
        Ok(())
    }

    /// The roles that have no password; `None` where this user may not see which have one.
    pub async fn roles_without_password(&self) -> Result<Option<Vec<DatabaseRole>>, Error> {
        let may_look = "select has_table_privilege('pg_authid', 'select')";
        let may_look: bool = sqlx::query_scalar(may_look).fetch_one(&self.pool).await?;
        if !may_look {
            return Ok(None);
        }
        let without = "select rolname::text from pg_authid where rolpassword is null";
        let names: Vec<String> = sqlx::query_scalar(without).fetch_all(&self.pool).await?;
        let is_without = |role: &DatabaseRole| names.iter().any(|name| name == role.name());
        let roles = DatabaseRole::ALL.into_iter().filter(is_without);
        Ok(Some(roles.collect()))
    }

    /// Refuses to be anybody but the role of a service, with nothing beside what that was granted:
    /// whoever takes the service over could do it.
    ///
    /// # Errors
    /// [`Error::Setting`] when this store connects as such a one; when the database cannot answer.
    pub async fn ensure_least_rights(&self, role: DatabaseRole) -> Result<(), Error> {
        let excess = self.excess(role).await?;
        if excess.is_empty() {
            return Ok(());
        }
        Err(Error::Setting {
            name: "PACER_FETCH_DATABASE_URL",
            why: format!(
                "its user may do more than this service needs, or something else: {}. Give the service \
                 a URL of its own, with the user {}, which `pacer-fetch migrate` makes",
                excess.join(", "),
                role.name()
            ),
        })
    }

    /// What the user has beside the grants of the role, in words.
    async fn excess(&self, role: DatabaseRole) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(EXCESS)
            .bind(role.name())
            .fetch_all(&self.pool)
            .await?)
    }
}

/// What the user of this session has beside the grants of the role $1. Whoever a session began as can
/// become that again, and a member of a role can become that role, whether or not its rights are
/// inherited.
const EXCESS: &str = "
    with me as (select * from pg_roles where rolname in (session_user, current_user))
    select 'it is ' || rolname || ' and not ' || $1 from me where rolname <> $1
    union all select 'it is a superuser' from me where rolsuper
    union all select 'it may make roles (createrole)' from me where rolcreaterole
    union all select 'it may make databases (createdb)' from me where rolcreatedb
    union all select 'it passes by row security (bypassrls)' from me where rolbypassrls
    union all select 'it may copy the whole server (replication)' from me where rolreplication
    union all
    select 'it owns tables' where exists (
        select from pg_class, me
        where relnamespace = 'public'::regnamespace and relowner = me.oid)
    union all
    (select 'it is a member of ' || other.rolname from me
     join pg_auth_members on member = me.oid join pg_roles other on other.oid = roleid
     where other.rolname <> $1 order by other.rolname)";

/// Whose the roles are that a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhoseRoles {
    /// Of this database alone: where another one knows them, they are left as they are.
    #[default]
    ThisDatabases,
    /// Of all databases of the server that know them: whoever has the password of a role comes into
    /// each of these.
    Shared,
}

async fn refuse_roles_of_another(connection: &mut sqlx::PgConnection) -> Result<(), Error> {
    // Whoever migrates a database lets the roles in, by name.
    let others: Vec<String> = sqlx::query_scalar(
        "select datname::text from pg_database
         where datname <> current_database()
           and exists (select from aclexplode(datacl) join pg_roles on pg_roles.oid = grantee
                       where rolname = $1)
         order by datname",
    )
    .bind(DatabaseRole::Gateway.name())
    .fetch_all(connection)
    .await?;
    match others.is_empty() {
        true => Ok(()),
        false => Err(Error::RolesOfAnother(others.join(", "))),
    }
}

pub(crate) fn is_denied(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().as_deref() == Some(DENIED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str) -> Result<RolePasswords, WrongPasswords> {
        RolePasswords::parse(&SecretString::from(list))
    }

    #[test]
    fn passwords_are_read_and_neither_shown_nor_repeated() {
        let passwords = read("ocr:canary-0123456789\ngateway:canary:0123456789\n").unwrap();
        assert_eq!(passwords.0.len(), 2);
        assert!(!format!("{passwords:?}").contains("canary"));
        for (list, wrong) in [
            ("ocr", WrongPasswords::Form),
            ("login:canary-0123456789", WrongPasswords::Service),
            ("pacer_fetch:canary-0123456789", WrongPasswords::Service),
            ("ocr:canary", WrongPasswords::Short),
        ] {
            assert_eq!(read(list).unwrap_err(), wrong);
            assert!(!wrong.to_string().contains("canary"));
        }
    }

    #[test]
    fn every_role_is_made_and_granted_to() {
        let made = ROLES.split("loop").next().unwrap();
        for role in DatabaseRole::ALL {
            let short = role.name().trim_start_matches("pacer_fetch_");
            assert!(made.contains(&format!("'{short}'")), "{short}");
            let granted = format!("to {}", role.name());
            assert!(ROLES.contains(&granted), "{granted}");
        }
    }
}
