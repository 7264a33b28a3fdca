//! Parses pages that were bought and stored: when they are bought, and again when the parser has improved.

use pacer::{
    court::Court,
    page::{
        PageError,
        answer::{self, Answer},
        appellate_attachment_page::{self, AppellateAttachmentPage},
        appellate_docket::{self, AppellateDocket},
        attachment_page::{self, AttachmentPage},
        case_identity::{CaseShown, CaseWanted, OtherCase},
        docket::{self, Docket},
    },
};

use crate::{
    AttemptError, Failure,
    decision::{About, Then, billed_in_vain, decide, unread_docket},
};

/// The page of a docket, by the software of its court.
#[derive(Debug, Clone, PartialEq)]
pub enum DocketPage {
    /// Of a district or bankruptcy court.
    District(Box<Docket>),
    /// Of an appellate court.
    Appellate(Box<AppellateDocket>),
}

impl DocketPage {
    /// Entries and parties that it lists.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        match self {
            DocketPage::District(page) => (page.docket_entries.len(), page.parties.len()),
            DocketPage::Appellate(page) => (page.docket_entries.len(), page.parties.len()),
        }
    }
}

/// A menu, by the software of its court.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Menu {
    /// Of a district or bankruptcy court.
    District(AttachmentPage),
    /// Of an appellate court, where all documents of an entry are listed alike.
    Appellate(AppellateAttachmentPage),
}

impl Menu {
    /// Attachments that it lists.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Menu::District(page) => page.attachments.len(),
            Menu::Appellate(page) => page.attachments.len(),
        }
    }
}

/// Parses the page of a docket. `None` if the page says that the court has nothing that matches the request.
///
/// # Errors
/// The failure of a request that ends on this page: what the court says in place of a docket, or
/// that our reader does not understand it.
pub fn read_docket(about: &About<'_>, page: &[u8]) -> Result<Option<DocketPage>, Failure> {
    let court = Court::by_cl_id(about.court).ok_or(Failure::Internal)?;
    let is_appellate = court.is_appellate();
    let answer = match is_appellate {
        true => answer::appeal_page(page),
        false => answer::docket_page(page),
    };
    match answer.answer() {
        Answer::NoDocuments => return Ok(None),
        Answer::Docket | Answer::EmptyDocket => {}
        other => return Err(said(other, about).unwrap_or_else(|| no_docket(about))),
    }
    let id = court.id.as_str();
    let read = match is_appellate {
        true => appellate_docket::parse(page, id)
            .map(|page| page.map(|page| DocketPage::Appellate(Box::new(page)))),
        false => docket::parse(page, id)
            .map(|page| page.map(|page| DocketPage::District(Box::new(page)))),
    };
    match read {
        Ok(Some(page)) => Ok(Some(page)),
        Ok(None) => Err(no_docket(about)),
        Err(error) => Err(unread_docket(
            about,
            &format!("The court's page cannot be read: {error}."),
        )),
    }
}

/// Reads a menu of attachments.
///
/// # Errors
/// As [`read_docket`].
pub fn read_menu(about: &About<'_>, media_type: &str, page: &[u8]) -> Result<Menu, Failure> {
    let court = Court::by_cl_id(about.court).ok_or(Failure::Internal)?;
    match answer::menu_page(Some(media_type), page).answer() {
        Answer::Menu => {}
        Answer::SoleDocument => return Err(Failure::SoleDocument),
        other => return Err(said(other, about).unwrap_or(Failure::MenuNotRecognised)),
    }
    let read = |page| -> Result<Option<Menu>, PageError> {
        let id = court.id.as_str();
        Ok(match court.is_appellate() {
            true => appellate_attachment_page::parse(page, id)?.map(Menu::Appellate),
            false => attachment_page::parse(page, id)?.map(Menu::District),
        })
    };
    read(page).ok().flatten().ok_or(Failure::MenuNotRecognised)
}

/// The case that a docket page belongs to, if it is not the requested one. The requested case is
/// identified by the court's id, if known, and its numbers in any spelling.
#[must_use]
pub fn other_case(
    court: &Court,
    page: &[u8],
    case_id: Option<&str>,
    numbers: &[&str],
) -> Option<OtherCase> {
    let shown = match court.is_appellate() {
        true => CaseShown::of_appeal(page, court.id.as_str()),
        false => CaseShown::of_docket(page, court.id.as_str()),
    };
    shown.other_than(&CaseWanted {
        court,
        case_id,
        numbers,
    })
}

fn no_docket(about: &About<'_>) -> Failure {
    unread_docket(about, "The court's page is not a docket.")
}

/// What an answer says that is not what was asked for: the same as when it came, whoever paid for it.
/// None of one that leads on.
fn said(answer: Answer, about: &About<'_>) -> Option<Failure> {
    match decide(answer, about).then {
        Then::GoOn | Then::Nothing | Then::NotAccepted(_) => None,
        Then::Stop(AttemptError::Refuse(failure)) => Some(failure),
        Then::Stop(_) => Some(billed_in_vain(about)),
    }
}
