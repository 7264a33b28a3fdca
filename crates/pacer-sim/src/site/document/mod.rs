//! `doc1/`: menus, price pages, documents, and the ways to be refused one.

mod find;
mod free_look;
mod sale;
mod temp;

use std::sync::Arc;

use axum::http::Method;
use chrono::Utc;

use super::fields::Fields;
use super::mishap::status_reply;
use super::reply::Reply;
use super::visit::Call;
use crate::Simulator;
use crate::account::Receipts;
use crate::page::notice::{self, Notice};
use crate::page::{Place, menu};
use crate::session::Visitor;
use crate::world::Found;
use crate::world::case::{Fate, Refusal};
pub(super) use find::{document_link, show_case_doc, show_doc};
pub(super) use temp::show_temp;

/// Answers a request for the document with this id.
pub(super) async fn answer(call: Call, id: &str) -> Reply {
    let visitor = call.searcher();
    let price_again = call.price_again;
    let asked = match Asked::read(call.request, &call.query).await {
        Some(asked) => Asked {
            got_receipt: asked.got_receipt && !price_again,
            ..asked
        },
        None => return Reply::html(notice::page(&call.place, Notice::IncompleteRequest.text())),
    };
    let window = Window {
        simulator: call.simulator,
        place: call.place,
    };
    let id = id.to_owned();
    // Painting a scan takes a moment, and nobody else should wait for it.
    tokio::task::spawn_blocking(move || window.serve(&id, &asked, visitor))
        .await
        .expect("serving a document does not panic")
}

/// What a request for a document says besides its id.
#[derive(Default)]
struct Asked {
    case_id: Option<String>,
    seq: Option<String>,
    /// The price was seen: this is the purchase.
    got_receipt: bool,
    /// No stamp is wanted.
    unstamped: bool,
    /// The menu is not wanted.
    past_menu: bool,
    /// Magic number of a free look.
    magic: Option<String>,
    /// The free look is wanted without asking.
    use_magic: bool,
}

impl Asked {
    async fn read(request: axum::extract::Request, query: &str) -> Option<Asked> {
        if request.method() != Method::POST {
            return Some(Asked::of_query(query));
        }
        let fields = Fields::read(request).await?;
        let value = |name| fields.get(name).map(str::to_owned);
        Some(Asked {
            case_id: value("caseid"),
            seq: value("de_seq_num"),
            got_receipt: fields.get("got_receipt") == Some("1"),
            unstamped: fields.get("pdf_header") == Some("2"),
            past_menu: value("hdr").is_some(),
            magic: value("magic_num"),
            // Who posts has seen a page that asked.
            use_magic: true,
        })
    }

    fn of_query(query: &str) -> Asked {
        let mut asked = Asked::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = Some(value.into_owned()).filter(|value| !value.is_empty());
            match name.as_ref() {
                "caseid" => asked.case_id = value,
                "de_seq_num" => asked.seq = value,
                "magic_num" => asked.magic = value,
                "use_magic" => asked.use_magic = value.as_deref() == Some("1"),
                _ => {}
            }
        }
        asked
    }
}

/// Where documents are asked for.
struct Window {
    simulator: Arc<Simulator>,
    place: Place,
}

impl Window {
    fn serve(self, id: &str, asked: &Asked, visitor: Result<Visitor, Reply>) -> Reply {
        if let Some(reply) = self.free_look(id, asked) {
            return reply;
        }
        let visitor = match visitor {
            Ok(visitor) => visitor,
            Err(reply) => return reply,
        };
        let counter = Counter {
            simulator: self.simulator,
            place: self.place,
            visitor,
        };
        counter.serve(id, asked)
    }

    /// The document with this id, and its flag digit.
    fn find(&self, id: &str) -> Option<(Found, char)> {
        find(&self.simulator, &self.place, id)
    }

    fn refuse(&self, phrase: &str) -> Reply {
        Reply::html(notice::page(&self.place, phrase))
    }
}

fn find(simulator: &Simulator, place: &Place, id: &str) -> Option<(Found, char)> {
    let court = &place.court;
    let digits = id.strip_prefix(court.prefix.as_str())?;
    let flag = digits
        .chars()
        .next()
        .filter(|flag| ['0', '1'].contains(flag))?;
    let serial = digits[1..].parse().ok()?;
    Some((simulator.world.document(&court.id, serial)?, flag))
}

/// Where a document is sold.
struct Counter {
    simulator: Arc<Simulator>,
    place: Place,
    visitor: Visitor,
}

impl Counter {
    fn serve(&self, id: &str, asked: &Asked) -> Reply {
        let Some((found, flag)) = find(&self.simulator, &self.place, id) else {
            return self.refuse(Refusal::EntryGone.phrase());
        };
        if let Some(phrase) = objection(&found, asked) {
            return self.refuse(&phrase);
        }
        if flag == '0' && found.entry().sheets.len() > 1 && !asked.past_menu {
            return Reply::html(menu::page(&self.place, &found, None));
        }
        if let Fate::Refused(refusal) = found.sheet().fate {
            return self.refuse(refusal.phrase());
        }
        let at_once = self.visitor.receipts == Receipts::Never || found.sheet().fate == Fate::Free;
        if asked.got_receipt || at_once {
            return self.sell(&found, asked);
        }
        Reply::html(menu::price_page(
            &self.place,
            &found,
            &self.receipt(&found),
            Utc::now(),
        ))
    }

    fn refuse(&self, phrase: &str) -> Reply {
        Reply::html(notice::page(&self.place, phrase))
    }
}

/// Why the case or the sequence number do not fit the document.
fn objection(found: &Found, asked: &Asked) -> Option<String> {
    if let Some(case_id) = &asked.case_id {
        let fits = case_id.parse().is_ok_and(|id| found.case.has_id(id));
        if !fits || found.sheet().fate == Fate::Shared {
            return Some(format!("Cannot locate the case with caseid {case_id}"));
        }
    }
    let fits = asked
        .seq
        .as_ref()
        .is_none_or(|seq| *seq == found.entry().seq.to_string());
    (!fits).then(|| Refusal::EntryGone.phrase().to_owned())
}
