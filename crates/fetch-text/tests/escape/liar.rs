//! A worker that is somebody else's altogether: it says what it likes.
//!
//! It is believed nothing that it was not asked, and can neither fill nor end its parent.

use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use fetch_text::{Limits, Program, WorkerConfig, WorkerPool};

/// What this program is told when it is to lie, before the name of the lie.
pub const LIAR: &str = "liar";

/// The most that a lie may add to the memory of whoever listens.
const GROWTH_KB: u64 = 64 * 1024;

/// The most time that a lie may take.
const WITHIN: Duration = Duration::from_secs(60);

/// A lie: its name, what is said, and how often.
pub const LIES: &[(&str, &[&str], usize)] = &[
    (
        "more_pages_than_there_can_be",
        &[r#"{"Opened":{"pages":4294967295,"truncated":false}}"#],
        1,
    ),
    (
        "one_page_again_and_again",
        &[
            r#"{"Opened":{"pages":1,"truncated":false}}"#,
            r#"{"Planned":{"number":1,"text":"forged","choice":"blank","millis":0,"cut":false}}"#,
        ],
        1_000_000,
    ),
    (
        "a_page_that_is_not_there",
        &[
            r#"{"Opened":{"pages":1,"truncated":false}}"#,
            r#"{"Planned":{"number":7,"text":"forged","choice":"blank","millis":0,"cut":false}}"#,
        ],
        1,
    ),
];

/// Says it: the last of what is said as often as the lie wants.
pub fn lie(name: &str) -> io::Result<()> {
    let (_, said, times) = LIES
        .iter()
        .find(|lie| lie.0 == name)
        .expect("a lie of the list");
    hear()?;
    say(r#"{"Ready":{"memory_bytes":1,"system_calls":{"Ok":null},"files":{"Ok":null}}}"#)?;
    loop {
        hear()?;
        let (last, first) = said.split_last().expect("something is said");
        for message in first {
            say(message)?;
        }
        for _ in 0..*times {
            say(last)?;
        }
        say(r#""Finished""#)?;
    }
}

fn hear() -> io::Result<()> {
    let mut length = [0; 4];
    io::stdin().read_exact(&mut length)?;
    let mut question = vec![0; u32::from_be_bytes(length) as usize];
    io::stdin().read_exact(&mut question)
}

fn say(message: &str) -> io::Result<()> {
    let length = u32::try_from(message.len()).expect("lies are short");
    let framed = [&length.to_be_bytes(), message.as_bytes()].concat();
    io::stdout().write_all(&framed)?;
    io::stdout().flush()
}

/// What came of reading a document with such a worker; `Err` says what went wrong.
pub async fn listen(program: &Path, document: &Path, name: &str) -> Result<String, String> {
    let mut worker = Program::new(program, LIAR);
    worker.arguments.push(name.into());
    let pool = WorkerPool::new(WorkerConfig {
        program: worker,
        recogniser: None,
        workers: NonZeroUsize::MIN,
        limits: Limits::default(),
        recogniser_data: None,
        require_confinement: false,
    });
    let (before, began) = (peak_kb(), Instant::now());
    let plan = pool.plan(document).await;
    pool.close().await;
    let (growth, took) = (peak_kb() - before, began.elapsed());
    let told = match plan {
        // What was asked may be answered, once.
        Ok(plan) if plan.pages.iter().any(|page| page.number != 1) || plan.pages.len() > 1 => {
            return Err(format!("it was believed: {} pages", plan.pages.len()));
        }
        Ok(plan) => format!("{:?}", plan.pages),
        Err(error) => error.to_string(),
    };
    if growth > GROWTH_KB || took > WITHIN {
        return Err(format!("{growth} kB more, {took:?}: {told}"));
    }
    Ok(told)
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    let peak = peak.and_then(|line| line.split_whitespace().nth(1));
    peak.unwrap().parse().unwrap()
}
