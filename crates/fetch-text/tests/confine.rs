//! What a confined process can and cannot do, tried in a process of its own.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::Command;

use fetch_text::{Limits, confine};

const TRIED: &str = "CONFINED_PROCESS";

/// Run by the test below, as another process; alone it has nothing to say.
#[test]
#[ignore = "started by confined_processes_can_read_and_think_and_nothing_else"]
fn try_everything() {
    if std::env::var_os(TRIED).is_none() {
        return;
    }
    let readable = std::env::current_exe().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let confinement = confine::confine(&Limits::default()).unwrap();
    assert_eq!(confinement.system_calls, Ok(()));
    let refused = |done: bool, what: &str| assert!(!done, "a confined process could {what}");
    refused(TcpStream::connect(address).is_ok(), "connect");
    refused(TcpListener::bind("127.0.0.1:0").is_ok(), "listen");
    refused(UdpSocket::bind("127.0.0.1:0").is_ok(), "send");
    refused(listener.accept().is_ok(), "accept");
    refused(Command::new("/bin/true").status().is_ok(), "run a program");
    let file = directory.path().join("file");
    refused(File::create(&file).is_ok(), "make a file");
    refused(
        File::options().append(true).open(&readable).is_ok(),
        "write",
    );
    refused(fs::remove_dir(directory.path()).is_ok(), "remove");
    refused(fs::create_dir(file).is_ok(), "make a directory");
    assert!(File::open(&readable).is_ok(), "a file can be read");
    let thought = std::thread::spawn(|| TcpListener::bind("127.0.0.1:0").is_ok());
    refused(thought.join().unwrap(), "listen in another thread");
}

#[test]
fn confined_processes_can_read_and_think_and_nothing_else() {
    let tried = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "try_everything"])
        .env(TRIED, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tried.stdout);
    assert!(tried.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
fn what_is_not_enforced_is_said() {
    let without = confine::Confinement {
        memory_bytes: 2 << 30,
        system_calls: Err("not supported".to_owned()),
    };
    assert!(
        without
            .to_string()
            .contains("the network is open: not supported")
    );
}
