//! What was sold to whom. Assertions about money are counts of these lines.

mod csv;
mod duplicates;

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Datelike, Utc};
use serde::Serialize;

pub use duplicates::Duplicate;

/// Cents for a page.
pub const PAGE_CENTS: u32 = 10;

/// Cents for the recording of a hearing.
pub const AUDIO_CENTS: u32 = 240;

/// A quarter that comes to no more than this costs nothing.
const WAIVED_CENTS: u64 = 3000;

/// One charge.
#[derive(Debug, Clone, Serialize)]
pub struct Sale {
    /// Counted from 1.
    pub id: u64,
    /// When it was charged.
    pub time: DateTime<Utc>,
    /// Who pays.
    pub account: String,
    /// Billing label; empty without one.
    pub client_code: String,
    /// PACER id of the court.
    pub court: String,
    /// Description as on the receipt.
    pub description: String,
    /// Search criteria, or the case number, as on the receipt.
    pub criteria: String,
    /// What was sold.
    pub item: Item,
    /// Pages charged.
    pub pages: u32,
    /// Charge in cents.
    pub cents: u32,
}

/// What was sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Item {
    /// A docket report, or one of the billed pages that stand for one.
    Docket {
        /// Id of the case.
        pacer_case_id: String,
        /// Its docket number, without judges; absent for a replayed page that has none.
        docket_number: Option<String>,
        /// The fields that were sent, without empty ones.
        filters: BTreeMap<String, String>,
    },
    /// A list of history or documents.
    History {
        /// Id of the case.
        pacer_case_id: String,
        /// Its docket number, without judges.
        docket_number: String,
        /// The fields that were sent, without empty ones.
        filters: BTreeMap<String, String>,
    },
    /// A register of claims.
    Claims {
        /// Id of the case.
        pacer_case_id: String,
        /// Its docket number, without judges.
        docket_number: String,
        /// The fields that were sent, without empty ones.
        filters: BTreeMap<String, String>,
    },
    /// A document.
    Document {
        /// Id of its case.
        pacer_case_id: String,
        /// Docket number of its case.
        docket_number: String,
        /// Id with the flag digit 0, the form in which documents are compared.
        pacer_doc_id: String,
        /// Document number.
        document_number: Option<u32>,
        /// Attachment number, 0 for the main document; in a court of appeals the row of the
        /// menu, 0 without a menu.
        attachment_number: u32,
    },
}

/// What is to be sold; the ledger adds number and time.
#[derive(Debug, Clone)]
pub struct Charge {
    /// Who pays.
    pub account: String,
    /// Billing label.
    pub client_code: String,
    /// Court.
    pub court: String,
    /// Description on the receipt.
    pub description: String,
    /// Criteria on the receipt.
    pub criteria: String,
    /// What is sold.
    pub item: Item,
    /// Pages charged.
    pub pages: u32,
    /// Charge in cents.
    pub cents: u32,
}

/// What an account spent in a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuarterTotal {
    /// Who pays.
    pub account: String,
    /// For example `2026Q4`.
    pub quarter: String,
    /// Number of charges.
    pub sales: u64,
    /// Sum of the charges.
    pub cents: u64,
    /// What is due: nothing up to 30.00, everything beyond.
    pub due_cents: u64,
}

/// All charges since the start, or since the last reset.
#[derive(Debug, Default)]
pub struct Ledger {
    sales: Mutex<Vec<Sale>>,
}

impl Ledger {
    /// Writes a charge down.
    pub fn charge(&self, charge: Charge, now: DateTime<Utc>) {
        let mut sales = self.lock();
        let id = sales.len() as u64 + 1;
        sales.push(Sale {
            id,
            time: now,
            account: charge.account,
            client_code: charge.client_code,
            court: charge.court,
            description: charge.description,
            criteria: charge.criteria,
            item: charge.item,
            pages: charge.pages,
            cents: charge.cents,
        });
    }

    /// All charges, oldest first.
    pub fn sales(&self) -> Vec<Sale> {
        self.lock().clone()
    }

    /// The charges of one account, or of all.
    pub fn sales_of(&self, account: Option<&str>) -> Vec<Sale> {
        let sales = self.lock();
        let wanted = |sale: &&Sale| account.is_none_or(|account| sale.account == account);
        sales.iter().filter(wanted).cloned().collect()
    }

    /// What an account paid for more than once; empty if each item was charged exactly once.
    /// With `across_accounts` also what several accounts paid for.
    pub fn duplicates(&self, across_accounts: bool) -> Vec<Duplicate> {
        duplicates::find(&self.lock(), across_accounts)
    }

    /// The charges as a table with a heading, for spreadsheets.
    pub fn csv(&self, account: Option<&str>) -> String {
        csv::table(&self.sales_of(account))
    }

    /// Forgets all charges.
    pub fn reset(&self) {
        self.lock().clear();
    }

    /// Totals of each account and quarter.
    pub fn totals(&self) -> Vec<QuarterTotal> {
        let mut totals: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
        for sale in self.lock().iter() {
            let quarter = format!("{}Q{}", sale.time.year(), sale.time.month0() / 3 + 1);
            let total = totals.entry((sale.account.clone(), quarter)).or_default();
            total.0 += 1;
            total.1 += u64::from(sale.cents);
        }
        let total = |((account, quarter), (sales, cents))| {
            let due_cents = if cents > WAIVED_CENTS { cents } else { 0 };
            QuarterTotal {
                account,
                quarter,
                sales,
                cents,
                due_cents,
            }
        };
        totals.into_iter().map(total).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Sale>> {
        self.sales
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A docket for so much.
    pub(super) fn charge(cents: u32) -> Charge {
        let item = Item::Docket {
            pacer_case_id: "1".into(),
            docket_number: None,
            filters: BTreeMap::new(),
        };
        let text = String::new;
        Charge {
            account: "demo".into(),
            client_code: text(),
            court: text(),
            description: text(),
            criteria: text(),
            item,
            pages: cents / PAGE_CENTS,
            cents,
        }
    }

    #[test]
    fn thirty_dollars_are_waived_and_thirty_one_are_due_in_full() {
        let ledger = Ledger::default();
        ledger.charge(charge(3000), Utc::now());
        assert_eq!(ledger.totals()[0].due_cents, 0);
        ledger.charge(charge(100), Utc::now());
        assert_eq!(ledger.totals()[0].due_cents, 3100);
        assert_eq!(ledger.sales().last().unwrap().id, 2);
        ledger.reset();
        assert!(ledger.sales().is_empty());
    }
}
