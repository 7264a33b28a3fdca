//! What a court answered when asked for a document, its price, or its attachment menu.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::appellate::{is_confirmation, outside_link};
use super::court_page::{CourtPage, PricePage};
use super::form;
use super::login::is_login_page;
use super::notice::anything;
use super::phrases::{Place, told};
use super::table::{Answer, AnswerTo};
use crate::page::tree::{AttributeName, Page, Tag};
use crate::page::{clean, receipt};
use crate::price;

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

/// Tells what a court answered to a purchase. A PDF is told by its first bytes before anything is
/// searched for, for the text of a document may say anything.
pub fn document_page(content_type: Option<&str>, body: &[u8]) -> CourtPage {
    if begins_a_pdf(body) {
        return CourtPage::Is(Answer::Pdf);
    }
    if content_type.is_some_and(names_a_pdf) {
        return CourtPage::Is(Answer::NotAPdf);
    }
    // The documents of a menu may be called whatever is looked for below.
    if MENU.is_match(body) && CHOICE.is_match(body) {
        return CourtPage::Is(Answer::MenuInstead);
    }
    if let Some(form) = outside_link(body) {
        return CourtPage::Form(Answer::OutsideLink, form);
    }
    if RESTRICTED.is_match(body) || WARNING_CELL.is_match(body) {
        return CourtPage::Is(Answer::RestrictedWarning);
    }
    if MENU.is_match(body) {
        return CourtPage::Is(Answer::MenuInstead);
    }
    if let Some(price) = price_page(body) {
        return price;
    }
    if let Some(answer) = told(Place::Document, body) {
        return CourtPage::Is(answer);
    }
    if is_login_page(body) {
        return CourtPage::Is(Answer::LoginPage);
    }
    if let Some(address) = redirect(body) {
        return CourtPage::Link(Answer::Redirect, address);
    }
    if let Some(address) = frame(body) {
        return CourtPage::Link(Answer::Frame, address);
    }
    CourtPage::Is(match contains(body, b"pdf:Producer") {
        true => Answer::PdfInHtml,
        false => anything(body),
    })
}

/// Tells what a court answered to a request for a menu.
pub fn menu_page(content_type: Option<&str>, body: &[u8]) -> CourtPage {
    match document_page(content_type, body) {
        CourtPage::Is(answer) => CourtPage::Is(in_place_of_menu(answer)),
        CourtPage::Price(_) => CourtPage::Is(Answer::NoMenu),
        page => page,
    }
}

/// What an answer to the request for a document says where the menu was asked for.
fn in_place_of_menu(answer: Answer) -> Answer {
    let row = answer.row();
    match answer {
        Answer::MenuInstead => Answer::Menu,
        Answer::Pdf => Answer::SoleDocument,
        Answer::PdfInHtml | Answer::NotAPdf => Answer::Unrecognised,
        Answer::Audio => Answer::NoMenu,
        // A refusal of the document says that it is the only one.
        _ if row.asked == AnswerTo::Document && !row.told_by.is_empty() => Answer::NoMenu,
        answer => answer,
    }
}

/// Whether the page asks for a yes before something is charged. A receipt on it is a price.
pub fn asks_first(page: &[u8]) -> bool {
    ACCEPT.is_match(page) || is_confirmation(page)
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

/// The price of a document, or of a recording, which is told by its receipt.
fn price_page(body: &[u8]) -> Option<CourtPage> {
    if !ACCEPT.is_match(body) {
        return None;
    }
    let receipt = receipt::read(body)?;
    let description = receipt.description.as_deref().unwrap_or_default();
    if price::item_of_description(description) == price::Item::Audio {
        return Some(CourtPage::Is(Answer::Audio));
    }
    let page = Page::parse(&clean::html(body)).ok()?;
    let accept = form::find(&page, "/doc1/").or_else(|| form::find(&page, "TransportRoom"));
    Some(CourtPage::Price(PricePage {
        receipt,
        accept,
        is_capped: CAPPED.is_match(body),
    }))
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
