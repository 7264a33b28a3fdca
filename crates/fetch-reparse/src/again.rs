//! The pages of a case: read, then merged in the order in which they came, in one transaction.
//!
//! Whoever merges last has the last word. So after a page that is read again all later ones of its
//! case are, and where one of those cannot be, nothing before it is touched.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::rereading::Rereading;
use fetch_control::Control;
use fetch_db::Error;
use fetch_ledger::kept::KeptPage;
use fetch_library::{content::Content, merge::MergedMenu};
use fetch_model::{CaptureId, DocketId, Failure, State, item_key::ItemKey};
use fetch_queue::EndedRequest;

use crate::{
    case::Case,
    choice::is_mendable,
    diff::{self, Changes},
    reading::{self, Found, Said, Why},
    report::{CaseReport, Finding, PageFound, RequestMended},
};

/// Captures are numbered before they are committed: one with a lower number may be seen later than
/// one with a higher. Never by so many.
const NUMBERED_AHEAD: i64 = 1000;
/// How often a case begins again that gave way to others.
const TRIES: usize = 20;
/// Of pages with so many bytes together what they say is held between looking and merging. Others are
/// read twice, so that memory does not grow with the case.
const HELD_BYTES: usize = 16 << 20;

/// A page with what it was found to be.
struct ReadPage {
    page: KeptPage,
    found: Found,
    /// What it says, if that is held.
    said: Option<Said>,
}

/// The pages of a case, read.
struct ReadCase {
    case: Case,
    pages: Vec<ReadPage>,
    /// The locks that merging takes.
    locks: BTreeSet<String>,
    held_bytes: usize,
    /// Pages may be of the case that were not known to be when it was looked up.
    has_grown: bool,
}

/// What became of an attempt at a case.
enum Attempt {
    Done(CaseReport),
    /// These came meanwhile, or turned out to be of the case.
    Missed(Vec<KeptPage>),
    /// A page is not what it was any more.
    Changed,
}

