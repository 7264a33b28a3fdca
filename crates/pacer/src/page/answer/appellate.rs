//! What an appellate court answered when asked for a docket, and the page that may stand before
//! anything it has.

use std::sync::LazyLock;

use regex::Regex;
use regex::bytes::Regex as BytesRegex;

use super::court_page::CourtPage;
use super::form::{self, FollowUp};
use super::notice::anything;
use super::phrases::{Place, told};
use super::table::Answer;
use crate::page::tree::Page;
use crate::page::{appellate_docket, clean, refused};

static OUTSIDE: LazyLock<BytesRegex> = LazyLock::new(|| {
    bytes(r"(?-u)The\s+link\s+to\s+this\s+page\s+may\s+not\s+have\s+originated\s+from\s+within")
});
static CONFIRMATION: LazyLock<BytesRegex> =
    LazyLock::new(|| bytes(r"(?i-u)<title>\s*Download\s+Confirmation\s*</title>"));
static REFRESH: LazyLock<BytesRegex> =
    LazyLock::new(|| bytes(r#"(?i-u)<meta\s[^>]*http-equiv\s*=\s*["']?REFRESH\b[^>]*>"#));
static SAML: LazyLock<BytesRegex> =
    LazyLock::new(|| bytes(r#"(?i-u)<input[^>]*\sname\s*=\s*["']?SAMLResponse\b"#));
/// The section that every docket has, whatever else was asked for.
static CASE: LazyLock<BytesRegex> = LazyLock::new(|| bytes(r"(?-u)NEW SECTION - Case Stub"));
/// A box of the form of the docket report, or of the search.
static OPTIONS: LazyLock<BytesRegex> = LazyLock::new(|| {
    bytes(r#"(?-u)<input[^>]*name\s*=\s*["']?(?:incDktEntries|fullDocketReport|csnum1)\b"#)
});
static CASE_ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[?&;]caseid=([0-9]+)").expect("pattern is tested"));

fn bytes(pattern: &str) -> BytesRegex {
    BytesRegex::new(pattern).expect("pattern is tested")
}

/// Tells what an appellate court answered to a request for a docket. Whether it was billed says the
/// receipt, if there is one ([`crate::page::receipt`]).
pub fn appeal_page(page: &[u8]) -> CourtPage {
    let has_case = CASE.is_match(page) && !refused::is_tampered(&clean::html(page));
    // The entries of a docket may quote whatever is looked for below.
    if has_case && appellate_docket::has_number(page) {
        return CourtPage::Is(Answer::Docket);
    }
    if let Some(form) = outside_link(page) {
        return CourtPage::Form(Answer::OutsideLink, form);
    }
    if is_confirmation(page) {
        return match form_of(page) {
            Some(form) => CourtPage::Form(Answer::DocketPrice, form),
            None => CourtPage::Is(Answer::Unrecognised),
        };
    }
    if let Some(refresh) = REFRESH.find(page) {
        return CourtPage::Refresh(case_id(refresh.as_bytes()));
    }
    CourtPage::Is(match told(Place::Appeal, page) {
        Some(Answer::CaseNumberNotFound) => Answer::CaseNumberNotFound,
        _ if has_case => Answer::Docket,
        Some(answer) => answer,
        None if OPTIONS.is_match(page) => Answer::OptionForm,
        // Cases that are kept in ACMS are answered with its sign-on; a login would help nobody.
        None if SAML.is_match(page) => Answer::CannotBeDisplayed,
        None => anything(page),
    })
}

/// The form of the page on which an appellate court doubts that a link was one of its own; none
/// if the page is another. Such a page may stand before a docket, a menu or a document.
pub fn outside_link(page: &[u8]) -> Option<FollowUp> {
    OUTSIDE.is_match(page).then(|| form_of(page)).flatten()
}

/// Whether the page asks before something is charged. A receipt on it is a price, not a bill.
pub fn is_confirmation(page: &[u8]) -> bool {
    CONFIRMATION.is_match(page)
}

fn form_of(page: &[u8]) -> Option<FollowUp> {
    let page = Page::parse(&clean::html(page)).ok()?;
    form::find(&page, "TransportRoom")
}

fn case_id(tag: &[u8]) -> Option<String> {
    let tag = String::from_utf8_lossy(tag);
    Some(CASE_ID.captures(&tag)?[1].to_owned())
}
