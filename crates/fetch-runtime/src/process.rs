//! The frame in which every service runs.

use std::{fmt, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    FromEnv, Settings,
    health::{self, Probes},
    protect::{self, protect_this_process},
    question::{Question, probe_of},
    shutdown::Signals,
    telemetry::{self, TelemetryConfig},
};

/// What a service receives: its settings, the shutdown signal, and the registry of its probes.
pub struct Process<C> {
    name: &'static str,
    config: Arc<C>,
    shutdown: CancellationToken,
    probes: Probes,
}

impl<C> Process<C> {
    /// A process for a service that runs inside another program, such as a test: it has no
    /// signals, no telemetry and no admin server of its own, and stops when `shutdown` says so.
    pub fn in_place(name: &'static str, config: C, shutdown: CancellationToken) -> Process<C> {
        Process {
            name,
            config: Arc::new(config),
            shutdown,
            probes: Probes::default(),
        }
    }

    /// The name of the service.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The settings.
    pub fn config(&self) -> &C {
        &self.config
    }

    /// The shutdown signal: take no new work, bring running work to a safe point, and return.
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Reports what a starting process waits for, in the log and at `/readyz`. The same message is
    /// logged only once.
    pub fn waits_for(&self, what: &str) {
        if self.probes.wait_for(what) {
            warn!(service = self.name, "waiting: {what}");
        }
    }

    /// Registers what the process cannot work without, as in `ready_when("postgres", store, Store::probe)`. It is
    /// ready while every probe passes, and not before the first is registered.
    pub fn ready_when<T, Q>(&self, name: &'static str, subject: T, probe: Q)
    where
        T: Clone + Send + Sync + 'static,
        Q: for<'a> Question<'a, T>,
    {
        self.probes.add(name, probe_of(subject, probe));
    }
}

impl<C> Process<C> {
    /// Says what the process does less without: `/readyz` tells while the probe fails, with what is
    /// not done then (`without`), and the process stays ready for the rest.
    pub fn does_less_without<T, Q>(
        &self,
        name: &'static str,
        without: &'static str,
        subject: T,
        probe: Q,
    ) where
        T: Clone + Send + Sync + 'static,
        Q: for<'a> Question<'a, T>,
    {
        let probe = probe_of(subject, probe);
        self.probes.add_helper(name, without, probe);
    }

