//! What the process is made of.

use std::future::Future;

use anyhow::Context;
use axum::{Extension, Router, routing::post};
use fetch_bus::Role;
use fetch_model::budget::Limits;
use fetch_runtime::Process;
use fetch_store::{Store, court_settings::CourtChange};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::info;

use crate::{
    Config,
    api::{Api, ApiParts},
    dispatch, grpc, read,
    submit::{self, Door},
    sweep,
    wakeups::Wakeups,
    workers,
};

/// Runs the service until it is told to stop.
///
/// # Errors
/// When a neighbour that it cannot do without is away at the start, or an address is taken. A
/// schema that is too old is waited for.
pub async fn serve(process: Process<Config>) -> anyhow::Result<()> {
    let config = process.config();
    let store = Store::connect(&config.store)
        .await?
        .confirming_within(config.commit_wait);
    store
        .until_migrated(|old| process.waits_for(&old.to_string()))
        .await?;
    store.add_new_courts().await?;
    apply_court_settings(&store, config).await?;
    if config.budget != Limits::default() {
        store.set_budget(None, config.budget).await?;
    }
    let bus = fetch_bus::connect(Role::Gateway, &config.bus).await?;
    let api = Api::new(ApiParts {
        store: store.clone(),
        public_url: config.public_url.clone(),
        time_zone: config.time_zone,
        body_limit_bytes: config.body_limit_bytes,
    });
    let accepted = Wakeups::default();
    let door = Door::new(api.clone(), bus.clone(), config.login_shared_key.clone())
        .buying_once_more_up_to(config.once_more)
        .calling(accepted.clone());
    let http = TcpListener::bind(config.http_listen)
        .await
        .context("HTTP_LISTEN")?;
    let grpc = TcpListener::bind(config.grpc_listen)
        .await
        .context("GRPC_LISTEN")?;
    info!(http = %http.local_addr()?, grpc = %grpc.local_addr()?, "listening");
    process.ready_when(
        "postgres",
        probe_of(
            store.clone(),
            |store| async move { Ok(store.probe().await?) },
        ),
    );
    process.ready_when(
        "nats",
        probe_of(bus.clone(), |bus| async move { Ok(bus.probe().await?) }),
    );

    let stop = process.shutdown();
    let watched = workers::Watched::default();
    process.remark("workers", {
        let watched = watched.clone();
        move || watched.remark()
    });
    let background = [
        tokio::spawn(workers::watch(store.clone(), watched, stop.clone())),
        tokio::spawn(dispatch::run(
            store.clone(),
            bus.clone(),
            accepted,
            stop.clone(),
        )),
        tokio::spawn(sweep::run(store, bus, stop.clone())),
    ];
    let serving_http = axum::serve(http, router(api, door.clone()))
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    let serving_grpc = grpc::server(door)?
        .serve_with_incoming_shutdown(TcpListenerStream::new(grpc), stop.cancelled_owned());
    tokio::try_join!(async { serving_http.await.context("HTTP") }, async {
        serving_grpc.await.context("gRPC")
    },)?;
    for task in background {
        task.await?;
    }
    Ok(())
}

/// Settings of the process go before those that the operator made earlier; what is not set stays.
async fn apply_court_settings(store: &Store, config: &Config) -> anyhow::Result<()> {
    let change = CourtChange {
        gap_ms: config.court_gap_ms,
        cap: config.court_cap,
        account_cap: config.court_account_cap,
        bulk_window: config.court_bulk_window,
    };
    if change != CourtChange::default() {
        store.change_courts(None, change).await?;
    }
    if let Some(cap) = config.account_cap {
        store.set_account_cap(cap).await?;
    }
    Ok(())
}

/// The whole HTTP API.
pub fn router(api: Api, door: Door) -> Router {
    read::router(api, post(submit::post))
        .layer(Extension(door))
        .layer(CatchPanicLayer::new())
}

fn probe_of<T, F, A>(subject: T, probe: F) -> impl Fn() -> A + Send + Sync + 'static
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> A + Send + Sync + 'static,
    A: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    move || probe(subject.clone())
}
