//! What a page says to the readers of this version.

use fetch_control::Control;
use fetch_db::Error;
use fetch_ledger::kept::{Buyer, KeptPage};
use fetch_library::merge::{self, DocketTarget};
use fetch_model::{
    DocumentId, Failure, FetchId, FetchKind, State, UserId,
    decision::About,
    item_key::{self, Item, ItemKey},
    kept_page::{self, DocketPage, Menu},
};
use pacer::{
    court::Court,
    ids::{DocketNumber, PacerDocId},
    page::case_identity::CaseShown,
};

use crate::case::{case_id, case_in_key, case_number, kind_of, written_out};

/// What a page is found to say.
#[derive(Debug)]
pub(crate) enum Said {
    /// A docket, to be merged there.
    Docket(DocketTarget, DocketPage),
    /// The court has nothing that matches the request.
    Nothing,
    /// The menu of the entry that this document is of.
    Menu(DocumentId, Menu),
    /// None of that.
    Not(Why),
}

/// Why a page says nothing that could be merged.
#[derive(Debug, Clone)]
pub(crate) enum Why {
    /// What the court says instead; it is understood, and is not what was asked for.
    Refused(String),
    /// Nobody knows the page.
    Unreadable(String),
    /// Its bytes are not there, or are not what was kept.
    Damaged(String),
    /// Its bytes are gone because their life was over.
    Forgotten,
}

/// What a page is found to be, without what it says.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    Docket,
    Nothing,
    Menu,
    Not(Why),
}

impl Said {
    pub(crate) fn found(&self) -> Found {
        match self {
            Said::Docket(..) => Found::Docket,
            Said::Nothing => Found::Nothing,
            Said::Menu(..) => Found::Menu,
            Said::Not(why) => Found::Not(why.clone()),
        }
    }

    /// The locks that merging it takes before any docket.
    pub(crate) fn locks(&self) -> Vec<String> {
        match self {
            Said::Docket(target, page) => merge::locks_of(target, page),
            Said::Nothing | Said::Menu(..) | Said::Not(_) => Vec::new(),
        }
    }
}

impl Found {
    /// Whether the page says something that can be merged, or that there is nothing.
    pub(crate) fn is_read(&self) -> bool {
        !matches!(self, Found::Not(_))
    }
}

/// Whether what a page said when it came may have been merged then. Whoever waited for the same thing
/// merged it as well, so that the end of its buyer proves nothing, unless that could not read it.
pub(crate) fn may_be_merged(page: &KeptPage) -> bool {
    let buyer = page.buyer.as_ref();
    // A menu whose document is not stored any more has nothing left to say.
    let key = ItemKey::read(&page.item_key);
    let is_named = match key.item {
        _ if key.is_of_other_case => false,
        Item::Docket { .. } => true,
        Item::Menu => buyer.is_some_and(|buyer| buyer.document.is_some()),
        Item::Document | Item::Unrecognised | Item::Unknown => false,
    };
    let could_not_read = |buyer: &Buyer| {
        let failure = buyer.failure.as_ref();
        buyer.state == State::Failed && failure.is_some_and(Failure::is_about_the_page)
    };
    is_named && !page.in_vain && !buyer.is_some_and(could_not_read)
}

/// What a page is called that nobody knew when it came, now that it was read; none if that is not known,
/// or the page has its name.
pub(crate) fn name_now(court: &str, page: &KeptPage) -> Option<String> {
    let buyer = page
        .buyer
        .as_ref()
        .filter(|buyer| is_unrecognised(page) && !buyer.is_forgotten)?;
    match kind_of(page) {
        FetchKind::Docket => {
            let is_appellate = Court::by_cl_id(court).is_some_and(Court::is_appellate);
            let case = match is_appellate {
                true => DocketNumber::parse(&case_number(buyer)?)
                    .ok()?
                    .as_str()
                    .to_owned(),
                false => case_id(buyer)?,
            };
            Some(item_key::docket(court, &case, &buyer.options))
        }
        FetchKind::Attachments => {
            let document = PacerDocId::parse(&buyer.pacer_doc_id).ok()?;
            Some(item_key::menu(court, &document))
        }
        FetchKind::Pdf => None,
    }
}

fn is_unrecognised(page: &KeptPage) -> bool {
    ItemKey::read(&page.item_key).item == Item::Unrecognised
}

/// Reads a page; how many bytes it has comes beside what it says.
///
/// # Errors
/// When the place of the blobs is away; a page that is missing there or changed is damaged.
pub(crate) async fn read(
    control: &Control,
    court: &str,
    page: &KeptPage,
) -> Result<(Said, usize), Error> {
    if page.is_forgotten {
        return Ok((Said::Not(Why::Forgotten), 0));
    }
    let bytes = match control.db.blobs.get(&page.sha256).await {
        Ok(bytes) => bytes,
        Err(error @ (Error::Malformed { .. } | Error::File(_))) => {
            return Ok((Said::Not(Why::Damaged(error.to_string())), 0));
        }
        Err(error) => return Err(error),
    };
    Ok((understood(court, page, &bytes), bytes.len()))
}

