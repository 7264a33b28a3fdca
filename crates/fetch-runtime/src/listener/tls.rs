//! The certificate: read at the start, and again whenever its files change.

use std::{
    fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
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
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use super::Protocols;
use crate::Gauge;

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
    #[error("no {what} in {}", path.display())]
    File {
        /// What was looked for.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// The two do not belong together, or are of a kind that is not supported.
    #[error("cannot use the certificate and its key")]
    Unusable(#[from] rustls::Error),
    /// The certificate does not say in a way that we understand when it is valid.
    #[error("cannot read the certificate's validity period")]
    Validity(#[from] x509_parser::nom::Err<x509_parser::error::X509Error>),
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
        let pair = load(files, &provider)?;
        if !pair.is_valid(now()) {
            warn!("the certificate is expired or not yet valid; callers will refuse it");
        }
        Ok(Tls {
            files: files.clone(),
            provider,
            current: Arc::new(Current(RwLock::new(Arc::new(pair)))),
        })
    }

    /// Takes the files over whenever they have changed, until `stop`. Files that cannot be used,
    /// such as half of a pair or a certificate that has ended, leave everything as it is, and are
    /// looked at again. When the one in use ends is on the metrics.
    pub async fn follow(self, stop: CancellationToken) {
        let ends = Gauge::new(
            "pacer_fetch_certificate_ends",
            "when the certificate in use ends, in seconds since 1970",
            "file",
        );
        let file = self.files.certificate.display().to_string();
        let mut seen = self.files.marks();
        let mut refused = None;
        loop {
            ends.set(&file, self.current.get().ends);
            tokio::select! {
                () = stop.cancelled() => return,
                () = time::sleep(LOOK_EVERY) => {}
            }
            let marks = self.files.marks();
            if marks == seen {
                continue;
            }
            let is_news = refused.as_ref() != Some(&marks);
            let loaded = load(&self.files, &self.provider);
            match loaded.map(|pair| self.current.take_over(pair, now())) {
                Ok(true) => {
                    seen = marks;
                    refused = None;
                    info!("loaded the new certificate");
                    continue;
                }
                Ok(false) if is_news => {
                    warn!("the new certificate is expired or not yet valid; keeping the old one");
                }
                Err(error) if is_news => {
                    let error = &error as &dyn std::error::Error;
                    warn!(error, "cannot use the new certificate; keeping the old one");
                }
                _ => {}
            }
            refused = Some(marks);
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

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

fn load(files: &TlsFiles, provider: &CryptoProvider) -> Result<Pair, TlsError> {
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
    // Whoever is nearest to its end ends the chain.
    let (mut begins, mut ends) = (i64::MIN, i64::MAX);
    for certificate in &certificates {
        let (_, certificate) = X509Certificate::from_der(certificate)?;
        let validity = certificate.validity();
        begins = begins.max(validity.not_before.timestamp());
        ends = ends.min(validity.not_after.timestamp());
    }
    let key = CertifiedKey::from_der(certificates, key, provider)?;
    Ok(Pair {
        key: Arc::new(key),
        begins,
        ends,
    })
}

/// A certificate with its key, and from when to when it is valid, in seconds since 1970.
struct Pair {
    key: Arc<CertifiedKey>,
    begins: i64,
    ends: i64,
}

impl Pair {
    fn is_valid(&self, at: i64) -> bool {
        (self.begins..=self.ends).contains(&at)
    }
}

/// The pair that new connections get.
struct Current(RwLock<Arc<Pair>>);

impl Current {
    fn get(&self) -> Arc<Pair> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether this pair is the one from now on: not if callers would refuse it, and not the old.
    fn take_over(&self, pair: Pair, at: i64) -> bool {
        if self.get().is_valid(at) && !pair.is_valid(at) {
            return false;
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
        true
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Current")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get().key.clone())
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

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    /// A pair that is valid in this month of 2030.
    fn pair_of(directory: &Path, month: u8) -> Pair {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2030, month, 1);
        params.not_after = date_time_ymd(2030, month, 28);
        let certificate = params.self_signed(&key).unwrap();
        let files = TlsFiles {
            certificate: directory.join("tls.crt"),
            key: directory.join("tls.key"),
        };
        fs::write(&files.key, key.serialize_pem()).unwrap();
        fs::write(&files.certificate, certificate.pem()).unwrap();
        load(&files, &ring::default_provider()).unwrap()
    }

    #[test]
    fn a_certificate_that_callers_would_refuse_takes_no_good_ones_place() {
        let directory = tempfile::tempdir().unwrap();
        let pair = |month| pair_of(directory.path(), month);
        let day_in = |month| date_time_ymd(2030, month, 14).unix_timestamp();
        let current = Current(RwLock::new(Arc::new(pair(2))));
        let ends = current.get().ends;
        assert_eq!(ends, date_time_ymd(2030, 2, 28).unix_timestamp());
        for other in [1, 3] {
            assert!(!current.take_over(pair(other), day_in(2)), "{other}");
            assert_eq!(current.get().ends, ends);
        }
        assert!(current.take_over(pair(2), day_in(2)), "another good one");
        // When neither is good, the newer one is more likely to be what was meant.
        assert!(current.take_over(pair(3), day_in(4)));
        assert!(current.take_over(pair(4), day_in(4)));
    }
}
