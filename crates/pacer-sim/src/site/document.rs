//! `doc1/`: menus, price pages, documents, and the ways to be refused one.

use std::sync::Arc;

use axum::http::Method;
use chrono::Utc;

use super::fields::Fields;
use super::mishap::status_reply;
use super::reply::Reply;
use super::token::PutAside;
use super::visit::Call;
use crate::Simulator;
use crate::account::Receipts;
use crate::court::Delivery;
use crate::ledger::{Charge, Item, PAGE_CENTS};
use crate::page::notice::{self, Notice};
use crate::page::receipt::Receipt;
use crate::page::text_size::PAGE_CAP;
use crate::page::{Place, menu};
use crate::session::Visitor;
use crate::world::Found;
use crate::world::case::{Fate, Refusal};

/// Answers a request for the document with this id.
pub(super) async fn answer(call: Call, id: &str) -> Reply {
    let visitor = match call.searcher() {
        Ok(visitor) => visitor,
        Err(reply) => return reply,
    };
    let asked = match Asked::read(call.request, &call.query).await {
        Some(asked) => Asked {
            got_receipt: asked.got_receipt && !call.price_again,
            ..asked
        },
        None => return Reply::html(notice::page(&call.place, Notice::IncompleteRequest.text())),
    };
    let counter = Counter {
        simulator: call.simulator,
        place: call.place,
        visitor,
    };
    let id = id.to_owned();
    // Painting a scan takes a moment, and nobody else should wait for it.
    tokio::task::spawn_blocking(move || counter.serve(&id, &asked))
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
}

impl Asked {
    async fn read(request: axum::extract::Request, query: &str) -> Option<Asked> {
        if request.method() != Method::POST {
            let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect();
            let value = |name: &str| {
                pairs
                    .iter()
                    .find(|(key, _)| key == name)
                    .map(|(_, value)| value.clone())
            };
            return Some(Asked {
                case_id: value("caseid"),
                seq: value("de_seq_num"),
                ..Asked::default()
            });
        }
        let fields = Fields::read(request).await?;
        let value = |name| fields.get(name).map(str::to_owned);
        Some(Asked {
            case_id: value("caseid"),
            seq: value("de_seq_num"),
            got_receipt: fields.get("got_receipt") == Some("1"),
            unstamped: fields.get("pdf_header") == Some("2"),
            past_menu: value("hdr").is_some(),
        })
    }
}

struct Counter {
    simulator: Arc<Simulator>,
    place: Place,
    visitor: Visitor,
}

