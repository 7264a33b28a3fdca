//! The admin server: whether the process lives, whether it can work, and what it counts.
//!
//! It is plain HTTP wherever it listens, since orchestrators ask so, and it serves no secret: no
//! address, no name of a user or a party, no number of a request.

use std::{
    collections::BTreeMap,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus::{Encoder, Registry, TextEncoder};
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::listener::{ConnectionLimits, Listener, Protocols};

/// A probe that has not answered by then has failed.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

type Answer = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;
type Probe = Arc<dyn Fn() -> Answer + Send + Sync>;

type Remark = Arc<dyn Fn() -> String + Send + Sync>;

/// The probes of what this process cannot work without.
#[derive(Clone, Default)]
pub(crate) struct Probes {
    all: Arc<RwLock<BTreeMap<&'static str, Probe>>>,
    /// The probes of what it can do less without, and what it cannot do then.
    helpers: Arc<RwLock<BTreeMap<&'static str, (Probe, &'static str)>>>,
    /// What is worth knowing beside them.
    remarks: Arc<RwLock<BTreeMap<&'static str, Remark>>>,
    /// What was wrong when they were last asked, so that it is logged once.
    wrong: Arc<Mutex<BTreeMap<&'static str, String>>>,
    /// What the process waits for before it can register any.
    waits_for: Arc<Mutex<Option<String>>>,
}

/// Why a probe fails, as a text that `/readyz` may show: it must contain no address and no secret.
/// Other errors appear only in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PublicReason(pub String);

impl Probes {
    pub(crate) fn add<F, A>(&self, name: &'static str, probe: F)
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let probe: Probe = Arc::new(move || Box::pin(probe()));
        self.all
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, probe);
    }

    pub(crate) fn add_helper<F, A>(&self, name: &'static str, without: &'static str, probe: F)
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let probe: Probe = Arc::new(move || Box::pin(probe()));
        self.helpers
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, (probe, without));
    }

    pub(crate) fn add_remark<F>(&self, name: &'static str, remark: F)
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.remarks
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, Arc::new(remark));
    }

    /// What is worth knowing and hinders nothing, a line each.
    fn remarks(&self) -> String {
        let remarks = self
            .remarks
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let lines = remarks.into_iter().map(|(name, remark)| (name, remark()));
        lines
            .filter(|(_, remark)| !remark.is_empty())
            .map(|(name, remark)| format!("{name}: {remark}\n"))
            .collect()
    }

    /// Whether that is new.
    pub(crate) fn wait_for(&self, what: &str) -> bool {
        let mut waits_for = self
            .waits_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = waits_for.replace(what.to_owned());
        before.as_deref() != Some(what)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    /// Asks each probe; the report has a line for each.
    async fn ask(&self) -> (bool, String) {
        let probes = self
            .all
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        // Probes are registered once their clients exist: before that, nothing can work.
        if probes.is_empty() {
            let waits_for = self
                .waits_for
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let waiting = waits_for.as_ref().map(|what| format!("waiting: {what}\n"));
            return (false, waiting.unwrap_or_else(|| "starting\n".to_owned()));
        }
        let mut ready = true;
        let mut report = String::new();
        for (name, probe) in probes {
            let answer = self.ask_one(name, &probe).await;
            ready &= answer.is_ok();
            report += &match &answer {
                Ok(()) => format!("{name}: ok\n"),
                Err(error) => match error.downcast_ref::<PublicReason>() {
                    Some(reason) => format!("{name}: failed: {reason}\n"),
                    None => format!("{name}: failed\n"),
                },
            };
        }
        let helpers = self
            .helpers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for (name, (probe, without)) in helpers {
            report += &match self.ask_one(name, &probe).await {
                Ok(()) => format!("{name}: ok\n"),
                Err(_) => format!("{name}: failed: {without}\n"),
            };
        }
        report += &self.remarks();
        (ready, report)
    }

    async fn ask_one(&self, name: &'static str, probe: &Probe) -> anyhow::Result<()> {
        let answer = match time::timeout(PROBE_LIMIT, probe()).await {
            Ok(answer) => answer,
            Err(_) => Err(anyhow::anyhow!("no answer within {PROBE_LIMIT:?}")),
        };
        self.log_once(name, answer.as_ref().err());
        answer
    }

    /// Whoever asks every few seconds is told each time; the log is told what has changed.
    fn log_once(&self, name: &'static str, error: Option<&anyhow::Error>) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(error) = error.map(|error| format!("{error:#}")) else {
            if wrong.remove(name).is_some() {
                info!(probe = name, "a health check passes again");
            }
            return;
        };
        if wrong.get(name) != Some(&error) {
            warn!(probe = name, error, "a health check failed");
            wrong.insert(name, error);
        }
    }
}

