//! Finding a case: the search form, what it finds, one case, the options of a docket.

use super::Reply;
use super::summary::{Named, named};
use super::visit::Visit;
use crate::page::appellate::{docket, search as page};
use crate::page::text_size::report_pages;
use crate::world::case::Case;
use crate::world::{Oddity, Stub};
use std::sync::Arc;

/// Cases on one list.
const MOST: usize = 100;

/// The search form.
pub(super) fn form(visit: &Visit) -> Reply {
    Reply::html(page::form(&visit.frame()))
}

/// The list of cases with a number, a range of numbers, or a party. It is sold by its text without
/// cap, even if nothing was found.
pub(super) fn table(visit: &Visit) -> Reply {
    let cases = find(visit);
    let list: Vec<&Case> = cases.iter().map(Arc::as_ref).collect();
    let html = page::table(&visit.frame(), &list);
    let pages = report_pages(html.as_bytes());
    let criteria: Vec<&str> = ["csnum1", "csnum2", "aName"]
        .iter()
        .filter_map(|name| visit.params.get(name))
        .collect();
    let receipt = visit.receipt("Search", criteria.join(" "), pages);
    visit.charge(&receipt, visit.docket_item(String::new(), None));
    Reply::html(docket::with_receipt(html, &visit.shown(&receipt)))
}

fn find(visit: &Visit) -> Vec<Arc<Case>> {
    let world = &visit.simulator.world;
    let first = visit.params.get("csnum1");
    let last = visit.params.get("csnum2").or(first);
    let name = visit.params.get("aName").map(str::to_lowercase);
    if first.is_none() && name.is_none() {
        return Vec::new();
    }
    let in_range = |stub: &&Arc<Stub>| {
        let number = number(&stub.docket_number());
        let above = first.is_none_or(|first| number >= self::number(first));
        let below = last.is_none_or(|last| number <= self::number(last));
        above && below && stub.oddity != Oddity::Sealed
    };
    let has_party = |case: &Arc<Case>| {
        let Some(name) = &name else { return true };
        case.parties
            .iter()
            .any(|party| party.name.to_lowercase().contains(name))
    };
    let stubs = world.stubs(&visit.place.court.id).iter().filter(in_range);
    stubs
        .map(|stub| world.case(stub))
        .filter(has_party)
        .take(MOST)
        .collect()
}

/// Year and serial, to be compared.
fn number(text: &str) -> Option<(u32, u32)> {
    let (year, serial) = text.split_once('-')?;
    Some((year.parse().ok()?, serial.parse().ok()?))
}

/// `CaseQuery.jsp`: one case, for nothing.
pub(super) fn case(visit: &Visit) -> Reply {
    match named(visit) {
        Some(Named::Case(stub)) if stub.oddity != Oddity::Sealed => {
            let case = visit.simulator.world.case(stub);
            Reply::html(page::case(&visit.frame(), &case))
        }
        _ => visit.message("No cases were found."),
    }
}

/// `DocketReportFilter.jsp`: the options, with what is wrong about those that were sent.
pub(super) fn options(visit: &Visit, wrong: &str) -> Reply {
    let number = match named(visit) {
        Some(Named::Case(stub)) => stub.docket_number(),
        Some(Named::Saved(page)) => page.docket_number.clone().unwrap_or_default(),
        // Whether there is such a case is said when it costs something.
        Some(Named::Nothing(number)) => number,
        None => return form(visit),
    };
    Reply::html(page::options(&visit.frame(), &number, wrong))
}
