//! What a document costs, and how it is handed over.

use super::{Asked, Counter};
use crate::Simulator;
use crate::court::Delivery;
use crate::ledger::{AUDIO_CENTS, Item, PAGE_CENTS};
use crate::page::receipt::Receipt;
use crate::page::text_size::PAGE_CAP;
use crate::page::{Place, menu};
use crate::site::reply::Reply;
use crate::site::sale::charge;
use crate::site::token::PutAside;
use crate::world::Found;
use crate::world::case::Fate;

impl Counter {
    /// What the document costs.
    pub(super) fn receipt(&self, found: &Found) -> Receipt {
        let sheet = found.sheet();
        let pages = match sheet.fate {
            Fate::Free | Fate::FreeAfterPrice => 0,
            Fate::Transcript => sheet.pages,
            _ => sheet.pages.min(PAGE_CAP),
        };
        Receipt {
            login: self.visitor.login.clone(),
            client_code: self.visitor.client_code.clone(),
            description: self.description(found),
            criteria: found.case.number_with_judges(),
            pages,
            cents: match sheet.fate {
                Fate::Audio => AUDIO_CENTS,
                _ => pages * PAGE_CENTS,
            },
        }
    }

    fn description(&self, found: &Found) -> String {
        let number = found.entry().number.unwrap_or_default();
        let attachment = found.sheet().attachment;
        match (found.sheet().fate, self.place.court.is_bankruptcy()) {
            (Fate::Audio, _) => format!("AUDIO:{number}-{attachment}"),
            (Fate::Transcript, _) => format!("TRANSCRIPT:{number}-{attachment}"),
            (_, true) => format!("Image:{number}-{attachment}"),
            (_, false) => format!("Image{number}-{attachment}"),
        }
    }

    /// Charges for the document and hands it over.
    pub(super) fn sell(&self, found: &Found, asked: &Asked) -> Reply {
        charge(
            &self.simulator,
            &self.place.court.id,
            &self.receipt(found),
            self.item(found),
        );
        // The court knows whose docket number to print only if the case was named.
        let stamped = asked.case_id.is_some() && !asked.unstamped;
        let delivery = delivery(&self.simulator, &self.place, found);
        let serial = found.sheet().serial;
        let handing = Handing {
            simulator: &self.simulator,
            place: &self.place,
            stamped,
            anonymous: false,
        };
        handing.over(found, serial, delivery)
    }

    fn item(&self, found: &Found) -> Item {
        Item::Document {
            pacer_case_id: found.case.stub.id.to_string(),
            docket_number: found.case.stub.docket_number(),
            pacer_doc_id: found.sheet().id(&self.place.court.prefix, '0'),
            document_number: found.entry().number,
            attachment_number: found.sheet().attachment,
        }
    }
}

/// How this document is delivered here.
pub(super) fn delivery(simulator: &Simulator, place: &Place, found: &Found) -> Delivery {
    match found.sheet().fate {
        Fate::Delivered(delivery) => delivery,
        Fate::Free => Delivery::Direct,
        _ => usual_delivery(simulator, place),
    }
}

fn usual_delivery(simulator: &Simulator, place: &Place) -> Delivery {
    let settings = simulator.settings.of(&place.court.id);
    settings
        .delivery
        .or(simulator.config.delivery)
        .unwrap_or_else(|| place.court.usual_delivery())
}

/// A document on its way to the reader.
pub(super) struct Handing<'a> {
    pub simulator: &'a Simulator,
    pub place: &'a Place,
    pub stamped: bool,
    /// No session is needed to fetch it.
    pub anonymous: bool,
}

impl Handing<'_> {
    /// The document itself, or a page that leads to it.
    pub fn over(&self, found: &Found, serial: u64, delivery: Delivery) -> Reply {
        if delivery == Delivery::Direct {
            return Reply::pdf(self.simulator.print(found, self.stamped));
        }
        let name = self.simulator.tokens.put_aside(PutAside {
            court: self.place.court.id.clone(),
            serial,
            stamped: self.stamped,
            anonymous: self.anonymous,
        });
        let path = format!(
            "{}/cgi-bin/show_temp.pl?file={name}&type=application/pdf",
            self.place.prefix
        );
        Reply::html(match delivery {
            Delivery::Iframe => menu::iframe_page(self.place, &path),
            _ => menu::redirect_page(self.place, &path),
        })
    }
}
