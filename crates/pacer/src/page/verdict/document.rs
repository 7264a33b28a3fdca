//! What a court answered when asked for a document, its price, or its attachment menu.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::appellate::{NO_SUCH_PATH, outside_link};
use super::form::{self, FollowUp};
use super::login::is_login_page;
use super::notice::{SiteNotice, site_notice};
use super::phrases::{Phrases, SERVER_TIMEOUT, is_xml};
use super::table::CourtAnswer;
use crate::page::clean;
use crate::page::receipt::{self, Receipt};
use crate::page::tree::{AttributeName, Page, Tag};
use crate::price;

/// The answer to the purchase of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentAnswer {
    /// The document.
    Pdf,
    /// The court calls it a PDF, and it is none.
    NotAPdf,
    /// A page that sends the browser to the document: fetch that address, which does not live
    /// long, with the same cookies.
    Redirect(String),
    /// A page that shows the document in a frame: fetch that address likewise.
    Frame(String),
    /// The text of a PDF pasted into a page, which cannot be repaired.
    PdfInHtml,
    /// The court refuses, for a reason that we know.
    Refused(DocumentRefusal),
    /// The document is restricted, and this account happens to be allowed to see it: do not go
    /// on, and do not keep it.
    RestrictedWarning,
    /// An appellate court doubts that the link was one of its own. Post the form once; not billed
    /// yet.
    OutsideLink(FollowUp),
    /// The court's server has no such page: it moved, or is in trouble. Not billed.
    NoSuchPath,
    /// A page that asks to log in. Not billed.
    LoginPage,
    /// The menu of the entry in place of the document: it has the ids to ask for.
    AttachmentMenu,
    /// The price in place of the document. Not billed yet.
    PricePage(PricePage),
    /// The court's server gave up waiting. Once more may help.
    ServerTimeout,
    /// The court forgot what the account may do; an immediate repeat helps.
    NoPrivileges,
    /// XML where a page was expected: the court blocks us.
    Blocked,
    /// The site is closed, or closed to us.
    Notice(SiteNotice),
    /// Something new. Keep the page; it may have been billed.
    Unrecognised,
}

impl DocumentAnswer {
    /// The row of the table. A price page may be that of a recording, see [`PricePage::row`].
    pub fn row(&self) -> CourtAnswer {
        match self {
            DocumentAnswer::Pdf => CourtAnswer::Pdf,
            DocumentAnswer::OutsideLink(_) => CourtAnswer::OutsideLink,
            DocumentAnswer::NoSuchPath => CourtAnswer::WrongPath,
            DocumentAnswer::NotAPdf => CourtAnswer::NotAPdf,
            DocumentAnswer::Redirect(_) => CourtAnswer::Redirect,
            DocumentAnswer::Frame(_) => CourtAnswer::Frame,
            DocumentAnswer::PdfInHtml => CourtAnswer::PdfInHtml,
            DocumentAnswer::Refused(refusal) => refusal.row(),
            DocumentAnswer::RestrictedWarning => CourtAnswer::RestrictedWarning,
            DocumentAnswer::LoginPage => CourtAnswer::LoginPage,
            DocumentAnswer::AttachmentMenu => CourtAnswer::MenuInstead,
            DocumentAnswer::PricePage(price) => price.row(),
            DocumentAnswer::ServerTimeout => CourtAnswer::RequestTimeout,
            DocumentAnswer::NoPrivileges => CourtAnswer::NoPrivileges,
            DocumentAnswer::Blocked => CourtAnswer::Xml,
            DocumentAnswer::Notice(notice) => notice.row(),
            DocumentAnswer::Unrecognised => CourtAnswer::Unrecognised,
        }
    }
}

