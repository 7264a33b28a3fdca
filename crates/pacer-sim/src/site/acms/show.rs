//! The pages of a court: the way in, the frame of a docket, and the docket that fills it.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};

use super::{Call, Guest, Reply, charge, saml, status_reply};
use crate::Simulator;
use crate::ledger::{Item, PAGE_CENTS};
use crate::page::acms as page;
use crate::page::acms::model::{self, View};
use crate::page::receipt::Receipt;
use crate::site::acms::sites::Site;
use crate::world::Stub;

/// Answers a request for a page.
pub(super) fn answer(call: &Call, court: &'static str) -> Reply {
    if call.path == saml::CONSUMER {
        return match call.is(&Method::POST) {
            true => saml::consume(call, court),
            false => status_reply(405),
        };
    }
    // The front page takes a form without fields as well, and sends it the same way.
    let may_ask = call.is(&Method::GET) || (call.path == "/" && call.is(&Method::POST));
    if !may_ask {
        return status_reply(405);
    }
    let Some(guest) = call.guest() else {
        return saml::ask(call, court);
    };
    let site = call.address.of(Site::ShowDoc(court));
    match call.path.as_str() {
        "/" => Reply::html(page::front()),
        "/Home/IndexContent" => index(call, court, &guest),
        path => match call.simulator.world.acms_stub_by_number(court, &path[1..]) {
            Some(stub) => Reply::html(page::frame(&site, &stub.docket_number())),
            None => not_found(),
        },
    }
}

fn not_found() -> Reply {
    Reply::html(page::not_found()).with_status(StatusCode::NOT_FOUND)
}

/// The docket, which is charged when it is shown. What is sealed shows nothing, for nothing.
fn index(call: &Call, court: &'static str, guest: &Guest) -> Reply {
    let world = &call.simulator.world;
    let named = call.param("caseIdentifier").unwrap_or_default();
    // It is not known which of the two is asked.
    let stub = world
        .acms_stub(court, &named)
        .or_else(|| world.acms_stub_by_number(court, &named));
    let Some(stub) = stub else {
        return not_found();
    };
    let case = world.case(stub);
    let view = View { world, case: &case };
    let receipt = sell_docket(&call.simulator, guest, &view);
    let base = format!("{}/api/", call.address.of(Site::Services(court)));
    let model = model::show_doc(&view, &base, &guest.session.bearer);
    let shown = receipt.map(|receipt| page::receipt(call.court(court), &receipt));
    Reply::html(page::index(&view, &model, shown.as_deref()))
}

/// Charges a docket by the bytes that it says it has; nothing if the case is sealed.
pub(super) fn sell_docket(
    simulator: &Simulator,
    guest: &Guest,
    view: &View<'_>,
) -> Option<Receipt> {
    let stub = &view.case.stub;
    let pages = view.billable_pages()?;
    let receipt = receipt(guest, "Docket Report", stub.docket_number(), pages);
    let item = Item::Docket {
        pacer_case_id: case_id(simulator, stub),
        docket_number: Some(stub.docket_number()),
        filters: BTreeMap::new(),
    };
    charge(simulator, &stub.court, &receipt, item);
    Some(receipt)
}

/// What so many pages cost somebody.
pub(super) fn receipt(guest: &Guest, description: &str, criteria: String, pages: u32) -> Receipt {
    Receipt {
        login: guest.visitor.login.clone(),
        client_code: guest.visitor.client_code.clone(),
        description: description.to_owned(),
        criteria,
        pages,
        cents: pages * PAGE_CENTS,
    }
}

/// The GUID under which the ledger keeps a case.
pub(super) fn case_id(simulator: &Simulator, stub: &Stub) -> String {
    simulator.world.acms_case_id(stub).unwrap_or_default()
}
