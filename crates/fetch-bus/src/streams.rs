//! The streams, consumers and buckets of the server, as they must be.
//!
//! The gateway creates and mends what carries jobs, the login service what belongs to logins, at
//! their start and again whenever something turns out to be missing: a server that lost its disk is
//! whole again within a second.

use std::{sync::PoisonError, time::Duration};

use async_nats::jetstream::{
    ErrorCode,
    consumer::{self, AckPolicy, DeliverPolicy, pull},
    context::{CreateStreamError, CreateStreamErrorKind, GetStreamError, GetStreamErrorKind},
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};
use tracing::warn;

use crate::{Bus, Error, JobKind, Role, error::OrUnavailable, subject};

pub(crate) const JOBS: &str = "FETCH_JOBS";
pub(crate) const EVENTS: &str = "FETCH_EVENTS";
pub(crate) const SESSIONS: &str = "PACER_SESSIONS";
pub(crate) const LOGIN_KEYS: &str = "LOGIN_KEYS";
pub(crate) const LOGINS: &str = "PACER_LOGINS";

pub(crate) const BUCKETS: [&str; 3] = [SESSIONS, LOGIN_KEYS, LOGINS];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// A message that nobody has answered for is delivered again after this.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(30);

/// Never the limit: only as much is released as courts allow.
const MAX_UNANSWERED: i64 = 10_000;

/// Messages are numbers of rows; anything larger is a mistake.
const MAX_MESSAGE_BYTES: i32 = 64 * 1024;

