//! Receipts and the ledger.

use chrono::Utc;

use super::charge;
use super::visit::Visit;
use crate::account::Receipts;
use crate::ledger::{Item, PAGE_CENTS};
use crate::page::appellate as page;
use crate::page::receipt::Receipt;
use crate::page::text_size::PAGE_CAP;
use crate::world::Found;
use crate::world::case::Fate;

impl Visit {
    /// What so many pages cost this visitor.
    pub fn receipt(&self, description: &str, criteria: String, pages: u32) -> Receipt {
        Receipt {
            login: self.visitor.login.clone(),
            client_code: self.visitor.client_code.clone(),
            description: description.to_owned(),
            criteria,
            pages,
            cents: pages * PAGE_CENTS,
        }
    }

    /// True if a docket must not be sold yet, since its price has to be shown first.
    pub fn wants_to_be_asked(&self) -> bool {
        self.visitor.receipts == Receipts::Always && self.params.get("confirmCharge").is_none()
    }

    /// Writes a sale down; what is free is no sale.
    pub fn charge(&self, receipt: &Receipt, item: Item) {
        charge(&self.simulator, &self.place.court.id, receipt, item);
    }

    /// The receipt as the page shows it.
    pub fn shown(&self, receipt: &Receipt) -> String {
        page::receipt(&self.place, receipt, Utc::now())
    }

    /// What was asked for, as the ledger keeps it.
    pub fn docket_item(&self, pacer_case_id: String, docket_number: Option<String>) -> Item {
        let of_the_case = ["servlet", "caseNum", "caseId", "actionType"];
        let filters = self.params.asked().into_iter().filter(|(name, value)| {
            !of_the_case.contains(&name.as_str()) && !value.trim().is_empty()
        });
        Item::Docket {
            pacer_case_id,
            docket_number,
            filters: filters.collect(),
        }
    }

    /// What a document costs.
    pub fn document_receipt(&self, found: &Found) -> Receipt {
        let pages = match found.sheet().fate {
            Fate::Free => 0,
            _ => found.sheet().pages.min(PAGE_CAP),
        };
        let criteria = format!(
            "Case: {}, Document: {}",
            found.case.stub.docket_number(),
            self.simulator.appellate_number(found)
        );
        self.receipt("PDF Document", criteria, pages)
    }

    /// Sells a document.
    pub fn sell_document(&self, found: &Found) {
        let item = Item::Document {
            pacer_case_id: found.case.stub.id.to_string(),
            docket_number: found.case.stub.docket_number(),
            pacer_doc_id: found.sheet().id(&self.place.court.prefix, '0'),
            document_number: found.entry().number,
            attachment_number: found.sheet().attachment,
        };
        self.charge(&self.document_receipt(found), item);
    }
}
