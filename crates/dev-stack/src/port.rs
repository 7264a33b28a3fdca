//! Ports that nobody uses.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Mutex;

use anyhow::bail;
use rand::RngExt;

/// Below the range from which the kernel takes the near ends of connections. A server that is
/// restarted on such a port cannot find it taken by its own clients trying to reconnect.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

static GIVEN: Mutex<Vec<u16>> = Mutex::new(Vec::new());

/// A loopback port that is free now and that this function gives only once per process.
///
/// # Errors
/// When none was found in a thousand tries.
pub fn free_port() -> anyhow::Result<u16> {
    let mut given = GIVEN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for _ in 0..1000 {
        let port = rand::rng().random_range(PORTS);
        if !given.contains(&port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            given.push(port);
            return Ok(port);
        }
    }
    bail!("no free port between {} and {}", PORTS.start, PORTS.end)
}
