//! What both fetchers share: store, bus, courts, and purchasing.

use std::{sync::Arc, time::Duration};

use crate::Stores;
use anyhow::Context;
use fetch_attempt::{Attempts, presence};
use fetch_bus::{Bus, BusConfig, JobHandler, JobKind, Role, SessionSealingKey, WorkerConfig};
use fetch_db::{Db, DbConfig, blobs};
use fetch_model::DatabaseRole;
use fetch_runtime::{FromEnv, Process, PublicReason, Settings};
use pacer_client::{Courts, CourtsConfig};
use tokio_util::sync::CancellationToken;

use crate::Purchases;

/// More requests than any fetch sends: those of its conversation, and before them those that find
/// the case and ask whether anything is new.
const MOST_REQUESTS: u32 = 2 * pacer::flow::MOST_REQUESTS as u32;

/// What a fetch may take beside the court's answers.
const BESIDE_THE_COURT: Duration = Duration::from_secs(600);

/// The settings of a fetcher.
#[derive(Debug)]
pub struct FetcherConfig {
    /// The shared store.
    pub db: DbConfig,
    /// The bus.
    pub bus: BusConfig,
    /// How to reach the courts.
    pub courts: CourtsConfig,
    /// Opens the sessions that the login service sealed.
    pub session_key: SessionSealingKey,
    /// The name under which the process claims work; its own with its number if none is set.
    pub worker: Option<String>,
    /// Whether cases that may live in ACMS are asked for at their court's CM/ECF site.
    pub ask_cmecf_for_acms: bool,
    /// Fetches that run side by side, for each kind of job.
    pub slots: usize,
    /// The largest page that is taken, in bytes.
    pub page_bytes: u64,
    /// What must be free where the bytes go before anything is bought.
    pub blob_reserve_bytes: u64,
}

impl FromEnv for FetcherConfig {
    fn from_env(settings: &mut Settings) -> FetcherConfig {
        let usual = CourtsConfig::default();
        let slots = settings.number("SLOTS", 16, 1..=1000);
        let max_body_bytes = blobs::largest_file(settings);
        // All slots may bring the largest answer at the same time.
        let reserve = max_body_bytes.saturating_mul(slots as u64);
        FetcherConfig {
            db: DbConfig::of_service(settings, 16).in_time_zone(settings),
            bus: BusConfig::from_env(settings),
            courts: CourtsConfig {
                court_url: settings.url_of_secrets(
                    "COURT_URL",
                    &usual.court_url,
                    "COURTS_ALLOW_PLAIN",
                ),
                user_agent: settings.text("USER_AGENT", &usual.user_agent),
                read_timeout: seconds(settings, "COURT_SILENCE_SECONDS", usual.read_timeout),
                total_timeout: seconds(settings, "COURT_ANSWER_SECONDS", usual.total_timeout),
                max_body_bytes,
                ..usual
            },
            session_key: settings.key(
                "SESSION_KEY",
                SessionSealingKey::from_hex,
                SessionSealingKey::generate,
            ),
            ask_cmecf_for_acms: settings.flag("ASK_CMECF_FOR_ACMS", false),
            worker: settings.optional("WORKER_NAME"),
            slots,
            page_bytes: settings.number("COURT_PAGE_BYTES", 64_000_000, 1_000..=1_000_000_000),
            blob_reserve_bytes: settings.number("BLOB_RESERVE_BYTES", reserve, 0..=u64::MAX),
        }
    }

    /// An answer that was paid for.
    fn longest_step(&self) -> Option<Duration> {
        Some(self.courts.total_timeout)
    }
}

fn seconds(settings: &mut Settings, name: &'static str, usual: Duration) -> Duration {
    Duration::from_secs(settings.number(name, usual.as_secs(), 1..=3600))
}

/// Whether what is bought could be stored.
async fn can_store(purchases: &Purchases) -> Result<(), PublicReason> {
    let trouble = purchases.trouble_with_the_store();
    trouble.map_or(Ok(()), |why| Err(PublicReason(why)))
}

