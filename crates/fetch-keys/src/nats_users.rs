//! Who the users of a private NATS server are: the same as of any other, and some who look on.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Context;
use fetch_bus::Role;
use nkeys::KeyPair;

/// The NKeys of all users, made anew.
#[derive(Clone)]
pub struct NatsUsers {
    /// Seed and public key, by role.
    keys: BTreeMap<&'static str, (String, String)>,
    /// The same of those who may do everything in the account of a role. Only tests and curious
    /// people are that, and only here.
    observers: BTreeMap<&'static str, (String, String)>,
}

impl fmt::Debug for NatsUsers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NatsUsers(secret)")
    }
}

impl NatsUsers {
    /// New keys for everybody.
    ///
    /// # Errors
    /// When a key cannot be made, which does not happen.
    pub fn make() -> anyhow::Result<NatsUsers> {
        let key = |role: Role| {
            let pair = KeyPair::new_user();
            let seed = pair.seed().context("a new key has no seed")?;
            Ok((role.name(), (seed, pair.public_key())))
        };
        let keys = || Role::ALL.into_iter().map(key).collect();
        let (keys, observers): (anyhow::Result<_>, anyhow::Result<_>) = (keys(), keys());
        Ok(NatsUsers {
            keys: keys?,
            observers: observers?,
        })
    }

    /// The seed by which a process proves its role.
    #[must_use]
    pub fn seed(&self, role: Role) -> &str {
        &self.keys[role.name()].0
    }

    /// The seed of a user that may do everything in the account of a role.
    #[must_use]
    pub fn observer_seed(&self, role: Role) -> &str {
        &self.observers[role.name()].0
    }

    /// The variables in which a server finds the public keys of the roles.
    #[must_use]
    pub fn environment(&self) -> BTreeMap<String, String> {
        let roles = Role::ALL.into_iter();
        roles
            .map(|role| (role.variable(), self.keys[role.name()].1.clone()))
            .collect()
    }

    /// The part of the server's configuration that names them: that of `deploy/`, and the observer.
    #[must_use]
    pub fn configuration(&self) -> String {
        let observer =
            |role: Role| format!("      {{ nkey: {} }}\n", self.observers[role.name()].1);
        fetch_bus::accounts(|role| format!("${}", role.variable()), observer)
    }
}
