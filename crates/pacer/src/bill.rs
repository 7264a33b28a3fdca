//! What an answer cost: by its receipt, or by the price rules if it has none.

use crate::page::answer::{Answer, asks_first, table::Billed};
use crate::page::receipt::{self, Receipt};
use crate::price::{self, Item};

/// What a court charged, or said it would charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The amount, in cents: at most a million.
    pub cents: u32,
    /// The pages billed: at most a million.
    pub pages: u32,
    /// The court's own receipt; none if the amount follows from its price rules.
    pub receipt: Option<Receipt>,
    /// The amount is the most that it can be, and is completed by this rule once the pages of what was
    /// bought are counted; none if it is complete.
    pub awaited: Option<Item>,
}

/// What is known about the charge after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Billing {
    /// Nothing was billed.
    Nothing,
    /// This much was billed.
    Bill(Bill),
    /// It is unknown whether anything was billed.
    Unknown,
}

/// No price and no number of pages is taken for more: a page that says more was misread, or is
/// broken. $10,000 are a transcript of 100,000 pages. The receipt is kept as it came.
const MOST: u32 = 1_000_000;

impl Bill {
    fn new(cents: u32, pages: u32, receipt: Option<Receipt>) -> Bill {
        Bill {
            cents: cents.min(MOST),
            pages: pages.min(MOST),
            receipt,
            awaited: None,
        }
    }

    /// The court charged nothing.
    pub fn nothing() -> Bill {
        Bill::new(0, 0, None)
    }

    /// Of a report: by its receipt, or by the price rules if it has none.
    pub fn of_report(page: &[u8]) -> Bill {
        Bill::of_receipt(page).unwrap_or_else(|| {
            let pages = price::html_pages(text_bytes(page));
            Bill::new(price::cents(Item::CaseReport, pages), pages, None)
        })
    }

    /// By the page's receipt; none if it has none, or one that does not name the price.
    pub fn of_receipt(page: &[u8]) -> Option<Bill> {
        let receipt = receipt::read(page)?;
        let (cents, pages) = receipt.cost_cents.zip(receipt.billable_pages)?;
        // An exempt account is shown the price and pays nothing.
        let cents = if receipt.is_exempt { 0 } else { cents };
        Some(Bill::new(cents, pages, Some(receipt)))
    }

    /// What an item will cost by its price page: the most that it should, where that does not say.
    pub fn of_price(receipt: &Receipt, item: Item) -> Bill {
        let cents = receipt
            .cost_cents
            .unwrap_or_else(|| Bill::at_most(item).cents);
        // An exempt account is shown the price and pays nothing.
        let cents = if receipt.is_exempt {
            0
        } else {
            cents.min(MOST)
        };
        let pages = receipt.billable_pages.unwrap_or(cents / price::PAGE_CENTS);
        Bill::new(cents, pages, Some(receipt.clone()))
    }

    /// The most that an item should cost. A transcript has no such limit, and most stay below that of
    /// other documents.
    pub fn at_most(item: Item) -> Bill {
        let cents = price::upper_bound_cents(item).unwrap_or(price::CAP_CENTS);
        Bill::new(cents, cents / price::PAGE_CENTS, None)
    }

    /// The same, until the readers of documents have counted the pages of it.
    pub fn until_counted(item: Item) -> Bill {
        Bill {
            awaited: Some(item).filter(|item| item.awaited_name().is_some()),
            ..Bill::at_most(item)
        }
    }
}

