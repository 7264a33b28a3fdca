//! What is in the memory of processes, for tests that look for what must not be there.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};

use anyhow::Context;
use memchr::memmem::Finder;

/// What is read at a time.
const PIECE: usize = 4 << 20;

/// Whether this process may look into those that are closed to others.
///
/// # Errors
/// When the system does not say who we are.
pub(crate) fn may_look() -> anyhow::Result<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

/// Processes below this one, however deep, with `text` in their memory: what they are called, and
/// where the text is.
///
/// # Errors
/// When the memory of one cannot be read: that takes root, where processes close theirs to others.
pub(crate) fn of_processes_with(text: &str) -> anyhow::Result<Vec<String>> {
    let finder = Finder::new(text);
    let mut shared = HashSet::new();
    let mut found = Vec::new();
    for (process, name) in below(std::process::id())? {
        let places = places_with(process, &finder, &mut shared);
        // One that has ended meanwhile has no memory any more.
        match places {
            Err(_) if !is_there(process) => {}
            places => {
                let places = places.with_context(|| format!("{name} ({process})"))?;
                found.extend(
                    places
                        .iter()
                        .map(|place| format!("{name} ({process}): {place}")),
                );
            }
        }
    }
    Ok(found)
}

fn is_there(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/maps")).is_ok_and(|maps| !maps.is_empty())
}

/// Numbers and names of all processes below one.
fn below(top: u32) -> anyhow::Result<Vec<(u32, String)>> {
    let mut children: HashMap<u32, Vec<(u32, String)>> = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(process) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let Ok(status) = fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        let named = status
            .split_once('(')
            .and_then(|(_, rest)| rest.rsplit_once(')'));
        let Some((name, rest)) = named else { continue };
        let parent = rest
            .split_whitespace()
            .nth(1)
            .and_then(|parent| parent.parse().ok());
        let parent: u32 = parent.unwrap_or_default();
        children
            .entry(parent)
            .or_default()
            .push((process, name.to_owned()));
    }
    let mut all = children.remove(&top).unwrap_or_default();
    let mut next = 0;
    while let Some((process, _)) = all.get(next) {
        all.extend(children.remove(process).unwrap_or_default());
        next += 1;
    }
    Ok(all)
}

/// Where a process has the text. What it shares with one that was looked at before is left out.
fn places_with(
    process: u32,
    finder: &Finder<'_>,
    shared: &mut HashSet<String>,
) -> anyhow::Result<Vec<String>> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
    let memory = File::open(format!("/proc/{process}/mem"))?;
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (Some(range), Some(rights)) = (fields.next(), fields.next()) else {
            continue;
        };
        let rest: Vec<&str> = fields.collect();
        let is_seen = rights.ends_with('s') && !shared.insert(rest.join(" "));
        if !rights.starts_with('r') || is_seen || line.contains("[v") {
            continue;
        }
        let (start, end) = range.split_once('-').context("a range of addresses")?;
        let (start, end) = (
            u64::from_str_radix(start, 16)?,
            u64::from_str_radix(end, 16)?,
        );
        if let Some(address) = find(&memory, start, end, finder) {
            found.push(format!(
                "{address:x} in {}",
                rest.last().unwrap_or(&"memory")
            ));
        }
    }
    Ok(found)
}

/// Pieces overlap by the length of the text. What cannot be read is not there any more.
fn find(memory: &File, start: u64, end: u64, finder: &Finder<'_>) -> Option<u64> {
    let overlap = finder.needle().len() - 1;
    let mut piece = vec![0; PIECE];
    let mut at = start;
    while at < end {
        let wanted = PIECE.min((end - at) as usize);
        let read = memory
            .read_at(&mut piece[..wanted], at)
            .ok()
            .filter(|read| *read > 0)?;
        if let Some(place) = finder.find(&piece[..read]) {
            return Some(at + place as u64);
        }
        if at + read as u64 >= end {
            return None;
        }
        at += read.saturating_sub(overlap).max(1) as u64;
    }
    None
}
