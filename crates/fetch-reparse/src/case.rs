//! Which pages belong together, and which requests ended on them.

use std::collections::{HashMap, HashSet};

use fetch_control::Control;
use fetch_db::Error;
use fetch_ledger::kept::{Buyer, KeptPage};
use fetch_model::{
    CaptureId, FetchId, FetchKind,
    item_key::{self, Item, ItemKey},
};
use fetch_queue::EndedRequest;
use pacer::{
    court::Court,
    ids::{DocketNumber, PacerDocId},
};

use crate::{
    choice::Choice,
    kin::{self, Kin},
};

/// The pages of a case, dockets and menus, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Case {
    /// CourtListener's id of its court.
    pub court: String,
    /// The court's id of it, or its number where courts go by that.
    pub name: String,
    /// By what its other pages are known.
    pub kin: Kin,
    /// All of its pages from the first chosen one on.
    pub pages: Vec<KeptPage>,
    /// Those that are meant.
    pub chosen: HashSet<CaptureId>,
    /// The requests that ended on each of them.
    pub ended: HashMap<CaptureId, Vec<EndedRequest>>,
    /// The latest page of the court that was there when this was looked up.
    pub latest: CaptureId,
}

/// The cases of a court that have pages which are meant, at most as many pages as are `left`: the
/// oldest ones. The last of those comes beside them.
pub(crate) async fn of_court(
    control: &Control,
    court: &str,
    choice: &Choice,
    left: &mut usize,
) -> Result<(Vec<Case>, Option<CaptureId>), Error> {
    // Pages first: whatever ended on one of them by then is among the requests.
    let pages = match choice.capture {
        Some(capture) => kin::pages_with(control, court, capture).await?,
        None => {
            control
                .ledger
                .kept_pages(court, CaptureId(0), |_| true)
                .await?
        }
    };
    let requests = requests_of(control, court, choice, &pages).await?;
    let latest = pages.last().map_or(CaptureId(0), |page| page.id);
    let ended = by_page(court, &pages, &requests);
    let grouped = kin::grouped(court, &pages);
    let mut chosen: Vec<CaptureId> = grouped
        .iter()
        .flat_map(|pages| choice.among(court, pages, &ended))
        .filter(|page| choice.is_after(court, *page))
        .collect();
    chosen.sort_unstable();
    chosen.truncate(*left);
    *left -= chosen.len();
    let last = chosen.last().copied();
    let chosen: HashSet<CaptureId> = chosen.into_iter().collect();
    let cases = grouped.into_iter().filter_map(|pages| {
        let kin = Kin::of(court, pages.iter().copied());
        let pages: Vec<KeptPage> = pages
            .into_iter()
            .skip_while(|page| !chosen.contains(&page.id))
            .cloned()
            .collect();
        let meant = pages.iter().map(|page| page.id);
        let meant: HashSet<CaptureId> = meant.filter(|page| chosen.contains(page)).collect();
        let on = |page: &CaptureId| ended.get(page).into_iter().flatten();
        Some(Case {
            court: court.to_owned(),
            name: name_of(court, pages.first()?),
            kin,
            ended: meant
                .iter()
                .map(|page| (*page, on(page).map(|it| (*it).clone()).collect()))
                .collect(),
            pages,
            chosen: meant,
            latest,
        })
    });
    Ok((cases.collect(), last))
}

/// The requests that may have ended on one of the pages: all of the court, or for a single page those
/// that have to do with its case.
async fn requests_of(
    control: &Control,
    court: &str,
    choice: &Choice,
    pages: &[KeptPage],
) -> Result<Vec<EndedRequest>, Error> {
    if choice.capture.is_none() {
        return control.queue.ended_requests(court, |_| true).await;
    }
    let keys: HashSet<&str> = pages.iter().map(key_of).collect();
    let buyers = pages.iter().filter_map(|page| page.buyer.as_ref());
    let buyers: HashSet<FetchId> = buyers.map(|buyer| buyer.id).collect();
    let is_wanted = |request: &EndedRequest| {
        let mut own = keys_of(court, request).into_iter();
        buyers.contains(&request.id) || own.any(|key| keys.contains(key.as_str()))
    };
    control.queue.ended_requests(court, is_wanted).await
}

