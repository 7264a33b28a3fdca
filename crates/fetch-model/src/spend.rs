//! What was spent, by quarter and client code, in the shape of PACER's own statement.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::{Cents, FetchId, PurchaseId};

/// A quarter of a calendar year, in which PACER bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Quarter {
    year: i32,
    /// 0 to 3.
    index: u32,
}

/// A text that names no quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Quarters are written like 2026Q4.")]
pub struct NoQuarter;

impl Quarter {
    /// The quarter that a day lies in.
    #[must_use]
    pub fn of(day: NaiveDate) -> Quarter {
        Quarter {
            year: day.year(),
            index: day.month0() / 3,
        }
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.index * 3 + 1, 1)
            .expect("the years of a quarter are four digits, and its months are there")
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}Q{}", self.year, self.index + 1)
    }
}

impl FromStr for Quarter {
    type Err = NoQuarter;

    fn from_str(text: &str) -> Result<Quarter, NoQuarter> {
        let (year, number) = text.split_once(['Q', 'q']).ok_or(NoQuarter)?;
        let digits = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        let index = match number {
            "1" => 0,
            "2" => 1,
            "3" => 2,
            "4" => 3,
            _ => return Err(NoQuarter),
        };
        let year = year.parse().ok().filter(|_| digits).ok_or(NoQuarter)?;
        Ok(Quarter { year, index })
    }
}

/// Whether a purchase was charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Money {
    /// Under way: it is not known yet.
    UnderWay,
    /// Billed.
    Billed,
    /// The answer was lost: it may have been billed.
    Doubt,
}

impl Money {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Money::UnderWay => "under way",
            Money::Billed => "billed",
            Money::Doubt => "in doubt",
        }
    }
}

/// A purchase, as a statement has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the ledger.
    pub purchase: PurchaseId,
    /// The request that it was made for.
    pub request: FetchId,
    /// The name of the user whose request it was.
    pub user: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// The quarter that it is billed in.
    pub quarter: Quarter,
    /// PACER's billing label; empty if there is none.
    pub client_code: String,
    /// The court (CourtListener's id).
    pub court: String,
    /// What was bought.
    pub item: String,
    /// The pages billed, once known.
    pub pages: Option<i32>,
    /// What it cost, or what it may have cost.
    pub cents: Cents,
    /// What became of the money.
    pub money: Money,
    /// Bought although an earlier attempt may have been billed.
    pub flagged: bool,
}

/// What one client code came to in a quarter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Total {
    /// Purchases, those in doubt and under way included.
    pub purchases: u64,
    /// Pages billed.
    pub pages: i64,
    /// Billed.
    pub billed: Cents,
    /// Perhaps billed beside it.
    pub in_doubt: Cents,
    /// The most that purchases under way will come to.
    pub under_way: Cents,
}

impl Total {
    fn add(&mut self, line: &Line) {
        self.purchases += 1;
        self.pages += i64::from(line.pages.unwrap_or(0));
        let sum = match line.money {
            Money::Billed => &mut self.billed,
            Money::Doubt => &mut self.in_doubt,
            Money::UnderWay => &mut self.under_way,
        };
        *sum = Cents(sum.0.saturating_add(line.cents.0));
    }
}

/// Totals by quarter and client code, in that order.
#[must_use]
pub fn totals(lines: &[Line]) -> BTreeMap<(Quarter, String), Total> {
    let mut totals: BTreeMap<_, Total> = BTreeMap::new();
    for line in lines {
        let key = (line.quarter, line.client_code.clone());
        totals.entry(key).or_default().add(line);
    }
    totals
}

const HEADING: [&str; 13] = [
    "row",
    "quarter",
    "date",
    "client_code",
    "court",
    "item",
    "pages",
    "cost",
    "money",
    "flagged",
    "purchase",
    "request",
    "user",
];