/// The answer to a request for the attachment menu of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MenuAnswer {
    /// The menu.
    Menu,
    /// The entry has one document, and this is its price. Not billed.
    PricePage(PricePage),
    /// The entry has one document, and here it is; it may have been billed, so keep it.
    Pdf,
    /// The same, one step away: see [`DocumentAnswer::Redirect`].
    Redirect(String),
    /// The same, in a frame.
    Frame(String),
    /// The court refuses, for a reason that we know.
    Refused(DocumentRefusal),
    /// See [`DocumentAnswer::RestrictedWarning`].
    RestrictedWarning,
    /// See [`DocumentAnswer::OutsideLink`].
    OutsideLink(FollowUp),
    /// See [`DocumentAnswer::NoSuchPath`].
    NoSuchPath,
    /// A page that asks to log in.
    LoginPage,
    /// The court's server gave up waiting. Once more may help.
    ServerTimeout,
    /// The court forgot what the account may do; an immediate repeat helps.
    NoPrivileges,
    /// XML where a page was expected: the court blocks us.
    Blocked,
    /// The site is closed, or closed to us.
    Notice(SiteNotice),
    /// Something new. Keep the page.
    Unrecognised,
}

impl MenuAnswer {
    /// The row of the table.
    pub fn row(&self) -> CourtAnswer {
        match self {
            MenuAnswer::Menu => CourtAnswer::Menu,
            MenuAnswer::PricePage(_) => CourtAnswer::NoMenu,
            MenuAnswer::Pdf => CourtAnswer::SoleDocument,
            MenuAnswer::Redirect(_) => CourtAnswer::Redirect,
            MenuAnswer::Frame(_) => CourtAnswer::Frame,
            MenuAnswer::RestrictedWarning => CourtAnswer::RestrictedWarning,
            MenuAnswer::Refused(DocumentRefusal::ClientCodeRequired) => {
                CourtAnswer::ClientCodeRequired
            }
            MenuAnswer::Refused(_) => CourtAnswer::NoMenu,
            MenuAnswer::OutsideLink(_) => CourtAnswer::OutsideLink,
            MenuAnswer::NoSuchPath => CourtAnswer::WrongPath,
            MenuAnswer::LoginPage => CourtAnswer::LoginPage,
            MenuAnswer::ServerTimeout => CourtAnswer::RequestTimeout,
            MenuAnswer::NoPrivileges => CourtAnswer::NoPrivileges,
            MenuAnswer::Blocked => CourtAnswer::Xml,
            MenuAnswer::Notice(notice) => notice.row(),
            MenuAnswer::Unrecognised => CourtAnswer::Unrecognised,
        }
    }
}

/// A price, and the form that accepts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricePage {
    /// What it will cost.
    pub receipt: Receipt,
    /// The form to post once to accept; none if the page has none that we know.
    pub accept: Option<FollowUp>,
    /// Whether the page says that only thirty pages will be billed.
    pub is_capped: bool,
}

impl PricePage {
    /// The row of the table: a recording is told by its receipt.
    pub fn row(&self) -> CourtAnswer {
        let description = self.receipt.description.as_deref().unwrap_or_default();
        match price::item_of_description(description) {
            price::Item::Audio => CourtAnswer::Audio,
            _ => CourtAnswer::PricePage,
        }
    }
}

/// Why a court does not give a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentRefusal {
    /// The case that was named does not have it; once more without the case may help, for
    /// documents that are shared between cases.
    WrongCase,
    /// The entry is sealed or gone.
    EntryGone,
    /// Not available, without a reason.
    NotAvailable,
    /// The account may not see it.
    NoPermission,
    /// A transcript in its first ninety days.
    TranscriptRestricted,
    /// Nothing public was filed.
    NotPublic,
    /// Sealed.
    Sealed,
    /// For court users only.
    CourtUsersOnly,
    /// Social Security and immigration cases are closed to the public.
    NatureOfSuit,
    /// The account must give a client code.
    ClientCodeRequired,
    /// An appellate court cannot show it.
    CannotBeDisplayed,
}

impl DocumentRefusal {
    /// The row of the table.
    pub fn row(self) -> CourtAnswer {
        match self {
            DocumentRefusal::WrongCase => CourtAnswer::WrongCase,
            DocumentRefusal::EntryGone => CourtAnswer::EntryGone,
            DocumentRefusal::NotAvailable => CourtAnswer::NotAvailable,
            DocumentRefusal::NoPermission => CourtAnswer::NoPermission,
            DocumentRefusal::TranscriptRestricted => CourtAnswer::TranscriptRestricted,
            DocumentRefusal::NotPublic => CourtAnswer::NotPublic,
            DocumentRefusal::Sealed => CourtAnswer::DocumentSealed,
            DocumentRefusal::CourtUsersOnly => CourtAnswer::CourtUsersOnly,
            DocumentRefusal::NatureOfSuit => CourtAnswer::NatureOfSuit,
            DocumentRefusal::ClientCodeRequired => CourtAnswer::ClientCodeRequired,
            DocumentRefusal::CannotBeDisplayed => CourtAnswer::CannotBeDisplayed,
        }
    }
}