/// A fetcher that has all its neighbours.
#[derive(Clone)]
pub struct Fetcher {
    /// The database and the blobs, for the store of what is fetched.
    pub db: Db,
    /// Conducts attempts.
    pub attempts: Attempts,
    /// Buys.
    pub purchases: Purchases,
    bus: Bus,
    name: String,
    slots: usize,
    time_limit: Duration,
}

impl Fetcher {
    /// Connects, and says when the process is ready.
    ///
    /// # Errors
    /// When a neighbour that it cannot do without is away, or a setting cannot be used.
    pub async fn start(process: &Process<FetcherConfig>) -> anyhow::Result<Fetcher> {
        let config = process.config();
        let db = Db::connect(&config.db).await?;
        db.until_migrated(|old| process.waits_for(&old.to_string()))
            .await?;
        let stranger = "a process of another name cannot fetch";
        let database_role = DatabaseRole::of(process.name()).context(stranger)?;
        db.ensure_least_rights(database_role).await?;
        let role = Role::of(process.name()).context(stranger)?;
        let bus = fetch_bus::connect(role, &config.bus).await?;
        let courts = Courts::new(&config.courts)?;
        let sessions = bus.sessions(config.session_key.clone());
        let own_name = || format!("{}-{}", process.name(), std::process::id());
        let worker = config.worker.clone().unwrap_or_else(own_name);
        process.ready_when("postgres", db.clone(), Db::probe);
        process.ready_when("nats", bus.clone(), Bus::probe);
        let purchases = Purchases::new(Stores::new(db.clone()), courts, sessions)
            .asking_cmecf_for_acms(config.ask_cmecf_for_acms)
            .taking_pages_up_to(config.page_bytes)
            .until(process.shutdown());
        process.ready_when("blobs", purchases.clone(), can_store);
        tokio::spawn({
            let (purchases, reserve) = (purchases.clone(), config.blob_reserve_bytes);
            async move { purchases.watch_the_store(reserve).await }
        });
        Ok(Fetcher {
            attempts: Attempts::new(fetch_attempt::Stores::new(db.clone()), bus.clone(), &worker)
                .asking_for_sessions(Arc::new(purchases.clone())),
            purchases,
            db,
            bus,
            name: worker,
            slots: config.slots,
            // A fetch that is dropped may have been paid for. Each of its parts has a limit of its
            // own, so one that takes longer than all of them together is a mistake of ours.
            time_limit: config.courts.total_timeout * MOST_REQUESTS + BESIDE_THE_COURT,
        })
    }

    /// Takes jobs of a kind until `shutdown`, then finishes those under way, and what they paid for.
    /// Says meanwhile that it does.
    ///
    /// # Errors
    /// When the bus cannot be used.
    pub async fn work<J: JobHandler>(
        &self,
        kind: JobKind,
        job: J,
        shutdown: CancellationToken,
    ) -> Result<(), fetch_bus::Error> {
        let worker = WorkerConfig {
            kind,
            slots: self.slots,
            time_limit: self.time_limit,
        };
        let (queue, bus, job) = (&self.purchases.stores.queue, &self.bus, Arc::new(job));
        presence::work(queue, bus, &self.name, worker, job, shutdown).await?;
        self.purchases.written_down().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fetch_runtime::Mistakes;

    use super::*;

    #[test]
    fn no_session_goes_to_another_host_in_plain_text() {
        let usual = [
            ("DATABASE_URL", "postgres://localhost/p"),
            ("BLOB_URL", "blobs"),
            ("SESSION_KEY", &*"ab".repeat(32)),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        let read = |more: &[(&str, &str)]| {
            let more = more
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()));
            Settings::of(usual.clone().into_iter().chain(more)).read::<FetcherConfig>()
        };
        for plain in ["http://{host}", "http://court:8400/{court}"] {
            let plain = ("COURT_URL", plain);
            let Mistakes(mistakes) = read(&[plain]).unwrap_err();
            assert!(
                mistakes[0].starts_with("PACER_FETCH_COURT_URL"),
                "{mistakes:?}"
            );
            read(&[plain, ("COURTS_ALLOW_PLAIN", "true")]).unwrap();
        }
        read(&[]).unwrap();
        read(&[("COURT_URL", "http://127.0.0.1:8400/{court}")]).unwrap();
    }
}
