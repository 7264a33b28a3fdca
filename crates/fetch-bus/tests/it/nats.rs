//! A message server of a test's own: its directory, its port, its death.

use std::{
    env, fs,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time,
};

/// How long anything may take before a test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running server. Killed when dropped.
pub struct Server {
    program: PathBuf,
    home: TempDir,
    port: u16,
    child: Child,
}

impl Server {
    /// Starts a server, or returns `None` where there is no program to start; on CI that fails.
    pub async fn start() -> Option<Server> {
        let Some(program) = program() else {
            assert!(env::var_os("CI").is_none(), "there is no nats-server");
            skip();
            return None;
        };
        let home = TempDir::new().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let child = run(&program, &home, port).await;
        Some(Server {
            program,
            home,
            port,
            child,
        })
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Kills the server where it stands.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Removes all that the server has written.
    pub fn wipe(&self) {
        fs::remove_dir_all(self.home.path().join("data")).unwrap();
    }

    pub async fn start_again(&mut self) {
        self.child = run(&self.program, &self.home, self.port).await;
    }
}

fn program() -> Option<PathBuf> {
    if let Some(path) = env::var_os("PACER_FETCH_NATS_SERVER") {
        return Some(path.into());
    }
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths)
        .map(|folder| folder.join("nats-server"))
        .find(|file| file.is_file())
}

#[allow(
    clippy::print_stderr,
    reason = "whoever runs the tests should see that one was skipped"
)]
fn skip() {
    eprintln!("skipped: there is no nats-server; set PACER_FETCH_NATS_SERVER");
}

async fn run(program: &PathBuf, home: &TempDir, port: u16) -> Child {
    let data = home.path().join("data");
    let config = home.path().join("nats.conf");
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n",
        data.display()
    );
    fs::write(&config, text).unwrap();
    let child = Command::new(program)
        .arg("-c")
        .arg(config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let listening = async {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_err()
        {
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(listening).await;
    child
}

/// Waits for something that must happen.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    time::timeout(PATIENCE, future)
        .await
        .expect("it did not happen in time")
}
