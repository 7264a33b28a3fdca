//! The extra collection of documents with their true text, where it is.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::extra::extra;

/// One file of the collection.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    #[serde(skip)]
    folder: PathBuf,
    pub file: String,
    pub kind: String,
    pub pages: Option<u32>,
    pub truth: Option<String>,
    pub expect: Option<String>,
    pub pages_needing_ocr: Option<Vec<u32>>,
}

impl Entry {
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.file)
    }

    /// The true text, page by page.
    pub fn truth(&self) -> Option<Vec<String>> {
        let text = std::fs::read_to_string(self.folder.join(self.truth.as_ref()?)).unwrap();
        Some(text.split('\u{c}').map(str::to_owned).collect())
    }
}

/// The files of a kind; none where the collection is not.
pub fn entries(kind: &str) -> Vec<Entry> {
    let Some(folder) = extra("documents") else {
        return Vec::new();
    };
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let mut entries: Vec<Entry> = serde_json::from_slice(&manifest).unwrap();
    entries.retain(|entry| entry.kind == kind);
    for entry in &mut entries {
        entry.folder.clone_from(&folder);
    }
    assert!(
        !entries.is_empty(),
        "the collection has files of kind {kind}"
    );
    entries
}

/// One file of a kind by its name.
pub fn entry(kind: &str, file: &str) -> Option<Entry> {
    let entries = entries(kind);
    if entries.is_empty() {
        return None;
    }
    let found = entries.into_iter().find(|entry| entry.file == file);
    Some(found.unwrap_or_else(|| panic!("{file} is not in the collection")))
}

/// How much of a true text was read, and how much of what was read is true.
#[derive(Debug, Clone, Copy)]
pub struct Agreement {
    pub recall: f64,
    pub precision: f64,
}

pub fn agreement(read: &str, truth: &str) -> Agreement {
    let (read, truth) = (counted(read), counted(truth));
    let shared: usize = truth
        .iter()
        .map(|(word, count)| (*count).min(read.get(word).copied().unwrap_or(0)))
        .sum();
    let share = |of: &HashMap<String, usize>| shared as f64 / of.values().sum::<usize>() as f64;
    Agreement {
        recall: share(&truth),
        precision: share(&read),
    }
}

fn counted(text: &str) -> HashMap<String, usize> {
    let mut words = HashMap::new();
    for word in text.split(|character: char| !character.is_alphanumeric()) {
        if !word.is_empty() {
            *words.entry(word.to_lowercase()).or_default() += 1;
        }
    }
    words
}
