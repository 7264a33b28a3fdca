//! The bus against a real message server, with the permissions that every server has.

mod cluster;
mod jobs;
mod login_records;
mod logins;
mod permissions;
mod replies;
mod servers;
mod sessions;

use std::time::Duration;

use dev_stack::Nats;
use fetch_bus::{Bus, Role};
use tokio::time;

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that must happen.
async fn within<T>(future: impl Future<Output = T>) -> T {
    time::timeout(PATIENCE, future)
        .await
        .expect("it did not happen in time")
}

async fn connect(server: &Nats, role: Role) -> Bus {
    within(fetch_bus::connect(role, &server.config(role)))
        .await
        .unwrap()
}
