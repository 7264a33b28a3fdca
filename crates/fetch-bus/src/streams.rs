//! The furniture of the server: streams, consumers and buckets, as they must be.
//!
//! Every process creates and mends all of it at its start, and again whenever something turns
//! out to be missing: a server that lost its disk is whole again within a second.

use std::time::Duration;

use async_nats::jetstream::{
    consumer::{AckPolicy, DeliverPolicy, pull},
    kv,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};

use crate::{Bus, Error, JobKind, error::OrUnavailable, subject};

pub(crate) const JOBS: &str = "FETCH_JOBS";
const EVENTS: &str = "FETCH_EVENTS";
pub(crate) const SESSIONS: &str = "PACER_SESSIONS";
pub(crate) const LOGIN_KEYS: &str = "LOGIN_KEYS";
pub(crate) const LOGINS: &str = "PACER_LOGINS";

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

/// Memory only: what is sealed is not even on a disk. The server sets `max_bytes` aside from its
/// memory at once, so it is little: room for tens of thousands of sessions.
fn bucket(name: &str) -> kv::Config {
    kv::Config {
        bucket: name.to_owned(),
        storage: StorageType::Memory,
        history: 1,
        max_age: match name {
            SESSIONS => HOUR,
            // Logins are counted by the hour.
            LOGINS => 2 * HOUR,
            _ => Duration::ZERO,
        },
        max_value_size: if name == LOGINS { 64 * 1024 } else { 16 * 1024 },
        max_bytes: 32 * 1024 * 1024,
        num_replicas: 1,
        ..kv::Config::default()
    }
}

pub(crate) async fn furnish(bus: &Bus) -> Result<(), Error> {
    furnish_stream(bus, jobs()).await?;
    furnish_stream(bus, events()).await?;
    for kind in JobKind::ALL {
        furnish_consumer(bus, kind).await?;
    }
    open_bucket(bus, SESSIONS).await?;
    open_bucket(bus, LOGIN_KEYS).await?;
    open_bucket(bus, LOGINS).await?;
    Ok(())
}

/// Three copies where servers form a cluster, one where there is one server.
fn copies(bus: &Bus) -> usize {
    if bus.client.server_info().cluster.is_some() {
        3
    } else {
        1
    }
}

async fn furnish_stream(bus: &Bus, mut wanted: Config) -> Result<(), Error> {
    let echoed = match bus.jetstream.get_stream(&wanted.name).await {
        Ok(mut stream) => {
            let found = stream
                .info()
                .await
                .or_unavailable("describe a stream")?
                .config
                .clone();
            if same(&wanted, &found) {
                return Ok(());
            }
            // How many copies there are, and where, is the operator's business.
            wanted.num_replicas = found.num_replicas;
            wanted.placement = found.placement;
            bus.jetstream
                .update_stream(&wanted)
                .await
                .or_unavailable("mend a stream")?
                .config
        }
        Err(_) => create_stream(bus, &mut wanted).await?,
    };
    // Servers leave out silently what they do not know.
    match same(&wanted, &echoed) {
        true => Ok(()),
        false => Err(differs(&wanted.name)),
    }
}

async fn create_stream(bus: &Bus, wanted: &mut Config) -> Result<Config, Error> {
    wanted.num_replicas = copies(bus);
    let created = bus.jetstream.get_or_create_stream(wanted.clone()).await;
    let mut stream = match created {
        // A cluster of fewer than three.
        Err(_) if wanted.num_replicas > 1 => {
            wanted.num_replicas = 1;
            bus.jetstream.get_or_create_stream(wanted.clone()).await
        }
        created => created,
    }
    .or_unavailable("create a stream")?;
    Ok(stream
        .info()
        .await
        .or_unavailable("describe a stream")?
        .config
        .clone())
}

fn same(wanted: &Config, found: &Config) -> bool {
    let what = |config: &Config| {
        (
            config.subjects.clone(),
            config.retention,
            config.storage,
            config.discard,
            config.max_messages,
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
        what: format!("{name} is not what it was asked to be"),
    }
}

async fn furnish_consumer(bus: &Bus, kind: JobKind) -> Result<(), Error> {
    let wanted = consumer(kind);
    let made = bus
        .jetstream
        .create_consumer_on_stream(wanted.clone(), JOBS)
        .await
        .or_unavailable("create a consumer")?;
    let found = &made.cached_info().config;
    // A server that drops the filter would hand every kind of job to this consumer.
    let same = found.filter_subject == wanted.filter_subject
        && found.ack_wait == wanted.ack_wait
        && found.max_deliver == wanted.max_deliver
        && found.max_ack_pending == wanted.max_ack_pending;
    if same {
        Ok(())
    } else {
        Err(differs(&subject::consumer_of(kind)))
    }
}

/// Opens a bucket, made anew when it is gone: one in memory does not outlive its server.
pub(crate) async fn open_bucket(bus: &Bus, name: &str) -> Result<kv::Store, Error> {
    bus.connected()?;
    if let Ok(bucket) = bus.jetstream.get_key_value(name).await {
        return Ok(bucket);
    }
    let mut config = bucket(name);
    config.num_replicas = copies(bus);
    let made = bus.jetstream.create_key_value(config).await;
    match made {
        Err(_) if copies(bus) > 1 => bus.jetstream.create_key_value(bucket(name)).await,
        made => made,
    }
    .or_unavailable("create a bucket")
}
