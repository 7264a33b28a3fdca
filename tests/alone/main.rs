//! What is measured by the clock on the wall, on the whole stack, or needs the whole machine. A program of
//! its own, because cargo runs the programs of tests one after the other, and its tests wait for each other:
//! nothing else works meanwhile.

// What a test has counted is for whoever reads its output.
#![allow(clippy::print_stdout)]

mod five_hundred;
mod slow_callers;

use tokio::sync::{Mutex, MutexGuard};

/// Waits until no other test of this program works.
async fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::const_new(());
    MACHINE.lock().await
}
