//! Which pages are of one case: under one name, or of one docket. A case may have pages under several
//! names, as each defendant has an id, and an appeal may be shown under the number of another one.

use std::collections::{BTreeMap, HashMap, HashSet};

use fetch_control::Control;
use fetch_db::Error;
use fetch_ledger::kept::{Buyer, KeptPage};
use fetch_library::content::{Content, Part};
use fetch_model::{CaptureId, DocketId};
use pacer::court::Court;

use crate::case::{name_of, written_out};

/// By what pages of a case are known.
#[derive(Debug, Clone)]
pub(crate) struct Kin {
    court: String,
    names: HashSet<String>,
    dockets: HashSet<DocketId>,
}

impl Kin {
    pub(crate) fn of<'a>(court: &str, pages: impl IntoIterator<Item = &'a KeptPage>) -> Kin {
        let mut kin = Kin {
            court: court.to_owned(),
            names: HashSet::new(),
            dockets: HashSet::new(),
        };
        for page in pages {
            kin.add(page);
        }
        kin
    }

    /// Whether a page is of the case.
    pub(crate) fn has(&self, page: &KeptPage) -> bool {
        self.names.contains(&name_of(&self.court, page))
            || docket_of(page).is_some_and(|docket| self.dockets.contains(&docket))
            || stored_name(&self.court, page).is_some_and(|name| self.names.contains(&name))
    }

    /// Adds a page to the case, and tells whether others may be known by it now.
    pub(crate) fn add(&mut self, page: &KeptPage) -> bool {
        let mut grows = self.names.insert(name_of(&self.court, page));
        if let Some(docket) = docket_of(page) {
            grows |= self.dockets.insert(docket);
        }
        if let Some(name) = stored_name(&self.court, page) {
            grows |= self.names.insert(name);
        }
        grows
    }

    /// Adds the docket that a page turned out to be of, as it was before, and tells whether pages may
    /// be known by it that were not.
    pub(crate) fn add_docket(&mut self, docket: DocketId, before: Option<&Content>) -> bool {
        let is_new = self.dockets.insert(docket);
        let Some(before) = before.filter(|_| is_new) else {
            // One that was made has no pages but these.
            return false;
        };
        let own = before.0.iter().find(|row| row.part == Part::Docket);
        let field = match is_appellate(&self.court) {
            true => "docket_number_raw",
            false => "pacer_case_id",
        };
        let name = own.and_then(|row| row.fields.get(field)?.as_str());
        match name.filter(|name| !name.is_empty()) {
            Some(name) if is_appellate(&self.court) => self.names.insert(written_out(name)),
            Some(name) => self.names.insert(name.to_owned()),
            None => true,
        }
    }
}

/// All pages of the case of a page, from that on.
pub(crate) async fn pages_with(
    control: &Control,
    court: &str,
    capture: CaptureId,
) -> Result<Vec<KeptPage>, Error> {
    let own = control
        .ledger
        .kept_pages(court, capture, |page| page.id == capture)
        .await?;
    let mut kin = Kin::of(court, &own);
    loop {
        let pages = control
            .ledger
            .kept_pages(court, capture, |page| kin.has(page))
            .await?;
        let mut grows = false;
        for page in &pages {
            grows |= kin.add(page);
        }
        if !grows {
            return Ok(pages);
        }
    }
}

/// The pages of a court, case by case: the case whose first page is the oldest comes first.
pub(crate) fn grouped<'a>(court: &str, pages: &'a [KeptPage]) -> Vec<Vec<&'a KeptPage>> {
    let mut groups = Groups::default();
    let mut first = Vec::with_capacity(pages.len());
    for page in pages {
        let own = groups.of(Node::Name(name_of(court, page)));
        let others = docket_of(page).map(Node::Docket).into_iter();
        for other in others.chain(stored_name(court, page).map(Node::Name)) {
            let other = groups.of(other);
            groups.join(own, other);
        }
        first.push(own);
    }
    let mut cases: BTreeMap<usize, Vec<&KeptPage>> = BTreeMap::new();
    for (page, node) in pages.iter().zip(first) {
        cases.entry(groups.root(node)).or_default().push(page);
    }
    let mut cases: Vec<_> = cases.into_values().collect();
    cases.sort_by_key(|pages| pages.first().map(|page| page.id));
    cases
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Node {
    Name(String),
    Docket(DocketId),
}

/// Sets that are joined.
#[derive(Debug, Default)]
struct Groups {
    nodes: HashMap<Node, usize>,
    parents: Vec<usize>,
}

impl Groups {
    fn of(&mut self, node: Node) -> usize {
        let next = self.parents.len();
        let known = *self.nodes.entry(node).or_insert(next);
        if known == next {
            self.parents.push(next);
        }
        known
    }

    fn root(&mut self, mut node: usize) -> usize {
        while self.parents[node] != node {
            self.parents[node] = self.parents[self.parents[node]];
            node = self.parents[node];
        }
        node
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.parents[other] = one;
    }
}

fn is_appellate(court: &str) -> bool {
    Court::by_cl_id(court).is_some_and(Court::is_appellate)
}

fn docket_of(page: &KeptPage) -> Option<DocketId> {
    page.buyer.as_ref()?.docket
}

/// The name that the docket of a page has.
fn stored_name(court: &str, page: &KeptPage) -> Option<String> {
    let Buyer {
        stored_case_id,
        stored_number,
        ..
    } = page.buyer.as_ref()?;
    match is_appellate(court) {
        true => {
            let number = stored_number.as_ref().filter(|number| !number.is_empty());
            number.map(|number| written_out(number))
        }
        false => stored_case_id.clone().filter(|id| !id.is_empty()),
    }
}
