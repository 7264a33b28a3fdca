//! Sound and broken files with random damage. Each ends in pages or a name, within its limit.
//!
//! A few in every run; `make fuzz-documents` does thousands, whole readings
//! among them, and sees that the process that asks does not grow.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use ocr::{Limits, ReadError, WorkerPool};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::collection::entries;
use crate::fixture::{self, Page, document, saved};

/// Mutants of an ordinary run.
const FEW: usize = 200;
/// Larger files than this take long to read and show nothing else.
const LARGEST: u64 = 160_000;
/// A service that grows by more than this leaks.
const GROWTH: usize = 64_000_000;

/// Files to damage: our own, and those of the extra collection where it is.
fn originals() -> Vec<Vec<u8>> {
    let mut originals = vec![
        fixture::typed(&["It is so ordered.", "The clerk shall close the case."]),
        document(&[
            Page::Scanned(&["ORDER"], Some(fixture::STAMP)),
            Page::Typed(&["Served by mail"]),
        ]),
    ];
    let small = |path: &Path| path.metadata().is_ok_and(|file| file.len() < LARGEST);
    let shared: Vec<PathBuf> = ["text", "scanned", "bad"]
        .into_iter()
        .flat_map(entries)
        .map(|entry| entry.path())
        .filter(|path| small(path))
        // Bombs are slow, whole or damaged; they are read elsewhere.
        .filter(|path| !path.to_string_lossy().contains("bomb"))
        .collect();
    originals.extend(shared.iter().map(|path| std::fs::read(path).unwrap()));
    originals
}

/// One to twenty damages of several kinds.
fn damaged(original: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..random.random_range(1..=20) {
        if bytes.is_empty() {
            break;
        }
        let at = random.random_range(0..bytes.len());
        let to = (at + random.random_range(1..=64)).min(bytes.len());
        match random.random_range(0..6) {
            0 => bytes[at] = random.random(),
            1 => bytes[at] ^= 1 << random.random_range(0..8),
            2 => drop(bytes.drain(at..to)),
            3 => {
                let piece = bytes[at..to].to_vec();
                let place = random.random_range(0..bytes.len());
                bytes.splice(place..place, piece);
            }
            4 => swap_number(&mut bytes, at, random),
            _ if random.random_range(0..10) == 0 => bytes.truncate(at),
            _ => bytes[at..to].fill(random.random()),
        }
    }
    bytes
}

/// Numbers are what readers trust: the next one becomes a large or a small one.
fn swap_number(bytes: &mut [u8], at: usize, random: &mut StdRng) {
    let digit = if random.random() { b'9' } else { b'0' };
    let rest = bytes[at..].iter_mut();
    rest.skip_while(|byte| !byte.is_ascii_digit())
        .take_while(|byte| byte.is_ascii_digit())
        .for_each(|byte| *byte = digit);
}

async fn read_mutant(pool: &WorkerPool, bytes: &[u8], whole: bool) -> Result<(), ReadError> {
    let file = saved(bytes);
    if whole {
        pool.read(file.path()).await.map(drop)
    } else {
        pool.plan(file.path()).await.map(drop)
    }
}

/// Reads that many mutants, every tenth of them whole; gives how many had pages.
async fn read_mutants(count: usize, whole: bool) -> usize {
    let limits = Limits {
        open_time: Duration::from_secs(8),
        ..Limits::default()
    };
    let pool = WorkerPool::new(crate::config(2, limits.clone()));
    let originals = originals();
    let read = stream::iter(0..count)
        .map(async |number| {
            let mut random = StdRng::seed_from_u64(number as u64);
            let bytes = damaged(&originals[number % originals.len()], &mut random);
            let whole = whole && number % 10 == 0;
            // One pass and one second reading, recognition of a page or two, each up to six times
            // as long on a crowded machine.
            let most = 18 * limits.recognise_time(2);
            let result = tokio::time::timeout(most, read_mutant(&pool, &bytes, whole)).await;
            match result.unwrap_or_else(|_| panic!("mutant {number} has no end")) {
                Ok(()) => 1,
                Err(ReadError::Refused(_)) => 0,
                Err(error) => panic!("mutant {number}: {error:?}"),
            }
        })
        .buffer_unordered(2)
        .fold(0, async |sum, read| sum + read)
        .await;
    // Up and well.
    read_mutant(&pool, &originals[0], true).await.unwrap();
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_end_in_pages_or_a_name() {
    let read = read_mutants(FEW, false).await;
    assert!(read > FEW / 4, "most damage leaves pages: {read}");
}

/// `make fuzz-documents`, which says how many.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make fuzz-documents"]
#[expect(clippy::print_stderr, reason = "the figures are what it is run for")]
async fn thousands_of_damaged_files_end_in_pages_or_a_name() {
    let count = std::env::var("FUZZ_DOCUMENTS").map_or(5_000, |count| count.parse().unwrap());
    let started = std::time::Instant::now();
    // Warm, so that growth is told from starting. Nothing else runs in this process.
    read_mutants(FEW, true).await;
    let before = resident();
    let read = read_mutants(count, true).await;
    let grown = resident().saturating_sub(before);
    assert!(
        grown < GROWTH,
        "grown by {grown} bytes over {count} mutants"
    );
    let seconds = started.elapsed().as_secs();
    eprintln!(
        "{count} mutants, {read} with pages, in {seconds} s; {} MB resident",
        resident() >> 20
    );
}

/// Memory of this process that is in use, in bytes: it stands for the service.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line
        .and_then(|line| line.split_whitespace().nth(1))
        .unwrap();
    kilobytes.parse::<usize>().unwrap() * 1024
}
