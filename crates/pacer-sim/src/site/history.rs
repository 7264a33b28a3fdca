//! `HistDocQry.pl`: the list of a case's history or documents. Billed.

use axum::http::Method;
use chrono::Utc;

use super::fields::Fields;
use super::reply::Reply;
use super::sale::charge;
use super::visit::Call;
use crate::Simulator;
use crate::ledger::{Item, PAGE_CENTS};
use crate::page::history::{self, List};
use crate::page::notice::{self, Notice};
use crate::page::receipt::{Moment, Receipt};
use crate::page::text_size::{PAGE_CAP, report_pages};
use crate::page::{PAGE_END, Place};
use crate::session::Visitor;
use crate::world::case::{Case, Entry};
use crate::world::{Oddity, Stub};

/// Answers a request to the script: the form first, and what it was posted for.
pub(super) async fn answer(call: Call) -> Reply {
    let visitor = match call.searcher() {
        Ok(visitor) => visitor,
        Err(reply) => return reply,
    };
    if call.request.method() != Method::POST {
        return form(&call);
    }
    // Only the court's own token says which case it is, so that the wildcard is of no use.
    let Some(case_id) = call.simulator.tokens.case_of(&call.query) else {
        return call.notice(&Notice::NoSuchPageId);
    };
    let Some(busy) = call.simulator.tokens.begin(&call.query) else {
        return call.notice(&Notice::SubmittedTwice);
    };
    let Some(fields) = Fields::read(call.request).await else {
        return Reply::html(notice::page(&call.place, Notice::IncompleteRequest.text()));
    };
    let desk = Desk {
        simulator: &call.simulator,
        place: &call.place,
        visitor,
    };
    desk.serve(case_id, &fields).holding(busy)
}

fn form(call: &Call) -> Reply {
    let stub = call.query.parse().ok().and_then(|id: u64| {
        let stub = call.simulator.world.stub(&call.place.court.id, id)?;
        Some((stub, id))
    });
    match stub {
        Some((stub, _)) if stub.oddity == Oddity::Sealed => call.notice(&Notice::CaseUnderSeal),
        Some((_, id)) => {
            let token = call.simulator.tokens.case(id);
            Reply::html(history::form(&call.place, &token))
        }
        None => call.notice(&Notice::CaseNotFound),
    }
}

struct Desk<'a> {
    simulator: &'a Simulator,
    place: &'a Place,
    visitor: Visitor,
}

impl Desk<'_> {
    fn serve(&self, case_id: u64, fields: &Fields) -> Reply {
        let list = match fields.get("QueryType") {
            Some("History") => List::History,
            Some("Documents") => List::Documents,
            _ => return self.notice(&Notice::IncompleteRequest),
        };
        let Some(stub) = self.simulator.world.stub(&self.place.court.id, case_id) else {
            return self.notice(&Notice::CaseNotFound);
        };
        let case = self.simulator.world.case(stub);
        let entries = chosen(&case, list, fields.get("sort1") == Some("desc"));
        let texts = fields.get("DisplayDktText").is_some();
        let mut html = self.place.page_start();
        html += &history::content(self.place, &case, list, &entries, texts);
        let receipt = self.receipt(&case, report_pages(html.as_bytes()).min(PAGE_CAP));
        self.charge(stub, case_id, fields, &receipt);
        html += "<hr>";
        html += &receipt.table(Moment::Sold, Utc::now(), self.place.court.zone);
        html += PAGE_END;
        Reply::html(html)
    }

    fn receipt(&self, case: &Case, pages: u32) -> Receipt {
        Receipt {
            login: self.visitor.login.clone(),
            client_code: self.visitor.client_code.clone(),
            description: "History/Documents".to_owned(),
            criteria: case.number_with_judges(),
            pages,
            cents: pages * PAGE_CENTS,
        }
    }

    fn charge(&self, stub: &Stub, case_id: u64, fields: &Fields, receipt: &Receipt) {
        let item = Item::History {
            pacer_case_id: case_id.to_string(),
            docket_number: stub.docket_number(),
            filters: fields.filters(),
        };
        charge(self.simulator, &self.place.court.id, receipt, item);
    }

    fn notice(&self, notice: &Notice) -> Reply {
        Reply::html(notice::page(self.place, notice.text()))
    }
}

fn chosen(case: &Case, list: List, descending: bool) -> Vec<&Entry> {
    let wanted = |entry: &&Entry| list == List::History || entry.number.is_some();
    let mut entries: Vec<&Entry> = case.entries.iter().filter(wanted).collect();
    entries.sort_by_key(|entry| (entry.filed, entry.seq));
    if descending {
        entries.reverse();
    }
    entries
}
