//! Where the process takes its work from the bus.

use std::{sync::Arc, time::Duration};

use fetch_attempt::Attempts;
use fetch_bus::{BusConfig, JobKind, WorkerConfig as BusWorker};
use fetch_runtime::{FromEnv, Process, Settings};
use fetch_store::{Store, StoreConfig};

use crate::{WorkerConfig, WorkerPool, job::ReadingJob, recognise};

/// The settings of the service.
#[derive(Debug)]
pub struct Config {
    /// The shared store.
    pub store: StoreConfig,
    /// The bus.
    pub bus: BusConfig,
    /// The name under which this process claims work.
    pub worker: String,
    /// Documents that are read side by side.
    pub slots: usize,
}

impl FromEnv for Config {
    fn from_env(settings: &mut Settings) -> Config {
        Config {
            store: StoreConfig {
                database_url: settings.secret("DATABASE_URL"),
                blob_url: settings.required("BLOB_URL"),
                max_connections: settings.number("DATABASE_CONNECTIONS", 8, 1..=500),
            },
            bus: BusConfig {
                url: settings.url("NATS_URL", "nats://127.0.0.1:4222"),
                allow_old_server: settings.flag("NATS_ALLOW_OLD", false),
            },
            worker: settings.text("WORKER_NAME", &format!("ocr-{}", std::process::id())),
            slots: settings.number("SLOTS", 4, 1..=1000),
        }
    }
}

/// The longest that one document may take; the limits of its pages are far below.
const TIME_LIMIT: Duration = Duration::from_secs(4 * 3600);

/// Serves reading jobs until the process is told to stop.
///
/// # Errors
/// When a neighbour that it cannot do without is away at the start, or the recogniser's data is
/// missing.
pub async fn serve(process: Process<Config>) -> anyhow::Result<()> {
    let config = process.config();
    anyhow::ensure!(
        recognise::find_data(None).is_some(),
        "the data of Tesseract is not installed"
    );
    let store = Store::connect(&config.store).await?;
    let bus = fetch_bus::connect("ocr", &config.bus).await?;
    let pool = Arc::new(WorkerPool::new(WorkerConfig::of_this_program()?));
    let attempts = Attempts::new(store.clone(), bus.clone(), &config.worker);

    process.ready_when("postgres", {
        let store = store.clone();
        move || {
            let store = store.clone();
            async move { store.probe().await.map_err(anyhow::Error::from) }
        }
    });
    let job = ReadingJob::new(store, attempts, pool);
    let worker = BusWorker {
        kind: JobKind::Ocr,
        slots: config.slots,
        time_limit: TIME_LIMIT,
    };
    bus.work(worker, Arc::new(job), process.shutdown()).await?;
    Ok(())
}