static REFUSALS: LazyLock<Phrases<DocumentRefusal>> = LazyLock::new(|| {
    use DocumentRefusal::*;
    Phrases::new(&[
        ("Cannot locate the case with caseid", WrongCase),
        ("could not retrieve dktentry for dlsid", EntryGone),
        ("document is not available", NotAvailable),
        (
            "You do not have permission to view this document.",
            NoPermission,
        ),
        (
            "You do not have access to this transcript.",
            TranscriptRestricted,
        ),
        ("No matter of public record", NotPublic),
        (
            "This image is not available for viewing by non-court users",
            CourtUsersOnly,
        ),
        (
            "Permission to view this document is denied based on Nature of Suit",
            NatureOfSuit,
        ),
        (
            "A Client Code is required for PACER search",
            ClientCodeRequired,
        ),
        (
            "The requested document cannot be displayed",
            CannotBeDisplayed,
        ),
        ("Sealed Document", Sealed),
        ("Under Seal", Sealed),
        ("Document is Sealed", Sealed),
        ("This document is SEALED", Sealed),
    ])
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("pattern is tested")
}

static REDIRECT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?-u)window\.location\s*=\s*["']([^"']+)["']"#));
static MENU: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?-u)Document\s+Selection\s+Menu|Documents\s+are\s+attached\s+to\s+this\s+filing|view\s+each\s+document\s+individually",
    )
});
/// What a document is chosen with: a box of its own, or a link that opens it.
static CHOICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i-u)<input[^>]*\sname\s*=\s*["']?document_[0-9]*_[0-9]|<a\b[^>]*/docs?1/[0-9]"#)
});
static ACCEPT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?-u)To\s+accept\s+charges\s+shown\s+below|Accept\s+Charges\s+and\s+Retrieve|value\s*=\s*["']?View\s+Document"#,
    )
});
static CAPPED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u)You\s+will\s+only\s+be\s+billed\s+for\s+30\s+pages"));
static RESTRICTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i-u)document\s+is\s+restricted|do\s+not\s+allow\s+it\s+to\s+be\s+seen|you\s+are\s+about\s+to\s+view\s+has\s+been\s+restricted",
    )
});
static WARNING_CELL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i-u)<(?:td|b|strong)[^>]*>\s*(?:<[^>]*>\s*)*Warning!"));
static NO_PRIVILEGES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u)This\s+user\s+has\s+no\s+access\s+privileges\s+defined\."));

/// Tells what a court answered to a purchase. A PDF is told by its first bytes before anything is
/// searched for, for the text of a document may say anything.
pub fn document_answer(content_type: Option<&str>, body: &[u8]) -> DocumentAnswer {
    if begins_a_pdf(body) {
        return DocumentAnswer::Pdf;
    }
    if content_type.is_some_and(names_a_pdf) {
        return DocumentAnswer::NotAPdf;
    }
    // The documents of a menu may be called whatever is looked for below.
    if MENU.is_match(body) && CHOICE.is_match(body) {
        return DocumentAnswer::AttachmentMenu;
    }
    if let Some(form) = outside_link(body) {
        return DocumentAnswer::OutsideLink(form);
    }
    if RESTRICTED.is_match(body) || WARNING_CELL.is_match(body) {
        return DocumentAnswer::RestrictedWarning;
    }
    if MENU.is_match(body) {
        return DocumentAnswer::AttachmentMenu;
    }
    if let Some(price) = price_page(body) {
        return DocumentAnswer::PricePage(price);
    }
    if let Some(refusal) = REFUSALS.find(body) {
        return DocumentAnswer::Refused(refusal);
    }
    if NO_PRIVILEGES.is_match(body) {
        return DocumentAnswer::NoPrivileges;
    }
    if contains(body, SERVER_TIMEOUT.as_bytes()) {
        return DocumentAnswer::ServerTimeout;
    }
    if contains(body, NO_SUCH_PATH.as_bytes()) {
        return DocumentAnswer::NoSuchPath;
    }
    if is_login_page(body) {
        return DocumentAnswer::LoginPage;
    }
    if let Some(address) = redirect(body) {
        return DocumentAnswer::Redirect(address);
    }
    if let Some(address) = frame(body) {
        return DocumentAnswer::Frame(address);
    }
    if contains(body, b"pdf:Producer") {
        return DocumentAnswer::PdfInHtml;
    }
    if is_xml(body) {
        return DocumentAnswer::Blocked;
    }
    site_notice(body).map_or(DocumentAnswer::Unrecognised, DocumentAnswer::Notice)
}

