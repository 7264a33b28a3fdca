//! Collections that are no part of the project: pages of real courts, and documents with their true
//! text. What is in the project is tested by its own fixtures; these are more of the same.
//!
//! Crates that cannot depend on this one include this file, so that a collection is looked for in one way.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What was said already: a test may ask often.
static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The collection of that name (`corpus`, `documents`): in the folder that a variable names
/// (`PACER_FETCH_CORPUS`, `PACER_FETCH_DOCUMENTS`; from the root of the project if it is relative), else
/// in `../shared`. `None` where there is none, and the output says what is skipped, and how to have it.
///
/// # Panics
/// If the variable names a folder that is not there.
#[must_use]
pub fn extra(collection: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let variable = format!("PACER_FETCH_{}", collection.to_uppercase());
    if let Some(named) = std::env::var_os(&variable).filter(|value| !value.is_empty()) {
        let folder = root.join(named);
        assert!(folder.is_dir(), "{variable}: there is no {folder:?}");
        return Some(folder);
    }
    let usual = root.join("../shared").join(collection);
    if usual.is_dir() {
        return Some(usual);
    }
    let test = std::thread::current();
    let missing = format!(
        "SKIPPED in {}: the extra collection `{collection}` is not here; {variable}=FOLDER names it \
         (CONTRIBUTING.md, \"Extra collections\")\n",
        test.name().unwrap_or("a test")
    );
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if said.insert(missing.clone()) {
        // Past the harness, which shows what a test prints only if it fails. Nothing hangs on whether
        // somebody reads it.
        let _ = std::io::stderr().write_all(missing.as_bytes());
    }
    None
}
