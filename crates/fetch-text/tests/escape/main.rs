//! Every way out of a worker, tried from inside one, by name.
//!
//! The worker is a real one: started by the pool, confined by itself, fed with a document. Its
//! recogniser is the attacker, which is what code in a file becomes when a reader has a hole. Each
//! attack is also made without confinement, to see that it is one.
//!
//! This program is its own worker, so it does without the usual test harness.

#![expect(
    clippy::print_stdout,
    reason = "it takes the place of the test harness"
)]

mod attacker;
mod attacks;
mod liar;

use std::fs::{self, File};
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use fetch_text::choice::Reason;
use fetch_text::{Limits, Program, WorkerConfig, WorkerPool};
use rustix::io::FdFlags;

use attacker::{ESCAPED, Prey, REFUSED};
use attacks::{ATTACKS, Attack};

const WORKER: &str = "worker";
const UNCONFINED: &str = "unconfined";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(WORKER) => fetch_text::worker::run(Some(attacker::start)).unwrap(),
        Some(UNCONFINED) => println!("{}", attacker::attack_at_once(&arguments[1])),
        // Until nobody listens any more.
        Some(liar::LIAR) => drop(liar::lie(&arguments[1])),
        _ => return try_all(&arguments),
    }
    ExitCode::SUCCESS
}

/// What came of an attack.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It got out, and says how.
    Escaped(String),
    /// The system refused, and the worker lives.
    Refused(String),
    /// The system ended the worker, and the page says so.
    Ended,
    /// Something else happened.
    Strange(String),
}

/// Tries the attacks whose names have one of the words in them, or all.
fn try_all(words: &[String]) -> ExitCode {
    let words: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut failed = 0;
    for attack in ATTACKS {
        if !words.is_empty() && !words.iter().any(|word| attack.name.contains(word.as_str())) {
            continue;
        }
        let house = House::with_secrets();
        let outside = house.unconfined(attack);
        let inside = runtime.block_on(house.inside_a_worker(attack));
        let held = matches!(inside, Outcome::Refused(_) | Outcome::Ended);
        // What no machine allows proves nothing by being refused.
        let is_an_attack = !attack.works_everywhere || matches!(outside, Outcome::Escaped(_));
        let well = held && is_an_attack;
        failed += u32::from(!well);
        let word = if well { "ok" } else { "FAILED" };
        println!(
            "test {} ... {word}: in a worker {inside:?}; unconfined {outside:?}",
            attack.name
        );
    }
    for (name, ..) in liar::LIES {
        if !words.is_empty() && !words.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let house = House::with_secrets();
        let program = this_program();
        let heard = liar::listen(&program, house.document.path(), name);
        let heard = runtime.block_on(heard);
        failed += u32::from(heard.is_err());
        let word = if heard.is_ok() { "ok" } else { "FAILED" };
        println!("test {name} ... {word}: {heard:?}");
    }
    println!("{failed} failed");
    ExitCode::from(u8::from(failed > 0))
}

/// What there is to steal, and to spoil.
struct House {
    directory: tempfile::TempDir,
    /// Open in every child, by mistake.
    _left_open: (tempfile::TempDir, File),
    listener: TcpListener,
    document: tempfile::NamedTempFile,
}

impl House {
    fn with_secrets() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("blob"), "sealed").unwrap();
        let document = tempfile::NamedTempFile::new().unwrap();
        fs::write(document.path(), scan()).unwrap();
        Self {
            directory,
            _left_open: left_open(),
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            document,
        }
    }

    fn prey(&self, attack: &Attack) -> String {
        let port = self.listener.local_addr().unwrap().port();
        Prey::told(attack.name, port, self.directory.path())
    }

    fn unconfined(&self, attack: &Attack) -> Outcome {
        // As a worker has it.
        let (_ours, standard_input) = UnixStream::pair().unwrap();
        let tried = Command::new(this_program())
            .stdin(OwnedFd::from(standard_input))
            .args([UNCONFINED, &self.prey(attack)])
            .output()
            .unwrap();
        if self.is_disturbed() {
            self.tidy();
            return Outcome::Escaped("left its mark".to_owned());
        }
        outcome(String::from_utf8_lossy(&tried.stdout).trim())
    }

    async fn inside_a_worker(&self, attack: &Attack) -> Outcome {
        let pool = WorkerPool::new(WorkerConfig {
            program: Program::new(this_program(), WORKER),
            recogniser: None,
            workers: NonZeroUsize::MIN,
            limits: Limits::default(),
            recogniser_data: Some(PathBuf::from(self.prey(attack))),
            require_confinement: true,
        });
        let read = pool.read(self.document.path()).await.unwrap();
        pool.close().await;
        if self.is_disturbed() {
            return Outcome::Escaped("left its mark".to_owned());
        }
        let page = &read.pages[0];
        match page.reason {
            Reason::ForbiddenCall => Outcome::Ended,
            _ => outcome(&page.text),
        }
    }

    /// Whether somebody changed the folder.
    fn is_disturbed(&self) -> bool {
        let names = names_in(self.directory.path());
        let blob = fs::read(self.directory.path().join("blob"));
        names != ["blob"] || blob.is_ok_and(|bytes| bytes != b"sealed")
    }

    fn tidy(&self) {
        for name in names_in(self.directory.path()) {
            let path = self.directory.path().join(name);
            fs::remove_file(&path)
                .or_else(|_| fs::remove_dir(&path))
                .unwrap();
        }
        fs::write(self.directory.path().join("blob"), "sealed").unwrap();
    }
}

fn left_open() -> (tempfile::TempDir, File) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("left-open");
    fs::write(&path, "a secret").unwrap();
    let file = File::open(path).unwrap();
    rustix::io::fcntl_setfd(&file, FdFlags::empty()).unwrap();
    (directory, file)
}

fn names_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn this_program() -> PathBuf {
    std::env::current_exe().unwrap()
}

fn outcome(said: &str) -> Outcome {
    if let Some(how) = said.strip_prefix(ESCAPED) {
        Outcome::Escaped(how.to_owned())
    } else if let Some(why) = said.strip_prefix(REFUSED) {
        Outcome::Refused(why.to_owned())
    } else {
        Outcome::Strange(said.to_owned())
    }
}

/// A page that is a picture, so that it must be recognised.
fn scan() -> Vec<u8> {
    use pdf_writer::{Content, Name, Pdf, Rect, Ref};
    const SIDE: i32 = 400;
    let [catalog, tree, page, content, picture] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([page]).count(1);
    let mut written = pdf.page(page);
    written
        .parent(tree)
        .media_box(Rect::new(0.0, 0.0, 200.0, 200.0))
        .contents(content);
    written.resources().x_objects().pair(Name(b"P"), picture);
    drop(written);
    let mut drawn = Content::new();
    drawn.transform([200.0, 0.0, 0.0, 200.0, 0.0, 0.0]);
    drawn.x_object(Name(b"P"));
    pdf.stream(content, &drawn.finish());
    let pixels: Vec<u8> = (0..SIDE * SIDE)
        .map(
            |pixel| match pixel / SIDE % 30 < 12 && pixel % SIDE % 20 < 8 {
                true => 0,
                false => 255,
            },
        )
        .collect();
    pdf.image_xobject(picture, &pixels)
        .width(SIDE)
        .height(SIDE)
        .bits_per_component(8)
        .color_space()
        .device_gray();
    pdf.finish()
}
