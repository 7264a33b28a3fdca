//! `ShowDocMulti`: several documents of a case at once, as one file.

use chrono::Utc;

use super::visit::Visit;
use super::{Reply, confirm, notice};
use crate::account::Receipts;
use crate::page::receipt::Receipt;
use crate::world::Found;
use crate::world::case::Fate;

/// Answers a request for the documents of entries (`d`), or for some of them (`dls`).
pub(super) fn answer(visit: &Visit) -> Reply {
    let found = find(visit);
    if found.is_empty() {
        return Reply::html(notice::cannot_be_displayed());
    }
    let asks = visit.params.get("pacer");
    if (asks != Some("t") || visit.price_again) && visit.visitor.receipts != Receipts::Never {
        return price(visit, &found);
    }
    for found in &found {
        visit.sell_document(found);
    }
    let stamped = visit.params.is_yes("incPdfHeader");
    Reply::pdf(visit.simulator.print_together(&found, stamped))
}

/// The documents that the public may see, in the order asked.
fn find(visit: &Visit) -> Vec<Found> {
    let court = &visit.place.court.id;
    let chosen = numbers(visit, "dls");
    let mut documents = Vec::new();
    for seq in numbers(visit, "d") {
        // The sequence number of an entry is the serial of its first document.
        let Some(entry) = visit.simulator.world.document(court, seq) else {
            continue;
        };
        if entry.case.stub.is_in_acms() {
            continue;
        }
        let open = entry.entry().sheets.iter().filter(|sheet| {
            !matches!(sheet.fate, Fate::Refused(_) | Fate::Restricted)
                && (chosen.is_empty() || chosen.contains(&sheet.serial))
        });
        documents
            .extend(open.filter_map(|sheet| visit.simulator.world.document(court, sheet.serial)));
    }
    documents
}

/// Numbers separated by commas, or in several parameters.
fn numbers(visit: &Visit, name: &str) -> Vec<u64> {
    let values = visit.params.all(name).flat_map(|value| value.split(','));
    values
        .filter_map(|value| value.trim().parse().ok())
        .collect()
}

fn price(visit: &Visit, found: &[Found]) -> Reply {
    let join = |name| {
        let numbers: Vec<String> = numbers(visit, name).iter().map(u64::to_string).collect();
        (name, numbers.join(","))
    };
    let asked = [
        ("servlet", "ShowDocMulti".to_owned()),
        join("d"),
        join("dls"),
        ("outputType", "doc".to_owned()),
    ];
    let receipts: Vec<Receipt> = found
        .iter()
        .map(|found| visit.document_receipt(found))
        .collect();
    let pages = receipts.iter().map(|receipt| receipt.pages).sum();
    let criteria = match found {
        [] => String::new(),
        [first, ..] => format!(
            "Case: {}, Multiple Documents",
            first.case.stub.docket_number()
        ),
    };
    let together = visit.receipt("PDF Document", criteria, pages);
    // The cap is that of each document, so there is no word about it here.
    Reply::html(confirm::document_price(
        &visit.frame(),
        &asked,
        &together,
        0,
        Utc::now(),
    ))
}
