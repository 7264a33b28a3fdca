//! What the process is made of.

use std::{
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context;
use axum::{Extension, Router, middleware, routing::post};
use fetch_bus::{Bus, Role};
use fetch_control::Control;
use fetch_db::{Db, lookout::Lookout};
use fetch_model::{DatabaseRole, budget::Limits};
use fetch_queue::court_settings::CourtChange;
use fetch_runtime::{
    Process,
    listener::{Listener, ListenerConfig, Protocols, Tls},
    probe_of,
};
use tokio::time;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{info, warn};
use url::Url;

use crate::{
    Config,
    announcements::Announcements,
    api::{Api, ApiParts},
    dispatch, dressed,
    event_broadcast::EventBroadcast,
    file_access::FileAccess,
    front::{self, Front, Spelling},
    grpc,
    guard::Guard,
    lists::Lists,
    login_records,
    reach::{self, Reach, Watcher},
    read,
    submit::{self, Intake, Messages},
    sweep,
    wakeups::Wakeups,
    webhooks::{WebhookCalls, deliver::Deliveries},
    well_known, workers,
};

/// How long the process calls itself unready while NATS is away at its start. Then it is ready for
/// what can be done without.
const PATIENCE_WITH_BUS: Duration = Duration::from_secs(10);

/// Between two attempts at a database that is away at the start.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs the service until it is told to stop. It listens at once, and refuses what
/// cannot be done yet: all while the database is away or its schema too old, and what has to be
/// logged in while NATS is.
///
/// # Errors
/// When an address is taken, a setting cannot be used, or a neighbour is there and unfit.
pub async fn serve(process: Process<Config>) -> anyhow::Result<()> {
    let config = process.config();
    let control = Control::new(Db::open(&config.db)?.confirming_within(config.commit_wait));
    let (database, away) = reach::unseen();
    let (messages, silent) = reach::unseen();
    let api = Api::new(ApiParts {
        control: control.clone(),
        public_url: config.public_url.clone(),
        time_zone: config.db.time_zone,
        body_limit_bytes: config.body_limit_bytes,
        guard: Guard::new(&config.limits),
        files: FileAccess::new(config.files.clone(), &config.login_shared_key),
        lists: Lists::new(config.lists),
        webhooks: WebhookCalls {
            targets: config.webhook_targets,
            ..WebhookCalls::default()
        },
    });
    let house = House {
        process: &process,
        api: api.clone(),
        control,
        reach: away.clone(),
        bus: Arc::default(),
        announcements: Announcements::default(),
        events: EventBroadcast::default(),
        accepted: Wakeups::default(),
        doors_closed: CancellationToken::new(),
    };
    let intake = Intake::new(api.clone(), house.bus.clone())
        .buying_once_more_up_to(config.once_more)
        .watching(silent)
        .knowing(away.clone())
        .until(process.shutdown())
        .telling(house.announcements.clone(), house.events.clone())
        .calling(house.accepted.clone());
    let fronts = Fronts::open(config).await?;
    let closed = house.doors_closed.clone().drop_guard();
    let doors = async {
        // Whoever is inside may wait for a login, and that for its records.
        let _closed = closed;
        fronts.serve(api, intake, &away, &process).await
    };
    tokio::try_join!(doors, house.keep(database, messages))?;
    Ok(())
}

/// The two front doors.
struct Fronts {
    tls: Option<Tls>,
    http: Listener,
    grpc: Listener,
}

impl Fronts {
    async fn open(config: &Config) -> anyhow::Result<Fronts> {
        let ListenerConfig { tls, limits, .. } = &config.listener;
        let limits = limits.clone().within_descriptors(2);
        let tls = tls.as_ref().map(Tls::open).transpose()?;
        let open = async |address, protocols| {
            let listener = Listener::bind(address, limits.clone(), protocols).await?;
            anyhow::Ok(listener.encrypted(tls.as_ref()))
        };
        let http = open(config.http_listen, Protocols::Any).await;
        let grpc = open(config.grpc_listen, Protocols::Http2).await;
        let (http, grpc) = (http.context("HTTP_LISTEN")?, grpc.context("GRPC_LISTEN")?);
        if config.listener.behind_proxy && config.listener.proxies.is_empty() {
            warn!(
                "PACER_FETCH_BEHIND_PROXY is set and PACER_FETCH_TRUSTED_PROXIES is not: no proxy is \
                 believed, all callers count as one, and links begin with what the proxy asks for"
            );
        }
        info!(
            http = %http.local_addr()?,
            grpc = %grpc.local_addr()?,
            encrypted = tls.is_some(),
            "listening"
        );
        Ok(Fronts { tls, http, grpc })
    }

    async fn serve(
        self,
        api: Api,
        intake: Intake,
        database: &Reach,
        process: &Process<Config>,
    ) -> anyhow::Result<()> {
        let stop = process.shutdown();
        let refused = front::refused_calls();
        let guarded = |routes: Router, spelling| {
            let front = Front {
                spelling,
                database: database.clone(),
                refused: refused.clone(),
            };
            routes.layer(middleware::from_fn_with_state(front, front::pass))
        };
        let contact = process.config().security_contact.clone();
        let rest = rest(api, intake.clone(), contact);
        let rest = dressed(guarded(rest, Spelling::Rest));
        let grpc = guarded(grpc::server(intake, database.clone())?, Spelling::Grpc);
        if let Some(tls) = self.tls {
            tokio::spawn(tls.follow(stop.clone()));
        }
        tokio::join!(
            self.http.serve(rest, stop.clone()),
            self.grpc.serve(grpc, stop)
        );
        Ok(())
    }
}

/// What goes on behind the doors.
struct House<'a> {
    process: &'a Process<Config>,
    api: Api,
    control: Control,
    /// What the front doors go by: while the database counts as away, they refuse everything.
    reach: Reach,
    /// Empty until NATS was reached.
    bus: Arc<OnceLock<Messages>>,
    announcements: Announcements,
    events: EventBroadcast,
    accepted: Wakeups,
    /// Cancelled when the last caller was answered.
    doors_closed: CancellationToken,
}

