//! What an appellate court answered when asked for a docket, and the page that may stand before
//! anything it has.

use std::sync::LazyLock;

use regex::Regex;
use regex::bytes::Regex as BytesRegex;

use super::form::{self, FollowUp};
use super::login::is_login_page;
use super::notice::{SiteNotice, site_notice};
use super::phrases::{Phrases, SERVER_TIMEOUT, is_xml};
use super::table::CourtAnswer;
use crate::page::tree::Page;
use crate::page::{appellate_docket, clean, refused};

/// The answer to a request for the docket of an appeal. Whether it was billed says the receipt, if
/// there is one ([`crate::page::receipt`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppellateDocketAnswer {
    /// A docket, perhaps without entries.
    Docket,
    /// The court doubts that the link was one of its own. Post the form once; not billed yet.
    OutsideLink(FollowUp),
    /// The price, and a button to accept it. Post the form once; not billed yet.
    AcceptCharges(FollowUp),
    /// The browser is sent to the options of the report: not what was asked for, and not billed.
    /// The court's own id of the case, if the address has it.
    Refresh(Option<String>),
    /// The empty form of the report or of the search: the court did not take our parameters. Not
    /// billed.
    OptionForm,
    /// A page that asks to log in. Not billed.
    LoginPage,
    /// No case has that number. Billed, one page.
    CaseNumberNotFound,
    /// The case is sealed.
    Sealed,
    /// The case cannot be shown, or not here: the sign-on of ACMS came, where it is kept.
    CannotBeDisplayed,
    /// The court's server has no such page: it moved, or is in trouble.
    NoSuchPath,
    /// The court's server gave up waiting. Once more may help.
    ServerTimeout,
    /// The court forgot what the account may do; an immediate repeat helps.
    NoPrivileges,
    /// The account must give a client code.
    ClientCodeRequired,
    /// XML where a page was expected: the court blocks us.
    Blocked,
    /// The site is closed, or closed to us. Not billed.
    Notice(SiteNotice),
    /// Something new. Keep the page.
    Unrecognised,
}

impl AppellateDocketAnswer {
    /// The row of the table.
    pub fn row(&self) -> CourtAnswer {
        match self {
            AppellateDocketAnswer::Docket => CourtAnswer::Docket,
            AppellateDocketAnswer::OutsideLink(_) => CourtAnswer::OutsideLink,
            AppellateDocketAnswer::AcceptCharges(_) => CourtAnswer::DocketPrice,
            AppellateDocketAnswer::Refresh(_) => CourtAnswer::Refresh,
            AppellateDocketAnswer::OptionForm => CourtAnswer::OptionForm,
            AppellateDocketAnswer::LoginPage => CourtAnswer::LoginPage,
            AppellateDocketAnswer::CaseNumberNotFound => CourtAnswer::CaseNumberNotFound,
            AppellateDocketAnswer::Sealed => CourtAnswer::CaseSealed,
            AppellateDocketAnswer::CannotBeDisplayed => CourtAnswer::CannotBeDisplayed,
            AppellateDocketAnswer::NoSuchPath => CourtAnswer::WrongPath,
            AppellateDocketAnswer::ServerTimeout => CourtAnswer::RequestTimeout,
            AppellateDocketAnswer::NoPrivileges => CourtAnswer::NoPrivileges,
            AppellateDocketAnswer::ClientCodeRequired => CourtAnswer::ClientCodeRequired,
            AppellateDocketAnswer::Blocked => CourtAnswer::Xml,
            AppellateDocketAnswer::Notice(notice) => notice.row(),
            AppellateDocketAnswer::Unrecognised => CourtAnswer::Unrecognised,
        }
    }
}

#[derive(Clone, Copy)]
enum Phrase {
    CaseNumberNotFound,
    Sealed,
    CannotBeDisplayed,
    NoSuchPath,
    ServerTimeout,
    NoPrivileges,
    ClientCodeRequired,
}

/// The title of the web server's own page for a path that it does not serve. It comes with the
/// status 200 too.
pub(super) const NO_SUCH_PATH: &str = "<title>404 Not Found</title>";

/// These may be quoted in a docket, so they count only for a page that is none.
static INSTEAD: LazyLock<Phrases<Phrase>> = LazyLock::new(|| {
    Phrases::new(&[
        ("Case Number Not Found</b>", Phrase::CaseNumberNotFound),
        (NO_SUCH_PATH, Phrase::NoSuchPath),
        (
            "The requested document cannot be displayed",
            Phrase::CannotBeDisplayed,
        ),
        (
            "This user has no access privileges defined.",
            Phrase::NoPrivileges,
        ),
        (
            "A Client Code is required for PACER search",
            Phrase::ClientCodeRequired,
        ),
        (SERVER_TIMEOUT, Phrase::ServerTimeout),
        ("Case Under Seal", Phrase::Sealed),
        ("case is sealed", Phrase::Sealed),
        ("case is under seal", Phrase::Sealed),
    ])
});

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

/// Tells what an appellate court answered to a request for a docket.
pub fn appellate_docket_answer(page: &[u8]) -> AppellateDocketAnswer {
    use AppellateDocketAnswer as Answer;

    let has_case = CASE.is_match(page) && !refused::is_tampered(&clean::html(page));
    // The entries of a docket may quote whatever is looked for below.
    if has_case && appellate_docket::has_number(page) {
        return Answer::Docket;
    }
    if let Some(form) = outside_link(page) {
        return Answer::OutsideLink(form);
    }
    if is_confirmation(page) {
        return form_of(page).map_or(Answer::Unrecognised, Answer::AcceptCharges);
    }
    if let Some(refresh) = REFRESH.find(page) {
        return Answer::Refresh(case_id(refresh.as_bytes()));
    }
    match INSTEAD.find(page) {
        Some(Phrase::CaseNumberNotFound) => Answer::CaseNumberNotFound,
        _ if has_case => Answer::Docket,
        Some(phrase) => of_phrase(phrase),
        None if OPTIONS.is_match(page) => Answer::OptionForm,
        // Cases that are kept in ACMS are answered with its sign-on; a login would help nobody.
        None if SAML.is_match(page) => Answer::CannotBeDisplayed,
        None if is_login_page(page) => Answer::LoginPage,
        None if is_xml(page) => Answer::Blocked,
        None => site_notice(page).map_or(Answer::Unrecognised, Answer::Notice),
    }
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

fn of_phrase(phrase: Phrase) -> AppellateDocketAnswer {
    match phrase {
        Phrase::CaseNumberNotFound => AppellateDocketAnswer::CaseNumberNotFound,
        Phrase::Sealed => AppellateDocketAnswer::Sealed,
        Phrase::CannotBeDisplayed => AppellateDocketAnswer::CannotBeDisplayed,
        Phrase::NoSuchPath => AppellateDocketAnswer::NoSuchPath,
        Phrase::ServerTimeout => AppellateDocketAnswer::ServerTimeout,
        Phrase::NoPrivileges => AppellateDocketAnswer::NoPrivileges,
        Phrase::ClientCodeRequired => AppellateDocketAnswer::ClientCodeRequired,
    }
}

fn form_of(page: &[u8]) -> Option<FollowUp> {
    let page = Page::parse(&clean::html(page)).ok()?;
    form::find(&page, "TransportRoom")
}

fn case_id(tag: &[u8]) -> Option<String> {
    let tag = String::from_utf8_lossy(tag);
    Some(CASE_ID.captures(&tag)?[1].to_owned())
}
