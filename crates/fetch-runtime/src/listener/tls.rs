//! The certificate: read at the start, and again whenever its files change.

use std::{
    fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::time;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::Protocols;

/// Between two looks at the files. Certificates live for days.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where the certificate and its key lie, both as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and after it those that lead to the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why there is no TLS with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds nothing of the kind.
    #[error("there is no {what} in {}", path.display())]
    File {
        /// What was looked for.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// The two do not belong together, or are of a kind that is not supported.
    #[error("the certificate and its key cannot be used")]
    Unusable(#[from] rustls::Error),
}

/// A certificate in use. Cheap to clone; all clones change together.
#[derive(Clone)]
pub struct Tls {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    current: Arc<Current>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tls")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When they cannot be used.
    pub fn open(files: &TlsFiles) -> Result<Tls, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let key = load(files, &provider)?;
        Ok(Tls {
            files: files.clone(),
            provider,
            current: Arc::new(Current(RwLock::new(Arc::new(key)))),
        })
    }

    /// Takes the files over whenever they have changed, until `stop`. Files that cannot be used,
    /// such as half of a pair, leave everything as it is, and are looked at again.
    pub async fn follow(self, stop: CancellationToken) {
        let mut seen = self.files.marks();
        let mut refused = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = time::sleep(LOOK_EVERY) => {}
            }
            let marks = self.files.marks();
            if marks == seen {
                continue;
            }
            match load(&self.files, &self.provider) {
                Ok(key) => {
                    self.current.replace(key);
                    seen = marks;
                    refused = None;
                    info!("took over the new certificate");
                }
                Err(error) => {
                    if refused.as_ref() != Some(&marks) {
                        let error = &error as &dyn std::error::Error;
                        warn!(
                            error,
                            "the new certificate cannot be used; the old one stays"
                        );
                    }
                    refused = Some(marks);
                }
            }
        }
    }

    pub(super) fn acceptor(&self, protocols: Protocols) -> TlsAcceptor {
        let mut config = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .expect("the provider has ciphers for every version that is on by default")
            .with_no_client_auth()
            .with_cert_resolver(self.current.clone());
        config.alpn_protocols = match protocols {
            Protocols::Any => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            Protocols::Http2 => vec![b"h2".to_vec()],
        };
        TlsAcceptor::from(Arc::new(config))
    }
}

fn load(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let missing = |what, path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::File { what, path, source }
    };
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .and_then(|certificates| match certificates.is_empty() {
            true => Err(rustls::pki_types::pem::Error::NoItemsFound),
            false => Ok(certificates),
        })
        .map_err(missing("certificate", &files.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(missing("key", &files.key))?;
    Ok(CertifiedKey::from_der(certificates, key, provider)?)
}

/// The pair that new connections get.
struct Current(RwLock<Arc<CertifiedKey>>);

impl Current {
    fn replace(&self, key: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Current")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(current.clone())
    }
}

/// What tells one version of a file from another; a mounted secret is another file each time.
type Mark = (u64, i64, i64, u64);

impl TlsFiles {
    fn marks(&self) -> [Option<Mark>; 2] {
        [&self.certificate, &self.key].map(|path| mark(path).ok())
    }
}

fn mark(path: &Path) -> io::Result<Mark> {
    let file = fs::metadata(path)?;
    Ok((file.ino(), file.mtime(), file.mtime_nsec(), file.len()))
}
