//! Connects to the server, and refuses one that cannot be relied on.

use std::{
    fmt,
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use async_nats::{
    Client, ClientError, ConnectOptions, Event, ServerAddr, ServerError, connection::State,
    jetstream,
};
use fetch_settings::{FromEnv, Settings};
use nkeys::KeyPair;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{self, Instant},
};
use tracing::{debug, error, info, warn};

use crate::{
    Error, Role,
    error::OrUnavailable,
    streams,
    vet::{NOT_PERMITTED, is_refused},
};

/// How long the server may take for one answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Between two questions whether the server is there. Whoever waits for a login waits for two of them when it
/// is frozen.
const PING_EVERY: Duration = Duration::from_secs(2);

/// How long a bucket may take for one answer, and how long at least it is waited for: one that was
/// asked before it had a leader, or by way of a server that died, never comes.
pub(crate) const BUCKET_LIMIT: Duration = Duration::from_secs(2);
pub(crate) const SHORTEST_LIMIT: Duration = Duration::from_millis(500);

/// How long servers may take to agree on new leaders when one of them is lost.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait before asking again meanwhile: at first, and later. Whoever answers is often only on the way to
/// another server.
const ASK_AGAIN_SOON: Duration = Duration::from_millis(20);
pub(crate) const ASK_AGAIN: Duration = Duration::from_millis(100);

/// Questions of one process about records of login that are on their way at once. More would wait at the gateways,
/// where a question whose time is over was waited for in vain.
const QUESTIONS: usize = 12;

/// What the client says of a server that turned us away, or whose certificate it did not take.
const NOT_KNOWN: &str = "authorization violation";
const NO_TLS: &str = "TLS error";

/// How long to wait between two attempts to ensure_streams the server.
const PAUSE: Duration = Duration::from_millis(500);

/// How to reach the message server, and how to authenticate to it.
#[derive(Clone)]
pub struct BusConfig {
    /// One or more server URLs, separated by commas, such as
    /// `tls://nats-0:4222,tls://nats-1:4222`. May hold a password.
    pub url: String,
    /// The seed of the NKey that proves who this process is.
    pub nkey: Option<SecretString>,
    /// In its place: the contents of a file with a JWT and the seed that goes with it.
    pub credentials: Option<SecretString>,
    /// A PEM file with the roots that a server's certificate must come from; otherwise those of the
    /// system.
    pub ca: Option<PathBuf>,
    /// Talk to a server that is not on this machine without TLS.
    pub allow_plain: bool,
    /// Accept a server older than 2.10.23, which may lose messages. For a laptop only.
    pub allow_old_server: bool,
}

impl BusConfig {
    /// The servers at `url`, without authentication.
    #[must_use]
    pub fn at(url: impl Into<String>) -> BusConfig {
        BusConfig {
            url: url.into(),
            nkey: None,
            credentials: None,
            ca: None,
            allow_plain: false,
            allow_old_server: false,
        }
    }
}

impl FromEnv for BusConfig {
    fn from_env(settings: &mut Settings) -> BusConfig {
        BusConfig {
            url: settings.url("NATS_URL", "nats://127.0.0.1:4222"),
            nkey: settings.optional_secret("NATS_NKEY"),
            credentials: settings.optional_secret("NATS_CREDENTIALS"),
            ca: settings.optional("NATS_CA").map(Into::into),
            allow_plain: settings.flag("NATS_ALLOW_PLAIN", false),
            allow_old_server: settings.flag("NATS_ALLOW_OLD", false),
        }
    }
}

impl fmt::Debug for BusConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BusConfig")
            .field("ca", &self.ca)
            .field("allow_plain", &self.allow_plain)
            .field("allow_old_server", &self.allow_old_server)
            .finish_non_exhaustive()
    }
}

