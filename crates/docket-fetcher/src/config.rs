//! The settings of the service.

use std::time::Duration;

use fetch_bus::{BusConfig, JobKind, SessionSealingKey, WorkerConfig};
use fetch_runtime::{FromEnv, Settings};
use fetch_store::StoreConfig;
use pacer_client::CourtsConfig;

/// The settings of the service.
#[derive(Debug)]
pub struct Config {
    /// The shared store.
    pub store: StoreConfig,
    /// The bus.
    pub bus: BusConfig,
    /// How to reach the courts.
    pub courts: CourtsConfig,
    /// Opens the sessions that the login service sealed.
    pub session_key: SessionSealingKey,
    /// The name under which this process claims work.
    pub worker: String,
    /// Fetches that run side by side, for each kind of job.
    pub slots: usize,
}

impl Config {
    pub(crate) fn worker_for(&self, kind: JobKind) -> WorkerConfig {
        WorkerConfig {
            kind,
            slots: self.slots,
            time_limit: Duration::from_secs(900),
        }
    }
}

impl FromEnv for Config {
    fn from_env(settings: &mut Settings) -> Config {
        Config {
            store: StoreConfig {
                database_url: settings.secret("DATABASE_URL"),
                blob_url: settings.required("BLOB_URL"),
                max_connections: settings.number("DATABASE_CONNECTIONS", 16, 1..=500),
            },
            bus: BusConfig {
                url: settings.url("NATS_URL", "nats://127.0.0.1:4222"),
                allow_old_server: settings.flag("NATS_ALLOW_OLD", false),
            },
            courts: courts(settings),
            session_key: session_key(settings),
            worker: settings.text(
                "WORKER_NAME",
                &format!("docket-fetcher-{}", std::process::id()),
            ),
            slots: settings.number("SLOTS", 16, 1..=1000),
        }
    }
}

fn courts(settings: &mut Settings) -> CourtsConfig {
    let known = CourtsConfig::default();
    CourtsConfig {
        court_url: settings.text("COURT_URL", &known.court_url),
        user_agent: settings.text("USER_AGENT", &known.user_agent),
        ..known
    }
}

fn session_key(settings: &mut Settings) -> SessionSealingKey {
    let hex = settings.secret("SESSION_KEY");
    SessionSealingKey::from_hex(&hex).unwrap_or_else(|wrong| {
        settings.mistake("SESSION_KEY", &wrong.to_string());
        SessionSealingKey::generate()
    })
}
