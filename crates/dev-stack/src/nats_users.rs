//! Who the users of a private NATS server are: the same as of any other, and one who looks on.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Context;
use fetch_bus::Role;
use nkeys::KeyPair;

/// The user that may do everything. Only tests and curious people are it, and only here.
const OBSERVER: &str = "observer";

/// The NKeys of all users, made anew.
#[derive(Clone)]
pub struct NatsUsers {
    /// Seed and public key, by name.
    keys: BTreeMap<&'static str, (String, String)>,
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
        let names = Role::ALL.into_iter().map(Role::name).chain([OBSERVER]);
        let key = |name| {
            let pair = KeyPair::new_user();
            let seed = pair.seed().context("a new key has no seed")?;
            Ok((name, (seed, pair.public_key())))
        };
        let keys: anyhow::Result<BTreeMap<_, _>> = names.map(key).collect();
        Ok(NatsUsers { keys: keys? })
    }

    /// The seed by which a process proves its role.
    #[must_use]
    pub fn seed(&self, role: Role) -> &str {
        &self.keys[role.name()].0
    }

    /// The seed of the user that may do everything.
    #[must_use]
    pub fn observer_seed(&self) -> &str {
        &self.keys[OBSERVER].0
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
    pub(crate) fn configuration(&self) -> String {
        let observer = format!("    {{ nkey: {} }}\n", self.keys[OBSERVER].1);
        fetch_bus::authorization(|role| format!("${}", role.variable()), &observer)
    }
}
