//! How each row of the table comes about at a simulated court.

use pacer::page::answer::{Answer, Place};
use serde_json::{Value, json};

/// A row's case: what is asked for, by whom, and what goes wrong.
pub(super) struct Case {
    pub what: What,
    /// The court, if not any district court will do.
    pub court: Option<&'static str>,
    pub account: &'static str,
    pub fault: Option<Value>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// A docket by its number.
    Docket(&'static str),
    /// The same with one more field.
    DocketWith(&'static str, &'static str, &'static str),
    /// A docket that is held, if something was filed since.
    DocketAgain(&'static str),
    /// A docket by a case id that does not exist.
    NoSuchCase,
    /// A document by its number on a docket that is bought before.
    Document(&'static str, i64),
    /// The menu of an entry of a docket that is bought before.
    Menu(&'static str, i64),
    /// A login that is not accepted.
    Login,
    /// Cannot be had from a court that answers; has a test of its own.
    OutOfReach,
}

pub(super) const ORDINARY: &str = "1:20-cv-90014";
const REFUSALS: &str = "1:20-cv-90008";
pub(super) const DELIVERIES: &str = "1:20-cv-90009";
/// The case of every appellate court whose filings are all different.
pub(super) const FILINGS: &str = "20-90003";

/// The case of a row. A row that is told by what a page says has one by itself: that page.
pub(super) fn case(answer: Answer) -> Case {
    match answer {
        Answer::CredentialsRefused => plain(What::Login).by("demo-refused"),
        Answer::SignOnAway => plain(What::Login).by("away").goes_wrong(json!({
            "court": "cso", "account": "away", "times": null, "kind": "status", "status": 500})),
        Answer::NotReached => plain(What::OutOfReach),
        Answer::TimedOut => report(json!({"kind": "hang"})),
        Answer::BrokenOff => report(json!({"kind": "reset"})),
        Answer::TooLarge => docket("1:20-cv-90010"),
        Answer::Forbidden => lookup(json!({"kind": "status", "status": 403})),
        Answer::NotFound => lookup(json!({"kind": "status", "status": 404})),
        Answer::RequestTimeout => report(json!({"kind": "status", "status": 408})),
        Answer::TooManyRequests => {
            report(json!({"kind": "status", "status": 429, "retry_after": "1"}))
        }
        Answer::Unavailable => report(json!({"kind": "status", "status": 503})),
        Answer::ServerFailed => report(json!({"kind": "status", "status": 500})),
        Answer::GatewayFailed => report(json!({"kind": "status", "status": 504, "billed": true})),
        Answer::OtherStatus => report(json!({"kind": "status", "status": 418})),
        Answer::Xml => report(json!({"kind": "xml"})),
        Answer::Maintenance => lookup(json!({"kind": "maintenance"})),
        Answer::ExcessiveUsage => report(json!({"kind": "excessive_usage"})),
        Answer::LoginPage => report(json!({"kind": "login_page", "times": 2})).by("loser"),
        Answer::NoPrivileges => report(json!({"kind": "no_privileges", "times": 2})),
        Answer::ClientCodeRequired => report(notice("client_code_required")),
        Answer::CaseFound | Answer::Docket => docket(ORDINARY),
        Answer::NumberUnknown => docket("1:20-cv-11111"),
        Answer::NumberSealed => docket("1:20-cv-90001"),
        Answer::SeveralCases => docket("20-90002"),
        Answer::EmptyDocket => plain(What::DocketWith(ORDINARY, "de_date_start", "2024-01-01")),
        Answer::LargeDocket => report(page(LARGE)),
        Answer::DocketPrice => docket(ORDINARY).by("demo-receipts"),
        Answer::OptionForm => report(page(FORM)),
        Answer::CaseNotFound => plain(What::NoSuchCase),
        Answer::CaseSealed => report(notice("case_under_seal")),
        Answer::NoDocuments => docket("1:20-cv-90005"),
        Answer::StalePageToken => report(twice(notice("no_such_page_id"))),
        Answer::IncompleteRequest => report(twice(notice("incomplete_request"))),
        Answer::BadDateRange => report(notice("dates_reversed")),
        Answer::BadNumberRange => report(notice("numbers_reversed")),
        Answer::WrongCaseType => docket("1:20-mc-90012"),
        Answer::AdministrativelyClosed => docket("1:20-cv-90003"),
        Answer::BeingOpened => docket("1:20-cv-90004"),
        Answer::NotPermitted => report(notice("no_such_document")),
        Answer::PdfFailed => report(notice("no_pdf")),
        Answer::DoubleSubmit => report(notice("submitted_twice")),
        Answer::OutsideLink => docket(FILINGS).at("cafc"),
        Answer::Refresh => appeal("ca5", twice(page(REFRESH))),
        Answer::WrongPath => appeal("ca7", json!({"kind": "status", "status": 404, "times": 2})),
        Answer::CaseNumberNotFound => docket("99-4321").at("ca1"),
        Answer::Pdf | Answer::PricePage => document(DELIVERIES, 1),
        Answer::Frame => document(DELIVERIES, 2),
        Answer::Redirect => document(DELIVERIES, 3),
        Answer::Menu => plain(What::Menu(DELIVERIES, 7)),
        Answer::SoleDocument => plain(What::Menu(DELIVERIES, 1)).by("never"),
        Answer::NoMenu => plain(What::Menu(DELIVERIES, 8)),
        Answer::MenuInstead => sale(page("<html>Document Selection Menu</html>")),
        Answer::Audio => document(ORDINARY, 1),
        Answer::RestrictedWarning => document(REFUSALS, 13),
        Answer::PdfInHtml => sale(json!({"kind": "pdf_as_html"})),
        Answer::NotAPdf => sale(json!({
            "kind": "page", "body": "The words of a document.", "as_pdf": true})),
        Answer::EntryGone => document(REFUSALS, 1),
        Answer::NotAvailable => document(REFUSALS, 2),
        Answer::NoPermission => document(REFUSALS, 3),
        Answer::TranscriptRestricted => document(REFUSALS, 4),
        Answer::NotPublic => document(REFUSALS, 5),
        Answer::DocumentSealed => document(REFUSALS, 6),
        Answer::CourtUsersOnly => document(REFUSALS, 10),
        Answer::NatureOfSuit => document(REFUSALS, 11),
        Answer::CannotBeDisplayed => document(FILINGS, 2).at("ca3"),
        Answer::Unrecognised => report(json!({"kind": "unknown_html"})),
        said => says(said),
    }
}

/// A court that says what tells the row, where what it answers was asked for.
fn says(answer: Answer) -> Case {
    let row = answer.row();
    let sign = row.told_by.first();
    let sign = sign.unwrap_or_else(|| panic!("{answer:?} is told by no phrase and has no case"));
    let words = page(&format!("<html>{}</html>", sign.phrase()));
    let fault = match row.again {
        true => twice(words),
        false => words,
    };
    match sign.places() {
        [Place::Document, ..] => sale(fault),
        [Place::Appeal, ..] => appeal("ca7", fault),
        _ => report(fault),
    }
}

/// The choice before a large docket. Its form leads back to the report.
const LARGE: &str = "<html>The report may take a long time to run because this case has many \
    docket entries<form method='post' action='/{court}/cgi-bin/DktRpt.pl?1-L_1_0-1'>\
    <input type='hidden' name='all_case_ids' value='{case}'>\
    <input type='hidden' name='case_num' value='x'>\
    <input type='radio' name='date_from' value='1/1/2020'>\
    <input type='radio' name='date_from' value=''></form></html>";

const FORM: &str = "<html><form action='DktRpt.pl?12-L_1_0-1'><input name='all_case_ids'>\
    <input name='documents_numbered_from_'></form></html>";

/// An appellate court sends the browser to the form of the report.
const REFRESH: &str = "<html><head><meta http-equiv='REFRESH' \
    content='0;URL=TransportRoom?servlet=DocketReportFilter.jsp'></head></html>";

pub(super) fn plain(what: What) -> Case {
    Case {
        what,
        court: None,
        account: "demo",
        fault: None,
    }
}

fn docket(number: &'static str) -> Case {
    plain(What::Docket(number))
}

fn document(number: &'static str, entry: i64) -> Case {
    plain(What::Document(number, entry))
}

/// Something goes wrong when the report is bought.
fn report(fault: Value) -> Case {
    docket(ORDINARY).goes_wrong(with(fault, &[("path", "DktRpt"), ("method", "POST")]))
}

/// Something goes wrong when an appellate court is asked for a docket.
fn appeal(court: &'static str, fault: Value) -> Case {
    docket(FILINGS).at(court).goes_wrong(fault)
}

/// Something goes wrong when the number is looked up.
fn lookup(fault: Value) -> Case {
    docket(ORDINARY).goes_wrong(with(fault, &[("path", "possible_case_numbers")]))
}

/// Something goes wrong when a document is bought.
fn sale(fault: Value) -> Case {
    document(DELIVERIES, 1).goes_wrong(with(fault, &[("path", "doc1"), ("method", "POST")]))
}

fn notice(name: &str) -> Value {
    json!({"kind": "notice", "notice": name})
}

fn page(body: &str) -> Value {
    json!({"kind": "page", "body": body})
}

fn twice(mut fault: Value) -> Value {
    fault["times"] = 2.into();
    fault
}

fn with(mut fault: Value, keys: &[(&str, &str)]) -> Value {
    for (key, value) in keys {
        fault[*key] = (*value).into();
    }
    fault
}

impl Case {
    pub(super) fn by(self, account: &'static str) -> Case {
        Case { account, ..self }
    }

    fn at(self, court: &'static str) -> Case {
        Case {
            court: Some(court),
            ..self
        }
    }

    pub(super) fn goes_wrong(self, fault: Value) -> Case {
        Case {
            fault: Some(fault),
            ..self
        }
    }
}
