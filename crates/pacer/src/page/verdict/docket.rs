//! What a court answered when asked for a docket report.

use std::sync::LazyLock;

use super::form::{self, FollowUp};
use super::login::is_login_page;
use super::notice::{SiteNotice, site_notice};
use super::phrases::{Phrases, SERVER_TIMEOUT, is_xml};
use super::table::CourtAnswer;
use crate::page::tree::{AttributeName, Page, Tag};
use crate::page::{clean, docket, refused};

/// The answer to a docket request. Whether it was billed says the receipt, if there is one
/// ([`crate::page::receipt`]); where the table of answers says so too, the variant does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocketAnswer {
    /// A docket.
    Docket,
    /// A docket without any of the entries that were asked for. Billed all the same.
    EmptyDocket,
    /// The price, and a button to accept it. Post the form once; not billed yet.
    AcceptCharges(FollowUp),
    /// A warning that the docket is large, with a choice of ranges. The form asks for the report
    /// as it was wanted; not billed.
    LargeDocket(FollowUp),
    /// The empty form of the report: the court did not take our fields. Not billed.
    OptionForm,
    /// A page that asks to log in. Not billed.
    LoginPage,
    /// No such case id. Not billed.
    CaseNotFound,
    /// The case is sealed.
    Sealed,
    /// Nothing in the range that was asked for. Not billed.
    NoDocuments,
    /// The page token of the form's address is stale. Not billed.
    StalePageToken,
    /// The court lost track of the request. Not billed; once more may help.
    IncompleteRequest,
    /// First and last day are in the wrong order.
    BadDateRange,
    /// First and last number are in the wrong order.
    BadNumberRange,
    /// The case is of a kind that has no such report. Billed, one page.
    WrongCaseType,
    /// Closed by the clerk, without a docket. Billed, one page.
    AdministrativelyClosed,
    /// The case is being opened; tomorrow may do. Billed, one page.
    BeingOpened,
    /// The account may not see it.
    NotPermitted,
    /// The court could not print the report, which only happens if asked for a PDF.
    PdfFailed,
    /// The same request is still running. Wait, and do not post again.
    DoubleSubmit,
    /// The court's server gave up waiting. Once more may help.
    ServerTimeout,
    /// The report came as text, which we cannot read. Billed.
    TextFormat,
    /// An appellate court has no such number. Billed, one page.
    CaseNumberNotFound,
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

impl DocketAnswer {
    /// The row of the table.
    pub fn row(&self) -> CourtAnswer {
        match self {
            DocketAnswer::Docket => CourtAnswer::Docket,
            DocketAnswer::EmptyDocket => CourtAnswer::EmptyDocket,
            DocketAnswer::AcceptCharges(_) => CourtAnswer::DocketPrice,
            DocketAnswer::LargeDocket(_) => CourtAnswer::LargeDocket,
            DocketAnswer::OptionForm => CourtAnswer::OptionForm,
            DocketAnswer::LoginPage => CourtAnswer::LoginPage,
            DocketAnswer::CaseNotFound => CourtAnswer::CaseNotFound,
            DocketAnswer::Sealed => CourtAnswer::CaseSealed,
            DocketAnswer::NoDocuments => CourtAnswer::NoDocuments,
            DocketAnswer::StalePageToken => CourtAnswer::StalePageToken,
            DocketAnswer::IncompleteRequest => CourtAnswer::IncompleteRequest,
            DocketAnswer::BadDateRange => CourtAnswer::BadDateRange,
            DocketAnswer::BadNumberRange => CourtAnswer::BadNumberRange,
            DocketAnswer::WrongCaseType => CourtAnswer::WrongCaseType,
            DocketAnswer::AdministrativelyClosed => CourtAnswer::AdministrativelyClosed,
            DocketAnswer::BeingOpened => CourtAnswer::BeingOpened,
            DocketAnswer::NotPermitted => CourtAnswer::NotPermitted,
            DocketAnswer::PdfFailed => CourtAnswer::PdfFailed,
            DocketAnswer::DoubleSubmit => CourtAnswer::DoubleSubmit,
            DocketAnswer::ServerTimeout => CourtAnswer::RequestTimeout,
            DocketAnswer::TextFormat => CourtAnswer::TextFormat,
            DocketAnswer::CaseNumberNotFound => CourtAnswer::CaseNumberNotFound,
            DocketAnswer::NoPrivileges => CourtAnswer::NoPrivileges,
            DocketAnswer::ClientCodeRequired => CourtAnswer::ClientCodeRequired,
            DocketAnswer::Blocked => CourtAnswer::Xml,
            DocketAnswer::Notice(notice) => notice.row(),
            DocketAnswer::Unrecognised => CourtAnswer::Unrecognised,
        }
    }
}