/// What an answer that is not what was asked for means for the money: its row and its receipt say. A
/// receipt is believed before a row: what the court prints is its own bill. On a page of an answer that is not billed,
/// it may be the price that the court asks for first.
pub fn billing(answer: Answer, page: &[u8]) -> Billing {
    let billed = answer.row().billed;
    let bill = Bill::of_receipt(page).filter(|_| billed != Billed::No || !asks_first(page));
    match (bill, billed) {
        (Some(bill), _) => Billing::Bill(bill),
        (None, Billed::No | Billed::ByReceipt) => Billing::Nothing,
        (None, Billed::Yes | Billed::Perhaps) => Billing::Unknown,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn page(pages: &str, cost: &str) -> String {
        format!(
            "<table><tr><th>PACER Service Center</th></tr><tr><th>Transaction Receipt</th></tr>\
             <tr><th>Billable Pages:</th><td>{pages}</td><th>Cost:</th><td>{cost}</td></tr></table>"
        )
    }

    #[test]
    fn no_receipt_says_more_than_the_books_can_hold_and_add() {
        let read = |pages, cost| Bill::of_receipt(page(pages, cost).as_bytes());
        let usual = read("3", "0.30").unwrap();
        assert_eq!((usual.pages, usual.cents), (3, 30));
        let broken = read("4294967295", "42949672.95").unwrap();
        assert_eq!((broken.pages, broken.cents), (1_000_000, 1_000_000));
        // What no number holds is no receipt, and the price rules say what it cost.
        assert_eq!(read("99999999999", "1.00"), None);
    }

    #[test]
    fn a_report_without_a_receipt_is_priced_by_its_text() {
        let report =
            |bytes: usize| Bill::of_report(format!("<b>{}</b>", "x".repeat(bytes)).as_bytes());
        assert_eq!((report(10).cents, report(10).pages), (10, 1));
        // Tags do not count.
        assert_eq!((report(4_320).cents, report(4_320).pages), (10, 1));
        assert_eq!((report(4_321).cents, report(4_321).pages), (20, 2));
        assert_eq!((report(200_000).cents, report(200_000).pages), (300, 47));
        let exempt = page("3", "0.30").replace(
            "</table>",
            "<tr><th>Exempt flag:</th><td>Exempt</td></tr></table>",
        );
        let exempt = Bill::of_report(exempt.as_bytes());
        assert_eq!((exempt.cents, exempt.pages), (0, 3));
        assert!(exempt.receipt.is_some());
    }

    #[test]
    fn a_price_that_is_not_named_is_the_most_that_the_item_can_cost() {
        let named = Receipt {
            cost_cents: Some(120),
            ..Receipt::default()
        };
        let bill = |receipt: &Receipt, item| {
            let bill = Bill::of_price(receipt, item);
            (bill.cents, bill.pages, bill.receipt.is_some())
        };
        assert_eq!(bill(&named, Item::Document), (120, 12, true));
        let counted = Receipt {
            billable_pages: Some(13),
            ..named.clone()
        };
        assert_eq!(bill(&counted, Item::Document), (120, 13, true));
        let exempt = Receipt {
            is_exempt: true,
            ..named
        };
        assert_eq!(bill(&exempt, Item::Document), (0, 0, true));
        assert_eq!(bill(&Receipt::default(), Item::Audio), (240, 24, true));
        assert_eq!(bill(&Receipt::default(), Item::Transcript), (300, 30, true));
    }

    #[test]
    fn what_waits_to_be_counted_is_booked_at_the_most() {
        let bill = Bill::until_counted(Item::Document);
        assert_eq!((bill.cents, bill.pages), (300, 30));
        assert_eq!(bill.awaited, Some(Item::Document));
        assert_eq!(Bill::until_counted(Item::Audio).awaited, None);
        assert_eq!(Bill::nothing().cents, 0);
    }

    #[test]
    fn a_receipt_is_a_bill_whatever_the_row_says() {
        let receipt = page("1", "0.10");
        let bill = Billing::Bill(Bill::of_receipt(receipt.as_bytes()).unwrap());
        for answer in Answer::ALL {
            let without = match answer.row().billed {
                Billed::No | Billed::ByReceipt => Billing::Nothing,
                Billed::Yes | Billed::Perhaps => Billing::Unknown,
            };
            assert_eq!(billing(answer, receipt.as_bytes()), bill, "{answer:?}");
            assert_eq!(billing(answer, b"<p>"), without, "{answer:?}");
        }
    }

    #[test]
    fn a_receipt_before_something_is_charged_is_no_bill_of_an_answer_without_one() {
        let asking = [
            "To accept charges shown below, click",
            "<input type=submit value='View Document'>",
            "Accept Charges and Retrieve",
            "<title>Download Confirmation</title>",
        ];
        for words in asking {
            let price = format!("{words}{}", page("1", "0.10"));
            let of_answers = |which: fn(Billed) -> bool| {
                let answers = Answer::ALL.into_iter();
                answers.filter(move |answer| which(answer.row().billed))
            };
            for answer in of_answers(|billed| billed == Billed::No) {
                assert_eq!(billing(answer, price.as_bytes()), Billing::Nothing);
            }
            // What may be billed is.
            for answer in of_answers(|billed| billed != Billed::No) {
                let billing = billing(answer, price.as_bytes());
                assert!(matches!(billing, Billing::Bill(_)), "{answer:?}");
            }
        }
    }
}