    /// Has `/readyz` say one thing more, which whoever looks should know and which makes the process
    /// neither ready nor unready: `remark` is asked each time, and says nothing by an empty string.
    pub fn remark<F>(&self, name: &'static str, remark: F)
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.probes.add_remark(name, remark);
    }
}

impl<C> fmt::Debug for Process<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Process")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The settings of the frame itself.
struct FrameConfig {
    telemetry: TelemetryConfig,
    admin_listen: SocketAddr,
    grace: Duration,
    /// Whether a process that cannot be protected does not start.
    require_confinement: bool,
}

/// How long running work may take to come to a safe point, where nothing is said of it.
const GRACE: Duration = Duration::from_secs(150);

/// What comes after the longest step.
const AFTER_A_STEP: Duration = Duration::from_secs(60);

/// How long a process of this configuration works on when it is told to stop, unless
/// it is set.
#[must_use]
pub fn usual_grace<C: FromEnv>(config: &C) -> Duration {
    config
        .longest_step()
        .map_or(GRACE, |step| step + AFTER_A_STEP)
}

impl FrameConfig {
    fn of(settings: &mut Settings, config: &impl FromEnv) -> FrameConfig {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        FrameConfig {
            telemetry: TelemetryConfig::from_env(settings),
            admin_listen: settings.parsed("ADMIN_LISTEN", anywhere, |text| {
                text.parse()
                    .map_err(|_| "must be an address such as 127.0.0.1:9090".to_owned())
            }),
            grace: grace(settings, config),
            require_confinement: settings.flag("REQUIRE_CONFINEMENT", false),
        }
    }
}

fn grace(settings: &mut Settings, config: &impl FromEnv) -> Duration {
    let grace = settings.duration_ms("GRACE_MS", usual_grace(config));
    if let Some(step) = config.longest_step()
        && grace < step
    {
        let least = step.as_millis();
        let why = format!(
            "must be {least} or more: a purchase may take that long, and is paid for even if it is \
             interrupted"
        );
        settings.mistake("GRACE_MS", &why);
    }
    grace
}

/// What is said at the start, for people.
struct Told {
    /// The settings that are in use.
    settings: String,
    /// What keeps the secrets of this process in it.
    protection: String,
}

struct Both<C>(FrameConfig, C);

impl<C: FromEnv> FromEnv for Both<C> {
    fn from_env(settings: &mut Settings) -> Both<C> {
        let config = C::from_env(settings);
        Both(FrameConfig::of(settings, &config), config)
    }
}

/// Runs a service as this process: closes its memory and the files that it makes to others, reads the settings, starts itself
/// again without those that are secret and came in the environment (so it is to be called first in
/// `main`), starts telemetry and the admin server, and calls `serve`. SIGTERM and SIGINT cancel
/// [`Process::shutdown`]; the service then has
/// `PACER_FETCH_GRACE_MS` to end, a second signal ends it at once, and so does the first while it
/// is still starting. Telemetry is flushed whatever happens.
///
/// # Errors
/// When settings are wrong (all mistakes at once, before anything starts), when the frame cannot
/// start, or when the service ended with an error.
pub fn run<C, F>(name: &'static str, serve: impl FnOnce(Process<C>) -> F) -> anyhow::Result<()>
where
    C: FromEnv,
    F: Future<Output = anyhow::Result<()>>,
{
    protect_this_process();
    protect::keep_files_private();
    let handed_on = protect::handed_on().context("cannot read the settings")?;
    let mut settings = Settings::of_this_process().with_handed_on(handed_on);
    let Both(frame, config) = settings.read::<Both<C>>()?;
    let protection = protected(&settings, frame.require_confinement)?;
    let shown: Vec<String> = settings
        .asked()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let told = Told {
        settings: shown.join(" "),
        protection,
    };
    drop(settings);
    // Everything that speaks TLS in this process shares one provider; a second start is harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?;
    let result = runtime.block_on(run_inside(name, &frame, &told, config, serve));
    // Jobs that outlived the grace period are not waited for.
    runtime.shutdown_background();
    result
}

/// Takes the secrets out of the environment and protects this process, and says what came of it.
///
/// # Errors
/// When some of it cannot be done and is required.
fn protected(settings: &Settings, required: bool) -> anyhow::Result<String> {
    let emptied = protect::empty_environment(settings);
    let protection = protect_this_process();
    let is_whole = emptied.is_ok() && protection.is_enforced();
    let said = match emptied {
        Ok(()) => format!("{protection}, no secret in the environment"),
        Err(error) => format!("{protection}, SECRETS STAY in the environment: {error}"),
    };
    anyhow::ensure!(is_whole || !required, "cannot confine this process: {said}");
    Ok(said)
}

async fn run_inside<C, F>(
    name: &'static str,
    frame: &FrameConfig,
    told: &Told,
    config: C,
    serve: impl FnOnce(Process<C>) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let telemetry = telemetry::start(name, &frame.telemetry)?;
    let listener = health::listen(frame.admin_listen)
        .await
        .with_context(|| format!("cannot listen on the admin address {}", frame.admin_listen))?;
    let address = listener
        .local_addr()
        .context("the admin port has no address")?;
    let version = env!("CARGO_PKG_VERSION");
    info!(service = name, version, admin.address = %address, settings = told.settings, protection = told.protection, "starting");

    let process = Process::in_place(name, config, CancellationToken::new());
    let (probes, shutdown) = (process.probes.clone(), process.shutdown());
    let stop_admin = CancellationToken::new();
    let registry = telemetry.registry.clone();
    let admin = health::serve(
        listener,
        probes.clone(),
        registry,
        shutdown.clone(),
        stop_admin.clone(),
    );
    let admin = tokio::spawn(admin);

    let result = until_told(serve(process), &probes, &shutdown, frame.grace).await;
    match &result {
        Ok(()) => info!(service = name, "stopped"),
        Err(error) => error!(
            service = name,
            error = format!("{error:#}"),
            "stopped because of an error"
        ),
    }
    stop_admin.cancel();
    if admin.await.is_err() {
        warn!("the admin server panicked");
    }
    if tokio::task::spawn_blocking(move || telemetry.flush())
        .await
        .is_err()
    {
        warn!("could not flush telemetry");
    }
    result
}

async fn until_told(
    serving: impl Future<Output = anyhow::Result<()>>,
    probes: &Probes,
    shutdown: &CancellationToken,
    grace: Duration,
) -> anyhow::Result<()> {
    let mut signals = Signals::listen().context("signals cannot be heard")?;
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        result = &mut serving => return result,
        () = signals.next() => {}
    }
    info!("received a signal to stop");
    shutdown.cancel();
    if probes.is_empty() {
        // Still starting: perhaps waiting for a neighbour that never comes. Nothing is lost.
        return Ok(());
    }
    tokio::select! {
        result = &mut serving => result,
        () = signals.next() => {
            warn!("received a second signal: stopping immediately");
            Ok(())
        }
        () = time::sleep(grace) => {
            warn!(grace_ms = grace.as_millis(), "the grace period is over; unfinished work is \
                taken over when its leases expire");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mistakes;

    /// Waits for answers for so many seconds.
    struct Buyer(Duration);

    impl FromEnv for Buyer {
        fn from_env(settings: &mut Settings) -> Buyer {
            Buyer(Duration::from_secs(settings.number(
                "ANSWER_SECONDS",
                600,
                1..=3600,
            )))
        }

        fn longest_step(&self) -> Option<Duration> {
            Some(self.0)
        }
    }

    fn grace_with<C: FromEnv>(variables: &[(&str, &str)]) -> Result<u64, Mistakes> {
        let both = Settings::of(variables.iter().copied()).read::<Both<C>>()?;
        Ok(both.0.grace.as_secs())
    }

    #[test]
    fn what_is_paid_for_is_not_cut_off_by_the_word_to_stop() {
        assert_eq!(grace_with::<Buyer>(&[]), Ok(660));
        assert_eq!(grace_with::<Buyer>(&[("ANSWER_SECONDS", "3600")]), Ok(3660));
        let short = ("GRACE_MS", "150000");
        assert_eq!(
            grace_with::<Buyer>(&[short, ("ANSWER_SECONDS", "150")]),
            Ok(150)
        );
        let Mistakes(mistakes) = grace_with::<Buyer>(&[short]).unwrap_err();
        assert!(
            mistakes[0].starts_with("PACER_FETCH_GRACE_MS must be 600000 or more"),
            "{mistakes:?}"
        );
        // Whoever buys nothing may be told to hurry.
        assert_eq!(grace_with::<()>(&[]), Ok(150));
        assert_eq!(grace_with::<()>(&[("GRACE_MS", "10")]), Ok(0));
    }
}