impl Counter {
    fn serve(&self, id: &str, asked: &Asked) -> Reply {
        let court = &self.place.court;
        let Some(digits) = id
            .strip_prefix(court.prefix.as_str())
            .filter(|digits| digits.len() > 1)
        else {
            return self.refuse(Refusal::EntryGone.phrase());
        };
        let (flag, serial) = digits.split_at(1);
        let found = serial
            .parse()
            .ok()
            .and_then(|serial| self.simulator.world.document(&court.id, serial));
        let Some(found) = found.filter(|_| matches!(flag, "0" | "1")) else {
            return self.refuse(Refusal::EntryGone.phrase());
        };
        if let Some(phrase) = objection(&found, asked) {
            return self.refuse(&phrase);
        }
        if flag == "0" && found.entry().sheets.len() > 1 && !asked.past_menu {
            return Reply::html(menu::page(&self.place, &found));
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

    fn receipt(&self, found: &Found) -> Receipt {
        let sheet = found.sheet();
        let pages = match sheet.fate {
            Fate::Free => 0,
            Fate::Transcript => sheet.pages,
            _ => sheet.pages.min(PAGE_CAP),
        };
        Receipt {
            login: self.visitor.login.clone(),
            client_code: self.visitor.client_code.clone(),
            description: self.description(found),
            criteria: found.case.number_with_judges(),
            pages,
            cents: pages * PAGE_CENTS,
        }
    }

    fn description(&self, found: &Found) -> String {
        let number = found.entry().number.unwrap_or_default();
        let attachment = found.sheet().attachment;
        match (found.sheet().fate, self.place.court.is_bankruptcy()) {
            (Fate::Transcript, _) => format!("TRANSCRIPT:{number}-{attachment}"),
            (_, true) => format!("Image:{number}-{attachment}"),
            (_, false) => format!("Image{number}-{attachment}"),
        }
    }

    fn sell(&self, found: &Found, asked: &Asked) -> Reply {
        self.charge(found, self.receipt(found));
        // The court knows whose docket number to print only if the case was named.
        let stamped = asked.case_id.is_some() && !asked.unstamped;
        let court = &self.place.court;
        let delivery = match found.sheet().fate {
            Fate::Delivered(delivery) => delivery,
            Fate::Free => Delivery::Direct,
            _ => self.usual_delivery(),
        };
        if delivery == Delivery::Direct {
            return Reply::pdf(self.simulator.print(found, stamped));
        }
        let aside = PutAside {
            court: court.id.clone(),
            serial: found.sheet().serial,
            stamped,
        };
        let name = self.simulator.tokens.put_aside(aside);
        let path = format!(
            "{}/cgi-bin/show_temp.pl?file={name}&type=application/pdf",
            self.place.prefix
        );
        Reply::html(match delivery {
            Delivery::Iframe => menu::iframe_page(&self.place, &path),
            _ => menu::redirect_page(&self.place, &path),
        })
    }

    fn usual_delivery(&self) -> Delivery {
        let court = &self.place.court;
        let settings = self.simulator.settings.of(&court.id);
        settings
            .delivery
            .or(self.simulator.config.delivery)
            .unwrap_or_else(|| court.usual_delivery())
    }

    /// Writes the sale down; what is free is no sale.
    fn charge(&self, found: &Found, receipt: Receipt) {
        if receipt.cents == 0 {
            return;
        }
        let item = Item::Document {
            pacer_case_id: found.case.stub.id.to_string(),
            docket_number: found.case.stub.docket_number(),
            pacer_doc_id: found.sheet().id(&self.place.court.prefix, '0'),
            document_number: found.entry().number,
            attachment_number: found.sheet().attachment,
        };
        let charge = Charge {
            account: receipt.login,
            client_code: receipt.client_code,
            court: self.place.court.id.clone(),
            description: receipt.description,
            criteria: receipt.criteria,
            item,
            pages: receipt.pages,
            cents: receipt.cents,
        };
        self.simulator.ledger.charge(charge, Utc::now());
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

/// `show_case_doc?<number>,<case id>,<attachment>,,`: where a document is. District only.
pub(super) fn show_case_doc(call: &Call) -> Reply {
    if call.place.court.is_bankruptcy() {
        return status_reply(404);
    }
    if let Err(reply) = call.searcher() {
        return reply;
    }
    match location(call) {
        Some(location) => Reply::found(location),
        None => call.notice(&Notice::NoSuchDocument),
    }
}

fn location(call: &Call) -> Option<String> {
    let query = call.query.replace("%2C", ",").replace("%2c", ",");
    let parts: Vec<&str> = query.split(',').collect();
    let number: u32 = parts.first()?.parse().ok()?;
    let case_id: u64 = parts.get(1)?.parse().ok()?;
    let attachment = match parts.get(2) {
        None | Some(&"") => None,
        Some(text) => Some(text.parse::<usize>().ok()?),
    };
    let case = call
        .simulator
        .world
        .case(call.simulator.world.stub(&call.place.court.id, case_id)?);
    let entry = case
        .entries
        .iter()
        .find(|entry| entry.number == Some(number))?;
    let sheet = entry.sheets.get(attachment.unwrap_or(0))?;
    let flag = if attachment.is_some() { '1' } else { '0' };
    let id = sheet.id(&call.place.court.prefix, flag);
    Some(format!(
        "{}/doc1/{id}?caseid={case_id}&de_seq_num={}",
        call.place.base, entry.seq
    ))
}

/// `show_temp.pl?file=<name>`: a document that was paid for.
pub(super) async fn show_temp(call: Call) -> Reply {
    if let Err(reply) = call.searcher() {
        return reply;
    }
    let pairs: Vec<_> = url::form_urlencoded::parse(call.query.as_bytes()).collect();
    let name = pairs
        .iter()
        .find(|(key, _)| key == "file")
        .map(|(_, name)| name.to_string());
    let aside = name.and_then(|name| call.simulator.tokens.fetch(&name));
    let Some(aside) = aside.filter(|aside| aside.court == call.place.court.id) else {
        return status_reply(404);
    };
    let simulator = call.simulator.clone();
    let print = move || {
        let found = simulator.world.document(&aside.court, aside.serial)?;
        Some(simulator.print(&found, aside.stamped))
    };
    match tokio::task::spawn_blocking(print)
        .await
        .expect("printing does not panic")
    {
        Some(pdf) => Reply::pdf(pdf),
        None => status_reply(404),
    }
}
