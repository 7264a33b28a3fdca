//! `ShowDoc` and `docs1/`: menus, price pages, documents, and the ways to be refused one.

use chrono::Utc;

use super::visit::Visit;
use super::{Call, Params, Reply, confirm, free_look, notice};
use crate::account::Receipts;
use crate::page::appellate::menu::{self, Links};
use crate::world::Found;
use crate::world::case::Fate;

/// How a document is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By the link in a docket or a menu.
    Link,
    /// From the servlet, with parameters.
    Servlet,
}

/// Answers a request for `docs1/<id>`.
pub(super) async fn by_link(call: Call, id: &str) -> Reply {
    let params = Params::of_query(&call.query);
    let look = free_look::answer(&call.simulator, &call.place, &params, id);
    if let Some(reply) = look.await {
        return reply;
    }
    let asked = format!("{}?{}", call.path, call.query);
    let id = id.to_owned();
    let visit = match Visit::admit(call, params, asked.trim_end_matches('?')) {
        Ok(visit) => visit,
        Err(reply) => return reply,
    };
    tokio::task::spawn_blocking(move || show(&visit, &id, Way::Link))
        .await
        .expect("serving a document does not panic")
}

/// A document, or what stands between it and the reader.
pub(super) fn show(visit: &Visit, id: &str, way: Way) -> Reply {
    let Some((found, flag)) = find(visit, id) else {
        return Reply::html(notice::cannot_be_displayed());
    };
    if flag == '0' && found.entry().sheets.len() > 1 {
        return Reply::html(menu::page(&visit.frame(), &found, &Links::Priced));
    }
    match found.sheet().fate {
        Fate::Refused(_) => Reply::html(notice::cannot_be_displayed()),
        Fate::Restricted if visit.params.get("isWarn") != Some("yes") => warn(visit, id),
        _ if is_bought(visit, &found, way) => {
            visit.sell_document(&found);
            let stamped = visit.params.is_yes("incPdfHeader");
            Reply::pdf(visit.simulator.print(&found, stamped))
        }
        _ => price(visit, &found),
    }
}

/// The document with that id, if the case fits that may be named with it.
fn find(visit: &Visit, id: &str) -> Option<(Found, char)> {
    let court = &visit.place.court;
    let serial = visit.simulator.serial_of(&court.id, id)?;
    let flag = id.chars().nth(court.prefix.len())?;
    let found = visit.simulator.world.document(&court.id, serial)?;
    if found.case.stub.is_in_acms() {
        return None;
    }
    let fits = visit
        .params
        .get("caseId")
        .is_none_or(|case_id| case_id == found.case.stub.id.to_string());
    fits.then_some((found, flag))
}

/// True if asking is buying: with `pacer=t`, for what is free, for who wants no receipts, and by
/// link at the Eleventh Circuit.
fn is_bought(visit: &Visit, found: &Found, way: Way) -> bool {
    let asks = visit.params.get("pacer").filter(|_| !visit.price_again);
    let at_once = way == Way::Link && visit.place.court.id == "ca11";
    asks == Some("t")
        || found.sheet().fate == Fate::Free
        || visit.visitor.receipts == Receipts::Never
        || (at_once && visit.params.get("pacer").is_none() && !visit.price_again)
}

fn price(visit: &Visit, found: &Found) -> Reply {
    let mut asked = vec![
        ("servlet", "ShowDoc".to_owned()),
        ("dls_id", found.sheet().id(&visit.place.court.prefix, '1')),
        ("caseId", found.case.stub.id.to_string()),
    ];
    if visit.params.get("isWarn").is_some() {
        asked.push(("isWarn", "yes".to_owned()));
    }
    Reply::html(confirm::document_price(
        &visit.frame(),
        &asked,
        &visit.document_receipt(found),
        found.sheet().pages,
        Utc::now(),
    ))
}

/// Says that the document is restricted, and how to go on nevertheless.
fn warn(visit: &Visit, id: &str) -> Reply {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("dls_id", id);
    for name in ["caseId", "pacer", "incPdfHeader"] {
        if let Some(value) = visit.params.get(name) {
            query.append_pair(name, value);
        }
    }
    Reply::html(confirm::restricted(&visit.frame(), &query.finish()))
}
