//! A queue of one's own, alone or in a cluster.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

use std::time::Duration;

use async_nats::{Client, ConnectOptions, jetstream};
use dev_stack::{Cluster, Nats, programs, services};
use fetch_bus::Role;
use tempfile::TempDir;

use crate::place::{skip, tools, variable};

/// One or more servers of a test's own, in a directory that goes with them.
#[derive(Debug)]
pub struct Own<T> {
    // Dropped in this order.
    servers: T,
    _directory: TempDir,
}

/// A NATS server of a test's own.
pub type TestNats = Own<Nats>;

/// A cluster of NATS servers of a test's own.
pub type TestCluster = Own<Cluster>;

impl<T> Deref for Own<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.servers
    }
}

impl<T> DerefMut for Own<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.servers
    }
}

/// Starts a NATS server, empty, with JetStream, and with the users, permissions and TLS that every
/// server has. It ends when the value is dropped.
///
/// `None` when there is none to start: the test is to return at once.
///
/// # Panics
/// When it does not start, and in CI when there is none.
pub async fn nats() -> Option<TestNats> {
    start(None).await
}

/// The same with these users in the place of those that every server has.
///
/// # Panics
/// When it does not start, and in CI when there is none.
pub async fn nats_with_users(users: &str) -> Option<TestNats> {
    start(Some(users)).await
}

async fn start(users: Option<&str>) -> Option<TestNats> {
    let (program, directory) = place()?;
    let nats = Nats::start_with(directory.path(), &program, users)
        .await
        .expect("nats-server starts");
    Some(Own {
        servers: nats,
        _directory: directory,
    })
}

/// Starts three NATS servers that form a cluster, as [`nats`] starts one.
///
/// `None` when there is none to start: the test is to return at once.
///
/// # Panics
/// When they do not start, and in CI when there is none.
pub async fn nats_cluster() -> Option<TestCluster> {
    let (program, directory) = place()?;
    let cluster = Cluster::start(directory.path(), &program, 3)
        .await
        .expect("the servers find each other");
    Some(Own {
        servers: cluster,
        _directory: directory,
    })
}

/// How long a server has to say who leads a stream, and the pause between two questions.
const SAY_WITHIN: Duration = Duration::from_millis(250);
const PAUSE: Duration = Duration::from_millis(20);

impl TestCluster {
    /// Waits until a stream of login's has a leader, and gives its number. `lost` is a server that was
    /// lost, and leads nothing any more.
    ///
    /// # Panics
    /// When the servers cannot be reached.
    pub async fn leader_of(&self, stream: &str, lost: Option<usize>) -> usize {
        let asked = usize::from(lost == Some(0));
        let client = observe(&self.servers()[asked], Role::Login).await;
        let mut context = jetstream::new(client.expect("a server that lives lets us in"));
        context.set_timeout(SAY_WITHIN);
        loop {
            let found = context.get_stream(stream).await.ok();
            let cluster = found.and_then(|stream| stream.cached_info().cluster.clone());
            let leader = cluster.and_then(|cluster| cluster.leader);
            let number = leader.and_then(|name| name.strip_prefix("nats-")?.parse().ok());
            match number {
                Some(number) if lost != Some(number) => return number,
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

/// A connection that may do everything in the account of `role`, to look at what others did. The
/// gateway's has the streams of jobs and events, and login's the buckets.
///
/// # Errors
/// When the server cannot be reached.
pub async fn observe(nats: &Nats, role: Role) -> anyhow::Result<Client> {
    let options = ConnectOptions::with_nkey(nats.users().observer_seed(role).to_owned());
    let options = options.add_root_certificates(nats.ca().to_owned());
    Ok(options.connect(nats.url()).await?)
}

fn place() -> Option<(PathBuf, TempDir)> {
    let program = variable("PACER_FETCH_NATS_SERVER").map(PathBuf::from);
    let Some(program) = program.or_else(|| programs::nats_server(&tools()).ok()) else {
        skip("there is no nats-server");
        return None;
    };
    let directory = services::temporary_directory().expect("tests can write temporary files");
    Some((program, directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_test_has_a_queue_of_its_own() {
        let Some(first) = nats().await else { return };
        let second = nats().await.unwrap();
        assert_ne!(first.url(), second.url());
    }
}
