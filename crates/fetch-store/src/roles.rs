//! Who may do what in the database: a role for each service, with the rights that `roles.sql` grants.
//!
//! The owner of the tables migrates and grants; no service owns anything, and none starts as
//! somebody who may do more than its role.

use fetch_model::DatabaseRole;
use postgres_protocol::password::scram_sha_256;
use secrecy::{ExposeSecret, SecretString};
use sqlx::AssertSqlSafe;

use crate::{Error, Store};

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
}

impl Store {
    /// Makes the roles that are missing and grants to all of them what their services need, and no
    /// more.
    ///
    /// # Errors
    /// [`Error::NoRoles`] when roles are missing and this user may not make them; when the database
    /// cannot answer.
    pub(crate) async fn grant(&self) -> Result<(), Error> {
        let mut transaction = self.pool.begin().await?;
        // Of two that grant at the same time, one would be refused.
        sqlx::query("select pg_advisory_xact_lock(hashtext('pacer-fetch roles'))")
            .execute(&mut *transaction)
            .await?;
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
    /// When this user may not, or the database cannot answer.
    pub async fn set_passwords(&self, passwords: &RolePasswords) -> Result<(), Error> {
        for (role, password) in &passwords.0 {
            let verifier = scram_sha_256(password.expose_secret().as_bytes());
            let statement = format!("alter role {} password '{verifier}'", role.name());
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }

    /// Refuses to be somebody who may do more than the role of a service: whoever takes the service
    /// over could do it.
    ///
    /// # Errors
    /// [`Error::Setting`] when this store connects as such a one; when the database cannot answer.
    pub async fn ensure_least_rights(&self, role: DatabaseRole) -> Result<(), Error> {
        let Some(excess) = self.excess(role).await? else {
            return Ok(());
        };
        Err(Error::Setting {
            name: "PACER_FETCH_DATABASE_URL",
            why: format!(
                "its user may do more than this service needs: {excess}. Give the service a URL of \
                 its own, with the user {}, which `pacer-fetch migrate` makes",
                role.name()
            ),
        })
    }

    async fn excess(&self, role: DatabaseRole) -> Result<Option<&'static str>, Error> {
        let (is_superuser, owns, is_member): (bool, bool, bool) = sqlx::query_as(
            "select rolsuper,
                 exists (select from pg_class
                         where relnamespace = 'public'::regnamespace
                           and pg_has_role(current_user, relowner, 'usage')),
                 exists (select from pg_roles other
                         where other.rolname like 'pacer\\_fetch\\_%' and other.rolname <> $1
                           and pg_has_role(current_user, other.oid, 'usage'))
             from pg_roles where rolname = current_user",
        )
        .bind(role.name())
        .fetch_one(&self.pool)
        .await?;
        Ok(match (is_superuser, owns, is_member) {
            (true, ..) => Some("it is a superuser"),
            (_, true, _) => Some("it owns tables"),
            (_, _, true) => Some("it has the rights of another service"),
            _ => None,
        })
    }
}

fn is_denied(error: &sqlx::Error) -> bool {
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
