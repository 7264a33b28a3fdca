//! Saved docket pages, served as they are in place of a court's own.
//!
//! A page is `<court>_<n>.html`, anywhere below a directory, with its parsed docket in the
//! `.json` beside it. From there comes the docket number under which it can be looked up; a
//! page without one, or with one that another page of the court has too, has only the case id
//! that it is given here.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Case ids of replayed pages begin here, far above those of generated cases.
const FIRST_CASE_ID: u64 = 9_000_000;

/// A saved page.
#[derive(Debug, Clone, Serialize)]
pub struct ReplayPage {
    /// Court the page is from.
    pub court: String,
    /// Docket number in the parsed docket.
    pub docket_number: Option<String>,
    /// Name of the case in the parsed docket.
    #[serde(skip)]
    pub case_name: String,
    /// The case id it was given.
    #[serde(serialize_with = "as_text")]
    pub pacer_case_id: u64,
    /// The file.
    pub file: PathBuf,
    /// What finds it.
    pub addressable_by: AddressableBy,
}

fn as_text<S: serde::Serializer>(id: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// What finds a replayed page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressableBy {
    /// Its docket number and its case id.
    DocketNumber,
    /// Its case id only.
    PacerCaseId,
}

/// All saved pages.
#[derive(Debug, Default)]
pub struct Replay {
    pages: Vec<ReplayPage>,
    by_id: HashMap<(String, u64), usize>,
    by_number: HashMap<(String, String), usize>,
}

/// Why the pages could not be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the saved pages in {path}")]
pub struct ReplayError {
    path: PathBuf,
    source: std::io::Error,
}

#[derive(Deserialize)]
struct Parsed {
    #[serde(default)]
    docket_number: Option<String>,
    #[serde(default)]
    case_name: Option<String>,
}

impl Replay {
    /// Lists the pages below these directories. Which case id a page gets depends on the names
    /// of the files only.
    pub fn read(directories: &[PathBuf]) -> Result<Replay, ReplayError> {
        let mut files = Vec::new();
        for directory in directories {
            let mut found = Vec::new();
            collect(directory, &mut found).map_err(|source| ReplayError {
                path: directory.clone(),
                source,
            })?;
            found.sort();
            files.extend(found);
        }
        let mut replay = Replay::default();
        for file in files {
            replay.add(file);
        }
        replay.index();
        Ok(replay)
    }

    fn add(&mut self, file: PathBuf) {
        let Some(stem) = file.file_stem().and_then(|stem| stem.to_str()) else {
            return;
        };
        let court = stem.split(['_', '.']).next().unwrap_or(stem).to_owned();
        let parsed = parsed(&file.with_extension("json"));
        self.pages.push(ReplayPage {
            pacer_case_id: FIRST_CASE_ID + self.pages.len() as u64,
            court,
            docket_number: parsed.docket_number,
            case_name: parsed.case_name.unwrap_or_default(),
            file,
            addressable_by: AddressableBy::PacerCaseId,
        });
    }

    fn index(&mut self) {
        let mut shared: HashMap<(String, String), u32> = HashMap::new();
        for page in &self.pages {
            if let Some(number) = &page.docket_number {
                *shared
                    .entry((page.court.clone(), plain(number)))
                    .or_default() += 1;
            }
        }
        for (at, page) in self.pages.iter_mut().enumerate() {
            self.by_id
                .insert((page.court.clone(), page.pacer_case_id), at);
            let Some(number) = &page.docket_number else {
                continue;
            };
            let key = (page.court.clone(), plain(number));
            if shared[&key] == 1 {
                page.addressable_by = AddressableBy::DocketNumber;
                self.by_number.insert(key, at);
            }
        }
    }

    /// The pages, in the order of their case ids.
    pub fn pages(&self) -> &[ReplayPage] {
        &self.pages
    }

    /// The page with this case id.
    pub fn by_id(&self, court: &str, case_id: u64) -> Option<&ReplayPage> {
        self.by_id
            .get(&(court.to_owned(), case_id))
            .map(|at| &self.pages[*at])
    }

    /// The page with this docket number, whatever zeros pad its serial.
    pub fn by_number(&self, court: &str, number: &str) -> Option<&ReplayPage> {
        self.by_number
            .get(&(court.to_owned(), plain(number)))
            .map(|at| &self.pages[*at])
    }

    /// True if the court has saved pages; it may be one that no table knows.
    pub fn has_court(&self, court: &str) -> bool {
        self.pages.iter().any(|page| page.court == court)
    }
}

/// The number in lower case, its serial without padding, so that two spellings meet. Some
/// bankruptcy courts print the office as a digit in front (`8-09-78584`), and find the case
/// without it.
fn plain(number: &str) -> String {
    let number = number.trim().to_lowercase();
    let number = match number.split_once('-') {
        Some((office, rest)) if office.len() == 1 && rest.matches('-').count() == 1 => {
            rest.to_owned()
        }
        _ => number,
    };
    match number.rsplit_once('-') {
        Some((front, serial)) => format!("{front}-{}", serial.trim_start_matches('0')),
        None => number,
    }
}

fn parsed(json: &Path) -> Parsed {
    let nothing = Parsed {
        docket_number: None,
        case_name: None,
    };
    let Ok(text) = std::fs::read_to_string(json) else {
        return nothing;
    };
    serde_json::from_str(&text).unwrap_or(nothing)
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            found.push(path);
        }
    }
    Ok(())
}