fn jobs() -> Config {
    Config {
        name: JOBS.to_owned(),
        subjects: vec![subject::ALL_JOBS.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        storage: StorageType::File,
        // Refuse rather than drop: the publisher then knows, and the sweeper publishes again.
        discard: DiscardPolicy::New,
        max_messages: 100_000,
        // Of a subject, and so of a request, the last one: what is said again takes the place of
        // what was said before, whether anybody has taken that or not.
        max_messages_per_subject: 1,
        discard_new_per_subject: false,
        max_message_size: MAX_MESSAGE_BYTES,
        max_age: DAY,
        duplicate_window: Duration::from_secs(120),
        allow_direct: true,
        ..Config::default()
    }
}

impl Bus {
    /// Has the server keep what is announced for so long; `None`: for good, up to a million. Nothing is
    /// asked if that was said before.
    ///
    /// # Errors
    /// When the server cannot be told, or does otherwise.
    pub async fn keep_events_for(&self, life: Option<Duration>) -> Result<(), Error> {
        let life = life.unwrap_or(Duration::ZERO);
        if self.events_life() == Some(life) {
            return Ok(());
        }
        let wanted = Config {
            max_age: life,
            ..events()
        };
        ensure_stream(self, wanted).await?;
        // Whoever mends the stream later makes it the same.
        let mut known = self
            .events_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *known = Some(life);
        Ok(())
    }

    fn events_life(&self) -> Option<Duration> {
        *self
            .events_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// As they are kept until somebody says how long.
fn events() -> Config {
    Config {
        name: EVENTS.to_owned(),
        subjects: vec![subject::ALL_EVENTS.to_owned()],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        max_messages: 1_000_000,
        max_message_size: MAX_MESSAGE_BYTES,
        max_age: DAY,
        duplicate_window: Duration::from_secs(120),
        allow_direct: true,
        ..Config::default()
    }
}

fn consumer(kind: JobKind) -> pull::Config {
    pull::Config {
        durable_name: Some(subject::consumer_of(kind)),
        filter_subject: subject::jobs_of(kind),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        // Attempts are counted in the row; the server must never decide to stop.
        max_deliver: -1,
        max_ack_pending: MAX_UNANSWERED,
        max_waiting: 2_048,
        ..pull::Config::default()
    }
}

/// The stream behind a bucket.
pub(crate) fn bucket_stream(name: &str) -> String {
    format!("KV_{name}")
}

/// What the subjects of a bucket's keys begin with.
pub(crate) fn bucket_prefix(name: &str) -> String {
    format!("$KV.{name}.")
}

/// Memory only: what is sealed is not even on a disk. The server sets `max_bytes` aside from its
/// memory at once, so it is little: room for tens of thousands of sessions.
fn bucket(name: &str) -> Config {
    Config {
        name: bucket_stream(name),
        subjects: vec![format!("{}>", bucket_prefix(name))],
        retention: RetentionPolicy::Limits,
        storage: StorageType::Memory,
        discard: DiscardPolicy::New,
        max_messages: -1,
        max_messages_per_subject: 1,
        max_message_size: if name == LOGINS { 64 * 1024 } else { 16 * 1024 },
        max_bytes: 32 * 1024 * 1024,
        max_age: match name {
            SESSIONS | LOGINS => HOUR,
            _ => Duration::ZERO,
        },
        duplicate_window: Duration::from_secs(120),
        allow_rollup: true,
        deny_delete: true,
        // A replica that lags behind must not answer for the leader.
        allow_direct: false,
        ..Config::default()
    }
}

/// Creates and mends what is this role's to ensure_streams, and sees whether there is what others ensure_streams.
pub(crate) async fn ensure_streams(bus: &Bus) -> Result<(), Error> {
    match bus.role {
        Role::Gateway => {
            ensure_stream(bus, jobs()).await?;
            ensure_events(bus).await?;
            for kind in JobKind::ALL {
                ensure_consumer(bus, kind).await?;
            }
        }
        Role::Login => {
            for name in BUCKETS {
                ensure_stream(bus, bucket(name)).await?;
            }
        }
        Role::DocketFetcher | Role::PdfFetcher | Role::Ocr => {
            for &kind in bus.role.works_on() {
                look_for_consumer(bus, kind).await?;
            }
        }
    }
    Ok(())
}

/// How long they are kept stays as it is while nobody has said it to this process.
async fn ensure_events(bus: &Bus) -> Result<(), Error> {
    let mut wanted = events();
    let found = bus.jetstream.get_stream(EVENTS).await.ok();
    let found = found.map(|stream| stream.cached_info().config.max_age);
    wanted.max_age = bus.events_life().or(found).unwrap_or(wanted.max_age);
    ensure_stream(bus, wanted).await
}

/// A gateway creates it; whoever came first waits.
async fn look_for_consumer(bus: &Bus, kind: JobKind) -> Result<(), Error> {
    let jobs = bus.jetstream.get_stream_no_info(JOBS).await;
    let found = jobs
        .or_unavailable("describe a stream")?
        .consumer_info(subject::consumer_of(kind))
        .await
        .or_unavailable("describe a consumer (a gateway creates it)")?;
    same_consumer(&consumer(kind), &found.config)
}

/// Three copies where servers form a cluster, one where there is one server.
fn copies(bus: &Bus) -> usize {
    if bus.client.server_info().cluster.is_some() {
        3
    } else {
        1
    }
}

async fn ensure_stream(bus: &Bus, mut wanted: Config) -> Result<(), Error> {
    let found = match bus.jetstream.get_stream(&wanted.name).await {
        Ok(stream) => stream.cached_info().config.clone(),
        Err(error) if is_missing(&error) => create_stream(bus, &mut wanted).await?,
        Err(error) => return Err(error).or_unavailable("describe a stream"),
    };
    // Where there are copies, and whether there are more of them, is the operator's business.
    let enough = found.num_replicas >= copies(bus);
    if same(&wanted, &found) && enough {
        return Ok(());
    }
    wanted.placement = found.placement.clone();
    wanted.num_replicas = found.num_replicas.max(copies(bus));
    let updated = match bus.jetstream.update_stream(&wanted).await {
        // A cluster that has no room for three copies, yet.
        Err(_) if !enough => {
            warn!(
                stream = wanted.name,
                copies = found.num_replicas,
                "the message servers have no room for three replicas; a stream has fewer"
            );
            wanted.num_replicas = found.num_replicas;
            bus.jetstream.update_stream(&wanted).await
        }
        updated => updated,
    };
    let echoed = updated.or_unavailable("mend a stream")?.config;
    // Servers leave out silently what they do not know.
    match same(&wanted, &echoed) {
        true => Ok(()),
        false => Err(differs(&wanted.name)),
    }
}

fn is_missing(error: &GetStreamError) -> bool {
    matches!(
        error.kind(),
        GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND
    )
}

async fn create_stream(bus: &Bus, wanted: &mut Config) -> Result<Config, Error> {
    wanted.num_replicas = copies(bus);
    let created = bus.jetstream.get_or_create_stream(wanted.clone()).await;
    let stream = match created {
        // A cluster of fewer than three.
        Err(error) if wanted.num_replicas > 1 && lacks_room(&error) => {
            wanted.num_replicas = 1;
            bus.jetstream.get_or_create_stream(wanted.clone()).await
        }
        created => created,
    }
    .or_unavailable("create a stream")?;
    Ok(stream.cached_info().config.clone())
}

fn lacks_room(error: &CreateStreamError) -> bool {
    matches!(
        error.kind(),
        CreateStreamErrorKind::JetStream(error) if [
            ErrorCode::CLUSTER_NO_PEERS,
            ErrorCode::INSUFFICIENT_RESOURCES,
            ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED,
        ]
        .contains(&error.error_code())
    )
}

fn same(wanted: &Config, found: &Config) -> bool {
    let what = |config: &Config| {
        (
            config.subjects.clone(),
            config.retention,
            config.storage,
            config.discard,
            config.max_messages,
            config.allow_direct,
            (
                config.max_messages_per_subject.max(0),
                config.discard_new_per_subject,
            ),
            config.max_message_size,
            config.max_age,
            config.duplicate_window,
        )
    };
    what(wanted) == what(found)
}

fn differs(name: &str) -> Error {
    Error::Misconfigured {
        what: format!("{name} does not have the configuration that was requested"),
    }
}

async fn ensure_consumer(bus: &Bus, kind: JobKind) -> Result<(), Error> {
    let wanted = consumer(kind);
    let made = bus
        .jetstream
        .create_consumer_on_stream(wanted.clone(), JOBS)
        .await
        .or_unavailable("create a consumer")?;
    same_consumer(&wanted, &made.cached_info().config)
}

/// A server that drops the filter would hand every kind of job to this consumer.
fn same_consumer(wanted: &pull::Config, found: &consumer::Config) -> Result<(), Error> {
    let same = found.filter_subject == wanted.filter_subject
        && found.ack_wait == wanted.ack_wait
        && found.max_deliver == wanted.max_deliver
        && found.max_ack_pending == wanted.max_ack_pending;
    match same {
        true => Ok(()),
        false => Err(differs(wanted.durable_name.as_deref().unwrap_or_default())),
    }
}
