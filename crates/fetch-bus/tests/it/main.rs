//! The bus against a real message server.

mod jobs;
mod login_records;
mod logins;
mod nats;
mod sessions;

use fetch_bus::{Bus, BusConfig};

async fn connect(server: &nats::Server) -> Bus {
    let config = BusConfig {
        url: server.url(),
        allow_old_server: false,
    };
    nats::within(fetch_bus::connect("test", &config))
        .await
        .unwrap()
}