/// Tells what a court answered to a request for a menu.
pub fn menu_answer(content_type: Option<&str>, body: &[u8]) -> MenuAnswer {
    match document_answer(content_type, body) {
        DocumentAnswer::AttachmentMenu => MenuAnswer::Menu,
        DocumentAnswer::PricePage(price) => MenuAnswer::PricePage(price),
        DocumentAnswer::Pdf => MenuAnswer::Pdf,
        DocumentAnswer::OutsideLink(form) => MenuAnswer::OutsideLink(form),
        DocumentAnswer::Redirect(address) => MenuAnswer::Redirect(address),
        DocumentAnswer::Frame(address) => MenuAnswer::Frame(address),
        DocumentAnswer::Refused(refusal) => MenuAnswer::Refused(refusal),
        DocumentAnswer::RestrictedWarning => MenuAnswer::RestrictedWarning,
        DocumentAnswer::NoSuchPath => MenuAnswer::NoSuchPath,
        DocumentAnswer::LoginPage => MenuAnswer::LoginPage,
        DocumentAnswer::ServerTimeout => MenuAnswer::ServerTimeout,
        DocumentAnswer::NoPrivileges => MenuAnswer::NoPrivileges,
        DocumentAnswer::Blocked => MenuAnswer::Blocked,
        DocumentAnswer::Notice(notice) => MenuAnswer::Notice(notice),
        DocumentAnswer::PdfInHtml | DocumentAnswer::NotAPdf | DocumentAnswer::Unrecognised => {
            MenuAnswer::Unrecognised
        }
    }
}

/// Whether this is a PDF, or the beginning of one: readers find the header within the first
/// kilobyte, and some producers put bytes of their own in front of it.
pub fn begins_a_pdf(body: &[u8]) -> bool {
    body.starts_with(b"%PDF-") || {
        let head = &body[..body.len().min(1024)];
        contains(head, b"%PDF-") && !contains(head, b"<html") && !contains(head, b"<HTML")
    }
}

fn names_a_pdf(content_type: &str) -> bool {
    let start = content_type.trim().get(..15);
    start.is_some_and(|start| start.eq_ignore_ascii_case("application/pdf"))
}

fn price_page(body: &[u8]) -> Option<PricePage> {
    if !ACCEPT.is_match(body) {
        return None;
    }
    let receipt = receipt::read(body)?;
    let page = Page::parse(&clean::html(body)).ok()?;
    let accept = form::find(&page, "/doc1/").or_else(|| form::find(&page, "TransportRoom"));
    Some(PricePage {
        receipt,
        accept,
        is_capped: CAPPED.is_match(body),
    })
}

fn redirect(body: &[u8]) -> Option<String> {
    let found = REDIRECT.captures(body)?;
    String::from_utf8(found[1].to_vec()).ok()
}

fn frame(body: &[u8]) -> Option<String> {
    let page = Page::parse(&clean::html(body)).ok()?;
    page.all_of(Tag::Iframe)
        .find_map(|frame| page.attribute(frame, AttributeName::Src))
        .map(str::to_owned)
}

fn contains(body: &[u8], needle: &[u8]) -> bool {
    body.windows(needle.len()).any(|window| window == needle)
}
