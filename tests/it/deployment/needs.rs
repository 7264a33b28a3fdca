//! What each process reads, as its own code tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fetch_runtime::{FromEnv, Mistakes, Settings, names_of};
use serde_json::Value;

use super::FRAME;

/// A process, by the settings that it reads.
pub struct Process {
    /// What it is called where it runs.
    pub name: &'static str,
    /// The names of its settings, without the prefix.
    settings: BTreeSet<String>,
    /// Those that are secret.
    pub secrets: BTreeSet<String>,
    /// What is wrong with settings that it is given.
    mistakes: fn(&BTreeMap<String, String>) -> Vec<String>,
    /// Whether it runs on, and is measured.
    pub is_service: bool,
}

impl Process {
    fn of<C: FromEnv>(name: &'static str, is_service: bool) -> Process {
        let short = |name: &str| name.trim_start_matches("PACER_FETCH_").to_owned();
        let settings: BTreeSet<String> = names_of::<C>().iter().map(|name| short(name)).collect();
        let mut given = Settings::of(settings.iter().map(|name| (name, "x")));
        drop(C::from_env(&mut given));
        let secrets = given.asked().filter(|(_, value)| *value == "(secret)");
        Process {
            name,
            secrets: secrets.map(|(name, _)| short(name)).collect(),
            settings,
            mistakes: mistakes::<C>,
            is_service,
        }
    }

    /// Whether it reads a setting.
    pub fn reads(&self, setting: &str) -> bool {
        self.settings.contains(setting) || (self.is_service && FRAME.contains(&setting))
    }

    /// What is wrong with what it is given, with something in each file of a secret.
    pub fn mistakes(&self, given: &BTreeMap<String, String>) -> Vec<String> {
        (self.mistakes)(given)
    }

    /// Whether it speaks with the queue, the database or the courts.
    pub fn speaks_with(&self, neighbour: Neighbour) -> bool {
        match neighbour {
            Neighbour::Queue => self.reads("NATS_URL"),
            Neighbour::Database => self.reads("DATABASE_URL"),
            Neighbour::Courts => self.reads("CSO_URL") || self.reads("COURT_URL"),
        }
    }

    /// Whether it says of itself that it only reads what is stored.
    pub fn only_reads(&self) -> anyhow::Result<bool> {
        let mut left = vec![root().join("crates").join(self.name).join("src")];
        while let Some(path) = left.pop() {
            for entry in fs::read_dir(&path).with_context(|| path.display().to_string())? {
                let path = entry?.path();
                if path.is_dir() {
                    left.push(path);
                } else if fs::read_to_string(&path)?.contains("probe_reading") {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Whom a process may speak with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Neighbour {
    Queue,
    Database,
    Courts,
}

impl Neighbour {
    pub const ALL: [Neighbour; 3] = [Neighbour::Queue, Neighbour::Database, Neighbour::Courts];
}

/// Those that run on.
pub fn services() -> Vec<Process> {
    vec![
        Process::of::<gateway::Config>("gateway", true),
        Process::of::<login::Config>("login", true),
        Process::of::<docket_fetcher::Config>("docket-fetcher", true),
        Process::of::<pdf_fetcher::Config>("pdf-fetcher", true),
        Process::of::<ocr::service::Config>("ocr", true),
    ]
}

/// What whoever migrates reads, and what the operator's commands read.
pub fn commands() -> Vec<Process> {
    vec![
        Process::of::<cli::OwnerConfig>("migrate", false),
        Process::of::<cli::OperatorConfig>("operator", false),
    ]
}

fn mistakes<C: FromEnv>(given: &BTreeMap<String, String>) -> Vec<String> {
    let key = "0f".repeat(32);
    let given = given
        .iter()
        .map(|(name, value)| match name.strip_suffix("_FILE") {
            // A list of passwords has another form than a key.
            Some(name) if name.ends_with("DATABASE_PASSWORDS") => (name, format!("ocr:{key}")),
            Some(name) => (name, key.clone()),
            None => (name.as_str(), value.clone()),
        });
    let read = Settings::of(given).read::<C>();
    read.err()
        .map(|Mistakes(mistakes)| mistakes)
        .unwrap_or_default()
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository.
pub fn file(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(root().join(path)).context(path.to_owned())
}

/// The documents of a file in YAML.
pub fn documents(path: &str) -> anyhow::Result<Vec<Value>> {
    serde_saphyr::from_multiple(&file(path)?).context(path.to_owned())
}

/// The lines NAME=VALUE of a file.
pub fn variables(path: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let text = file(path)?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.split_once('=').context("NAME=VALUE")?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// The port at the end of an address or URL.
pub fn port(address: &str) -> anyhow::Result<u64> {
    let (_, end) = address.rsplit_once(':').context(address.to_owned())?;
    let digits: String = end.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().context(address.to_owned())
}

/// The texts of a list.
pub fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).collect()
}
