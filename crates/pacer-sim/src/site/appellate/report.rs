//! What a docket was asked for.

use chrono::NaiveDate;

use super::params::Params;
use crate::page::appellate::docket::Sections;
use crate::world::case::{Case, Entry};

/// Entries that the summary of a case shows: the last ones.
const SUMMARY_ENTRIES: usize = 10;

/// A docket, asked for in parameters that the court accepts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ReportRequest {
    /// The docket, and not the summary of the case.
    pub full: bool,
    pub sections: Sections,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl ReportRequest {
    /// Reads the parameters, or says what is wrong with them.
    pub fn read(params: &Params) -> Result<ReportRequest, &'static str> {
        let (from, to) = (date(params, "dateFrom")?, date(params, "dateTo")?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err("The first date must not be after the last date");
        }
        let full = params.is_yes("fullDocketReport");
        let sections = Sections {
            origin: params.is_yes("incOrigDkt"),
            entries: params.is_yes("incDktEntries"),
            // The rest belongs to the full report.
            prior: full && params.is_yes("incPrior"),
            associated: full && params.is_yes("incAssoc"),
            panel: full && params.is_yes("incPanel"),
            parties: full && params.is_yes("incPtyAty"),
            caption: full && params.get("incCaption") == Some("long"),
            boxes: full && params.is_yes("incPdfMulti"),
        };
        Ok(ReportRequest {
            full,
            sections,
            from: from.filter(|_| full),
            to: to.filter(|_| full),
        })
    }

    /// The whole docket, of which the summary names the price.
    pub fn whole() -> ReportRequest {
        ReportRequest {
            full: true,
            sections: Sections {
                origin: true,
                prior: true,
                associated: true,
                panel: true,
                parties: true,
                caption: true,
                entries: true,
                boxes: false,
            },
            from: None,
            to: None,
        }
    }

    /// The entries that were asked for.
    pub fn select<'a>(&self, case: &'a Case) -> Vec<&'a Entry> {
        let wanted = |entry: &&Entry| {
            self.from.is_none_or(|from| entry.filed >= from)
                && self.to.is_none_or(|to| entry.filed <= to)
        };
        let entries: Vec<&Entry> = match self.sections.entries {
            true => case.entries.iter().filter(wanted).collect(),
            false => Vec::new(),
        };
        match self.full {
            true => entries,
            false => entries[entries.len().saturating_sub(SUMMARY_ENTRIES)..].to_vec(),
        }
    }

    /// What the receipt calls it.
    pub fn description(&self) -> &'static str {
        let whole = ReportRequest::whole();
        let sections = Sections {
            boxes: false,
            ..self.sections
        };
        match (self.full, sections == whole.sections && self.is_undated()) {
            (false, _) => "Case Summary",
            (true, true) => "Docket Report (full)",
            (true, false) => "Docket Report (filtered)",
        }
    }

    fn is_undated(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// The search criteria on the receipt.
    pub fn criteria(&self, number: &str) -> String {
        let unpadded = |day: NaiveDate| day.format("%-m/%-d/%Y").to_string();
        match (self.from, self.to) {
            (None, None) => number.to_owned(),
            (Some(from), Some(to)) if from == to => format!("{number} Filed on {}", unpadded(from)),
            (from, to) => {
                let from = from.map(|day| format!(" Filed from {}", unpadded(day)));
                let to = to.map(|day| format!(" Filed to {}", unpadded(day)));
                format!(
                    "{number}{}{}",
                    from.unwrap_or_default(),
                    to.unwrap_or_default()
                )
            }
        }
    }
}

fn date(params: &Params, name: &str) -> Result<Option<NaiveDate>, &'static str> {
    let Some(text) = params.get(name) else {
        return Ok(None);
    };
    NaiveDate::parse_from_str(text, "%m/%d/%Y")
        .map(Some)
        .map_err(|_| "Dates must be entered as MM/DD/YYYY")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<ReportRequest, &'static str> {
        ReportRequest::read(&Params::of_query(query))
    }

    #[test]
    fn a_report_is_full_if_nothing_was_left_out() {
        let all = "fullDocketReport=Y&incOrigDkt=Y&incPrior=Y&incAssoc=Y&incPanel=Y&incPtyAty=Y\
                   &incCaption=long&incDktEntries=Y";
        let description = |query: &str| read(query).unwrap().description();
        assert_eq!(description(all), "Docket Report (full)");
        assert_eq!(
            description(&format!("{all}&incPdfMulti=Y&dateFrom=")),
            "Docket Report (full)"
        );
        assert_eq!(
            description(&all.replace("incPanel=Y", "")),
            "Docket Report (filtered)"
        );
        assert_eq!(
            description(&format!("{all}&dateTo=1/1/2021")),
            "Docket Report (filtered)"
        );
        assert_eq!(description("incDktEntries=Y"), "Case Summary");
    }

    #[test]
    fn dates_are_read_strictly() {
        assert!(read("dateFrom=2020-01-01").is_err());
        assert!(read("dateFrom=1/2/2020&dateTo=1/1/2020").is_err());
        let day = read("fullDocketReport=Y&dateFrom=3/3/2018&dateTo=03/03/2018").unwrap();
        assert_eq!(day.criteria("17-1651"), "17-1651 Filed on 3/3/2018");
    }
}
