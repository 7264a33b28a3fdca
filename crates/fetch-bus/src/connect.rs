//! Getting hold of the server, and refusing one that cannot be relied on.

use std::{
    fmt,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use async_nats::{Client, ConnectOptions, Event, ServerAddr, connection::State, jetstream};
use tokio::{sync::watch, time};
use tracing::{debug, info, warn};

use crate::{Error, credentials::LoginPublicKey, error::OrUnavailable, streams, subject};

/// How long the server may take for one answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// How long to wait between two attempts to furnish the server.
const PAUSE: Duration = Duration::from_millis(500);

/// The oldest server that keeps what it acknowledged (`sync_interval`, lost streams mended).
const OLDEST: (u32, u32, u32) = (2, 10, 23);

/// Where the message server is.
#[derive(Clone)]
pub struct BusConfig {
    /// One or more server URLs, separated by commas, such as
    /// `nats://nats-0:4222,nats://nats-1:4222`. May hold a password.
    pub url: String,
    /// Accept a server older than 2.10.23, which may lose messages. For a laptop only.
    pub allow_old_server: bool,
}

impl fmt::Debug for BusConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BusConfig")
            .field("allow_old_server", &self.allow_old_server)
            .finish_non_exhaustive()
    }
}

/// A connection to the message server, shared by cloning. It mends itself when the server goes
/// away and comes back, even with nothing left on its disk.
#[derive(Clone)]
pub struct Bus {
    pub(crate) client: Client,
    pub(crate) jetstream: jetstream::Context,
    /// Counts the times that a connection was made.
    pub(crate) connections: watch::Receiver<u64>,
    /// The login service's public key as last seen.
    pub(crate) login_key: Arc<Mutex<Option<LoginPublicKey>>>,
    /// Which of the places for messages to readers is next; processes begin at different ones.
    pub(crate) wakes: Arc<AtomicU64>,
}

impl fmt::Debug for Bus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Bus")
            .field("state", &self.client.connection_state())
            .finish()
    }
}

/// Connects the service called `name`, waiting for as long as the server is away, and creates or
/// mends the streams, consumers and buckets.
///
/// # Errors
/// When an address cannot be used, the server is too old, or it is set up in a way that would
/// lose or expose messages. A server that is away is waited for.
pub async fn connect(name: &str, config: &BusConfig) -> Result<Bus, Error> {
    let addresses = addresses(&config.url)?;
    let (counter, connections) = watch::channel(0u64);
    let counter = Arc::new(counter);
    let client = ConnectOptions::new()
        .name(name)
        .retry_on_initial_connect()
        .request_timeout(Some(ANSWER_LIMIT))
        .ping_interval(Duration::from_secs(10))
        .reconnect_delay_callback(reconnect_delay)
        .event_callback(move |event| {
            let counter = counter.clone();
            async move { note(&event, &counter) }
        })
        .connect(addresses)
        .await
        .or_unavailable("be reached")?;
    let jetstream = jetstream::new(client.clone());
    let bus = Bus {
        client,
        jetstream,
        connections,
        login_key: Arc::default(),
        wakes: Arc::new(AtomicU64::new(u64::from(rand::random::<u32>()))),
    };
    bus.wait_for_server().await;
    bus.check_version(config.allow_old_server)?;
    bus.furnish_patiently().await?;
    Ok(bus)
}

/// The client takes a list of addresses, but no address that is a list.
fn addresses(url: &str) -> Result<Vec<ServerAddr>, Error> {
    let parts = url
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let addresses: Result<Vec<ServerAddr>, _> = parts.map(str::parse).collect();
    match addresses {
        Ok(addresses) if !addresses.is_empty() => Ok(addresses),
        // The text may hold a password, so it is not repeated.
        _ => Err(Error::Address),
    }
}

/// Quick at first, because most restarts are; at most two seconds.
fn reconnect_delay(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.min(6)).unwrap_or(6);
    Duration::from_millis(50 * 2u64.pow(doublings)).min(Duration::from_secs(2))
}

