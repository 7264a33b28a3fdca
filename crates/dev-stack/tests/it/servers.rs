//! Private servers: they start, keep what they should, and leave nothing running.

use std::path::{Path, PathBuf};

use dev_stack::{Durability, Nats, Postgres, programs};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;

/// A directory that the account of Postgres may enter, as the stack itself makes them.
pub fn directory() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(directory.path(), open).unwrap();
    directory
}

fn port(url: &str) -> u16 {
    let authority = url.split("://").nth(1).unwrap().rsplit('@').next().unwrap();
    authority
        .split('/')
        .next()
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.run/tools")
}

#[tokio::test]
async fn postgres_starts_again_with_its_data_and_password() {
    let directory = directory();
    let home = directory.path().join("postgres");
    let mut first = Postgres::start(&home, Durability::Careless).await.unwrap();
    let password = first.url("x").split('@').next().unwrap().to_owned();
    first.stop().await;
    let second = Postgres::start(&home, Durability::Safe).await.unwrap();
    assert_eq!(second.url("x").split('@').next().unwrap(), password);
    assert!(
        TcpStream::connect(("127.0.0.1", port(&second.url("x"))))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_dropped_postgres_leaves_nothing_behind() {
    let directory = directory();
    let home = directory.path().join("postgres");
    let server = Postgres::start(&home, Durability::Careless).await.unwrap();
    let process = PathBuf::from(format!("/proc/{}", server.process_id()));
    assert!(process.exists());
    drop(server);
    assert!(!process.exists());
}

#[tokio::test]
async fn a_wiped_nats_comes_back_empty_on_the_same_port() {
    let directory = directory();
    let program = programs::nats_server(&tools()).unwrap();
    let mut nats = Nats::start(directory.path(), &program).await.unwrap();
    let (url, process) = (nats.url(), nats.process_id());
    std::fs::write(directory.path().join("streams/mark"), "kept").unwrap();
    nats.restart().await.unwrap();
    assert!(directory.path().join("streams/mark").exists());
    nats.wipe().await.unwrap();
    assert!(!directory.path().join("streams/mark").exists());
    assert_eq!(nats.url(), url);
    assert_ne!(nats.process_id(), process);
    let stream = TcpStream::connect(("127.0.0.1", port(&url))).await.unwrap();
    let mut greeting = String::new();
    BufReader::new(stream)
        .read_line(&mut greeting)
        .await
        .unwrap();
    assert!(greeting.starts_with("INFO {"), "{greeting}");
}