/// Reads the chosen pages of a case again, and those that came after them.
pub(crate) async fn read_again(
    control: &Control,
    case: Case,
    dry_run: bool,
) -> Result<CaseReport, Error> {
    let mut read = ReadCase::of(control, case).await?;
    let mut tries = 1;
    loop {
        match read.attempt(control, dry_run).await {
            Ok(Attempt::Done(report)) => return Ok(report),
            Ok(Attempt::Missed(pages)) => {
                for page in pages {
                    read.add(control, page).await?;
                }
                read.pages.sort_by_key(|read| read.page.id);
            }
            Ok(Attempt::Changed) => read = ReadCase::of(control, read.into_case()).await?,
            Err(error) if error.gave_way() && tries < TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

impl ReadCase {
    async fn of(control: &Control, mut case: Case) -> Result<ReadCase, Error> {
        let pages = std::mem::take(&mut case.pages);
        let mut read = ReadCase {
            case,
            pages: Vec::with_capacity(pages.len()),
            locks: BTreeSet::new(),
            held_bytes: 0,
            has_grown: false,
        };
        for page in pages {
            read.add(control, page).await?;
        }
        Ok(read)
    }

    fn into_case(self) -> Case {
        let pages = self.pages.into_iter().map(|read| read.page).collect();
        Case { pages, ..self.case }
    }

    async fn add(&mut self, control: &Control, page: KeptPage) -> Result<(), Error> {
        let (said, bytes) = reading::read(control, &self.case.court, &page).await?;
        self.locks.extend(said.locks());
        self.has_grown |= self.case.kin.add(&page);
        self.held_bytes += bytes;
        self.pages.push(ReadPage {
            page,
            found: said.found(),
            said: (self.held_bytes <= HELD_BYTES).then_some(said),
        });
        Ok(())
    }

    async fn attempt(&mut self, control: &Control, dry_run: bool) -> Result<Attempt, Error> {
        let locks: Vec<String> = self.locks.iter().cloned().collect();
        let case = &self.case;
        let mut rereading = Rereading::begin(&control.db, &case.court, &case.name, &locks).await?;
        let Some(merged) = self.merge(control, &mut rereading).await? else {
            rereading.roll_back().await?;
            return Ok(Attempt::Changed);
        };
        // Now that the dockets are ours: has anybody merged a page that we do not know?
        let missed = self.missed(&merged, &mut rereading).await?;
        if !missed.is_empty() {
            rereading.roll_back().await?;
            return Ok(Attempt::Missed(missed));
        }
        let (report, is_other) = self.end(&merged, &mut rereading).await?;
        // Older pages were merged and taken back by later ones: that nothing is different, not even a date
        // of modification, is had by not having done it.
        match dry_run || !is_other {
            true => rereading.roll_back().await?,
            false => rereading.commit().await?,
        }
        Ok(Attempt::Done(report))
    }

    /// Pages of the case that are not known, and came after the first that is.
    async fn missed(
        &mut self,
        merged: &Merged,
        rereading: &mut Rereading,
    ) -> Result<Vec<KeptPage>, Error> {
        for docket in merged.of.values() {
            let before = rereading.before(*docket);
            self.has_grown |= self.case.kin.add_docket(*docket, before);
        }
        let first = self.pages.first().map_or(0, |read| read.page.id.0);
        let after = match self.has_grown {
            true => first,
            false => (self.case.latest.0 - NUMBERED_AHEAD).max(first),
        };
        let known: HashSet<CaptureId> = self.pages.iter().map(|read| read.page.id).collect();
        let kin = &self.case.kin;
        let is_missed = |page: &KeptPage| !known.contains(&page.id) && kin.has(page);
        let missed = rereading
            .pages_after(&self.case.court, CaptureId(after), is_missed)
            .await?;
        self.has_grown = false;
        Ok(missed)
    }

    /// The first page that may be merged: none before a page that may have been merged when it came, and
    /// that cannot be read any more.
    fn first_safe(&self) -> usize {
        let is_lost = |read: &ReadPage| !read.found.is_read() && reading::may_be_merged(&read.page);
        let lost = self.pages.iter().rposition(is_lost);
        lost.map_or(0, |lost| lost + 1)
    }

    /// Merges all that may be; none if a page is not what it was found to be.
    async fn merge(
        &self,
        control: &Control,
        rereading: &mut Rereading,
    ) -> Result<Option<Merged>, Error> {
        let mut merged = Merged::default();
        for read in &self.pages[self.first_safe()..] {
            let again;
            let said = match &read.said {
                Some(said) => said,
                None if !read.found.is_read() => continue,
                None => {
                    (again, _) = reading::read(control, &self.case.court, &read.page).await?;
                    &again
                }
            };
            if said.found().is_read() != read.found.is_read() {
                return Ok(None);
            }
            merged.add(&read.page, said, rereading).await?;
        }
        Ok(Some(merged))
    }

    /// Ends what had failed on the pages, and tells what has come of all of it, and whether anything is
    /// different now.
    async fn end(
        &self,
        merged: &Merged,
        rereading: &mut Rereading,
    ) -> Result<(CaseReport, bool), Error> {
        let case = &self.case;
        let safe = self.first_safe();
        let touched = rereading.touched().await?;
        let dockets = touched
            .iter()
            .filter_map(|touched| diff::of_docket(touched, merged.listed.get(&touched.docket)));
        let dockets: Vec<_> = dockets.collect();
        let mut news = HashSet::new();
        for (page, changes) in &merged.changes {
            let docket = touched.iter().find(|it| it.docket == changes.docket);
            if docket.is_some_and(|docket| changes.last(docket)) {
                news.insert(*page);
            }
        }
        let chosen = |read: &&ReadPage| case.chosen.contains(&read.page.id);
        let mut requests = Vec::new();
        let mut is_other = !dockets.is_empty();
        for read in self.pages[safe..].iter().filter(chosen) {
            let page = read.page.id;
            if merged.nowhere.contains_key(&page) || !read.found.is_read() {
                continue;
            }
            let docket = merged.of.get(&page).copied();
            if docket.is_some() {
                let name = reading::name_now(&case.court, &read.page);
                is_other |= rereading.vouch_for(page, name.as_deref()).await?;
            }
            for request in case.ended.get(&page).into_iter().flatten() {
                let mended = mend(rereading, request, read, docket, news.contains(&page)).await?;
                requests.extend(mended);
            }
        }
        let found = self.pages.iter().enumerate().filter(|(_, it)| chosen(it));
        let found = found.map(|(index, read)| found_of(read, index < safe, merged, &news));
        let read_after = self.pages[safe..]
            .iter()
            .filter(|read| !chosen(read) && read.found.is_read());
        is_other |= !requests.is_empty();
        let report = CaseReport {
            court: case.court.clone(),
            case: case.name.clone(),
            pages: found.collect(),
            read_after: read_after.count(),
            dockets,
            requests,
        };
        Ok((report, is_other))
    }
}

/// What the pages of a case were merged into.
#[derive(Default)]
struct Merged {
    /// The docket of each page.
    of: HashMap<CaptureId, DocketId>,
    /// What each page changed.
    changes: HashMap<CaptureId, Changes>,
    /// Dockets as the last page left them.
    contents: HashMap<DocketId, Content>,
    /// Menus whose entry is not there.
    nowhere: HashMap<CaptureId, String>,
    /// By docket, the entries that its latest whole page lists and those after it.
    listed: HashMap<DocketId, HashSet<String>>,
}

impl Merged {
    async fn add(
        &mut self,
        page: &KeptPage,
        said: &Said,
        rereading: &mut Rereading,
    ) -> Result<(), Error> {
        match said {
            Said::Docket(target, report) => {
                let merged = rereading.merge_page(target, report).await?;
                self.note(page, merged.docket, merged.listed.clone(), rereading)
                    .await?;
                if is_whole(page) {
                    self.listed.insert(merged.docket, HashSet::new());
                }
                if let Some(listed) = self.listed.get_mut(&merged.docket) {
                    listed.extend(merged.listed);
                }
            }
            Said::Menu(document, menu) => match rereading.merge_menu(*document, menu).await? {
                MergedMenu::Merged { docket, .. } => {
                    self.note(page, docket, Vec::new(), rereading).await?;
                }
                MergedMenu::DocumentNotFound => {
                    let why = Failure::MenuWithoutDocket.to_string();
                    self.nowhere.insert(page.id, why);
                }
                MergedMenu::TooManyDocuments => {
                    let why = Failure::MenuAmbiguous.to_string();
                    self.nowhere.insert(page.id, why);
                }
            },
            Said::Nothing | Said::Not(_) => {}
        }
        Ok(())
    }

    /// Notes the docket of a page, and what the page changed in it.
    async fn note(
        &mut self,
        page: &KeptPage,
        docket: DocketId,
        listed: Vec<String>,
        rereading: &mut Rereading,
    ) -> Result<(), Error> {
        self.of.insert(page.id, docket);
        let now = rereading.content(docket).await?;
        let before = self.contents.get(&docket);
        let before = before.or_else(|| rereading.before(docket));
        let changes = Changes::of(docket, before, &now, listed);
        self.changes.insert(page.id, changes);
        self.contents.insert(docket, now);
        Ok(())
    }
}

/// Whether a page lists all entries of its docket, and not those of some days or numbers.
fn is_whole(page: &KeptPage) -> bool {
    ItemKey::read(&page.item_key).is_of_all_entries()
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
    let docket = docket.filter(|_| matches!(read.found, Found::Docket));
    let nothing = matches!(read.found, Found::Nothing);
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
    news: &HashSet<CaptureId>,
) -> PageFound {
    let id = read.page.id;
    let (finding, why) = match &read.found {
        Found::Not(Why::Refused(why)) => (Finding::Refused, why.clone()),
        Found::Not(Why::Unreadable(why)) => (Finding::Unreadable, why.clone()),
        Found::Not(Why::Damaged(why)) => (Finding::Damaged, why.clone()),
        _ if is_before_a_lost_one => (
            Finding::Left,
            "A later page of the case cannot be read again, and its data would be overwritten."
                .to_owned(),
        ),
        _ => match merged.nowhere.get(&id) {
            Some(why) => (Finding::Refused, why.clone()),
            None if news.contains(&id) => (Finding::Changed, String::new()),
            None => (Finding::Unchanged, String::new()),
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
