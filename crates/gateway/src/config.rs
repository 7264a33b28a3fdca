//! The settings of the service.

use std::{net::SocketAddr, time::Duration};

use fetch_bus::{BusConfig, LoginSharedKey};
use fetch_db::{DbConfig, retention::Kept};
use fetch_model::{BulkWindow, Cents, budget};
use fetch_runtime::{FromEnv, Settings, listener::ListenerConfig};
use fetch_webhooks::Targets;
use url::Url;

use crate::{
    api::DEFAULT_BODY_LIMIT_BYTES, file_access::FileRules, guard::Limits, lists::ListRules,
    retention::Lives, submit::DEFAULT_ONCE_MORE,
};

/// The settings of the service.
#[derive(Debug)]
pub struct Config {
    /// The shared store.
    pub db: DbConfig,
    /// The bus.
    pub bus: BusConfig,
    /// Authenticates this process and the login service to each other.
    pub login_shared_key: LoginSharedKey,
    /// How long a caller waits for the database to confirm a write.
    pub commit_wait: Duration,
    /// How callers connect.
    pub listener: ListenerConfig,
    /// The limits on callers.
    pub limits: Limits,
    /// Who may open files.
    pub files: FileRules,
    /// How long the rows of lists are looked for.
    pub lists: ListRules,
    /// Where webhooks may be sent.
    pub webhook_targets: Targets,
    /// Where HTTP is served.
    pub http_listen: SocketAddr,
    /// Where gRPC is served.
    pub grpc_listen: SocketAddr,
    /// Where callers find us, when a proxy does not say.
    pub public_url: Option<Url>,
    /// Where to report a weakness, if the operator has set it.
    pub security_contact: Option<Url>,
    /// Bodies larger than this are refused.
    pub body_limit_bytes: usize,
    /// Least time between two requests to any court, over its own setting.
    pub court_gap_ms: Option<i32>,
    /// Most requests that any court works on at once, over its own setting.
    pub court_cap: Option<i32>,
    /// Most requests of one PACER account that any court works on at once, over its own setting.
    pub court_account_cap: Option<i32>,
    /// Most requests of one PACER account at once over all courts, over the stored setting.
    pub account_cap: Option<i32>,
    /// When bulk work may run at any court, over its own setting.
    pub court_bulk_window: Option<BulkWindow>,
    /// What every user without a budget of their own may spend, over what the operator has set.
    pub budget: budget::Limits,
    /// How long things are kept, over what the operator has set.
    pub retention: Lives,
    /// If the caller did not choose, only what costs no more than this is bought once more after a
    /// doubt.
    pub once_more: Cents,
}

impl FromEnv for Config {
    fn from_env(settings: &mut Settings) -> Config {
        let local = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let listener = ListenerConfig::from_env(settings);
        let limits = Limits {
            proxies: listener.proxies.clone(),
            ..Limits::from_env(settings)
        };
        let db = DbConfig::of_service(settings, 16).in_time_zone(settings);
        let lists = ListRules {
            // The other half is for what does not wait for lists.
            at_once: usize::try_from(db.max_connections / 2).map_or(1, |half| half.max(1)),
            ..ListRules::from_env(settings)
        };
        Config {
            db,
            bus: BusConfig::from_env(settings),
            login_shared_key: settings.key(
                "LOGIN_SHARED_KEY",
                LoginSharedKey::from_hex,
                LoginSharedKey::generate,
            ),
            commit_wait: settings.duration_ms("COMMIT_WAIT_MS", Duration::from_secs(10)),
            http_listen: listener.address(settings, "HTTP_LISTEN", local(8000)),
            grpc_listen: listener.address(settings, "GRPC_LISTEN", local(8001)),
            public_url: public_url(settings),
            security_contact: security_contact(settings),
            listener,
            limits,
            files: FileRules::from_env(settings),
            lists,
            webhook_targets: Targets::from_env(settings),
            body_limit_bytes: settings.number(
                "BODY_LIMIT_BYTES",
                DEFAULT_BODY_LIMIT_BYTES,
                1024..=64 << 20,
            ),
            court_gap_ms: whole_number(settings, "COURT_GAP_MS", 0),
            court_cap: whole_number(settings, "COURT_CAP", 1),
            court_account_cap: whole_number(settings, "COURT_ACCOUNT_CAP", 1),
            account_cap: whole_number(settings, "ACCOUNT_CAP", 1),
            court_bulk_window: bulk_window(settings),
            budget: budget::Limits {
                per_request: whole_number(settings, "BUDGET_REQUEST_CENTS", 0).map(Cents),
                per_quarter: whole_number(settings, "BUDGET_QUARTER_CENTS", 0).map(Cents),
            },
            retention: lives(settings),
            once_more: whole_number(settings, "ONCE_MORE_CENTS", 0)
                .map_or(DEFAULT_ONCE_MORE, Cents),
        }
    }
}

fn public_url(settings: &mut Settings) -> Option<Url> {
    let text = settings.optional("PUBLIC_URL")?;
    let url = Url::parse(&text).ok();
    if url.is_none() {
        settings.mistake("PUBLIC_URL", "must be an absolute URL");
    }
    url
}

fn security_contact(settings: &mut Settings) -> Option<Url> {
    let text = settings.optional("SECURITY_CONTACT")?;
    let contact = Url::parse(&text).ok();
    let contact = contact.filter(|url| matches!(url.scheme(), "mailto" | "https" | "tel"));
    if contact.is_none() {
        let why = "must be a mailto: or https: address, such as mailto:security@example.org";
        settings.mistake("SECURITY_CONTACT", why);
    }
    contact
}

fn bulk_window(settings: &mut Settings) -> Option<BulkWindow> {
    let text = settings.optional("COURT_BULK_WINDOW")?;
    let window = text.parse();
    if window.is_err() {
        settings.mistake(
            "COURT_BULK_WINDOW",
            "must be a time window such as 18:00-06:00, or always",
        );
    }
    window.ok()
}

fn lives(settings: &mut Settings) -> Lives {
    let days = |(what, name)| Some((what, whole_number(settings, name, 1)?));
    let kinds = [
        (Kept::Requests, "RETENTION_REQUESTS_DAYS"),
        (Kept::Steps, "RETENTION_STEPS_DAYS"),
        (Kept::Captures, "RETENTION_CAPTURES_DAYS"),
        (Kept::Texts, "RETENTION_TEXTS_DAYS"),
        (Kept::Events, "RETENTION_EVENTS_DAYS"),
        (Kept::Webhooks, "RETENTION_WEBHOOKS_DAYS"),
    ];
    Lives(kinds.into_iter().filter_map(days).collect())
}

fn whole_number(settings: &mut Settings, name: &str, least: i32) -> Option<i32> {
    let text = settings.optional(name)?;
    let number = text.parse().ok().filter(|number| *number >= least);
    if number.is_none() {
        settings.mistake(name, "must be a whole number");
    }
    number
}
