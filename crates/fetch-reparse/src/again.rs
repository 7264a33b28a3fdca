//! The pages of a case: read, then merged in the order in which they came, in one transaction.
//!
//! Whoever merges last has the last word. So after a page that is read again all later ones of its
//! case are, and where one of those cannot be, nothing before it is touched.

use std::collections::{HashMap, HashSet};

use fetch_model::{CaptureId, DocketId, Failure, State};
use fetch_store::{
    Error, Store,
    merge::MergedMenu,
    reread::{EndedRequest, KeptPage, Rereading},
};

use crate::{
    case::{Case, key_of, name_of},
    choice::is_mendable,
    diff,
    reading::{self, Said},
    report::{CaseReport, Finding, PageFound, RequestMended},
};

/// Captures are numbered before they are committed: one with a lower number may be seen later than
/// one with a higher. Never by so many.
const NUMBERED_AHEAD: i64 = 1000;

/// A page with what it says.
struct ReadPage {
    page: KeptPage,
    said: Said,
}

/// Reads the chosen pages of a case again, and those that came after them.
pub(crate) async fn read_again(
    store: &Store,
    case: &Case,
    dry_run: bool,
) -> Result<CaseReport, Error> {
    let mut pages = Vec::new();
    for page in &case.pages {
        pages.push(read(store, &case.court, page.clone()).await?);
    }
    loop {
        let mut rereading = store.begin_rereading(&case.court, &case.name).await?;
        let report = merge(case, &pages, &mut rereading).await?;
        // Now that the docket is ours: has anybody merged a page that we do not know?
        let later = later_pages(case, &pages, &mut rereading).await?;
        if later.is_empty() {
            match dry_run {
                true => rereading.roll_back().await?,
                false => rereading.commit().await?,
            }
            return Ok(report);
        }
        rereading.roll_back().await?;
        for page in later {
            pages.push(read(store, &case.court, page).await?);
        }
        pages.sort_by_key(|read| read.page.id);
    }
}

async fn read(store: &Store, court: &str, page: KeptPage) -> Result<ReadPage, Error> {
    let said = reading::read(store, court, &page).await?;
    Ok(ReadPage { page, said })
}

async fn later_pages(
    case: &Case,
    pages: &[ReadPage],
    rereading: &mut Rereading,
) -> Result<Vec<KeptPage>, Error> {
    let first = pages.first().map_or(0, |read| read.page.id.0);
    let known: HashSet<CaptureId> = pages.iter().map(|read| read.page.id).collect();
    let after = CaptureId((case.latest.0 - NUMBERED_AHEAD).max(first));
    let mut later = rereading.pages_after(&case.court, after).await?;
    later.retain(|page| !known.contains(&page.id) && name_of(&case.court, page) == case.name);
    Ok(later)
}

/// Merges all that may be, and ends what had failed on it.
async fn merge(
    case: &Case,
    pages: &[ReadPage],
    rereading: &mut Rereading,
) -> Result<CaseReport, Error> {
    let safe = first_safe(pages);
    let mut merged = Merged::default();
    for read in &pages[safe..] {
        merged.add(read, rereading).await?;
    }
    let mut dockets = Vec::new();
    for touched in rereading.touched().await? {
        dockets.extend(diff::of_docket(
            &touched,
            merged.listed.get(&touched.docket),
        ));
    }
    let changed: HashSet<DocketId> = dockets.iter().map(|diff| diff.docket).collect();
    let chosen = |read: &&ReadPage| case.chosen.contains(&read.page.id);
    let mut requests = Vec::new();
    for read in pages[safe..].iter().filter(chosen) {
        if merged.nowhere.contains_key(&read.page.id) || !read.said.is_read() {
            continue;
        }
        let docket = merged.of.get(&read.page.id).copied();
        if docket.is_some() {
            rereading.vouch_for(read.page.id).await?;
        }
        let says_more = docket.is_some_and(|docket| changed.contains(&docket));
        for request in case.ended.get(&read.page.id).into_iter().flatten() {
            let mended = mend(rereading, request, read, docket, says_more).await?;
            requests.extend(mended);
        }
    }
    let found = pages.iter().enumerate().filter(|(_, read)| chosen(read));
    let found = found.map(|(index, read)| found_of(read, index < safe, &merged, &changed));
    let read_after = pages[safe..]
        .iter()
        .filter(|read| !chosen(read) && read.said.is_read());
    Ok(CaseReport {
        court: case.court.clone(),
        case: case.name.clone(),
        pages: found.collect(),
        read_after: read_after.count(),
        dockets,
        requests,
    })
}

