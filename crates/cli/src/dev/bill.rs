//! The court's books beside ours, line by line.

use dev_stack::simulator::Sale;
use fetch_ledger::purchases::LedgerLine;
use fetch_model::Cents;

use crate::table::Table;

/// Both books, and whether they agree.
pub(crate) struct Comparison {
    rows: Vec<Row>,
}

/// A charge of the court, a line of our ledger, or both where they belong together.
struct Row {
    sale: Option<Sale>,
    line: Option<LedgerLine>,
}

impl Comparison {
    /// Lays the books beside each other, each in the order of time. A line that says that nothing
    /// was charged, such as that of an attachment menu, stands alone.
    pub fn of(sales: Vec<Sale>, ledger: Vec<LedgerLine>) -> Comparison {
        let mut sales = sales.into_iter();
        let mut rows: Vec<Row> = ledger
            .into_iter()
            .map(|line| Row {
                sale: if charges(&line) { sales.next() } else { None },
                line: Some(line),
            })
            .collect();
        rows.extend(sales.map(|sale| Row {
            sale: Some(sale),
            line: None,
        }));
        Comparison { rows }
    }

    /// Whether every charge is in our ledger as it was charged, and every line of it says what the
    /// court did.
    pub fn agrees(&self) -> bool {
        self.rows.iter().all(Row::agrees)
    }

    /// The table, with totals.
    pub fn told(&self) -> String {
        let mut table = Table::new();
        table.row(["", "court charged", "", "", "our ledger says", "", "", ""]);
        for (number, row) in self.rows.iter().enumerate() {
            let mut cells = vec![(number + 1).to_string()];
            cells.extend(sale_cells(row.sale.as_ref()));
            cells.extend(ledger_cells(row.line.as_ref()));
            cells.push(if row.agrees() { "same" } else { "DIFFERENT" }.to_owned());
            table.row(cells);
        }
        let sales = self.rows.iter().filter_map(|row| row.sale.as_ref());
        let charged: i64 = sales.map(|sale| sale.cents).sum();
        let lines = self.rows.iter().filter_map(|row| row.line.as_ref());
        let noted: Cents = lines.filter_map(|line| line.billed).sum();
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

impl Row {
    fn agrees(&self) -> bool {
        match (&self.sale, &self.line) {
            (Some(sale), Some(line)) => same(sale, line),
            (None, Some(line)) => !charges(line),
            _ => false,
        }
    }
}

/// Whether a line says that the court charged, or may have.
fn charges(line: &LedgerLine) -> bool {
    let was_free = line.state == "captured" && line.billed == Some(Cents(0));
    line.state != "void" && !was_free
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
    [item, in_pages(sale.pages), money(sale.cents)]
}

fn in_pages(count: i64) -> String {
    match count {
        1 => "1 page".to_owned(),
        count => format!("{count} pages"),
    }
}

fn ledger_cells(line: Option<&LedgerLine>) -> [String; 3] {
    let Some(line) = line else {
        return ["nothing".into(), String::new(), String::new()];
    };
    let pages = match line.pages {
        Some(pages) => in_pages(pages.into()),
        None if line.state == "void" => String::new(),
        None => "?".to_owned(),
    };
    let billed = match line.billed {
        Some(cents) => cents.to_string(),
        None if line.state == "void" => "not charged".to_owned(),
        None => line.state.clone(),
    };
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

    #[test]
    fn an_intent_that_was_not_charged_is_no_difference() {
        let void = LedgerLine {
            state: "void".into(),
            billed: None,
            pages: None,
            ..line(0)
        };
        let free = line(0);
        let ledger = vec![line(30), void.clone(), free, line(10)];
        let comparison = Comparison::of(vec![sale(30), sale(10)], ledger);
        assert!(comparison.agrees(), "{}", comparison.told());
        assert!(comparison.told().contains("not charged"));
        // But a charge for what we say was not charged is one.
        assert!(!Comparison::of(vec![sale(30)], vec![void]).agrees());
    }

    #[test]
    fn what_is_open_or_in_doubt_is_a_difference_even_without_a_charge() {
        for state in ["intent", "doubt"] {
            let open = LedgerLine {
                state: state.into(),
                billed: None,
                pages: None,
                ..line(30)
            };
            assert!(!Comparison::of(vec![], vec![open]).agrees());
        }
    }
}