/// The statement for spreadsheets: a row for each purchase, then one for each quarter and client
/// code with what was billed for it. The first column tells them apart. Amounts are in dollars.
///
/// No cell is a formula, whatever a client code looks like.
#[must_use]
pub fn csv(lines: &[Line]) -> String {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let mut write = |cells: [String; 13]| {
        let cells = cells.map(|cell| harmless(&cell));
        table
            .write_record(&cells)
            .expect("memory takes every row of the same length");
    };
    write(HEADING.map(str::to_owned));
    for line in lines {
        write([
            "purchase".to_owned(),
            line.quarter.to_string(),
            line.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            line.client_code.clone(),
            line.court.clone(),
            line.item.clone(),
            line.pages
                .map(|pages| pages.to_string())
                .unwrap_or_default(),
            dollars(line.cents),
            line.money.as_str().to_owned(),
            if line.flagged { "yes" } else { "no" }.to_owned(),
            line.purchase.to_string(),
            line.request.to_string(),
            line.user.clone(),
        ]);
    }
    for ((quarter, client_code), total) in totals(lines) {
        let mut cells = HEADING.map(|_| String::new());
        cells[0] = "total".to_owned();
        cells[1] = quarter.to_string();
        cells[3] = client_code;
        cells[6] = total.pages.to_string();
        cells[7] = dollars(total.billed);
        cells[8] = Money::Billed.as_str().to_owned();
        write(cells);
    }
    let bytes = table.into_inner().expect("memory can be flushed");
    String::from_utf8(bytes).expect("what was written is text")
}

fn dollars(cents: Cents) -> String {
    cents.to_string().replace('$', "")
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front. Amounts are
/// never negative, so no number looks like one.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(client_code: &str, cents: i32, money: Money) -> Line {
        Line {
            purchase: PurchaseId(7),
            request: FetchId(9),
            user: "ann".into(),
            at: "2026-11-28T12:00:00Z".parse().unwrap(),
            quarter: "2026Q4".parse().unwrap(),
            client_code: client_code.into(),
            court: "okwd".into(),
            item: "doc/okwd/14901000010".into(),
            pages: Some(cents / 10),
            cents: Cents(cents),
            money,
            flagged: false,
        }
    }

    #[test]
    fn quarters_are_read_as_they_are_written() {
        for text in ["2026Q1", "2026Q4", "1999Q3"] {
            assert_eq!(text.parse::<Quarter>().unwrap().to_string(), text);
        }
        for text in [
            "", "2026", "2026Q5", "2026Q0", "26Q1", "2026Q11", "+026Q1", "2026-Q1",
        ] {
            assert_eq!(text.parse::<Quarter>(), Err(NoQuarter), "{text}");
        }
        let day = NaiveDate::from_ymd_opt(2026, 9, 30).unwrap();
        assert_eq!(Quarter::of(day).to_string(), "2026Q3");
        assert_eq!(Quarter::of(day).first_day().to_string(), "2026-07-01");
    }

    #[test]
    fn totals_keep_what_is_billed_apart_from_what_is_in_doubt() {
        let lines = [
            line("a", 60, Money::Billed),
            line("b", 300, Money::Billed),
            line("a", 10, Money::Billed),
            line("a", 300, Money::Doubt),
        ];
        let totals = totals(&lines);
        let of = |code: &str| &totals[&("2026Q4".parse().unwrap(), code.to_owned())];
        assert_eq!((of("a").billed, of("a").in_doubt), (Cents(70), Cents(300)));
        assert_eq!((of("a").purchases, of("b").billed), (3, Cents(300)));
    }

    #[test]
    fn a_client_code_cannot_be_a_formula() {
        let lines = [
            line("=HYPERLINK(\"http://example.org\")", 60, Money::Billed),
            line("@SUM(1)", 10, Money::Doubt),
        ];
        let csv = csv(&lines);
        let rows: Vec<&str> = csv.split_terminator("\r\n").collect();
        assert_eq!(rows.len(), 1 + 2 + 2);
        assert_eq!(
            rows[1],
            "purchase,2026Q4,2026-11-28T12:00:00Z,\"'=HYPERLINK(\"\"http://example.org\"\")\",okwd,\
             doc/okwd/14901000010,6,0.60,billed,no,7,9,ann"
        );
        assert!(rows[2].contains(",'@SUM(1),"), "{}", rows[2]);
        assert!(
            rows[3].starts_with("total,2026Q4,,\"'=HYPERLINK"),
            "{}",
            rows[3]
        );
        // What is in doubt is in no total of what is billed.
        assert!(rows[4].contains(",0.00,billed,"), "{}", rows[4]);
    }
}