/// A connection to the message server, shared by cloning. It recovers by itself when the server
/// restarts, even with an empty disk.
#[derive(Clone)]
pub struct Bus {
    pub(crate) client: Client,
    pub(crate) role: Role,
    pub(crate) jetstream: jetstream::Context,
    /// The same for buckets.
    pub(crate) buckets: jetstream::Context,
    /// Told when there seems to be no bucket.
    pub(crate) missing: Arc<Notify>,
    /// Counts the times that a connection was made.
    pub(crate) connections: watch::Receiver<u64>,
    /// Which of the places for messages to readers is next; processes begin at different ones.
    pub(crate) wakes: Arc<AtomicU64>,
    /// How long events are kept, once somebody has said it; zero means for good, as it does to the
    /// server.
    pub(crate) events_for: Arc<Mutex<Option<Duration>>>,
    /// Places for questions about records of login that are on their way.
    pub(crate) questions: Arc<Semaphore>,
}

impl fmt::Debug for Bus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Bus")
            .field("state", &self.client.connection_state())
            .finish()
    }
}

/// Connects a process of this role, waiting for as long as the server is away, and until the
/// streams, consumers and buckets that it needs are there: some it creates or mends itself, others
/// are another role's to create.
///
/// # Errors
/// When a setting cannot be used, the server is too old, lets everybody in, permits this role what is
/// another's, or is set up in a way that would lose or expose messages. A server that is away is waited
/// for, and so is one that does not know us.
pub async fn connect(role: Role, config: &BusConfig) -> Result<Bus, Error> {
    let addresses = addresses(&config.url)?;
    let (counter, connections) = watch::channel(0u64);
    let counter = Arc::new(counter);
    let kept_out = Arc::new(Notify::new());
    let refused = kept_out.clone();
    let client = identify(config)?
        .name(role.name())
        .custom_inbox_prefix(role.inbox())
        .require_tls(needs_tls(&addresses, config.allow_plain))
        .retry_on_initial_connect()
        .request_timeout(Some(ANSWER_LIMIT))
        .ping_interval(PING_EVERY)
        .reconnect_delay_callback(reconnect_delay)
        .event_callback(move |event| {
            let (counter, refused) = (counter.clone(), refused.clone());
            async move {
                match is_refused(&event, role) {
                    true => refused.notify_one(),
                    false => note(&event, &counter),
                }
            }
        })
        .connect(addresses)
        .await
        .or_unavailable("be reached")?;
    let streams_of = |owner| jetstream::with_prefix(client.clone(), role.api_of(owner));
    let bus = Bus {
        jetstream: match role {
            // It has no part in jobs, and furnishes its buckets by this.
            Role::Login => streams_of(Role::Login),
            _ => streams_of(Role::Gateway),
        },
        buckets: streams_of(Role::Login),
        missing: Arc::default(),
        client,
        role,
        connections,
        events_for: Arc::default(),
        questions: Arc::new(Semaphore::new(QUESTIONS)),
        wakes: Arc::new(AtomicU64::new(u64::from(rand::random::<u32>()))),
    };
    bus.wait_for_server().await;
    bus.vet(config.allow_old_server, &kept_out).await?;
    bus.ensure_streams_patiently().await?;
    if matches!(role, Role::Gateway | Role::Login) {
        tokio::spawn(keep_streams(bus.clone()));
    }
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

/// What is sent to another machine is encrypted, unless the operator says that it need not be.
fn needs_tls(addresses: &[ServerAddr], allow_plain: bool) -> bool {
    addresses
        .iter()
        .any(|address| address.tls_required() || (!allow_plain && !is_here(address)))
}

fn is_here(address: &ServerAddr) -> bool {
    let host = address.host();
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Who we are, and whom we believe to be the server.
fn identify(config: &BusConfig) -> Result<ConnectOptions, Error> {
    let wrong = |what: &str| Error::Misconfigured {
        what: what.to_owned(),
    };
    let options = match (&config.nkey, &config.credentials) {
        (None, None) => ConnectOptions::new(),
        (Some(nkey), None) => {
            let seed = nkey.expose_secret().trim();
            // What is wrong with it is not said: that could repeat some of it.
            KeyPair::from_seed(seed).map_err(|_| wrong("NATS_NKEY is not an NKey seed"))?;
            ConnectOptions::with_nkey(seed.to_owned())
        }
        (None, Some(credentials)) => ConnectOptions::with_credentials(credentials.expose_secret())
            .map_err(|_| wrong("NATS_CREDENTIALS is not the content of a .creds file"))?,
        (Some(_), Some(_)) => {
            return Err(wrong(
                "only one of NATS_NKEY and NATS_CREDENTIALS may be set",
            ));
        }
    };
    Ok(match &config.ca {
        Some(file) if !file.is_file() => {
            return Err(wrong(&format!(
                "there is no file {} (NATS_CA)",
                file.display()
            )));
        }
        Some(file) => options.add_root_certificates(file.clone()),
        None => options,
    })
}

/// A server that lost what it had is found out when it is back, whether or not anybody speaks, and
/// when somebody misses something. Nobody waits for that: where servers choose a leader, it may take
/// longer than the leader.
async fn keep_streams(bus: Bus) {
    let mut connections = bus.connections.clone();
    loop {
        tokio::select! {
            changed = connections.changed() => if changed.is_err() { return },
            () = bus.missing.notified() => {}
        }
        if let Err(error) = bus.ensure_streams_patiently().await {
            error!(
                error = &error as &dyn std::error::Error,
                "cannot set up streams on the message server"
            );
        }
    }
}

/// Quick at first, because there may be other servers, and most restarts are; at most two seconds.
fn reconnect_delay(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.min(8)).unwrap_or(8);
    Duration::from_millis(10 * 2u64.pow(doublings)).min(Duration::from_secs(2))
}

fn note(event: &Event, connections: &watch::Sender<u64>) {
    match event {
        Event::Connected => {
            info!("connected to the message server");
            connections.send_modify(|count| *count += 1);
        }
        Event::Disconnected => warn!("lost the connection to the message server"),
        Event::SlowConsumer(_) => warn!("messages arrive faster than they are processed"),
        // Something is asked that the table of permissions does not know of.
        Event::ServerError(ServerError::Other(text)) if text.contains(NOT_PERMITTED) => {
            error!(text, "the message server denied permission");
        }
        Event::ClientError(ClientError::Other(text)) if text == NOT_KNOWN => {
            warn!(
                "the message server refused our credentials: check NATS_NKEY or NATS_CREDENTIALS"
            );
        }
        Event::ClientError(ClientError::Other(text)) if text == NO_TLS => {
            warn!(
                "the TLS handshake with the message server failed: it has no TLS, or its \
                 certificate is not trusted"
            );
        }
        event => debug!(%event, "event from the message server"),
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
            .or_unavailable("describe itself")?;
        Ok(())
    }

    /// Whether there is a connection. One that hangs is given up after two pings without an answer,
    /// within ten seconds.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connected().is_ok()
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

    /// Tries again for half a minute what the servers cannot do: they may be choosing a leader, or
    /// this process may be on its way to another one. An attempt is told how long it may wait for an
    /// answer: half a second at first, and an eighth of the time that has passed, so that little is
    /// lost once there is a leader, and servers that are slow are not asked ever more.
    pub(crate) async fn patiently<T, F>(&self, attempt: impl Fn(Duration) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let limit = |waited: Duration| (waited / 8).clamp(SHORTEST_LIMIT, BUCKET_LIMIT);
        self.patiently_within(limit, attempt).await
    }

    /// The same with another limit for an answer, after so much time that has passed.
    pub(crate) async fn patiently_within<T, F>(
        &self,
        limit: impl Fn(Duration) -> Duration,
        attempt: impl Fn(Duration) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let began = Instant::now();
        let mut connections = self.connections.clone();
        connections.mark_unchanged();
        loop {
            let tried = tokio::select! {
                tried = attempt(limit(began.elapsed())) => tried,
                // What was asked by way of the connection before is not answered.
                Ok(()) = connections.changed() => Err(Error::Disconnected),
            };
            match tried {
                Err(error) if error.may_pass() && began.elapsed() < PATIENCE => {
                    debug!(error = &error as &dyn std::error::Error, "asking again");
                    let pause = (began.elapsed() / 8).clamp(ASK_AGAIN_SOON, ASK_AGAIN);
                    time::sleep(pause).await;
                }
                result => {
                    let waited = began.elapsed();
                    if waited > SHORTEST_LIMIT {
                        debug!(?waited, "the answer took its time");
                    }
                    return result;
                }
            }
        }
    }

    /// A server that has just started may take a while until it keeps streams.
    async fn ensure_streams_patiently(&self) -> Result<(), Error> {
        loop {
            match self.ensure_streams().await {
                Err(error @ (Error::Unavailable { .. } | Error::Disconnected)) => {
                    say_not_set_up(&error);
                    time::sleep(PAUSE).await;
                }
                result => return result,
            }
        }
    }

    /// Creates what is missing and mends what differs, as far as that is this role's.
    pub(crate) async fn ensure_streams(&self) -> Result<(), Error> {
        self.connected()?;
        self.refuse_server_for_everybody()?;
        streams::ensure_streams(self).await?;
        match self.role {
            Role::Gateway | Role::Login => self.refuse_stream_over_logins().await,
            _ => Ok(()),
        }
    }
}

fn say_not_set_up(error: &Error) {
    let error = error as &dyn std::error::Error;
    warn!(error, "cannot set up streams on the message server yet");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_addresses_are_split() {
        assert_eq!(addresses("nats://a:1, nats://b:2").unwrap().len(), 2);
        assert!(matches!(addresses(" , "), Err(Error::Address)));
        let config = BusConfig {
            nkey: Some("canary".into()),
            credentials: Some("canary".into()),
            ..BusConfig::at("nats://u:canary@a")
        };
        let shown = format!("{config:?} {}", addresses("not an address").unwrap_err());
        assert!(!shown.contains("canary"), "{shown}");
    }
    #[test]
    fn another_machine_is_spoken_to_with_tls_unless_it_is_allowed_without() {
        let needs = |url, plain| needs_tls(&addresses(url).unwrap(), plain);
        for here in [
            "nats://127.0.0.1:4222",
            "nats://localhost",
            "nats://[::1]:1",
        ] {
            assert!(!needs(here, false), "{here}");
        }
        for there in ["nats://nats:4222", "10.0.0.1", "nats://127.0.0.1,nats://b"] {
            assert!(needs(there, false), "{there}");
            assert!(!needs(there, true), "{there}");
        }
        // Who demands it gets it, whatever is allowed.
        assert!(needs("tls://127.0.0.1", true));
    }

    #[test]
    fn who_we_are_is_said_in_one_way_that_can_be_used() {
        let with = |nkey: Option<&str>, credentials: Option<&str>, ca: Option<&str>| {
            let config = BusConfig {
                nkey: nkey.map(SecretString::from),
                credentials: credentials.map(SecretString::from),
                ca: ca.map(PathBuf::from),
                ..BusConfig::at("nats://a")
            };
            identify(&config).map(|_| ())
        };
        let seed = KeyPair::new_user().seed().unwrap();
        assert!(with(Some(&format!("{seed}\n")), None, None).is_ok());
        for (nkey, credentials, ca) in [
            (Some("canary"), None, None),
            (None, Some("canary"), None),
            (Some(seed.as_str()), Some("canary"), None),
            (None, None, Some("/there/is/no/such/file")),
        ] {
            let error = with(nkey, credentials, ca).unwrap_err();
            assert!(matches!(&error, Error::Misconfigured { what } if !what.contains("canary")));
        }
    }
}
