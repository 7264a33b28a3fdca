//! The fictional courts' files: cases, entries, documents, all derived from a seed.
//!
//! [`World`] finds a case by number or by id and a document by its id; [`case`] says what a
//! case is, [`stub`] which cases a court has, [`make`] fills them in ([`appellate`] those of courts of
//! appeals), [`acms`] names what is in ACMS, [`text`] writes documents.

pub mod acms;
pub mod appellate;
pub mod case;
mod make;
mod parties;
mod stub;
pub mod text;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::NaiveDate;

use crate::court::{self, Court};
use case::{Case, Entry, Sheet};
pub use stub::{ACMS_COURTS, CaseKind, Oddity, Stub};

/// Entries kept in memory before the cached cases are dropped.
const CACHED_ENTRIES: usize = 200_000;

/// Where the demo case has the document that can be made long, among its entries.
const LONG_SCAN: usize = 2;

/// All courts and what is in their files.
pub struct World {
    seed: u64,
    cases: u32,
    entries: u32,
    long_scan: Option<u32>,
    courts: HashMap<String, CourtFiles>,
    /// The day up to which courts show what was entered; all of it where there is none.
    days: Mutex<HashMap<String, NaiveDate>>,
    cache: Mutex<Cache>,
}

/// One court and the list of its cases, made when first asked for.
struct CourtFiles {
    court: Court,
    stubs: OnceLock<Stubs>,
}

struct Stubs {
    list: Vec<Arc<Stub>>,
    by_id: HashMap<u64, usize>,
}

#[derive(Default)]
struct Cache {
    cases: HashMap<(String, u64), Arc<Case>>,
    entries: usize,
}

/// A document and where it is filed.
pub struct Found {
    /// The case.
    pub case: Arc<Case>,
    entry: usize,
    sheet: usize,
}

impl Found {
    /// The docket entry the document belongs to.
    pub fn entry(&self) -> &Entry {
        &self.case.entries[self.entry]
    }

    /// The document.
    pub fn sheet(&self) -> &Sheet {
        &self.entry().sheets[self.sheet]
    }
}

impl World {
    /// The world of a seed, with so many ordinary cases per court and entries per case.
    pub fn new(seed: u64, cases: u32, entries: u32) -> World {
        let files = |court| CourtFiles {
            court,
            stubs: OnceLock::new(),
        };
        let courts = court::all()
            .into_iter()
            .map(|(id, court)| (id, files(court)))
            .collect();
        World {
            seed,
            cases,
            entries,
            long_scan: None,
            courts,
            days: Mutex::default(),
            cache: Mutex::default(),
        }
    }

    /// The same with a scan of so many pages, each with few words: document 3 of the demo case.
    #[must_use]
    pub fn with_long_scan(self, pages: Option<u32>) -> World {
        World {
            long_scan: pages,
            ..self
        }
    }

    /// The court of that PACER id, if it is simulated.
    pub fn court(&self, id: &str) -> Option<&Court> {
        self.courts.get(id).map(|files| &files.court)
    }

    /// All courts, by id.
    pub fn courts(&self) -> Vec<&Court> {
        let mut courts: Vec<&Court> = self.courts.values().map(|files| &files.court).collect();
        courts.sort_by(|one, other| one.id.cmp(&other.id));
        courts
    }

    /// All cases of a court, most of the well-known ones first, in the order of their serials.
    pub fn stubs(&self, court: &str) -> &[Arc<Stub>] {
        self.files(court).map_or(&[], |stubs| &stubs.list)
    }

    fn files(&self, court: &str) -> Option<&Stubs> {
        let files = self.courts.get(court)?;
        Some(files.stubs.get_or_init(|| {
            let list = stub::cases_of(&files.court, self.seed, self.cases, self.entries);
            let list: Vec<Arc<Stub>> = list.into_iter().map(Arc::new).collect();
            let by_id = list
                .iter()
                .enumerate()
                .flat_map(|(at, stub)| stub.ids().map(move |id| (id, at)));
            Stubs {
                by_id: by_id.collect(),
                list,
            }
        }))
    }

    /// The case that has this id, as its own or as that of one of its defendants.
    pub fn stub(&self, court: &str, case_id: u64) -> Option<&Arc<Stub>> {
        let files = self.files(court)?;
        files.by_id.get(&case_id).map(|at| &files.list[*at])
    }

    /// The cases that are members of this one: ordinary ones, as many as there are.
    pub fn members(&self, stub: &Stub) -> Vec<Stub> {
        if stub.oddity != Oddity::Members {
            return Vec::new();
        }
        let list = self.stubs(&stub.court).iter();
        let ordinary = list.filter(|other| other.kind == CaseKind::Civil);
        ordinary
            .filter(|other| other.oddity == Oddity::None)
            .take(stub::MEMBER_CASES)
            .map(|other| (**other).clone())
            .collect()
    }

    /// Has a court show what was entered up to a day alone, as on the evening of that day, or all of it.
    pub fn show_until(&self, court: &str, day: Option<NaiveDate>) {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        match day {
            Some(day) => drop(days.insert(court.to_owned(), day)),
            None => drop(days.remove(court)),
        }
        *self.cache() = Cache::default();
    }

    fn as_of_its_day(&self, mut case: Case) -> Case {
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(day) = days.get(&case.stub.court) {
            case.entries.retain(|entry| entry.entered <= *day);
            case.terminated = case.terminated.filter(|closed| closed <= day);
        }
        case
    }

    /// A case with all that is in it.
    pub fn case(&self, stub: &Stub) -> Arc<Case> {
        let key = (stub.court.clone(), stub.id);
        if let Some(case) = self.cache().cases.get(&key) {
            return case.clone();
        }
        let court = self
            .court(&stub.court)
            .expect("a case belongs to a court of this world");
        let case = match court.is_appellate() {
            true => appellate::case(court, stub, self.seed),
            false => self.lengthened(make::case(court, stub, self.seed)),
        };
        let case = Arc::new(self.as_of_its_day(case));
        self.remember(key, &case);
        case
    }

    fn lengthened(&self, mut case: Case) -> Case {
        if let (Some(pages), Oddity::Demo) = (self.long_scan, case.stub.oddity) {
            case.entries[LONG_SCAN].sheets[0].pages = pages;
        }
        case
    }

    fn is_long_scan(&self, found: &Found) -> bool {
        let demo = found.case.stub.oddity == Oddity::Demo;
        self.long_scan.is_some() && demo && (found.entry, found.sheet) == (LONG_SCAN, 0)
    }

    fn remember(&self, key: (String, u64), case: &Arc<Case>) {
        let mut cache = self.cache();
        if cache.entries + case.entries.len() > CACHED_ENTRIES {
            *cache = Cache::default();
        }
        cache.entries += case.entries.len();
        cache.cases.insert(key, case.clone());
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The document with this serial (the part of a document id after court and flag).
    pub fn document(&self, court: &str, serial: u64) -> Option<Found> {
        let list = self.stubs(court);
        let after = list.partition_point(|stub| stub.first_serial <= serial);
        let stub = list.get(after.checked_sub(1)?)?;
        let case = self.case(stub);
        let (entry, sheet) = case.find_serial(serial)?;
        Some(Found { case, entry, sheet })
    }

    /// The words of a document, page by page.
    pub fn pages_of(&self, found: &Found) -> Vec<String> {
        match self.is_long_scan(found) {
            true => text::few_words(self.seed, found),
            false => text::pages(self.seed, found),
        }
    }
}
