//! Where the process takes its work from the bus.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use fetch_attempt::{Stores, presence};
use fetch_bus::{Bus, BusConfig, JobKind, Role, WorkerConfig as BusWorker};
use fetch_db::{Db, DbConfig, blobs::Blobs};
use fetch_model::DatabaseRole;
use fetch_runtime::{FromEnv, Process, Settings};

use crate::{
    WorkerConfig, WorkerPool,
    job::{PartJob, ReaderContext, TextJob},
    tesseract,
};

/// The settings of the service.
#[derive(Debug)]
pub struct Config {
    /// The shared store.
    pub db: DbConfig,
    /// The bus.
    pub bus: BusConfig,
    /// The name under which this process claims work.
    pub worker: String,
    /// Pages that are recognised side by side; each keeps a core busy.
    pub slots: NonZeroUsize,
    /// Whether it does not start where its worker processes cannot be confined.
    pub require_confinement: bool,
}

impl FromEnv for Config {
    fn from_env(settings: &mut Settings) -> Config {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let most = NonZeroUsize::MIN.saturating_add(999);
        Config {
            db: DbConfig::of_service(settings, 8),
            bus: BusConfig::from_env(settings),
            worker: settings.text("WORKER_NAME", &format!("ocr-{}", std::process::id())),
            slots: settings.number("SLOTS", cores, NonZeroUsize::MIN..=most),
            require_confinement: settings.flag("REQUIRE_CONFINEMENT", false),
        }
    }
}

/// The longest that one job may take; the limits of its pages are far below.
const TIME_LIMIT: Duration = Duration::from_secs(3600);

/// Texts that are planned or put together side by side. Their workers are not those that
/// recognise: a text that is written in its file does not wait for anybody's scan.
const TEXTS: NonZeroUsize = NonZeroUsize::new(2).expect("two is not zero");

/// Serves reading jobs until the process is told to stop.
///
/// # Errors
/// When a neighbour that it cannot do without is away at the start, or the recogniser's data is
/// missing.
pub async fn serve(process: Process<Config>) -> anyhow::Result<()> {
    let config = process.config();
    anyhow::ensure!(
        tesseract::find_data(None).is_some(),
        "Tesseract's language data is not installed"
    );
    let unused = tesseract::unused_network();
    if let Some(why) = &unused {
        tracing::warn!(
            error = why as &dyn std::error::Error,
            "scanned lines are read by Tesseract's own network, which takes about twice as long"
        );
    }
    let db = Db::connect(&config.db).await?;
    db.until_migrated(|old| process.waits_for(&old.to_string()))
        .await?;
    db.ensure_least_rights(DatabaseRole::Ocr).await?;
    let bus = fetch_bus::connect(Role::Ocr, &config.bus).await?;
    let require_confinement = config.require_confinement;
    let pool = |workers| -> std::io::Result<Arc<WorkerPool>> {
        let config = WorkerConfig::of_this_program()?;
        Ok(Arc::new(WorkerPool::new(WorkerConfig {
            workers,
            require_confinement,
            ..config
        })))
    };
    let stores = Stores::new(db.clone());
    let reading = ReaderContext {
        stores: stores.clone(),
        bus: bus.clone(),
        worker: config.worker.as_str().into(),
        shutdown: process.shutdown(),
    };
    let texts = TextJob::new(reading.clone(), pool(TEXTS)?);
    let recognisers = pool(config.slots)?;
    // Starts one, which also logs what is enforced on it.
    recognisers.confinement().await?;
    let parts = PartJob::new(reading, recognisers, unused.as_ref());

    process.ready_when("postgres", db.clone(), Db::probe);
    process.ready_when("nats", bus.clone(), Bus::probe);
    process.ready_when("blobs", db.blobs.clone(), Blobs::probe_reading);
    let work = |kind, slots: NonZeroUsize| BusWorker {
        kind,
        slots: slots.get(),
        time_limit: TIME_LIMIT,
    };
    let stop = process.shutdown();
    let name = config.worker.as_str();
    let (texts, parts) = (Arc::new(texts), Arc::new(parts));
    let (looking, recognising) = (
        work(JobKind::Ocr, TEXTS),
        work(JobKind::Pages, config.slots),
    );
    tokio::try_join!(
        presence::work(&stores.queue, &bus, name, looking, texts, stop.clone()),
        presence::work(&stores.queue, &bus, name, recognising, parts, stop),
    )?;
    Ok(())
}
