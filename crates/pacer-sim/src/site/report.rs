//! What a docket report was asked for, as the fields of the form say it.

use chrono::NaiveDate;

use super::fields::Fields;
use crate::page::notice::Notice;
use crate::world::case::{Case, Entry};

/// A docket report, asked for in fields that the court accepts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ReportRequest {
    pub by_entered: bool,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub first_number: Option<u32>,
    pub last_number: Option<u32>,
    pub parties: bool,
    pub terminated: bool,
    pub page_counts: bool,
    pub nef_links: bool,
    pub members: bool,
    pub unstamped: bool,
    pub order: Order,
    pub text_format: bool,
}

/// In which order entries are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Oldest,
    Newest,
    Number,
    NumberDescending,
}

/// Why a request is not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Declined {
    /// With a page that says why.
    Notice(Notice),
    /// With the form itself, since a field makes no sense.
    Form,
}

impl ReportRequest {
    /// Reads the fields, which differ between the kinds of court.
    pub fn read(fields: &Fields, bankruptcy: bool) -> Result<ReportRequest, Declined> {
        let (from, to) = (date(fields, "date_from")?, date(fields, "date_to")?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(Declined::Notice(Notice::DatesReversed));
        }
        let first_number = number(fields, "documents_numbered_from_")?;
        let last_number = number(fields, "documents_numbered_to_")?;
        if first_number
            .zip(last_number)
            .is_some_and(|(first, last)| first > last)
        {
            return Err(Declined::Notice(Notice::NumbersReversed));
        }
        let listed = fields.is_on("list_of_parties_and_counsel");
        let pdf_header = one_of(fields, "pdf_header", &["1", "2"])?;
        Ok(ReportRequest {
            by_entered: by_entered(fields, bankruptcy)?,
            from,
            to,
            first_number,
            last_number,
            // Bankruptcy dockets always list parties.
            parties: bankruptcy || listed,
            terminated: fields.is_on("terminated_parties") && (bankruptcy || listed),
            page_counts: bankruptcy && fields.is_on("page_count"),
            nef_links: bankruptcy && fields.is_on("links_to_nef"),
            members: !bankruptcy && fields.is_on("list_of_member_cases"),
            unstamped: pdf_header == Some("2"),
            order: order(fields, bankruptcy)?,
            text_format: text_format(fields, bankruptcy)?,
        })
    }

    /// The entries that were asked for, in the order asked for.
    pub fn select<'a>(&self, case: &'a Case) -> Vec<&'a Entry> {
        let mut entries: Vec<&Entry> = case
            .entries
            .iter()
            .filter(|entry| self.wants(entry))
            .collect();
        let day = |entry: &&Entry| {
            if self.by_entered {
                entry.entered
            } else {
                entry.filed
            }
        };
        match self.order {
            Order::Oldest => entries.sort_by_key(|entry| (day(entry), entry.seq)),
            Order::Newest => {
                entries.sort_by_key(|entry| (day(entry), entry.seq));
                entries.reverse();
            }
            // Unnumbered entries come last.
            Order::Number => {
                entries.sort_by_key(|entry| (entry.number.is_none(), entry.number, entry.seq))
            }
            Order::NumberDescending => {
                entries.sort_by_key(|entry| {
                    (
                        entry.number.is_none(),
                        std::cmp::Reverse(entry.number),
                        entry.seq,
                    )
                });
            }
        }
        entries
    }

    fn wants(&self, entry: &Entry) -> bool {
        let day = if self.by_entered {
            entry.entered
        } else {
            entry.filed
        };
        self.from.is_none_or(|from| day >= from)
            && self.to.is_none_or(|to| day <= to)
            && self.wants_number(entry.number)
    }

    /// A range of numbers leaves unnumbered entries out.
    fn wants_number(&self, number: Option<u32>) -> bool {
        if self.first_number.is_none() && self.last_number.is_none() {
            return true;
        }
        let Some(number) = number else { return false };
        self.first_number.is_none_or(|first| number >= first)
            && self.last_number.is_none_or(|last| number <= last)
    }

    /// The search criteria on the receipt.
    pub fn criteria(&self, docket_number: &str, bankruptcy: bool) -> String {
        match bankruptcy {
            true => self.bankruptcy_criteria(docket_number),
            false => self.district_criteria(docket_number),
        }
    }

    fn district_criteria(&self, docket_number: &str) -> String {
        let mut criteria = docket_number.to_owned();
        let parts = [
            self.first_number
                .map(|number| format!("    Starting with document: {number}")),
            self.last_number
                .map(|number| format!("  Ending with document: {number}")),
            self.from
                .map(|day| format!(" Start date: {}", unpadded(day))),
            self.to.map(|day| format!(" End date: {}", unpadded(day))),
        ];
        criteria.extend(parts.into_iter().flatten());
        criteria
    }

    fn bankruptcy_criteria(&self, docket_number: &str) -> String {
        let which = if self.by_entered { "entered" } else { "filed" };
        let from = self
            .from
            .map(|day| format!(" From: {}", unpadded(day)))
            .unwrap_or_default();
        let to = self
            .to
            .map(|day| format!(" To: {}", unpadded(day)))
            .unwrap_or_default();
        let terminated = if self.terminated {
            " Term: included"
        } else {
            ""
        };
        let format = if self.text_format { "text" } else { "html" };
        let counts = if self.page_counts {
            " Page counts for documents: included"
        } else {
            ""
        };
        format!(
            "{docket_number} Fil or Ent: {which}{from}{to} Doc From: {} Doc To: {}{terminated}  Format: {format}{counts}",
            self.first_number.unwrap_or(0),
            self.last_number.unwrap_or(99_999_999)
        )
    }
}

