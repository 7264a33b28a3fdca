//! Amounts of `pacer` in the types of the books.

use fetch_ledger::booking::Bill;
use fetch_model::Cents;

/// A bill as the books have it.
pub(crate) fn bill(bill: pacer::bill::Bill) -> Bill {
    let pacer::bill::Bill {
        cents,
        pages,
        receipt,
        awaited,
    } = bill;
    Bill {
        cents: self::cents(cents),
        pages: signed(pages),
        receipt,
        awaited,
    }
}

/// An amount as the books have it.
pub(crate) fn cents(cents: u32) -> Cents {
    Cents(signed(cents))
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All attempts at a request together can still be summed up.
    #[test]
    fn a_hundred_bills_of_the_highest_amount_can_be_added() {
        let page = "<table><tr><th>Transaction Receipt</th></tr><tr><th>Billable Pages:</th>\
                    <td>4294967295</td><th>Cost:</th><td>42949672.95</td></tr></table>";
        let highest = pacer::bill::Bill::of_receipt(page.as_bytes()).unwrap();
        assert!(bill(highest).cents.0.checked_mul(100).is_some());
    }
}
