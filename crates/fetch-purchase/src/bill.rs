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
            awaited: None,
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
        receipt: Some(receipt),
        awaited: None,
    })
}

/// The court took nothing for it.
pub(crate) fn nothing() -> Bill {
    Bill {
        cents: Cents(0),
        pages: 0,
        receipt: None,
        awaited: None,
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
        awaited: None,
    }
}

/// The same, until the readers of documents have counted the pages of it.
pub(crate) fn until_counted(item: price::Item) -> Bill {
    Bill {
        awaited: Some(item).filter(|item| item.awaited_name().is_some()),
        ..at_most(item)
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

/// No price and no number of pages is taken for more: a page that says more was misread, or is
/// broken. $10,000 are a transcript of 100,000 pages. The receipt is kept as it came.
const MOST: u32 = 1_000_000;

/// Cents or pages, as a page of the court says them, as the books can hold and add them.
pub(crate) fn to_signed(number: u32) -> i32 {
    i32::try_from(number.min(MOST)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_receipt_says_more_than_the_books_can_hold_and_add() {
        let page = |pages: &str, cost: &str| {
            format!(
                "<table><tr><th>PACER Service Center</th></tr><tr><th>Transaction Receipt</th></tr>\
                 <tr><th>Billable Pages:</th><td>{pages}</td><th>Cost:</th><td>{cost}</td></tr></table>"
            )
        };
        let usual = of_receipt(page("3", "0.30").as_bytes()).unwrap();
        assert_eq!((usual.pages, usual.cents), (3, Cents(30)));
        let broken = of_receipt(page("4294967295", "42949672.95").as_bytes()).unwrap();
        assert_eq!((broken.pages, broken.cents), (1_000_000, Cents(1_000_000)));
        // All attempts at a request together can still be summed up.
        assert!(broken.cents.0.checked_mul(100).is_some());
        // What no number holds is no receipt, and the price rules say what it cost.
        assert_eq!(of_receipt(page("99999999999", "1.00").as_bytes()), None);
    }
}
