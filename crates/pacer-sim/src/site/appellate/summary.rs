//! `CaseSummary.jsp`: the docket, the summary of a case, and the pages that come instead.

use bytes::Bytes;
use chrono::Utc;

use super::report::ReportRequest;
use super::visit::Visit;
use super::{Reply, confirm, notice, search};
use crate::ledger::{Item, PAGE_CENTS};
use crate::page::appellate::docket::{self, View};
use crate::page::notice::Notice;
use crate::page::receipt::{Receipt, dollars};
use crate::page::text_size::{PAGE_CAP, report_pages};
use crate::replay::ReplayPage;
use crate::world::case::Case;
use crate::world::{Oddity, Stub};

/// The case that a request names, by number or by the court's own id.
pub(super) enum Named<'a> {
    Case(&'a Stub),
    Saved(&'a ReplayPage),
    /// No case has this number or id.
    Nothing(String),
}

/// Finds the case. The number has to be written as the court writes it.
pub(super) fn named(visit: &Visit) -> Option<Named<'_>> {
    let (world, replay) = (&visit.simulator.world, &visit.simulator.replay);
    let court = &visit.place.court.id;
    if let Some(number) = visit.params.get("caseNum") {
        let stub = world
            .stubs(court)
            .iter()
            .find(|stub| stub.docket_number() == number);
        let saved = replay.by_number(court, number).map(Named::Saved);
        return saved
            .or_else(|| stub.map(|stub| Named::Case(stub)))
            .or_else(|| Some(Named::Nothing(number.to_owned())));
    }
    let id = visit
        .params
        .get("caseId")
        .or_else(|| visit.params.get("caseid"))?;
    let parsed = id.parse().ok();
    let saved = parsed.and_then(|id| replay.by_id(court, id).map(Named::Saved));
    let stub = parsed.and_then(|id| world.stub(court, id).map(|stub| Named::Case(stub)));
    saved
        .or(stub)
        .or_else(|| Some(Named::Nothing(id.to_owned())))
}

/// Answers a request for a docket or a summary.
pub(super) fn answer(visit: &Visit) -> Reply {
    let Some(named) = named(visit) else {
        return search::form(visit);
    };
    if visit.params.get("outputXML_TXT").is_some() {
        return visit.message("This report is not available as XML or text");
    }
    let full = visit.params.is_yes("fullDocketReport");
    let has_button = visit.params.get("actionType").is_some();
    // The Fifth Circuit has no summaries, and without its button no report is run.
    if (full && !has_button) || (!full && visit.place.court.id == "ca5") {
        return refresh(visit, &named);
    }
    let request = match ReportRequest::read(&visit.params) {
        Ok(request) => request,
        Err(wrong) => return search::options(visit, wrong),
    };
    match named {
        Named::Nothing(number) => not_found(visit, &number),
        Named::Saved(page) => saved(visit, page, &request),
        // It is listed, and that is all.
        Named::Case(stub) if stub.is_in_acms() => not_found(visit, &stub.docket_number()),
        Named::Case(stub) if stub.oddity == Oddity::Sealed => {
            visit.message(Notice::CaseUnderSeal.text())
        }
        Named::Case(stub) => sell(visit, &visit.simulator.world.case(stub), &request),
    }
}

fn refresh(visit: &Visit, named: &Named<'_>) -> Reply {
    let query = match named {
        Named::Case(stub) => format!("caseId={}", stub.id),
        Named::Saved(page) => format!("caseId={}", page.pacer_case_id),
        Named::Nothing(number) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("caseNum", number).finish()
        }
    };
    Reply::html(notice::refresh(&visit.place, &query))
}

/// Nothing was found, and one page is charged for that.
fn not_found(visit: &Visit, number: &str) -> Reply {
    let receipt = visit.receipt("Case Summary", number.to_owned(), 1);
    let item = visit.docket_item(String::new(), Some(number.to_owned()));
    let html = notice::not_found(&visit.frame(), number, &visit.params.asked());
    charge_and_show(visit, html, &receipt, item)
}

/// Makes the page, and charges for it unless its price is to be shown first.
fn sell(visit: &Visit, case: &Case, request: &ReportRequest) -> Reply {
    let html = page(visit, case, request);
    let pages = report_pages(html.as_bytes()).min(PAGE_CAP);
    let number = case.stub.docket_number();
    let receipt = visit.receipt(request.description(), request.criteria(&number), pages);
    let item = visit.docket_item(case.stub.id.to_string(), Some(number));
    charge_and_show(visit, html, &receipt, item)
}

fn charge_and_show(visit: &Visit, html: String, receipt: &Receipt, item: Item) -> Reply {
    if visit.wants_to_be_asked() {
        return offer(visit, receipt);
    }
    visit.charge(receipt, item);
    Reply::html(docket::with_receipt(html, &visit.shown(receipt)))
}

fn offer(visit: &Visit, receipt: &Receipt) -> Reply {
    let asked = visit.params.asked();
    Reply::html(confirm::docket_price(
        &visit.frame(),
        &asked,
        receipt,
        Utc::now(),
    ))
}

fn page(visit: &Visit, case: &Case, request: &ReportRequest) -> String {
    let view = View {
        case,
        sections: request.sections,
        entries: request.select(case),
        asked: visit.params.asked(),
        full_price: (!request.full).then(|| full_price(visit, case)),
    };
    docket::page(&visit.frame(), &view)
}

fn full_price(visit: &Visit, case: &Case) -> (u32, String) {
    let whole = page(visit, case, &ReportRequest::whole());
    let pages = report_pages(whole.as_bytes()).min(PAGE_CAP);
    (pages, dollars(pages * PAGE_CENTS))
}

/// A saved page, byte for byte. It is charged by its text, whatever its own receipt says.
fn saved(visit: &Visit, page: &ReplayPage, request: &ReportRequest) -> Reply {
    let Ok(bytes) = std::fs::read(&page.file) else {
        return visit.message("The saved page is gone");
    };
    let number = page.docket_number.clone().unwrap_or_default();
    let pages = report_pages(&bytes).min(PAGE_CAP);
    let receipt = visit.receipt(request.description(), number, pages);
    if visit.wants_to_be_asked() {
        return offer(visit, &receipt);
    }
    let item = visit.docket_item(page.pacer_case_id.to_string(), page.docket_number.clone());
    visit.charge(&receipt, item);
    Reply::saved(Bytes::from(bytes))
}
