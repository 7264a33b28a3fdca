//! `SearchClaims.pl` and `ClaimsActRpt.pl`: registers of claims, in which nobody claims
//! anything. Bankruptcy courts only; billed, as empty reports are.

use axum::http::Method;
use chrono::Utc;

use super::fields::Fields;
use super::mishap::status_reply;
use super::reply::Reply;
use super::sale::charge;
use super::token::{PageToken, WILDCARD};
use super::visit::Call;
use crate::ledger::{Item, PAGE_CENTS};
use crate::page::notice::{self, Notice};
use crate::page::receipt::{Moment, Receipt};
use crate::session::Visitor;
use crate::world::Stub;

/// Answers a request to either script.
pub(super) async fn answer(call: Call, description: &str) -> Reply {
    if !call.place.court.is_bankruptcy() {
        return status_reply(404);
    }
    let visitor = match call.searcher() {
        Ok(visitor) => visitor,
        Err(reply) => return reply,
    };
    if call.request.method() != Method::POST {
        return form(&call);
    }
    // As observed in Indiana Southern.
    let activity = call.path.ends_with("ClaimsActRpt.pl");
    if activity && call.place.court.id == "insb" && call.query == WILDCARD {
        return status_reply(500);
    }
    if !matches!(call.simulator.tokens.read(&call.query), PageToken::First) {
        return call.notice(&Notice::NoSuchPageId);
    }
    let fields = Fields::read(call.request).await.unwrap_or_default();
    let refuse = |notice: Notice| Reply::html(notice::page(&call.place, notice.text()));
    let number_given = fields
        .raw("case_num")
        .is_some_and(|number| !number.is_empty());
    let Some(case_id) = fields.get("all_case_ids").filter(|_| number_given) else {
        return refuse(Notice::IncompleteRequest);
    };
    let court = &call.place.court;
    let stub = case_id
        .parse()
        .ok()
        .and_then(|id| call.simulator.world.stub(&court.id, id));
    let Some(stub) = stub else {
        return refuse(Notice::CaseNotFound);
    };
    let receipt = receipt(visitor, stub, description);
    let item = Item::Claims {
        pacer_case_id: case_id.to_owned(),
        docket_number: stub.docket_number(),
        filters: fields.filters(),
    };
    charge(&call.simulator, &court.id, &receipt, item);
    Reply::html(call.place.page(&format!(
        "<h3>No claims found for this case using selection criteria entered</h3><hr>{}",
        receipt.table(Moment::Sold, Utc::now(), court.zone)
    )))
}

fn receipt(visitor: Visitor, stub: &Stub, description: &str) -> Receipt {
    Receipt {
        login: visitor.login,
        client_code: visitor.client_code,
        description: description.to_owned(),
        criteria: stub.docket_number(),
        pages: 1,
        cents: PAGE_CENTS,
    }
}

fn form(call: &Call) -> Reply {
    let token = call.simulator.tokens.form();
    let path = &call.path;
    Reply::html(call.place.page(&format!(
        "<form enctype=\"multipart/form-data\" method=\"POST\" action=\"..{path}?{token}\">\n\
         <input type=\"hidden\" name=\"all_case_ids\" value=\"\">\
         <p>Case number <input type=\"text\" name=\"case_num\"></p>\
         <p><input type=\"submit\" name=\"button1\" value=\"Run Report\"></p></form>"
    )))
}