#[derive(Clone)]
struct Admin {
    probes: Probes,
    registry: Registry,
    shutdown: CancellationToken,
}

/// Answers on `listener` until `stop`. `shutdown` makes the process unready.
pub(crate) async fn serve(
    listener: Listener,
    probes: Probes,
    registry: Registry,
    shutdown: CancellationToken,
    stop: CancellationToken,
) {
    let routes = Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(Admin {
            probes,
            registry,
            shutdown,
        });
    listener.serve(routes, stop).await;
}

/// Takes the admin port.
pub(crate) async fn listen(address: SocketAddr) -> std::io::Result<Listener> {
    Listener::bind(address, ConnectionLimits::of_a_few(), Protocols::Any).await
}

async fn readyz(State(admin): State<Admin>) -> Response {
    if admin.shutdown.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    let (ready, report) = admin.probes.ask().await;
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, report).into_response()
}

async fn metrics(State(admin): State<Admin>) -> Response {
    let encoder = TextEncoder::new();
    let mut text = Vec::new();
    match encoder.encode(&admin.registry.gather(), &mut text) {
        Ok(()) => (
            [(header::CONTENT_TYPE, encoder.format_type().to_owned())],
            text,
        )
            .into_response(),
        Err(error) => {
            warn!(
                error = &error as &dyn std::error::Error,
                "could not render the metrics"
            );
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    async fn start(probes: Probes, shutdown: CancellationToken) -> (String, CancellationToken) {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(serve(
            listener,
            probes,
            Registry::new(),
            shutdown,
            stop.clone(),
        ));
        (base, stop)
    }

    async fn status(base: &str, path: &str) -> (u16, String) {
        // The default connector wants a TLS provider even for plain HTTP.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let answer = reqwest::get(format!("{base}{path}")).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    #[tokio::test]
    async fn ready_means_that_every_probe_passes() {
        let (probes, shutdown) = (Probes::default(), CancellationToken::new());
        let (base, stop) = start(probes.clone(), shutdown.clone()).await;
        assert_eq!(status(&base, "/livez").await.0, 200);
        assert_eq!(
            status(&base, "/readyz").await,
            (503, "starting\n".to_owned())
        );
        assert!(probes.wait_for("somebody to sell tickets"));
        assert!(!probes.wait_for("somebody to sell tickets"), "not new");
        assert_eq!(
            status(&base, "/readyz").await,
            (503, "waiting: somebody to sell tickets\n".to_owned())
        );

        let well = Arc::new(AtomicBool::new(true));
        let asked = well.clone();
        probes.add("bus", move || {
            let well = asked.load(Ordering::SeqCst);
            async move {
                if well {
                    Ok(())
                } else {
                    anyhow::bail!("the bus is away")
                }
            }
        });
        assert_eq!(
            status(&base, "/readyz").await,
            (200, "bus: ok\n".to_owned())
        );
        well.store(false, Ordering::SeqCst);
        // What exactly is wrong is for the log, not for whoever can reach the port.
        assert_eq!(
            status(&base, "/readyz").await,
            (503, "bus: failed\n".to_owned())
        );
        well.store(true, Ordering::SeqCst);
        probes.add_remark("quiet", String::new);
        probes.add_remark("workers", || "no pdf-fetcher is taking work".to_owned());
        assert_eq!(
            status(&base, "/readyz").await,
            (
                200,
                "bus: ok\nworkers: no pdf-fetcher is taking work\n".to_owned()
            )
        );
        probes.add("blobs", || async {
            Err(PublicReason("the disk is full".to_owned()).into())
        });
        assert_eq!(
            status(&base, "/readyz").await.1,
            "blobs: failed: the disk is full\nbus: ok\nworkers: no pdf-fetcher is taking work\n"
        );
        probes.add("blobs", || async { Ok(()) });
        probes.add_helper("letters", "nothing is sent", || async {
            anyhow::bail!("none")
        });
        assert_eq!(
            status(&base, "/readyz").await,
            (
                200,
                "blobs: ok\nbus: ok\nletters: failed: nothing is sent\n\
                 workers: no pdf-fetcher is taking work\n"
                    .to_owned()
            )
        );
        shutdown.cancel();
        assert_eq!(
            status(&base, "/readyz").await,
            (503, "stopping\n".to_owned())
        );
        assert_eq!(status(&base, "/livez").await.0, 200);
        stop.cancel();
    }
}