#[derive(Clone, Copy)]
enum Phrase {
    AcceptCharges,
    LargeDocket,
    CaseNotFound,
    NoDocuments,
    StalePageToken,
    IncompleteRequest,
    BadDateRange,
    BadNumberRange,
    WrongCaseType,
    AdministrativelyClosed,
    BeingOpened,
    NotPermitted,
    DoubleSubmit,
    ServerTimeout,
    TextFormat,
}

/// These stand where the docket should be. Entries may quote them, so they count only for a page that
/// has none.
static INSTEAD: LazyLock<Phrases<Phrase>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            "To accept charges shown below, click on the 'View Report' button",
            Phrase::AcceptCharges,
        ),
        (
            "The report may take a long time to run because this case has many docket entries",
            Phrase::LargeDocket,
        ),
        ("Case not found.", Phrase::CaseNotFound),
        ("There are no documents in this case.", Phrase::NoDocuments),
        (
            "The page ID does not exist. Please enter a valid page ID number.",
            Phrase::StalePageToken,
        ),
        (
            "Incomplete request. Please try your query again by choosing the Query or Reports option",
            Phrase::IncompleteRequest,
        ),
        (
            "The start date must be less than or equal to the end date",
            Phrase::BadDateRange,
        ),
        (
            "The starting document number must be less than or equal to the ending document number",
            Phrase::BadNumberRange,
        ),
        (
            "The case type was {any} but it must be",
            Phrase::WrongCaseType,
        ),
        (
            "*** This case was administratively closed.***",
            Phrase::AdministrativelyClosed,
        ),
        (
            "This case is in the process of being opened, please check back later for additional information.",
            Phrase::BeingOpened,
        ),
        (
            "Either you do not have permission to view the document, or the document does not exist in the case.",
            Phrase::NotPermitted,
        ),
        (
            "Submission already made, please wait for response from server",
            Phrase::DoubleSubmit,
        ),
        (SERVER_TIMEOUT, Phrase::ServerTimeout),
        ("Format: text", Phrase::TextFormat),
    ])
});

#[derive(Clone, Copy)]
enum Rest {
    Sealed,
    CaseNumberNotFound,
    PdfFailed,
    NoPrivileges,
    ClientCodeRequired,
}

/// These may be quoted in a docket, so they count only for a page that is none.
static OTHERWISE: LazyLock<Phrases<Rest>> = LazyLock::new(|| {
    Phrases::new(&[
        ("Case Number Not Found", Rest::CaseNumberNotFound),
        ("Unable to create PDF file.", Rest::PdfFailed),
        (
            "This user has no access privileges defined.",
            Rest::NoPrivileges,
        ),
        (
            "A Client Code is required for PACER search",
            Rest::ClientCodeRequired,
        ),
        ("Case Under Seal", Rest::Sealed),
        ("case is sealed", Rest::Sealed),
        ("case is under seal", Rest::Sealed),
    ])
});

