//! By which the services prove to the database who they are.

use std::collections::BTreeMap;
use std::fmt;

use fetch_model::DatabaseRole;

use crate::random_hex;

/// The passwords of all roles, made anew.
#[derive(Clone)]
pub struct DatabasePasswords(BTreeMap<DatabaseRole, String>);

impl fmt::Debug for DatabasePasswords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DatabasePasswords(secret)")
    }
}

impl DatabasePasswords {
    /// New passwords for everybody.
    #[must_use]
    pub fn make() -> DatabasePasswords {
        let roles = DatabaseRole::ALL.into_iter();
        DatabasePasswords(roles.map(|role| (role, random_hex::<24>())).collect())
    }

    /// The password of a role.
    #[must_use]
    pub fn of(&self, role: DatabaseRole) -> &str {
        &self.0[&role]
    }

    /// All of them as `pacer-fetch migrate` reads them.
    #[must_use]
    pub fn list(&self) -> String {
        let lines = self.0.iter();
        lines
            .map(|(role, password)| format!("{}:{password}\n", role.service()))
            .collect()
    }

    /// The URL of a database, as this role connects to it.
    #[must_use]
    pub fn url(&self, role: DatabaseRole, url: &str) -> String {
        as_user(url, role.name(), self.of(role))
    }
}

/// The same database, as somebody else connects to it.
///
/// # Panics
/// When this is no URL of a database.
#[must_use]
pub fn as_user(url: &str, user: &str, password: &str) -> String {
    let mut url = url::Url::parse(url).expect("the URL of a database can be read");
    url.set_username(user)
        .and_then(|()| url.set_password(Some(password)))
        .expect("a server has users");
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_comes_as_somebody_else() {
        let passwords = DatabasePasswords::make();
        let owner = "postgres://pacer_fetch:canary@127.0.0.1:5432/p?sslmode=verify-full";
        let urls: Vec<String> = DatabaseRole::ALL
            .into_iter()
            .map(|role| passwords.url(role, owner))
            .collect();
        for (number, url) in urls.iter().enumerate() {
            assert!(
                url.ends_with("@127.0.0.1:5432/p?sslmode=verify-full"),
                "{url}"
            );
            assert!(
                !url.contains("canary") && !url.contains("pacer_fetch:"),
                "{url}"
            );
            assert!(!urls[..number].contains(url), "{url}");
        }
        assert!(!format!("{passwords:?}").contains(passwords.of(DatabaseRole::Ocr)));
    }
}
