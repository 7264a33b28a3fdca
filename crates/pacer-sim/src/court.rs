//! The courts there are: host label, software, clock and document-id prefix.
//!
//! Read from the table of courts that ships with the project, which is data and not code, and the only
//! thing that the programs under test read too (docs/SIMULATOR.md, "What it shares").

use std::collections::HashMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

const TABLE: &str = include_str!("../../pacer/data/courts.json");

/// Which CM/ECF a court runs, of those that are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CourtKind {
    /// District software.
    District,
    /// Bankruptcy software.
    Bankruptcy,
    /// Appellate software.
    Appellate,
}

/// How a court hands over a document that was paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// The PDF is the answer.
    Direct,
    /// A page whose frame shows the PDF.
    Iframe,
    /// A page whose script goes to the PDF (`window.location`).
    Redirect,
}

/// One court.
#[derive(Debug, Clone)]
pub struct Court {
    /// Host label, as in `ecf.okwd.uscourts.gov`.
    pub id: String,
    /// The software it runs.
    pub kind: CourtKind,
    /// As a heading names it: `Western District of Oklahoma`, or the whole name of a court of
    /// appeals.
    pub district: String,
    /// First three digits of its document ids.
    pub prefix: String,
    /// Court code of the central sign-on.
    pub sign_on_code: String,
    /// The zone its dates and receipts are in.
    pub zone: Tz,
}

impl Court {
    /// True for bankruptcy software.
    pub fn is_bankruptcy(&self) -> bool {
        self.kind == CourtKind::Bankruptcy
    }

    /// True for appellate software.
    pub fn is_appellate(&self) -> bool {
        self.kind == CourtKind::Appellate
    }

    /// True if dockets show a number for each entry. Some courts of appeals show none, and go by
    /// the id of the document instead.
    pub fn numbers_entries(&self) -> bool {
        !matches!(self.id.as_str(), "ca5" | "ca8" | "ca10" | "cadc" | "cavc")
    }

    /// How this court delivers unless told otherwise. Alabama Northern, Arizona, California
    /// Northern and the Virgin Islands are as observed; the others are spread evenly, with
    /// Oklahoma Western, home of the demo case, delivering directly.
    pub fn usual_delivery(&self) -> Delivery {
        match self.id.as_str() {
            "alnb" | "canb" | "okwd" => Delivery::Direct,
            "vib" => Delivery::Iframe,
            "azd" => Delivery::Redirect,
            id => match crate::dice::word(id) % 3 {
                0 => Delivery::Direct,
                1 => Delivery::Iframe,
                _ => Delivery::Redirect,
            },
        }
    }
}

#[derive(Deserialize)]
struct Table {
    courts: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    name: String,
    system: String,
    doc_id_prefix: Option<String>,
    psc_id: Option<String>,
    timezone: Option<String>,
}

/// All district and bankruptcy courts and courts of appeals, by id. Bankruptcy appellate panels
/// have no document ids of their own in the table, and are left out.
pub fn all() -> HashMap<String, Court> {
    let table: Table =
        serde_json::from_str(TABLE).expect("the table of courts is valid, as a test shows");
    let courts = table.courts.into_iter().filter_map(court);
    courts.map(|court| (court.id.clone(), court)).collect()
}

fn court(row: Row) -> Option<Court> {
    let kind = match row.system.as_str() {
        "cmecf-district" => CourtKind::District,
        "cmecf-bankruptcy" => CourtKind::Bankruptcy,
        "cmecf-appellate" => CourtKind::Appellate,
        _ => return None,
    };
    Some(Court {
        kind,
        district: match kind {
            CourtKind::Appellate => national(&row.name),
            _ => spelled_out(&row.name),
        },
        prefix: row.doc_id_prefix?,
        sign_on_code: row.psc_id.unwrap_or_else(|| row.id.to_uppercase()),
        zone: row
            .timezone
            .and_then(|zone| zone.parse().ok())
            .unwrap_or(Tz::America__New_York),
        id: row.id,
    })
}

/// `Court of Appeals for the First Circuit` → `United States Court of Appeals …`.
fn national(name: &str) -> String {
    match name.starts_with("United States") {
        true => name.to_owned(),
        false => format!("United States {name}"),
    }
}

/// `District Court, W.D. Oklahoma` → `Western District of Oklahoma`.
fn spelled_out(name: &str) -> String {
    let place = name.split_once(", ").map_or(name, |(_, place)| place);
    let directions = [
        ("W.D. ", "Western District of "),
        ("E.D. ", "Eastern District of "),
        ("N.D. ", "Northern District of "),
        ("S.D. ", "Southern District of "),
        ("M.D. ", "Middle District of "),
        ("C.D. ", "Central District of "),
        ("D. ", "District of "),
    ];
    for (short, long) in directions {
        if let Some(state) = place.strip_prefix(short) {
            return format!("{long}{state}");
        }
    }
    place.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_court_but_the_panels() {
        let courts = all();
        let count = |kind| courts.values().filter(|court| court.kind == kind).count();
        assert!(count(CourtKind::District) >= 94);
        assert_eq!(count(CourtKind::Bankruptcy), 94);
        // Thirteen circuits, and the court of appeals for veterans' claims.
        assert_eq!(count(CourtKind::Appellate), 14);
        assert!(courts["cavc"].is_appellate() && !courts.contains_key("bap9"));
        assert_eq!(courts["okwd"].district, "Western District of Oklahoma");
        assert_eq!(courts["okwd"].prefix, "149");
        assert_eq!(courts["canb"].zone, Tz::America__Los_Angeles);
    }
}