fn unpadded(day: NaiveDate) -> String {
    day.format("%-m/%-d/%Y").to_string()
}

fn date(fields: &Fields, name: &str) -> Result<Option<NaiveDate>, Declined> {
    let Some(text) = fields.get(name) else {
        return Ok(None);
    };
    NaiveDate::parse_from_str(text, "%m/%d/%Y")
        .map(Some)
        .map_err(|_| Declined::Form)
}

fn number(fields: &Fields, name: &str) -> Result<Option<u32>, Declined> {
    fields
        .get(name)
        .map(str::parse)
        .transpose()
        .map_err(|_| Declined::Form)
}

fn one_of<'a>(
    fields: &'a Fields,
    name: &str,
    values: &[&str],
) -> Result<Option<&'a str>, Declined> {
    match fields.get(name) {
        Some(value) if !values.contains(&value) => Err(Declined::Form),
        value => Ok(value),
    }
}

/// Bankruptcy courts have a field of their own, and take no notice of the districts'.
fn by_entered(fields: &Fields, bankruptcy: bool) -> Result<bool, Declined> {
    let (name, filed, entered) = match bankruptcy {
        true => ("date_type", "filed", "entered"),
        false => ("date_range_type", "Filed", "Entered"),
    };
    Ok(one_of(fields, name, &[filed, entered])? == Some(entered))
}

fn order(fields: &Fields, bankruptcy: bool) -> Result<Order, Declined> {
    Ok(match fields.get("sort1") {
        None | Some("oldest date first") => Order::Oldest,
        Some("most recent date first") => Order::Newest,
        // The districts' fields work in bankruptcy courts too.
        Some("document number") => Order::Number,
        Some("document number ascending") if bankruptcy => Order::Number,
        Some("document number descending") if bankruptcy => Order::NumberDescending,
        Some(_) => return Err(Declined::Form),
    })
}

fn text_format(fields: &Fields, bankruptcy: bool) -> Result<bool, Declined> {
    match one_of(fields, "output_format", &["html", "pdf", "text"])? {
        Some("pdf") if !bankruptcy => Err(Declined::Notice(Notice::NoPdf)),
        Some("text") if bankruptcy => Ok(true),
        Some("html") | None => Ok(false),
        Some(_) => Err(Declined::Form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_make_no_sense_bring_the_form_back() {
        for pair in [
            ("date_from", "2020-01-01"),
            ("sort1", "by mood"),
            ("documents_numbered_to_", "x"),
            ("pdf_header", "3"),
        ] {
            let declined = ReportRequest::read(&Fields::from([pair]), false).unwrap_err();
            assert_eq!(declined, Declined::Form, "{pair:?}");
        }
    }

    #[test]
    fn each_kind_of_court_has_its_own_date_field() {
        let fields = Fields::from([("date_range_type", "Entered")]);
        assert!(ReportRequest::read(&fields, false).unwrap().by_entered);
        assert!(!ReportRequest::read(&fields, true).unwrap().by_entered);
    }

    #[test]
    fn terminated_parties_need_the_list_of_parties() {
        let fields = Fields::from([("terminated_parties", "on")]);
        assert!(!ReportRequest::read(&fields, false).unwrap().terminated);
        assert!(ReportRequest::read(&fields, true).unwrap().terminated);
    }
}
