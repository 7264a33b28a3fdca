//! The bus against a real message server, with the permissions that every server has.

mod busy_records;
mod cluster;
mod jobs;
mod login_records;
mod logins;
mod nonces;
mod permissions;
mod replies;
mod servers;
mod sessions;

use std::time::Duration;

use dev_stack::Nats;
use fetch_bus::{Bus, Role};
use testkit::TestRecords;
use tokio::time;

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that must happen.
async fn within<T>(future: impl Future<Output = T>) -> T {
    time::timeout(PATIENCE, future)
        .await
        .expect("it did not happen in time")
}

/// A gateway that keeps the records of logins.
async fn keep_records(server: &Nats) -> Option<TestRecords> {
    within(testkit::login_records(&server.config(Role::Gateway))).await
}

async fn connect(server: &Nats, role: Role) -> Bus {
    within(fetch_bus::connect(role, &server.config(role)))
        .await
        .unwrap()
}
