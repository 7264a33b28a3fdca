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
        WorkerConfig { kind, slots: self.slots, time_limit: Duration::from_secs(900) }
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
            bus: BusConfig::from_env(settings),
            courts: CourtsConfig::from_env(settings),
            session_key: SessionSealingKey::from_env(settings),
            worker: settings.text("WORKER_NAME", &format!("docket-fetcher-{}", std::process::id())),
            slots: settings.number("SLOTS", 16, 1..=1000),
        }
    }
}
