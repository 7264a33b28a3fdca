//! What a page says to the readers of this version.

use fetch_model::{
    DocumentId, Failure, FetchId, FetchKind, State, UserId,
    kept_page::{self, DocketPage, Menu},
    verdict::About,
};
use fetch_store::{Error, Store, merge::DocketTarget, reread::KeptPage};
use pacer::court::Court;

use crate::case::{case_id, case_in_key, kind_of};

/// What a page is found to be.
#[derive(Debug)]
pub(crate) enum Said {
    /// A docket, to be merged there.
    Docket(DocketTarget, DocketPage),
    /// The court has nothing of what was asked for.
    Nothing,
    /// The menu of the entry that this document is of.
    Menu(DocumentId, Menu),
    /// What the court says instead; it is understood, and is not what was asked for.
    Refused(String),
    /// Nobody knows the page.
    Unreadable(String),
    /// Its bytes are not there, or are not what was kept.
    Damaged(String),
    /// Its bytes are gone because their life was over.
    Forgotten,
}

impl Said {
    /// Whether it says something that can be merged, or that there is nothing.
    pub(crate) fn is_read(&self) -> bool {
        matches!(self, Said::Docket(..) | Said::Nothing | Said::Menu(..))
    }
}

/// Whether what a page said when it came may have been merged then.
pub(crate) fn was_merged(page: &KeptPage) -> bool {
    let buyer = page.buyer.as_ref();
    // A menu whose document is not stored any more has nothing left to say.
    let is_named = page.item_key.starts_with("docket/")
        || page.item_key.starts_with("menu/")
            && buyer.is_some_and(|buyer| buyer.document.is_some());
    let has_failed = |state| matches!(state, State::Failed | State::Cancelled);
    is_named && !page.in_vain && !buyer.is_some_and(|buyer| has_failed(buyer.state))
}

/// Reads a page.
///
/// # Errors
/// When the place of the blobs is away; a page that is missing there or changed is damaged.
pub(crate) async fn read(store: &Store, court: &str, page: &KeptPage) -> Result<Said, Error> {
    if page.is_forgotten {
        return Ok(Said::Forgotten);
    }
    let bytes = match store.blobs.get(&page.sha256).await {
        Ok(bytes) => bytes,
        Err(error @ (Error::Malformed { .. } | Error::File(_))) => {
            return Ok(Said::Damaged(error.to_string()));
        }
        Err(error) => return Err(error),
    };
    Ok(understood(court, page, &bytes))
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
                (Ok(_), None) => Said::Refused(Failure::MenuWithoutDocket.to_string()),
                (Err(failure), _) => not_read(&failure),
            }
        }
        FetchKind::Pdf => Said::Refused(
            "An answer to a request for a document, which only another request can bring."
                .to_owned(),
        ),
    }
}

/// A docket, if it is of the case that it was bought as.
fn of_the_case(court: &str, page: &KeptPage, bytes: &[u8], docket: DocketPage) -> Said {
    let Some(known) = Court::by_cl_id(court) else {
        return Said::Refused(format!("There is no court {court:?}."));
    };
    let buyer = page.buyer.as_ref();
    let case = case_in_key(page)
        .or_else(|| buyer.and_then(case_id))
        .filter(|_| !known.is_appellate());
    if case.is_none() && !known.is_appellate() {
        return Said::Refused("It is not known which case was asked for.".to_owned());
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
        return Said::Refused(format!("It is the docket of another case: {other}."));
    }
    let target = DocketTarget {
        court: court.to_owned(),
        docket: buyer.and_then(|buyer| buyer.docket),
        pacer_case_id: case,
    };
    Said::Docket(target, docket)
}

fn not_read(failure: &Failure) -> Said {
    match failure.is_about_reading() {
        true => Said::Unreadable(failure.to_string()),
        false => Said::Refused(failure.to_string()),
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