/// Tells what a court answered to a docket request.
pub fn docket_answer(page: &[u8]) -> DocketAnswer {
    let text = clean::html(page);
    if let Some(phrase) = INSTEAD.find(page) {
        return match docket::has_entries(&text) {
            true => DocketAnswer::Docket,
            false => instead(phrase, page),
        };
    }
    if refused::is_tampered(&text) {
        return DocketAnswer::Unrecognised;
    }
    if text.contains("Date Filed:") || text.contains("Date filed:") {
        return with_case(page, &text);
    }
    if let Some(phrase) = OTHERWISE.find(page) {
        return otherwise(phrase);
    }
    if is_option_form(&text) {
        DocketAnswer::OptionForm
    } else if is_login_page(page) {
        DocketAnswer::LoginPage
    } else if is_xml(page) {
        DocketAnswer::Blocked
    } else {
        site_notice(page).map_or(DocketAnswer::Unrecognised, DocketAnswer::Notice)
    }
}

static EMPTY: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::new(&[
        ("but none satisfy the selection criteria", ()),
        ("No docket entries found.", ()),
    ])
});

/// A docket that tells that it has no entries. One that has some may quote the words.
fn with_case(page: &[u8], text: &str) -> DocketAnswer {
    match EMPTY.find(page) {
        Some(()) if !docket::has_entries(text) => DocketAnswer::EmptyDocket,
        _ => DocketAnswer::Docket,
    }
}

fn instead(phrase: Phrase, page: &[u8]) -> DocketAnswer {
    match phrase {
        Phrase::AcceptCharges => {
            follow_up(page).map_or(DocketAnswer::Unrecognised, DocketAnswer::AcceptCharges)
        }
        Phrase::LargeDocket => match follow_up(page) {
            Some(form) => DocketAnswer::LargeDocket(as_initially_requested(form)),
            None => DocketAnswer::Unrecognised,
        },
        Phrase::CaseNotFound => DocketAnswer::CaseNotFound,
        Phrase::NoDocuments => DocketAnswer::NoDocuments,
        Phrase::StalePageToken => DocketAnswer::StalePageToken,
        Phrase::IncompleteRequest => DocketAnswer::IncompleteRequest,
        Phrase::BadDateRange => DocketAnswer::BadDateRange,
        Phrase::BadNumberRange => DocketAnswer::BadNumberRange,
        Phrase::WrongCaseType => DocketAnswer::WrongCaseType,
        Phrase::AdministrativelyClosed => DocketAnswer::AdministrativelyClosed,
        Phrase::BeingOpened => DocketAnswer::BeingOpened,
        Phrase::NotPermitted => DocketAnswer::NotPermitted,
        // The empty form has the phrase too, in the script that keeps a reader from clicking twice.
        Phrase::DoubleSubmit if is_option_form(&clean::html(page)) => DocketAnswer::OptionForm,
        Phrase::DoubleSubmit => DocketAnswer::DoubleSubmit,
        Phrase::ServerTimeout => DocketAnswer::ServerTimeout,
        Phrase::TextFormat => DocketAnswer::TextFormat,
    }
}

fn otherwise(phrase: Rest) -> DocketAnswer {
    match phrase {
        Rest::Sealed => DocketAnswer::Sealed,
        Rest::CaseNumberNotFound => DocketAnswer::CaseNumberNotFound,
        Rest::PdfFailed => DocketAnswer::PdfFailed,
        Rest::NoPrivileges => DocketAnswer::NoPrivileges,
        Rest::ClientCodeRequired => DocketAnswer::ClientCodeRequired,
    }
}

fn follow_up(page: &[u8]) -> Option<FollowUp> {
    let page = Page::parse(&clean::html(page)).ok()?;
    form::find(&page, "DktRpt.pl")
}

/// Of the ranges to choose from, the one with an empty first day is the report as it was asked
/// for.
fn as_initially_requested(mut form: FollowUp) -> FollowUp {
    form.fields.retain(|(name, _)| name != "date_from");
    form.fields.push(("date_from".to_owned(), String::new()));
    form
}

fn is_option_form(text: &str) -> bool {
    if !text.contains("all_case_ids") && !text.contains("documents_numbered_from_") {
        return false;
    }
    let Ok(page) = Page::parse(text) else {
        return false;
    };
    form::find(&page, "DktRpt.pl").is_some()
        || page.all_of(Tag::Input).any(|input| {
            page.attribute(input, AttributeName::Name) == Some("documents_numbered_from_")
        })
}
