//! Sends one delivery: looks the name up once, judges every address that it leads to, connects to one of those and
//! no other, posts, and reads the beginning of the answer.
//!
//! There is no proxy, no redirect that is followed and no second look-up, so a name that leads elsewhere later has
//! nobody connect to there. No time is spent beyond what the contract gives a receiver.

use std::{fmt, io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    body::Body,
    http::{
        Request, Uri,
        header::{ACCEPT, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT},
    },
};
use fetch_webhooks::{Outcome, RefusedTarget, Targets};
use futures_util::StreamExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    sync::Semaphore,
    time::{self, Instant},
};
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;
use url::{Host, Url};

use crate::repeat::IDEMPOTENCY_KEY;

/// From the look-up of the name to the end of the TLS handshake.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// Of that, for an address that is not the last one.
const ADDRESS_WITHIN: Duration = Duration::from_secs(1);

/// From the connection to the head of the answer, and from there to what is kept of its body.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// A try takes no longer.
pub(super) const LONGEST_TRY: Duration =
    Duration::from_secs(CONNECT_WITHIN.as_secs() + 2 * ANSWER_WITHIN.as_secs());

/// Names that are looked up at once.
const LOOK_UPS: usize = 32;

/// Bytes that are kept of an answer.
const MOST_KEPT: usize = 4096;

/// Bytes that the head of an answer may have.
const MOST_HEAD: usize = 64 * 1024;

/// Looks a name up.
type LookUp = Arc<
    dyn Fn(String, u16) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>
        + Send
        + Sync,
>;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What is sent, and where.
#[derive(Debug, Clone)]
pub(super) struct Post<'a> {
    /// The URL of the endpoint.
    pub url: &'a str,
    /// The `Idempotency-Key`.
    pub key: &'a str,
    /// When it is signed, in Unix time.
    pub timestamp: i64,
    /// The signatures.
    pub signature: &'a str,
    /// The body.
    pub content: &'a str,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error(transparent)]
    Refused(#[from] RefusedTarget),
    // One sentence for all that can be wrong with a name: what private names there are is nothing to callers.
    #[error("The host name leads to no public address, or not only to public ones.")]
    HostName,
    #[error("No connection within {} s.", CONNECT_WITHIN.as_secs())]
    SlowConnection,
    #[error("No connection: {0}.")]
    Connection(#[from] io::Error),
    #[error("No answer within {} s.", ANSWER_WITHIN.as_secs())]
    Slow,
    #[error("The answer is not HTTP, or broke off: {0}.")]
    Http(#[from] hyper::Error),
    #[error("The URL cannot be requested.")]
    Unsendable(#[from] axum::http::Error),
}

/// Sends deliveries. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sender {
    targets: Targets,
    tls: TlsConnector,
    look_up: LookUp,
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Sender");
        shown
            .field("targets", &self.targets)
            .finish_non_exhaustive()
    }
}

impl Sender {
    /// One that trusts the authorities of this system.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(targets: Targets) -> anyhow::Result<Sender> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            let error = error as &dyn std::error::Error;
            warn!(error, "cannot read some certificate authorities");
        }
        let (trusted, _) = roots.add_parsable_certificates(found.certs);
        if trusted == 0 {
            warn!("this system trusts no certificate authority: no webhook can be sent over HTTPS");
        }
        Sender::trusting(targets, roots)
    }

    fn trusting(targets: Targets, roots: RootCertStore) -> anyhow::Result<Sender> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("TLS to webhook endpoints")?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Sender {
            targets,
            tls: TlsConnector::from(Arc::new(config)),
            look_up: look_up(),
        })
    }

    /// Sends it once, and says what was answered.
    pub async fn send(&self, post: &Post<'_>) -> Outcome {
        self.try_to_send(post)
            .await
            .unwrap_or_else(|error| Outcome {
                error: error.to_string(),
                ..Outcome::default()
            })
    }

    async fn try_to_send(&self, post: &Post<'_>) -> Result<Outcome, NoAnswer> {
        let url = self.targets.read(post.url)?;
        let request = request(&url, post)?;
        let stream = time::timeout(CONNECT_WITHIN, self.connect(&url)).await;
        let stream = stream.map_err(|_| NoAnswer::SlowConnection)??;
        let answer = time::timeout(ANSWER_WITHIN, async {
            let connecting = http1::Builder::new()
                .max_buf_size(MOST_HEAD)
                .handshake(TokioIo::new(stream));
            let (mut sender, connection) = connecting.await?;
            let connection = AbortOnDropHandle::new(tokio::spawn(connection));
            Ok::<_, hyper::Error>((sender.send_request(request).await?, connection))
        });
        // With the connection, without which nothing more of the answer comes.
        let (answer, _connection) = answer.await.map_err(|_| NoAnswer::Slow)??;
        let status = answer.status();
        let mut outcome = Outcome {
            status_code: Some(status.as_u16()),
            response: beginning_of(Body::new(answer.into_body())).await,
            error: String::new(),
        };
        if !outcome.is_success() {
            outcome.error = format!("The answer was {status}.");
        }
        Ok(outcome)
    }

    async fn connect(&self, url: &Url) -> Result<Box<dyn Stream>, NoAnswer> {
        let addresses = self.addresses(url).await?;
        let stream = connect_to_one_of(&addresses).await?;
        if url.scheme() == "http" {
            return Ok(Box::new(stream));
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| RefusedTarget::Malformed)?;
        Ok(Box::new(self.tls.connect(name, stream).await?))
    }

    /// Where a URL leads to: all of it judged, so that nobody mixes one that is not allowed with others.
    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, NoAnswer> {
        let port = url.port_or_known_default();
        let port = port.ok_or(RefusedTarget::Malformed)?;
        let addresses = match url.host().ok_or(RefusedTarget::Malformed)? {
            Host::Ipv4(address) => vec![SocketAddr::from((address, port))],
            Host::Ipv6(address) => vec![SocketAddr::from((address, port))],
            Host::Domain(name) => {
                let looking = (self.look_up)(name.to_owned(), port);
                let found = looking.await.map_err(|_| NoAnswer::HostName)?;
                let is_allowed = |it: &SocketAddr| self.targets.judge(it.ip()).is_ok();
                if !found.iter().all(is_allowed) {
                    return Err(NoAnswer::HostName);
                }
                found
            }
        };
        Ok(addresses)
    }
}

