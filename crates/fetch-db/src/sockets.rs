//! Bounds for the sockets that lead to the database.
//!
//! A database server that is lost without a word (its host, its network) sends no end of the
//! connection: whoever waits for its answer would wait for ever, and whoever sends to it for a
//! quarter of an hour. The driver has no setting for that and does not show its sockets, so they
//! are looked up among the open files of the process.

use std::{fs, os::fd::BorrowedFd, time::Duration};

use socket2::{SockRef, TcpKeepalive};

/// A connection on which nothing has come for so long is asked whether it lives.
const IDLE: Duration = Duration::from_secs(10);

/// Between two such questions; after three without an answer it is dead.
const EVERY: Duration = Duration::from_secs(5);
const QUESTIONS: u32 = 3;

/// What was sent and not acknowledged within this time ends the connection.
const UNACKNOWLEDGED: Duration = Duration::from_secs(15);

/// Bounds every connection of this process to a peer at `port`. One that is no connection to the
/// database comes to no harm.
pub(crate) fn bound(port: u16) {
    let Ok(files) = fs::read_dir("/proc/self/fd") else {
        return;
    };
    let numbers = files.filter_map(|file| file.ok()?.file_name().to_str()?.parse().ok());
    for number in numbers {
        // What cannot be bounded is one connection that may hang, as it would without this.
        let _ = bound_one(number, port);
    }
}

fn bound_one(number: i32, port: u16) -> std::io::Result<()> {
    // SAFETY: the number comes from the list of open files, and is used for nothing but asking and
    // setting options before this function returns. If somebody closes the file meanwhile, that
    // fails; if another one got its number, it is bounded only if it is such a connection.
    #[expect(unsafe_code, reason = "the driver does not show its sockets")]
    let socket = unsafe { BorrowedFd::borrow_raw(number) };
    let socket = SockRef::from(&socket);
    let peer = socket.peer_addr()?;
    if peer.as_socket().is_none_or(|peer| peer.port() != port) || socket.keepalive()? {
        return Ok(());
    }
    socket.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(IDLE)
            .with_interval(EVERY)
            .with_retries(QUESTIONS),
    )?;
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn only_connections_to_the_port_are_bounded() {
        let (ours, other) = (listen(), listen());
        let to =
            |listener: &TcpListener| TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (bounded, left) = (to(&ours), to(&other));
        bound(ours.local_addr().unwrap().port());
        let bounded = SockRef::from(&bounded);
        assert!(bounded.keepalive().unwrap());
        assert_eq!(bounded.tcp_user_timeout().unwrap(), Some(UNACKNOWLEDGED));
        assert!(!SockRef::from(&left).keepalive().unwrap());
    }

    fn listen() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").unwrap()
    }
}