/// The first page that may be merged: none before a page that was merged when it came, and that cannot
/// be read any more.
fn first_safe(pages: &[ReadPage]) -> usize {
    let is_lost = |read: &ReadPage| !read.said.is_read() && reading::was_merged(&read.page);
    pages.iter().rposition(is_lost).map_or(0, |lost| lost + 1)
}

/// What the pages of a case were merged into.
#[derive(Default)]
struct Merged {
    /// The docket of each page.
    of: HashMap<CaptureId, DocketId>,
    /// Menus whose entry is not there.
    nowhere: HashMap<CaptureId, String>,
    /// By docket, the entries that its latest whole page lists and those after it.
    listed: HashMap<DocketId, HashSet<String>>,
}

impl Merged {
    async fn add(&mut self, read: &ReadPage, rereading: &mut Rereading) -> Result<(), Error> {
        match &read.said {
            Said::Docket(target, page) => {
                let merged = rereading.merge_page(target, page).await?;
                self.of.insert(read.page.id, merged.docket);
                if is_whole(&read.page) {
                    self.listed.insert(merged.docket, HashSet::new());
                }
                if let Some(listed) = self.listed.get_mut(&merged.docket) {
                    listed.extend(merged.listed);
                }
            }
            Said::Menu(document, menu) => match rereading.merge_menu(*document, menu).await? {
                MergedMenu::Merged { docket, .. } => {
                    self.of.insert(read.page.id, docket);
                }
                MergedMenu::DocumentNotFound => {
                    let why = Failure::MenuWithoutDocket.to_string();
                    self.nowhere.insert(read.page.id, why);
                }
                MergedMenu::TooManyDocuments => {
                    let why = Failure::MenuAmbiguous.to_string();
                    self.nowhere.insert(read.page.id, why);
                }
            },
            Said::Nothing
            | Said::Refused(_)
            | Said::Unreadable(_)
            | Said::Damaged(_)
            | Said::Forgotten => {}
        }
        Ok(())
    }
}

/// Whether a page lists all entries of its docket, and not those of some days or numbers.
fn is_whole(page: &KeptPage) -> bool {
    key_of(page).contains("/dates=..;numbers=..;")
}

/// Ends a request that had failed on the page, or tells one that was done with less.
async fn mend(
    rereading: &mut Rereading,
    request: &EndedRequest,
    read: &ReadPage,
    docket: Option<DocketId>,
    says_more: bool,
) -> Result<Option<RequestMended>, Error> {
    // A menu belongs to a document: its request names no docket.
    let docket = docket.filter(|_| matches!(read.said, Said::Docket(..)));
    let nothing = matches!(read.said, Said::Nothing);
    let had_failed = request.state == State::Failed;
    let message = match had_failed {
        true if is_mendable(request) => {
            rereading
                .end_as_done(
                    request.id,
                    request.fence,
                    docket.or(request.docket),
                    nothing,
                )
                .await?
        }
        false if says_more => rereading.tell_read_again(request.id, docket).await?,
        _ => None,
    };
    Ok(message.map(|message| RequestMended {
        request: request.id,
        had_failed,
        message,
    }))
}

fn found_of(
    read: &ReadPage,
    is_before_a_lost_one: bool,
    merged: &Merged,
    changed: &HashSet<DocketId>,
) -> PageFound {
    let id = read.page.id;
    let (finding, why) = match &read.said {
        Said::Refused(why) => (Finding::Refused, why.clone()),
        Said::Unreadable(why) => (Finding::Unreadable, why.clone()),
        Said::Damaged(why) => (Finding::Damaged, why.clone()),
        _ if is_before_a_lost_one => (
            Finding::Left,
            "A page of the case that came later cannot be read again, and would be overwritten."
                .to_owned(),
        ),
        _ => match (merged.nowhere.get(&id), merged.of.get(&id)) {
            (Some(why), _) => (Finding::Refused, why.clone()),
            (None, Some(docket)) if changed.contains(docket) => (Finding::Changed, String::new()),
            (None, _) => (Finding::Unchanged, String::new()),
        },
    };
    PageFound {
        capture: id,
        item: read.page.item_key.clone(),
        request: read.page.buyer.as_ref().map(|buyer| buyer.id),
        finding,
        why,
    }
}