impl House<'_> {
    /// Gets hold of the neighbours, and then works until the process is told to stop.
    async fn keep(self, database: Watcher, messages: Watcher) -> anyhow::Result<()> {
        let stop = self.process.shutdown();
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            prepared = self.prepare() => prepared?,
        }
        let lookout = self.control.db.lookout();
        let look = probe_of(lookout, Lookout::look);
        let noting = (self.api.clone(), stop.clone());
        let counting = noting.clone();
        let mut background = vec![
            tokio::spawn(database.watch("postgres", look, stop.clone())),
            tokio::spawn(async move {
                let (api, stop) = noting;
                api.guard.tokens.note(&api.control, stop).await;
            }),
            tokio::spawn(async move {
                let (api, stop) = counting;
                api.guard.calls.note(&api.control, stop).await;
            }),
        ];
        background.push({
            let queue = self.control.queue.clone();
            let announced = self.announcements.subscribe();
            tokio::spawn(self.events.clone().follow(queue, announced, stop.clone()))
        });
        background.push({
            let WebhookCalls { targets, called } = self.api.webhooks.clone();
            let zone = self.api.time_zone;
            let deliveries = Deliveries::new(self.control.clone(), targets, zone, called)?;
            let announced = self.announcements.subscribe();
            tokio::spawn(deliveries.run(announced, stop.clone()))
        });
        let bus = tokio::select! {
            () = stop.cancelled() => None,
            bus = self.reach_bus() => Some(bus?),
        };
        if let Some(bus) = bus {
            let look = probe_of(bus.clone(), is_connected);
            let (control, accepted) = (self.control.clone(), self.accepted.clone());
            background.extend([
                tokio::spawn(messages.watch("nats", look, stop.clone())),
                tokio::spawn(
                    self.announcements
                        .clone()
                        .hand_on(bus.clone(), stop.clone()),
                ),
                tokio::spawn(login_records::serve(
                    control.db.clone(),
                    bus.clone(),
                    self.reach.clone(),
                    self.doors_closed.clone(),
                )),
                tokio::spawn(dispatch::run(
                    control.clone(),
                    bus.clone(),
                    accepted,
                    stop.clone(),
                )),
                tokio::spawn(sweep::run(control, bus, stop)),
            ]);
        }
        for task in background {
            task.await?;
        }
        Ok(())
    }

    /// Waits for the database and its schema, and writes down what the settings say.
    async fn prepare(&self) -> anyhow::Result<()> {
        loop {
            match self.write_down_settings().await {
                Err(error) if error.is_absence() => {
                    self.process.waits_for("the database cannot be reached");
                    time::sleep(LOOK_EVERY).await;
                }
                done => return Ok(done?),
            }
        }
    }

    async fn write_down_settings(&self) -> Result<(), fetch_db::Error> {
        let (control, config) = (&self.control, self.process.config());
        control.db.lookout().look().await?;
        control
            .db
            .until_migrated(|old| self.process.waits_for(&old.to_string()))
            .await?;
        control
            .db
            .ensure_least_rights(DatabaseRole::Gateway)
            .await?;
        control.queue.add_new_courts().await?;
        apply_court_settings(control, config).await?;
        if config.budget != Limits::default() {
            control.ledger.set_budget(None, config.budget).await?;
        }
        for (what, days) in &config.retention.0 {
            control.db.set_retention(*what, Some(*days)).await?;
        }
        Ok(())
    }

    /// Connects to NATS. The process is ready once it has, or when that takes long.
    async fn reach_bus(&self) -> anyhow::Result<Bus> {
        let config = self.process.config();
        let mut connecting = pin!(fetch_bus::connect(Role::Gateway, &config.bus));
        let connected = time::timeout(PATIENCE_WITH_BUS, &mut connecting).await;
        self.tell_when_ready();
        let bus = match connected {
            Ok(bus) => bus?,
            Err(_) => connecting.await?,
        };
        // Nobody else fills it.
        let shared = config.login_shared_key.clone();
        let _ = self.bus.set(Messages::new(bus.clone(), shared));
        Ok(bus)
    }

    fn tell_when_ready(&self) {
        let (process, control) = (self.process, &self.control);
        let both = (self.reach.clone(), control.clone());
        process.ready_when("postgres", both, can_be_reached);
        let without = "no new requests are accepted; existing data can be read";
        process.does_less_without("nats", without, self.bus.clone(), was_reached);
        let watched = workers::Watched::default();
        process.remark("workers", {
            let watched = watched.clone();
            move || watched.remark()
        });
        tokio::spawn(workers::watch(control.clone(), watched, process.shutdown()));
    }
}

