//! The reading engine in its worker processes, on files of our own and on the extra collection of documents.

mod bad;
mod collection;
#[path = "../../../testkit/src/extra.rs"]
mod extra;
mod fixture;
mod made;
mod mutants;
mod network;
mod paper;
mod pasted;
mod pool;
mod scans;
mod seen;
mod silent_fonts;
mod text;
mod turned;

use std::num::NonZeroUsize;

use ocr::{Limits, WorkerConfig, WorkerPool};

/// Workers of the program under test.
fn config(workers: usize, limits: Limits) -> WorkerConfig {
    WorkerConfig {
        workers: NonZeroUsize::new(workers).unwrap(),
        limits,
        ..WorkerConfig::of_program(env!("CARGO_BIN_EXE_ocr").into())
    }
}

fn pool(workers: usize) -> WorkerPool {
    WorkerPool::new(config(workers, Limits::default()))
}
