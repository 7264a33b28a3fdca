//! A site that answers as told and remembers what it was asked.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use pacer_client::{Courts, CourtsConfig};
use tokio::net::TcpListener;

/// Serves `routes` on a free port until the test's runtime ends.
pub async fn serve(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    address
}

pub fn config(address: SocketAddr) -> CourtsConfig {
    CourtsConfig {
        court_url: format!("http://{address}/{{court}}"),
        cso_url: format!("http://{address}"),
        ..CourtsConfig::default()
    }
}

pub fn courts(address: SocketAddr) -> Courts {
    Courts::new(&config(address)).unwrap()
}
