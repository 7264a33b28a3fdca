//! Encrypted from end to end: programs of others come in over TLS, and Postgres is spoken to over
//! TLS.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, ensure};
use dev_stack::{Certificates, Durability, Postgres, services::temporary_directory};
use fetch_bus::wire::{ListRequest, fetch_client::FetchClient};
use fetch_control::Control;
use fetch_db::{DbConfig, roles::WhoseRoles};
use sqlx::{Connection, PgConnection};
use tokio::{io::AsyncWriteExt, process::Command};

use crate::repeats::sign;

/// The root of somebody whom we do not know.
fn stranger(directory: &Path) -> anyhow::Result<PathBuf> {
    Ok(Certificates::make(directory)?.ca)
}

#[tokio::test(flavor = "multi_thread")]
async fn others_come_in_over_tls() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let directory = tempfile::tempdir()?;
    let http = api.url.trim_start_matches("https://").to_owned();
    let request = format!(
        "GET /api/rest/v4/recap-fetch/?count=on HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Token {}\r\nConnection: close\r\n\r\n",
        api.token
    );
    let said = s_client(&http, stack.ca(), &request).await?;
    ensure!(said.contains("Verify return code: 0 (ok)"), "{said}");
    ensure!(said.contains("TLSv1.3"), "{said}");
    ensure!(
        said.contains("HTTP/1.1 200 OK") && said.contains("{\"count\":0}"),
        "{said}"
    );
    let other = stranger(directory.path())?;
    let said = s_client(&http, &other, &request).await?;
    ensure!(
        !said.contains("200 OK"),
        "a certificate of somebody else's: {said}"
    );

    let mut client = FetchClient::new(stack.grpc().await?);
    let list = client
        .list(sign(ListRequest::default(), &api.token)?)
        .await?;
    ensure!(list.into_inner().requests.is_empty());

    // In plain text there is nothing to be had.
    let plain = |url: &str| url.replace("https://", "http://");
    let told = api.at(&plain(&api.url)).get("recap-fetch/").await;
    ensure!(told.is_err(), "HTTP in plain text");
    if let Ok(mut client) = FetchClient::connect(plain(stack.grpc_url())).await {
        let told = client.list(sign(ListRequest::default(), &api.token)?).await;
        ensure!(told.is_err(), "gRPC in plain text");
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
        let store = Control::connect(&DbConfig {
            database_url: url.into(),
            blob_url: blobs.path().display().to_string(),
            max_connections: 2,
            allow_plain: false,
            time_zone: fetch_db::DEFAULT_TIME_ZONE,
        })
        .await?;
        store.migrate(WhoseRoles::ThisDatabases).await?;
        anyhow::Ok(store)
    };
    let store = connect(right.clone()).await?;
    store.db.probe().await?;
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
    let other = stranger(&directory.path().join("stranger"))?;
    for mode in ["verify-full", "verify-ca"] {
        let unknown = connect(url(mode, &other)).await;
        ensure!(unknown.is_err(), "{mode}: any root will do");
    }
    connect(format!("{bare}?sslmode=require")).await?;
    let plain = PgConnection::connect(&format!("{bare}?sslmode=disable")).await;
    ensure!(plain.is_err(), "the server speaks in plain text");
    drop(store);
    postgres.stop().await;
    Ok(())
}