fn understood(court: &str, page: &KeptPage, bytes: &[u8]) -> Said {
    let about = about(court, page);
    match kind_of(page) {
        FetchKind::Docket => match kept_page::read_docket(&about, bytes) {
            Ok(Some(docket)) => of_the_case(court, page, bytes, docket),
            Ok(None) => Said::Nothing,
            Err(failure) => not_read(&failure),
        },
        FetchKind::Attachments => {
            let document = page.buyer.as_ref().and_then(|buyer| buyer.document);
            match (
                kept_page::read_menu(&about, &page.media_type, bytes),
                document,
            ) {
                (Ok(menu), Some(document)) => Said::Menu(document, menu),
                (Ok(_), None) => refused(Failure::MenuWithoutDocket.to_string()),
                (Err(failure), _) => not_read(&failure),
            }
        }
        FetchKind::Pdf => refused(
            "It is the answer to a request for a document; only a new request can fetch that."
                .to_owned(),
        ),
    }
}

/// A docket, if it is of the case that it was bought as.
fn of_the_case(court: &str, page: &KeptPage, bytes: &[u8], docket: DocketPage) -> Said {
    let Some(known) = Court::by_cl_id(court) else {
        return refused(format!("There is no court {court:?}."));
    };
    let buyer = page.buyer.as_ref();
    let is_forgotten = buyer.is_none_or(|buyer| buyer.is_forgotten);
    if is_forgotten && is_unrecognised(page) {
        return refused("It is no longer known what was requested.".to_owned());
    }
    let case = case_in_key(page)
        .or_else(|| buyer.and_then(case_id))
        .filter(|_| !known.is_appellate());
    if case.is_none() && !known.is_appellate() {
        return refused("It is not known which case was requested.".to_owned());
    }
    let number = |number: Option<&String>| number.cloned().unwrap_or_default();
    let numbers = [
        number(buyer.map(|buyer| &buyer.docket_number)),
        number(buyer.and_then(|buyer| buyer.found_case_number.as_ref())),
        number(buyer.and_then(|buyer| buyer.stored_number.as_ref())),
        // Appeals go by it.
        number(case_in_key(page).as_ref().filter(|_| known.is_appellate())),
    ];
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    if let Some(other) = kept_page::other_case(known, bytes, case.as_deref(), &numbers) {
        return refused(format!("It is the docket of another case: {other}."));
    }
    // One that was taken for something else may be of another case for all that is left to contradict
    // it: what its request asked for is forgotten in time.
    let is_of_other_case = ItemKey::read(&page.item_key).is_of_other_case;
    let was_refused = is_of_other_case || page.in_vain && is_forgotten;
    if was_refused && !is_surely_of(known, bytes, case.as_deref(), &numbers) {
        return refused(
            "It was not recognised as the requested docket, and does not show that it is."
                .to_owned(),
        );
    }
    let target = DocketTarget {
        court: court.to_owned(),
        docket: buyer.and_then(|buyer| buyer.docket),
        pacer_case_id: case,
    };
    Said::Docket(target, docket)
}

/// Whether a page says that it is of this case, by the court's id of it or by one of its numbers written
/// out. What contradicts nothing is not enough.
fn is_surely_of(court: &Court, bytes: &[u8], case: Option<&str>, numbers: &[&str]) -> bool {
    let shown = match court.is_appellate() {
        true => CaseShown::of_appeal(bytes, court.id.as_str()),
        false => CaseShown::of_docket(bytes, court.id.as_str()),
    };
    let shown_number = shown.number.as_deref().map(written_out);
    let mut numbers = numbers.iter().filter(|number| !number.is_empty());
    case.is_some_and(|case| shown.case_ids.contains(case))
        || numbers.any(|number| shown_number.as_ref() == Some(&written_out(number)))
}

fn refused(why: String) -> Said {
    Said::Not(Why::Refused(why))
}

fn not_read(failure: &Failure) -> Said {
    match failure.is_about_reading() {
        true => Said::Not(Why::Unreadable(failure.to_string())),
        false => refused(failure.to_string()),
    }
}

fn about<'a>(court: &'a str, page: &'a KeptPage) -> About<'a> {
    let buyer = page.buyer.as_ref();
    About {
        kind: kind_of(page),
        request: buyer.map_or(FetchId(0), |buyer| buyer.id),
        user: buyer.map_or(UserId(0), |buyer| buyer.user),
        document: buyer.and_then(|buyer| buyer.document),
        court,
        case: "",
        url: &page.url,
        attempts: 0,
        retry_after: None,
        limit_bytes: 0,
        candidates: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_surely_of_a_case_only_by_what_it_says() {
        let court = Court::by_pacer_id("pawd").unwrap();
        let page = b"<a href='/doc1/15712?caseid=20713&de_seq_num=7'>2</a>";
        assert!(is_surely_of(court, page, Some("20713"), &[]));
        // Nothing contradicts it, and nothing says it.
        assert!(!is_surely_of(court, page, Some("20714"), &[]));
        assert!(!is_surely_of(court, page, None, &["", "2:04-cr-00713"]));
        assert!(!is_surely_of(court, b"", Some("20713"), &[]));
    }
}
