//! What CourtListener says of each federal court, whether or not anything can be bought from it.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

/// A federal court as CourtListener's list of courts describes it: one that is in PACER or never
/// was, one that sits or one that ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Listing {
    /// CourtListener's id.
    pub id: String,
    /// CourtListener's code of its class, such as `FD`.
    pub jurisdiction: String,
    /// Its name without the kind of court.
    pub short_name: String,
    /// Its name.
    pub full_name: String,
    /// How it is cited, such as `N.D. Cal.`; empty for some that are not in use.
    pub citation_string: String,
    /// Where it stands in lists, in thousandths: CourtListener's positions have up to three decimals.
    pub position: i64,
    /// Whether CourtListener uses it.
    #[serde(default = "yes")]
    pub in_use: bool,
    /// The day on which it began, where that is told.
    pub start_date: Option<NaiveDate>,
    /// The day on which it ended.
    pub end_date: Option<NaiveDate>,
    /// Its site, or a page about it; empty for some that are not in use.
    pub url: String,
    /// Its number at the Federal Judicial Center, or empty.
    #[serde(default)]
    pub fjc_court_id: String,
}

#[derive(Deserialize)]
struct Directory {
    courts: Vec<Listing>,
}

fn yes() -> bool {
    true
}

static DIRECTORY: LazyLock<Vec<Listing>> = LazyLock::new(|| {
    let text = include_str!("../../data/directory.json");
    let directory: Directory =
        serde_json::from_str(text).expect("the directory is part of the program and tested");
    directory.courts
});

static BY_ID: LazyLock<HashMap<&'static str, &'static Listing>> = LazyLock::new(|| {
    let listed = DIRECTORY.iter();
    listed
        .map(|listing| (listing.id.as_str(), listing))
        .collect()
});

impl Listing {
    /// All federal courts, by position.
    pub fn all() -> &'static [Listing] {
        &DIRECTORY
    }

    /// The court that CourtListener calls `id`.
    pub fn by_id(id: &str) -> Option<&'static Listing> {
        BY_ID.get(id).copied()
    }

    /// Whether the `court` field of the API takes it. `jpml` is filed under a class that the field
    /// does not know, and is reported as non-existent, although documents of a docket that is already
    /// held may be bought from it.
    pub fn is_accepted_by_court_field(&self) -> bool {
        matches!(self.jurisdiction.as_str(), "F" | "FD" | "FB" | "FBP" | "FS")
    }
}
