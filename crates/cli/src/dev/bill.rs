//! The court's books beside ours, line by line.

use dev_stack::simulator::Sale;
use fetch_model::Cents;
use fetch_store::ledger::LedgerLine;

use crate::table::Table;

/// Both books, and whether they agree.
pub(crate) struct Comparison {
    lines: Vec<(Option<Sale>, Option<LedgerLine>)>,
}

impl Comparison {
    /// Lays the books beside each other, each in the order of time.
    pub fn of(sales: Vec<Sale>, ledger: Vec<LedgerLine>) -> Comparison {
        let length = sales.len().max(ledger.len());
        let mut sales = sales.into_iter();
        let mut ledger = ledger.into_iter();
        let lines = (0..length).map(|_| (sales.next(), ledger.next())).collect();
        Comparison { lines }
    }

    /// Whether every charge is in our ledger as it was charged, and nothing else is.
    pub fn agrees(&self) -> bool {
        self.lines.iter().all(|(sale, line)| match (sale, line) {
            (Some(sale), Some(line)) => same(sale, line),
            _ => false,
        })
    }

    /// The table, with totals.
    pub fn told(&self) -> String {
        let mut table = Table::new();
        table.row(["", "court charged", "", "", "our ledger says", "", "", ""]);
        for (number, (sale, line)) in self.lines.iter().enumerate() {
            let mut cells = vec![(number + 1).to_string()];
            cells.extend(sale_cells(sale.as_ref()));
            cells.extend(ledger_cells(line.as_ref()));
            let agree = sale
                .as_ref()
                .zip(line.as_ref())
                .is_some_and(|(sale, line)| same(sale, line));
            cells.push(if agree { "same" } else { "DIFFERENT" }.to_owned());
            table.row(cells);
        }
        let charged: i64 = self
            .lines
            .iter()
            .filter_map(|(sale, _)| Some(sale.as_ref()?.cents))
            .sum();
        let noted: Cents = self
            .lines
            .iter()
            .filter_map(|(_, line)| line.as_ref()?.billed)
            .sum();
        table.row([
            "",
            "total",
            "",
            &money(charged),
            "total",
            "",
            &noted.to_string(),
        ]);
        table.to_string()
    }
}

/// The simulator's courts in the demo have the same id with PACER and with us.
fn same(sale: &Sale, line: &LedgerLine) -> bool {
    line.state == "captured"
        && sale.court == line.court
        && sale.client_code == line.client_code
        && line.pages.map(i64::from) == Some(sale.pages)
        && line.billed.map(|cents| i64::from(cents.0)) == Some(sale.cents)
}

fn sale_cells(sale: Option<&Sale>) -> [String; 3] {
    let Some(sale) = sale else {
        return ["nothing".into(), String::new(), String::new()];
    };
    let item = format!("{} ({})", sale.description, sale.court);
    [item, format!("{} pages", sale.pages), money(sale.cents)]
}

fn ledger_cells(line: Option<&LedgerLine>) -> [String; 3] {
    let Some(line) = line else {
        return ["nothing".into(), String::new(), String::new()];
    };
    let pages = line
        .pages
        .map_or_else(|| "?".to_owned(), |pages| format!("{pages} pages"));
    let billed = line
        .billed
        .map_or_else(|| line.state.clone(), |cents| cents.to_string());
    [format!("request {}", line.request), pages, billed]
}

fn money(cents: i64) -> String {
    Cents(i32::try_from(cents).unwrap_or(i32::MAX)).to_string()
}

#[cfg(test)]
mod tests {
    use fetch_model::{FetchId, PurchaseId, UserId};

    use super::*;

    fn sale(cents: i64) -> Sale {
        Sale {
            court: "okwd".into(),
            account: "demo".into(),
            client_code: String::new(),
            description: "Docket Report".into(),
            item: serde_json::Value::Null,
            pages: cents / 10,
            cents,
        }
    }

    fn line(cents: i32) -> LedgerLine {
        LedgerLine {
            id: PurchaseId(1),
            request: FetchId(1),
            user: UserId(1),
            court: "okwd".into(),
            item_key: "docket".into(),
            client_code: String::new(),
            state: "captured".into(),
            quoted: Cents(300),
            billed: Some(Cents(cents)),
            pages: Some(cents / 10),
            flagged: false,
            date_created: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn equal_books_agree() {
        let comparison = Comparison::of(vec![sale(30), sale(10)], vec![line(30), line(10)]);
        assert!(comparison.agrees());
        assert!(!comparison.told().contains("DIFFERENT"));
        assert!(comparison.told().contains("$0.40"));
    }

    #[test]
    fn a_charge_that_we_did_not_note_is_a_difference() {
        assert!(!Comparison::of(vec![sale(30)], vec![]).agrees());
        assert!(!Comparison::of(vec![], vec![line(30)]).agrees());
        assert!(!Comparison::of(vec![sale(30)], vec![line(40)]).agrees());
        let open = LedgerLine {
            state: "intent".into(),
            ..line(30)
        };
        let comparison = Comparison::of(vec![sale(30)], vec![open]);
        assert!(!comparison.agrees());
        assert!(comparison.told().contains("DIFFERENT"));
    }
}