/// Settings of the process go before those that the operator made earlier; what is not set stays.
async fn apply_court_settings(control: &Control, config: &Config) -> Result<(), fetch_db::Error> {
    let change = CourtChange {
        gap_ms: config.court_gap_ms,
        cap: config.court_cap,
        account_cap: config.court_account_cap,
        bulk_window: config.court_bulk_window,
    };
    if change != CourtChange::default() {
        control.queue.change_courts(None, change).await?;
    }
    if let Some(cap) = config.account_cap {
        control.queue.set_account_cap(cap).await?;
    }
    Ok(())
}

/// The whole HTTP API. `contact` is where to report a weakness.
pub fn rest(api: Api, intake: Intake, contact: Option<Url>) -> Router {
    read::router(api, post(submit::post))
        .layer(Extension(intake))
        .layer(CatchPanicLayer::new())
        .merge(well_known::router(contact))
}

async fn is_connected(bus: &Bus) -> anyhow::Result<()> {
    anyhow::ensure!(bus.is_connected(), "not connected");
    Ok(())
}

/// What is known of the database must not be older than what it answers.
async fn can_be_reached((reach, control): &(Reach, Control)) -> anyhow::Result<()> {
    reach.probe()?;
    Ok(control.db.probe().await?)
}

async fn was_reached(bus: &Arc<OnceLock<Messages>>) -> anyhow::Result<()> {
    let messages = bus.get().context("not connected yet")?;
    Ok(messages.bus.probe().await?)
}
