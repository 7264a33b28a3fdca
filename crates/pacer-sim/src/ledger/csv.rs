//! The ledger for spreadsheets.

use std::fmt::Write;

use super::{Item, Sale};

const HEADING: &str = "id,time,account,client_code,court,description,criteria,kind,pacer_case_id,\
                       docket_number,pacer_doc_id,pages,cents\r\n";

pub(super) fn table(sales: &[Sale]) -> String {
    let mut table = HEADING.to_owned();
    for sale in sales {
        row(&mut table, sale);
    }
    table
}

fn row(table: &mut String, sale: &Sale) {
    let (kind, case_id, number, document) = of_item(&sale.item);
    let texts = [
        &sale.account,
        &sale.client_code,
        &sale.court,
        &sale.description,
        &sale.criteria,
        kind,
        case_id,
        number,
        document,
    ];
    write!(table, "{},{}", sale.id, sale.time.to_rfc3339()).expect("memory takes everything");
    for text in texts {
        table.push(',');
        table.push_str(&quoted(text));
    }
    write!(table, ",{},{}\r\n", sale.pages, sale.cents).expect("memory takes everything");
}

fn of_item(item: &Item) -> (&str, &str, &str, &str) {
    match item {
        Item::Docket {
            pacer_case_id,
            docket_number,
            ..
        } => (
            "docket",
            pacer_case_id,
            docket_number.as_deref().unwrap_or_default(),
            "",
        ),
        Item::History {
            pacer_case_id,
            docket_number,
            ..
        } => ("history", pacer_case_id, docket_number, ""),
        Item::Claims {
            pacer_case_id,
            docket_number,
            ..
        } => ("claims", pacer_case_id, docket_number, ""),
        Item::Document {
            pacer_case_id,
            docket_number,
            pacer_doc_id,
            ..
        } => ("document", pacer_case_id, docket_number, pacer_doc_id),
    }
}

/// Quoted where it must be, and never a formula.
fn quoted(text: &str) -> String {
    let text = match text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::quoted;
    use crate::ledger::{Ledger, tests::charge};

    #[test]
    fn a_sale_is_a_line_below_the_heading() {
        let ledger = Ledger::default();
        ledger.charge(charge(20), Utc::now());
        let csv = ledger.csv(None);
        let line = csv.lines().nth(1).unwrap();
        assert!(line.starts_with("1,") && line.ends_with(",2,20"), "{line}");
        assert_eq!(csv.lines().count(), 2);
        assert_eq!(ledger.csv(Some("nobody")).lines().count(), 1);
        let columns = |line: &str| line.split(',').count();
        assert_eq!(columns(csv.lines().next().unwrap()), columns(line));
    }

    #[test]
    fn commas_and_quotation_marks_stay_within_their_cell() {
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("=1+1"), "'=1+1");
    }
}
