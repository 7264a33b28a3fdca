//! What a page says that it cost.

use fetch_model::Cents;
use fetch_store::ledger::Bill;
use pacer::{page::receipt, price};

/// By the page's receipt, or by the price rules if it has none.
pub(crate) fn of_report(page: &[u8]) -> Bill {
    of_receipt(page).unwrap_or_else(|| {
        let pages = price::html_pages(text_bytes(page));
        Bill {
            cents: Cents(to_signed(price::cents(price::Item::CaseReport, pages))),
            pages: to_signed(pages),
            receipt: None,
        }
    })
}

/// By the page's receipt; none if it has none, or one that does not name the price.
pub(crate) fn of_receipt(page: &[u8]) -> Option<Bill> {
    let receipt = receipt::read(page)?;
    let (cents, pages) = receipt.cost_cents.zip(receipt.billable_pages)?;
    // An exempt account is shown the price and pays nothing.
    let cents = if receipt.is_exempt { 0 } else { cents };
    Some(Bill {
        cents: Cents(to_signed(cents)),
        pages: to_signed(pages),
        receipt: serde_json::to_value(receipt).ok(),
    })
}

/// The court took nothing for it.
pub(crate) fn nothing() -> Bill {
    Bill {
        cents: Cents(0),
        pages: 0,
        receipt: None,
    }
}

/// The most that an item should cost. A transcript has no such limit, and most stay below that of
/// other documents.
pub(crate) fn at_most(item: price::Item) -> Bill {
    let cents = price::upper_bound_cents(item).unwrap_or(price::CAP_CENTS);
    Bill {
        cents: Cents(to_signed(cents)),
        pages: to_signed(cents / price::PAGE_CENTS),
        receipt: None,
    }
}

/// Bytes of a page outside of its tags: what PACER counts.
fn text_bytes(page: &[u8]) -> u64 {
    let mut inside = false;
    let mut bytes = 0;
    for byte in page {
        match byte {
            b'<' => inside = true,
            b'>' => inside = false,
            _ if !inside => bytes += 1,
            _ => {}
        }
    }
    bytes
}

pub(crate) fn to_signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
