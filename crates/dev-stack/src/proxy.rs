//! A TCP proxy on the loopback interface whose far end can be changed: the one address under
//! which clients know a server that fails over.

use std::net::Ipv4Addr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::free_port;

/// Where connections lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// To this port.
    To(u16),
    /// Nowhere: what is open stays open and silent, as when a machine is lost.
    Nowhere,
}

/// The proxy. Dropping it cuts every connection.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    route: watch::Sender<Route>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens, and leads to the server on loopback port `to`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(to: u16) -> anyhow::Result<Proxy> {
        let port = free_port()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let (route, watched) = watch::channel(Route::To(to));
        let accepting = tokio::spawn(accept(listener, watched));
        Ok(Proxy {
            port,
            route,
            accepting,
        })
    }

    /// Where clients connect.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on nothing passes: open connections are silent, and so are new ones.
    pub fn lose(&self) {
        self.route.send_replace(Route::Nowhere);
    }

    /// Cuts every connection; those made from now on, and those that were made while nothing
    /// passed, lead to port `to`.
    pub fn switch(&self, to: u16) {
        self.route.send_replace(Route::To(to));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, route: watch::Receiver<Route>) {
    loop {
        // A client that is gone before it was accepted is no reason to stop.
        if let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, route.clone()));
        }
    }
}

/// Carries one connection until either side ends it or the route changes.
async fn carry(mut client: TcpStream, mut route: watch::Receiver<Route>) {
    let Some(port) = until_there_is_a_way(&mut route).await else {
        return;
    };
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return;
    };
    // Statements are small, and whoever sent one waits for the answer.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = route.changed() => {
            until_there_is_a_way(&mut route).await;
        }
    }
}

/// Waits until connections lead somewhere; nothing when the proxy is gone.
async fn until_there_is_a_way(route: &mut watch::Receiver<Route>) -> Option<u16> {
    let somewhere = route
        .wait_for(|route| *route != Route::Nowhere)
        .await
        .ok()?;
    match *somewhere {
        Route::To(port) => Some(port),
        Route::Nowhere => None,
    }
}
