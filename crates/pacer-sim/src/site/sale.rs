//! Writing a sale down.

use chrono::Utc;

use crate::Simulator;
use crate::ledger::{Charge, Item};
use crate::page::receipt::Receipt;

/// Charges what the receipt says; what is free is no sale.
pub(super) fn charge(simulator: &Simulator, court: &str, receipt: &Receipt, item: Item) {
    if receipt.cents == 0 {
        return;
    }
    let charge = Charge {
        account: receipt.login.clone(),
        client_code: receipt.client_code.clone(),
        court: court.to_owned(),
        description: receipt.description.clone(),
        criteria: receipt.criteria.clone(),
        item,
        pages: receipt.pages,
        cents: receipt.cents,
    };
    simulator.ledger.charge(charge, Utc::now());
}
