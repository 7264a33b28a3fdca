//! Pages that a court shows instead of its site.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::login::is_login_page;
use super::phrases::{Phrases, SERVER_TIMEOUT, is_xml};
use super::table::CourtAnswer;
use crate::page::login_check::is_logged_in;

/// What stands in place of the whole site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SiteNotice {
    /// The site is closed for a while.
    Maintenance,
    /// We, or the account, asked for too much.
    ExcessiveUsage,
}

impl SiteNotice {
    /// The row of the table.
    pub fn row(self) -> CourtAnswer {
        match self {
            SiteNotice::Maintenance => CourtAnswer::Maintenance,
            SiteNotice::ExcessiveUsage => CourtAnswer::ExcessiveUsage,
        }
    }
}

// The courts' own words are not known; these are what such notices usually say.
static MAINTENANCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i-u)\bmaintenance\b|\bbeing\s+maintained\b|\btemporarily\s+(?:unavailable|closed|down)\b|\bscheduled\s+outage\b",
    )
});
static EXCESSIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i-u)\bexcessive\s+(?:use|usage)\b|\bexcessively\b|\baccount\s+(?:was|is|has\s+been)\s+suspended\b",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("pattern is tested")
}

/// Whether the page is such a notice. Only a page without evidence of a session can be one, for
/// what is filed in a case may speak of anything; ask only after it proved to be nothing else.
pub(super) fn site_notice(page: &[u8]) -> Option<SiteNotice> {
    if is_logged_in(page) {
        None
    } else if EXCESSIVE.is_match(page) {
        Some(SiteNotice::ExcessiveUsage)
    } else if MAINTENANCE.is_match(page) {
        Some(SiteNotice::Maintenance)
    } else {
        None
    }
}

/// What a court says in place of an answer of any kind.
static ANYWHERE: LazyLock<Phrases<CourtAnswer>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            "This user has no access privileges defined.",
            CourtAnswer::NoPrivileges,
        ),
        (
            "A Client Code is required for PACER search",
            CourtAnswer::ClientCodeRequired,
        ),
        (SERVER_TIMEOUT, CourtAnswer::RequestTimeout),
    ])
});

/// What a page says that may stand in place of any; none if it says nothing that is known. Ask only
/// after it proved to be nothing that was asked for.
pub(super) fn anywhere(page: &[u8]) -> Option<CourtAnswer> {
    if let Some(found) = ANYWHERE.find(page) {
        Some(found)
    } else if is_login_page(page) {
        Some(CourtAnswer::LoginPage)
    } else if is_xml(page) {
        Some(CourtAnswer::Xml)
    } else {
        site_notice(page).map(SiteNotice::row)
    }
}

/// The row of a page that came instead of the answer to a lookup, which is XML.
pub fn lookup_page(page: &[u8]) -> CourtAnswer {
    anywhere(page).unwrap_or(CourtAnswer::Unrecognised)
}