/// The resolver of this system. It cannot be stopped, and keeps a thread until it is done, so that a place in it is
/// given back then, whoever still waits.
fn look_up() -> LookUp {
    let places = Arc::new(Semaphore::new(LOOK_UPS));
    Arc::new(move |name, port| {
        let places = places.clone();
        Box::pin(async move {
            let place = places.acquire_owned().await.map_err(io::Error::other)?;
            let looking = tokio::spawn(async move {
                let found = lookup_host((name, port)).await.map(Iterator::collect);
                drop(place);
                found
            });
            looking.await?
        })
    })
}

async fn connect_to_one_of(addresses: &[SocketAddr]) -> Result<TcpStream, NoAnswer> {
    let (last, others) = addresses.split_last().ok_or(NoAnswer::HostName)?;
    for address in others {
        if let Ok(Ok(stream)) = time::timeout(ADDRESS_WITHIN, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    Ok(TcpStream::connect(last).await?)
}

fn request(url: &Url, post: &Post<'_>) -> Result<Request<Body>, axum::http::Error> {
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    Request::post(Uri::try_from(path)?)
        .header(HOST, host)
        .header(
            USER_AGENT,
            concat!("pacer-fetch/", env!("CARGO_PKG_VERSION")),
        )
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .header(CONTENT_TYPE, "application/json")
        .header(IDEMPOTENCY_KEY, post.key)
        .header(standardwebhooks::HEADER_WEBHOOK_ID, post.key)
        .header(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, post.timestamp)
        .header(standardwebhooks::HEADER_WEBHOOK_SIGNATURE, post.signature)
        .body(Body::from(post.content.to_owned()))
}

/// The beginning of a body, or what of it comes in time.
async fn beginning_of(body: Body) -> String {
    let (mut pieces, mut kept) = (body.into_data_stream(), Vec::new());
    let until = Instant::now() + ANSWER_WITHIN;
    while kept.len() < MOST_KEPT {
        match time::timeout_at(until, pieces.next()).await {
            Ok(Some(Ok(piece))) => kept.extend_from_slice(&piece),
            _ => break,
        }
    }
    kept.truncate(MOST_KEPT);
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(test)]
mod tests;