fn note(event: &Event, connections: &watch::Sender<u64>) {
    match event {
        Event::Connected => {
            info!("connected to the message server");
            connections.send_modify(|count| *count += 1);
        }
        Event::Disconnected => warn!("the message server is away"),
        Event::SlowConsumer(_) => warn!("messages come faster than they are taken"),
        event => debug!(%event, "word from the message server"),
    }
}

impl Bus {
    /// Whether the server answers and keeps streams.
    ///
    /// # Errors
    /// When it does not.
    pub async fn probe(&self) -> Result<(), Error> {
        self.connected()?;
        self.jetstream
            .query_account()
            .await
            .or_unavailable("tell about itself")?;
        Ok(())
    }

    /// Fails at once while there is no connection, where the client would wait.
    pub(crate) fn connected(&self) -> Result<(), Error> {
        match self.client.connection_state() {
            State::Connected => Ok(()),
            _ => Err(Error::Disconnected),
        }
    }

    async fn wait_for_server(&self) {
        let mut connections = self.connections.clone();
        while *connections.borrow_and_update() == 0 {
            if time::timeout(ANSWER_LIMIT, connections.changed())
                .await
                .is_err()
            {
                warn!("waiting for the message server");
            }
        }
    }

    fn check_version(&self, allow_old_server: bool) -> Result<(), Error> {
        let found = self.client.server_info().version;
        if version(&found).is_some_and(|version| version >= OLDEST) {
            return Ok(());
        }
        if !allow_old_server {
            return Err(Error::OldServer { found });
        }
        warn!(
            version = found,
            "the message server is old and may lose what it acknowledged"
        );
        Ok(())
    }

    /// A server that has just started may take a while until it keeps streams.
    async fn furnish_patiently(&self) -> Result<(), Error> {
        loop {
            match self.furnish().await {
                Err(error @ (Error::Unavailable { .. } | Error::Disconnected)) => {
                    say_not_furnished(&error);
                    time::sleep(PAUSE).await;
                }
                result => return result,
            }
        }
    }

    /// Creates what is missing and mends what differs.
    pub(crate) async fn furnish(&self) -> Result<(), Error> {
        self.connected()?;
        streams::furnish(self).await?;
        self.refuse_stream_over_logins().await
    }

    /// A stream whose subjects cover a login would store it, and answer in the service's place.
    async fn refuse_stream_over_logins(&self) -> Result<(), Error> {
        for subject in [subject::LOGIN, subject::SESSION_LEND] {
            if let Ok(stream) = self.jetstream.stream_by_subject(subject).await {
                let what = format!("the stream {stream} stores what is sent to {subject}");
                return Err(Error::Misconfigured { what });
            }
        }
        Ok(())
    }
}

fn say_not_furnished(error: &Error) {
    let error = error as &dyn std::error::Error;
    warn!(error, "the message server cannot be furnished yet");
}

fn version(text: &str) -> Option<(u32, u32, u32)> {
    let release = text.trim_start_matches('v').split(['-', '+']).next()?;
    let mut numbers = release.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("2.9.10").unwrap() < OLDEST);
        assert!(version("2.10.22").unwrap() < OLDEST);
        assert!(version("2.10.23").unwrap() >= OLDEST);
        assert!(version("v2.15.1-RC.1").unwrap() >= OLDEST);
        assert_eq!(version("unknown"), None);
    }

    #[test]
    fn several_addresses_are_split() {
        assert_eq!(addresses("nats://a:1, nats://b:2").unwrap().len(), 2);
        assert!(matches!(addresses(" , "), Err(Error::Address)));
        let shown = format!(
            "{:?} {}",
            BusConfig {
                url: "nats://u:canary@a".into(),
                allow_old_server: false
            },
            addresses("not an address").unwrap_err()
        );
        assert!(!shown.contains("canary"), "{shown}");
    }
}
