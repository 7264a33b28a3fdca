//! Encrypted from end to end: programs of others come in over TLS, and Postgres is spoken to over
//! TLS.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, ensure};
use dev_stack::{Durability, Postgres, services::temporary_directory};
use fetch_bus::wire::{ListRequest, fetch_client::FetchClient};
use fetch_store::{Store, StoreConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use sqlx::{Connection, PgConnection};
use tokio::{io::AsyncWriteExt, process::Command};
use tonic::transport::{Certificate, Channel, ClientTlsConfig};

use crate::repeats::sign;

/// A root of one's own, and a certificate that it has signed.
struct Files {
    root: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

fn issue(directory: &Path, name: &str) -> anyhow::Result<Files> {
    let mut root = CertificateParams::default();
    let root_name = format!("the root of {name}");
    root.distinguished_name.push(DnType::CommonName, root_name);
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(vec![name.to_owned()])?;
    let leaf = leaf.signed_by(&key, &issuer)?;
    let files = Files {
        root: directory.join(format!("{name}-root.pem")),
        certificate: directory.join(format!("{name}.crt")),
        key: directory.join(format!("{name}.key")),
    };
    fs::write(&files.root, issuer.pem())?;
    fs::write(&files.certificate, leaf.pem())?;
    fs::write(&files.key, key.serialize_pem())?;
    Ok(files)
}

#[tokio::test(flavor = "multi_thread")]
async fn others_come_in_over_tls() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let directory = tempfile::tempdir()?;
    let files = issue(directory.path(), "localhost")?;
    let (certificate, key) = (files.certificate.display(), files.key.display());
    let stack = stack
        .with(|builder| {
            builder
                .setting("gateway", "TLS_CERTIFICATE", &certificate.to_string())
                .setting("gateway", "TLS_KEY", &key.to_string())
        })
        .start()
        .await?;
    let api = stack.user("ann").await?;

    let http = api.url.trim_start_matches("http://").to_owned();
    let request = format!(
        "GET /api/rest/v4/recap-fetch/?count=on HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Token {}\r\nConnection: close\r\n\r\n",
        api.token
    );
    let said = s_client(&http, &files.root, &request).await?;
    ensure!(said.contains("Verify return code: 0 (ok)"), "{said}");
    ensure!(said.contains("TLSv1.3"), "{said}");
    ensure!(
        said.contains("HTTP/1.1 200 OK") && said.contains("{\"count\":0}"),
        "{said}"
    );
    let other = issue(directory.path(), "elsewhere")?;
    let said = s_client(&http, &other.root, &request).await?;
    ensure!(
        !said.contains("200 OK"),
        "a certificate of somebody else's: {said}"
    );

    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(fs::read(&files.root)?))
        .domain_name("localhost");
    let grpc = stack.grpc_url().replace("http://", "https://");
    let channel = Channel::from_shared(grpc)?
        .tls_config(tls)?
        .connect()
        .await?;
    let mut client = FetchClient::new(channel);
    let list = client
        .list(sign(ListRequest::default(), &api.token)?)
        .await?;
    ensure!(list.into_inner().requests.is_empty());

    // In plain text there is nothing to be had.
    ensure!(api.get("recap-fetch/").await.is_err());
    let plain = FetchClient::connect(stack.grpc_url().to_owned()).await;
    if let Ok(mut plain) = plain {
        ensure!(
            plain
                .list(sign(ListRequest::default(), &api.token)?)
                .await
                .is_err()
        );
    }
    stack.stop().await
}

/// What `openssl s_client` makes of it.
async fn s_client(address: &str, root: &Path, request: &str) -> anyhow::Result<String> {
    let mut child = Command::new("openssl")
        .args(["s_client", "-connect", address, "-servername", "localhost"])
        .args(["-verify_return_error", "-verify_hostname", "localhost"])
        .arg("-ign_eof")
        .arg("-CAfile")
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("openssl")?;
    let mut input = child.stdin.take().context("its input")?;
    // It may have ended already.
    let _ = input.write_all(request.as_bytes()).await;
    let output = child.wait_with_output().await?;
    drop(input);
    Ok(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_spoken_to_over_tls_and_known_by_its_certificate() -> anyhow::Result<()> {
    if dev_stack::programs::postgres_directory().is_err() {
        testkit::skip("there is no Postgres");
        return Ok(());
    }
    let directory = temporary_directory()?;
    let mut postgres =
        Postgres::start(&directory.path().join("server"), Durability::Careless).await?;
    // Every server of a stack has a certificate, and its URL demands to see it.
    let right = postgres.url("postgres");
    let bare = right.split('?').next().context("a URL")?.to_owned();
    let url =
        |mode: &str, root: &Path| format!("{bare}?sslmode={mode}&sslrootcert={}", root.display());
    let blobs = tempfile::tempdir()?;
    let connect = async |url: String| {
        let store = Store::connect(&StoreConfig {
            database_url: url.into(),
            blob_url: blobs.path().display().to_string(),
            max_connections: 2,
            allow_plain: false,
        })
        .await?;
        store.migrate().await?;
        anyhow::Ok(store)
    };
    let store = connect(right.clone()).await?;
    store.probe().await?;
    let mut looking = PgConnection::connect(&right).await?;
    let (encrypted, plain): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where ssl), count(*) filter (where not ssl)
         from pg_stat_ssl join pg_stat_activity using (pid)
         where backend_type = 'client backend' and pid <> pg_backend_pid()",
    )
    .fetch_one(&mut looking)
    .await?;
    ensure!(
        encrypted > 0 && plain == 0,
        "{encrypted} encrypted, {plain} plain"
    );

    // By a root that we do not know; and without looking at it.
    let stranger = issue(directory.path(), "stranger")?;
    for mode in ["verify-full", "verify-ca"] {
        let unknown = connect(url(mode, &stranger.root)).await;
        ensure!(unknown.is_err(), "{mode}: any root will do");
    }
    connect(format!("{bare}?sslmode=require")).await?;
    let plain = PgConnection::connect(&format!("{bare}?sslmode=disable")).await;
    ensure!(plain.is_err(), "the server speaks in plain text");
    drop(store);
    postgres.stop().await;
    Ok(())
}
