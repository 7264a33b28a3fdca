//! What each service is told: only what it needs.

use std::collections::BTreeMap;

use fetch_bus::Role;
use fetch_keys::random_hex;
use fetch_model::DatabaseRole;

use crate::{DatabasePasswords, NatsUsers};

/// The services, in the order in which they are listed for people.
pub(crate) const SERVICES: [&str; 5] = ["login", "docket-fetcher", "pdf-fetcher", "ocr", "gateway"];

/// Where everything is, and the keys of this stack.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// As its owner connects to it, which no service does.
    pub database_url: String,
    pub database_passwords: DatabasePasswords,
    pub blob_url: String,
    pub nats_url: String,
    pub nats_ca: String,
    pub nats_users: NatsUsers,
    pub court_url: String,
    pub sign_on_url: String,
    pub http_listen: String,
    pub grpc_listen: String,
    pub certificate: String,
    pub certificate_key: String,
    pub keys: Keys,
}

/// Secrets that live as long as the stack.
#[derive(Clone)]
pub(crate) struct Keys {
    session: String,
    login: String,
    login_shared: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keys(secret)")
    }
}

impl Keys {
    pub fn new() -> Keys {
        Keys {
            session: random_hex::<32>(),
            login: random_hex::<32>(),
            login_shared: random_hex::<32>(),
        }
    }
}

/// The environment of a service; its admin address is not in it yet.
pub(crate) fn environment(service: &str, places: &Places) -> BTreeMap<String, String> {
    let database_url = DatabaseRole::of(service)
        .map(|role| places.database_passwords.url(role, &places.database_url))
        .unwrap_or_default();
    let stores = [
        ("DATABASE_URL", &database_url),
        ("BLOB_URL", &places.blob_url),
    ];
    let (none, yes) = ("none".to_owned(), "true".to_owned());
    let mut settings = vec![("NATS_URL", &places.nats_url), ("NATS_CA", &places.nats_ca)];
    match service {
        "login" => settings.extend([
            ("CSO_URL", &places.sign_on_url),
            ("SESSION_KEY", &places.keys.session),
            ("LOGIN_KEY", &places.keys.login),
            ("LOGIN_SHARED_KEY", &places.keys.login_shared),
        ]),
        "docket-fetcher" | "pdf-fetcher" => {
            settings.extend(stores);
            settings.extend([
                ("COURT_URL", &places.court_url),
                ("SESSION_KEY", &places.keys.session),
            ]);
        }
        "gateway" => {
            settings.extend(stores);
            settings.extend([
                ("HTTP_LISTEN", &places.http_listen),
                ("GRPC_LISTEN", &places.grpc_listen),
                ("TLS_CERTIFICATE", &places.certificate),
                ("TLS_KEY", &places.certificate_key),
                ("LOGIN_SHARED_KEY", &places.keys.login_shared),
                // Receivers that are tried out are on this machine.
                ("WEBHOOKS_ALLOW_PRIVATE", &yes),
            ]);
            // Whoever tries things out asks as often as they like.
            settings
                .extend(["RATE_FETCH", "RATE_READ", "RATE_ANONYMOUS"].map(|name| (name, &none)));
        }
        _ => settings.extend(stores),
    }
    let settings = settings
        .into_iter()
        .map(|(name, value)| (variable(name), value.clone()));
    let identity = Role::of(service).map(|role| {
        let seed = places.nats_users.seed(role).to_owned();
        (variable("NATS_NKEY"), seed)
    });
    settings.chain(identity).collect()
}

/// The environment variable of a setting.
pub(crate) fn variable(setting: &str) -> String {
    format!("PACER_FETCH_{setting}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        Places {
            database_url: "postgres://owner:canary@localhost/p".into(),
            database_passwords: DatabasePasswords::make(),
            blob_url: "file:".into(),
            nats_url: "tls://".into(),
            nats_ca: "ca.pem".into(),
            nats_users: NatsUsers::make().unwrap(),
            court_url: "http://court".into(),
            sign_on_url: "http://sign-on".into(),
            http_listen: "127.0.0.1:1".into(),
            grpc_listen: "127.0.0.1:2".into(),
            certificate: "server.pem".into(),
            certificate_key: "server.key".into(),
            keys: Keys::new(),
        }
    }

    #[test]
    fn only_login_gets_the_key_that_opens_credentials() {
        for service in SERVICES {
            let has_key = environment(service, &places()).contains_key("PACER_FETCH_LOGIN_KEY");
            assert_eq!(has_key, service == "login", "{service}");
        }
    }

    #[test]
    fn the_gateway_cannot_open_a_session_and_login_has_no_database() {
        assert!(!environment("gateway", &places()).contains_key("PACER_FETCH_SESSION_KEY"));
        assert!(!environment("login", &places()).contains_key("PACER_FETCH_DATABASE_URL"));
    }

    #[test]
    fn nobody_is_another_to_the_database_and_nobody_is_its_owner() {
        let places = places();
        let urls: Vec<String> = SERVICES
            .into_iter()
            .filter_map(|service| environment(service, &places).remove("PACER_FETCH_DATABASE_URL"))
            .collect();
        assert_eq!(urls.len(), SERVICES.len() - 1);
        for (number, url) in urls.iter().enumerate() {
            assert!(!url.contains("canary") && !urls[..number].contains(url));
        }
    }

    #[test]
    fn gateway_and_login_alone_know_each_other_and_nobody_is_another_on_the_bus() {
        let places = places();
        let mut seeds = std::collections::BTreeSet::new();
        for service in SERVICES {
            let environment = environment(service, &places);
            let knows = environment.contains_key("PACER_FETCH_LOGIN_SHARED_KEY");
            assert_eq!(knows, ["gateway", "login"].contains(&service), "{service}");
            seeds.insert(environment["PACER_FETCH_NATS_NKEY"].clone());
        }
        assert_eq!(seeds.len(), SERVICES.len());
    }

    #[test]
    fn keys_are_not_printed() {
        let keys = Keys::new();
        assert!(!format!("{keys:?}").contains(&keys.session));
    }
}
