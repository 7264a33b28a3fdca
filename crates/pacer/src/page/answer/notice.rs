//! Pages that a court shows instead of its site.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::login::is_login_page;
use super::phrases::{Place, is_xml, told};
use super::table::Answer;
use crate::page::login_check::is_logged_in;

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
pub(super) fn site_notice(page: &[u8]) -> Option<Answer> {
    if is_logged_in(page) {
        None
    } else if EXCESSIVE.is_match(page) {
        Some(Answer::ExcessiveUsage)
    } else if MAINTENANCE.is_match(page) {
        Some(Answer::Maintenance)
    } else {
        None
    }
}

/// What a page is that came instead of the answer to a lookup, which is XML.
pub fn lookup_page(page: &[u8]) -> Answer {
    told(Place::Anywhere, page).unwrap_or_else(|| anything(page))
}

/// What a page is that may stand in place of any and says nothing that is known.
pub(super) fn anything(page: &[u8]) -> Answer {
    if is_login_page(page) {
        Answer::LoginPage
    } else if is_xml(page) {
        Answer::Xml
    } else {
        site_notice(page).unwrap_or(Answer::Unrecognised)
    }
}
