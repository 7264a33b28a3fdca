//! Certificates for the servers of a stack, from an authority that lives and dies with its making.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{Datelike, TimeDelta, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use zeroize::Zeroizing;

/// What a server here is called.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long a certificate of a server is good, and one of an authority, in days.
pub const SERVER_DAYS: i64 = 365;
/// See [`SERVER_DAYS`].
pub const AUTHORITY_DAYS: i64 = 3650;

/// A certificate for a server, and who vouches for it.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// PEM: the authority, for clients.
    pub ca: PathBuf,
    /// PEM: the certificate, for servers.
    pub certificate: PathBuf,
    /// PEM: its key, for servers. Only its owner can read it.
    pub key: PathBuf,
}

/// Vouches for servers, as long as it lives: its own key is kept nowhere unless somebody writes it down, so
/// that nobody makes another certificate with it.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Authority(secret)")
    }
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn make() -> anyhow::Result<Authority> {
        let issuer = CertifiedIssuer::self_signed(authority(), KeyPair::generate()?);
        issuer.map(Authority).context("cannot make an authority")
    }

    /// Its key as PEM: whoever has it makes certificates that all its clients believe.
    #[must_use]
    pub fn key_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.key().serialize_pem())
    }

    /// Makes a certificate for a server with these names below `directory`, in place of one that
    /// lies there.
    ///
    /// # Errors
    /// When a name cannot be one, or the files cannot be written.
    pub fn certify(&self, directory: &Path, names: &[&str]) -> anyhow::Result<Certificates> {
        fs::create_dir_all(directory)?;
        let made = Certificates {
            ca: directory.join("ca.pem"),
            certificate: directory.join("server.pem"),
            key: directory.join("server.key"),
        };
        let key = KeyPair::generate()?;
        let certificate = server(names)?.signed_by(&key, &self.0)?;
        fs::write(&made.ca, self.0.pem())?;
        fs::write(&made.certificate, certificate.pem())?;
        // Readable for nobody else before there is anything in it.
        fs::write(&made.key, "")?;
        fs::set_permissions(&made.key, fs::Permissions::from_mode(0o600))?;
        fs::write(&made.key, key.serialize_pem())?;
        Ok(made)
    }
}

impl Certificates {
    /// For whatever listens on the loopback interface, from an authority of its own.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn make(directory: &Path) -> anyhow::Result<Certificates> {
        Authority::make()?.certify(directory, &LOOPBACK)
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

fn authority() -> CertificateParams {
    let mut authority = CertificateParams::default();
    authority.distinguished_name = named("pacer-fetch");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    live(&mut authority, AUTHORITY_DAYS);
    authority
}

/// From yesterday on, as clocks differ.
fn live(certificate: &mut CertificateParams, days: i64) {
    let date = |days| {
        let date = (Utc::now() + TimeDelta::days(days)).date_naive();
        let two_digits = |number: u32| u8::try_from(number).unwrap_or(1);
        date_time_ymd(
            date.year(),
            two_digits(date.month()),
            two_digits(date.day()),
        )
    };
    certificate.not_before = date(-1);
    certificate.not_after = date(days);
}

fn server(names: &[&str]) -> anyhow::Result<CertificateParams> {
    let alternatives: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut server = CertificateParams::new(alternatives)?;
    server.distinguished_name = named(names.first().context("a server has a name")?);
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    live(&mut server, SERVER_DAYS);
    Ok(server)
}
