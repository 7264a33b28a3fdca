//! What a court answered when asked for a docket report.

use std::sync::LazyLock;

use super::court_page::CourtPage;
use super::form::{self, FollowUp};
use super::notice::anything;
use super::phrases::{Phrases, Place, told};
use super::table::Answer;
use crate::page::tree::{AttributeName, Page, Tag};
use crate::page::{clean, docket, refused};

/// Tells what a court answered to a docket request. Whether it was billed says the receipt, if there
/// is one ([`crate::page::receipt`]); where the table of answers says so too, the row does.
pub fn docket_page(page: &[u8]) -> CourtPage {
    let text = clean::html(page);
    if let Some(answer) = told(Place::InsteadOfDocket, page) {
        return match docket::has_entries(&text) {
            true => CourtPage::Is(Answer::Docket),
            false => instead(answer, page, &text),
        };
    }
    if refused::is_tampered(&text) {
        return CourtPage::Is(Answer::Unrecognised);
    }
    if text.contains("Date Filed:") || text.contains("Date filed:") {
        return CourtPage::Is(with_case(page, &text));
    }
    if let Some(answer) = told(Place::NoDocket, page) {
        return CourtPage::Is(answer);
    }
    CourtPage::Is(match is_option_form(&text) {
        true => Answer::OptionForm,
        false => anything(page),
    })
}

static EMPTY: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::new(&[
        ("but none satisfy the selection criteria", ()),
        ("No docket entries found.", ()),
    ])
});

/// A docket that tells that it has no entries. One that has some may quote the words.
fn with_case(page: &[u8], text: &str) -> Answer {
    match EMPTY.find(page) {
        Some(()) if !docket::has_entries(text) => Answer::EmptyDocket,
        _ => Answer::Docket,
    }
}

fn instead(answer: Answer, page: &[u8], text: &str) -> CourtPage {
    let with_form = |form: Option<FollowUp>| match form {
        Some(form) => CourtPage::Form(answer, form),
        None => CourtPage::Is(Answer::Unrecognised),
    };
    match answer {
        Answer::DocketPrice => with_form(follow_up(page)),
        Answer::LargeDocket => with_form(follow_up(page).map(as_initially_requested)),
        // The empty form has the phrase too, in the script that keeps a reader from clicking twice.
        Answer::DoubleSubmit if is_option_form(text) => CourtPage::Is(Answer::OptionForm),
        answer => CourtPage::Is(answer),
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