/// What a page was fetched as.
pub(crate) fn kind_of(page: &KeptPage) -> FetchKind {
    match (ItemKey::read(&page.item_key).item, &page.buyer) {
        (Item::Docket { .. }, _) => FetchKind::Docket,
        (Item::Menu, _) => FetchKind::Attachments,
        (Item::Document | Item::Unrecognised | Item::Unknown, Some(buyer)) => buyer.kind,
        (Item::Document | Item::Unrecognised | Item::Unknown, None) => FetchKind::Docket,
    }
}

/// What a page is, whichever case it was found to be of.
pub(crate) fn key_of(page: &KeptPage) -> &str {
    ItemKey::read(&page.item_key).name
}

/// The case that the name of a docket page has in it.
pub(crate) fn case_in_key(page: &KeptPage) -> Option<String> {
    ItemKey::read(&page.item_key).case()
}

/// What the case of a page is called, so that its other pages are found: the court's id of it, or its
/// number. A page of which that is not known stands alone.
pub(crate) fn name_of(court: &str, page: &KeptPage) -> String {
    let is_appellate = Court::by_cl_id(court).is_some_and(Court::is_appellate);
    let known = case_in_key(page).or_else(|| {
        page.buyer.as_ref().and_then(|buyer| match is_appellate {
            true => case_number(buyer),
            false => case_id(buyer),
        })
    });
    match known {
        Some(number) if is_appellate => written_out(&number),
        Some(id) => id,
        None => page.item_key.clone(),
    }
}

/// The court's id of the case that a request was about, as far as known.
pub(crate) fn case_id(buyer: &Buyer) -> Option<String> {
    let asked = Some(&buyer.pacer_case_id).filter(|id| !id.is_empty());
    asked
        .or(buyer.found_case_id.as_ref())
        .or(buyer.stored_case_id.as_ref())
        .cloned()
}

pub(crate) fn case_number(buyer: &Buyer) -> Option<String> {
    let stored = buyer.stored_number.as_ref().filter(|it| !it.is_empty());
    let asked = Some(&buyer.docket_number).filter(|number| !number.is_empty());
    stored.or(asked).cloned()
}

/// A number in the one spelling that is compared.
pub(crate) fn written_out(number: &str) -> String {
    DocketNumber::parse(number).map_or_else(|_| number.to_owned(), |number| number.for_lookup())
}

/// The requests that ended on each page: on the latest that they brought home themselves, or else on
/// the one that would do for them when they ran, whoever had brought that home.
fn by_page<'a>(
    court: &str,
    pages: &[KeptPage],
    requests: &'a [EndedRequest],
) -> HashMap<CaptureId, Vec<&'a EndedRequest>> {
    let mut own = HashMap::new();
    let mut of_key: HashMap<&str, Vec<&KeptPage>> = HashMap::new();
    for page in pages.iter().filter(|page| !page.is_forgotten) {
        if let Some(buyer) = &page.buyer {
            own.insert(buyer.id, page.id);
        }
        of_key.entry(key_of(page)).or_default().push(page);
    }
    let mut ended: HashMap<CaptureId, Vec<&EndedRequest>> = HashMap::new();
    for request in requests {
        let shared = || {
            let keys = keys_of(court, request);
            let pages = keys
                .iter()
                .filter_map(|key| of_key.get(key.as_str()))
                .flatten();
            let at_hand = pages.filter(|page| {
                request.begins_at <= page.date_created
                    && page.date_created <= request.date_completed
            });
            at_hand.map(|page| page.id).max()
        };
        if let Some(page) = own.get(&request.id).copied().or_else(shared) {
            ended.entry(page).or_default().push(request);
        }
    }
    ended
}

/// What pages are called that would do for a request.
fn keys_of(court: &str, request: &EndedRequest) -> Vec<String> {
    let is_appellate = Court::by_cl_id(court).is_some_and(Court::is_appellate);
    match request.kind {
        FetchKind::Docket if is_appellate => {
            let numbers = request
                .numbers
                .iter()
                .filter_map(|number| DocketNumber::parse(number).ok());
            numbers
                .map(|number| item_key::docket(court, number.as_str(), &request.options))
                .collect()
        }
        FetchKind::Docket => {
            let cases = request.case_ids.iter();
            cases
                .map(|case| item_key::docket(court, case, &request.options))
                .collect()
        }
        FetchKind::Attachments => {
            let document = PacerDocId::parse(&request.pacer_doc_id).ok();
            document
                .iter()
                .map(|document| item_key::menu(court, document))
                .collect()
        }
        FetchKind::Pdf => Vec::new(),
    }
}
