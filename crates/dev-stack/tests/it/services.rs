//! Whatever happens to the supervisor, nothing that it started stays.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);

/// The process, and the place for its temporary files: one that is killed cannot tidy up.
struct Supervisor(
    Child,
    #[expect(dead_code, reason = "kept until the end")] tempfile::TempDir,
);

impl Supervisor {
    fn start(command: &[&str]) -> Supervisor {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut supervisor = Command::new(env!("CARGO_BIN_EXE_dev-services"));
        let temporary = crate::servers::directory();
        supervisor
            .args(command)
            .current_dir(root)
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::null());
        Supervisor(supervisor.spawn().unwrap(), temporary)
    }

    /// Every process below it, once a `sleep` is among them.
    fn family_with_sleep(&mut self) -> BTreeSet<u32> {
        until(|| {
            assert!(self.0.try_wait().unwrap().is_none(), "the supervisor ended");
            let family = descendants(self.0.id());
            let names: Vec<String> = family.iter().filter_map(|&process| name(process)).collect();
            let has = |wanted: &str| names.iter().any(|name| name == wanted);
            (has("sleep") && has("postgres") && has("nats-server")).then_some(family)
        })
    }

    fn signal(&self, signal: &str) {
        let id = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn ctrl_c_leaves_nothing_running() {
    leaves_nothing("-INT", &["sleep", "1000"]);
}

#[test]
fn a_request_to_terminate_leaves_nothing_running() {
    leaves_nothing("-TERM", &["sh", "-c", "sleep 1000 & wait"]);
}

#[test]
fn a_killed_supervisor_leaves_nothing_running() {
    leaves_nothing("-KILL", &["sleep", "1000"]);
}

fn leaves_nothing(signal: &str, command: &[&str]) {
    let mut supervisor = Supervisor::start(command);
    let family = supervisor.family_with_sleep();
    supervisor.signal(signal);
    supervisor.0.wait().unwrap();
    until(|| {
        family
            .iter()
            .all(|&process| !is_running(process))
            .then_some(())
    });
}

#[test]
fn ctrl_c_while_the_servers_are_starting_leaves_nothing_running() {
    let mut supervisor = Supervisor::start(&["sleep", "1000"]);
    // The first child is there: the signals are listened to, and the servers are not ready.
    let family = until(|| {
        let family = descendants(supervisor.0.id());
        (!family.is_empty()).then_some(family)
    });
    supervisor.signal("-INT");
    supervisor.0.wait().unwrap();
    until(|| {
        family
            .iter()
            .all(|&process| !is_running(process))
            .then_some(())
    });
}

#[test]
fn the_command_finds_the_servers_and_its_status_is_passed_on() {
    let script = r#"test -n "$PACER_FETCH_TEST_DATABASE_URL" && test -x "$PACER_FETCH_NATS_SERVER" && exit 7"#;
    let mut supervisor = Supervisor::start(&["sh", "-c", script]);
    assert_eq!(supervisor.0.wait().unwrap().code(), Some(7));
}

fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + SOON;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "it did not happen within {} s",
            SOON.as_secs()
        );
        std::thread::yield_now();
    }
}

/// All processes with their parents.
fn processes() -> Vec<(u32, u32)> {
    let names = fs::read_dir("/proc").unwrap().flatten();
    let ids = names.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| Some((id, status(id)?.1))).collect()
}

fn descendants(ancestor: u32) -> BTreeSet<u32> {
    let all = processes();
    let mut found = BTreeSet::new();
    let mut parents = vec![ancestor];
    while let Some(parent) = parents.pop() {
        let children = all.iter().filter(|(_, its_parent)| *its_parent == parent);
        for (child, _) in children {
            found.insert(*child);
            parents.push(*child);
        }
    }
    found
}

/// State letter and parent of a process.
fn status(process: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let mut words = rest.split(' ');
    Some((words.next()?.chars().next()?, words.next()?.parse().ok()?))
}

fn name(process: u32) -> Option<String> {
    Some(
        fs::read_to_string(format!("/proc/{process}/comm"))
            .ok()?
            .trim()
            .to_owned(),
    )
}

/// A process that has ended and waits for its new parent to notice is not running.
fn is_running(process: u32) -> bool {
    status(process).is_some_and(|(state, _)| state != 'Z')
}
