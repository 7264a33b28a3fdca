//! The ledger for spreadsheets.

use csv::{Terminator, Writer, WriterBuilder};

use super::{Item, Sale};

const HEADING: [&str; 13] = [
    "id",
    "time",
    "account",
    "client_code",
    "court",
    "description",
    "criteria",
    "kind",
    "pacer_case_id",
    "docket_number",
    "pacer_doc_id",
    "pages",
    "cents",
];

pub(super) fn table(sales: &[Sale]) -> String {
    let mut table = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    let written = write(&mut table, sales).and_then(|()| Ok(table.flush()?));
    let bytes = written.ok().and_then(|()| table.into_inner().ok());
    String::from_utf8(bytes.expect("memory takes everything")).expect("texts are made of texts")
}

fn write(table: &mut Writer<Vec<u8>>, sales: &[Sale]) -> csv::Result<()> {
    table.write_record(HEADING)?;
    for sale in sales {
        let (kind, case_id, number, document) = of_item(&sale.item);
        table.write_record([
            sale.id.to_string(),
            sale.time.to_rfc3339(),
            harmless(&sale.account),
            harmless(&sale.client_code),
            harmless(&sale.court),
            harmless(&sale.description),
            harmless(&sale.criteria),
            harmless(kind),
            harmless(case_id),
            harmless(number),
            harmless(document),
            sale.pages.to_string(),
            sale.cents.to_string(),
        ])?;
    }
    Ok(())
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

/// Never a formula.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::table;
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
        let ledger = Ledger::default();
        ledger.charge(charge(20), Utc::now());
        let mut sales = ledger.sales();
        sales[0].client_code = "a, \"b\"".to_owned();
        sales[0].description = "=1+1".to_owned();
        let line = table(&sales);
        let line = line.lines().nth(1).unwrap();
        assert!(line.contains(",\"a, \"\"b\"\"\","), "{line}");
        assert!(line.contains(",'=1+1,"), "{line}");
    }
}
