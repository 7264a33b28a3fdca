//! Names of what courts sell: the same item has the same name, no matter which request asks for it.

use chrono::NaiveDate;
use pacer::ids::PacerDocId;

use crate::{DocketOptions, FetchId};

/// What the names of dockets begin with that came in place of another one; after it comes the name under
/// which they were bought.
pub const OTHER_CASE: &str = "other-case/";

/// What the names of pages begin with that nobody knew when they came; after it comes the request that
/// bought them.
pub const UNRECOGNISED: &str = "unrecognised/";

/// What the names of documents begin with.
const DOCUMENT: &str = "doc/";
const DOCKET: &str = "docket/";
const MENU: &str = "menu/";

/// How begin the options of a docket that has all of its entries.
const ALL_ENTRIES: &str = "/dates=..;numbers=..;";

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemKey<'a> {
    /// What it names.
    pub item: Item<'a>,
    /// It came in place of what it is named after, and is of another case.
    pub is_of_other_case: bool,
    /// The name without that.
    pub name: &'a str,
}

/// What a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// A docket of the case that is named so, with its slashes spelled out: see [`ItemKey::case`].
    Docket {
        /// The court's id of the case, or its number.
        case: &'a str,
    },
    /// A menu of attachments.
    Menu,
    /// A document.
    Document,
    /// A page that nobody knew.
    Unrecognised,
    /// Nothing that this version knows, or what is forgotten.
    Unknown,
}

impl<'a> ItemKey<'a> {
    /// Reads a name. Every text is one, as the store may have names of other versions.
    #[must_use]
    pub fn read(key: &'a str) -> ItemKey<'a> {
        let name = key.strip_prefix(OTHER_CASE);
        let is_of_other_case = name.is_some();
        let name = name.unwrap_or(key);
        let item = match name {
            _ if name.starts_with(DOCUMENT) => Item::Document,
            _ if name.starts_with(MENU) => Item::Menu,
            _ if name.starts_with(UNRECOGNISED) => Item::Unrecognised,
            _ => match name.strip_prefix(DOCKET) {
                Some(docket) => Item::Docket {
                    case: docket.split('/').nth(1).unwrap_or_default(),
                },
                None => Item::Unknown,
            },
        };
        ItemKey {
            item,
            is_of_other_case,
            name,
        }
    }

    /// Whether a docket was asked for with all of its entries.
    #[must_use]
    pub fn is_of_all_entries(&self) -> bool {
        matches!(self.item, Item::Docket { .. }) && self.name.contains(ALL_ENTRIES)
    }

    /// The case that a docket is of, by its name.
    #[must_use]
    pub fn case(&self) -> Option<String> {
        match self.item {
            Item::Docket { case } if !case.is_empty() => Some(case.replace("%2F", "/")),
            _ => None,
        }
    }
}

/// What the names of all dockets of a court (CourtListener's id) begin with.
#[must_use]
pub fn dockets_of(court: &str) -> String {
    format!("{DOCKET}{court}/")
}

/// A report of a case with these options. A case is named by the court's id of it, or by its number
/// where courts are asked by that.
#[must_use]
pub fn docket(court: &str, case: &str, options: &DocketOptions) -> String {
    // A slash would end the part that names the case.
    let case = case.replace('/', "%2F");
    format!("{}{case}/{}", dockets_of(court), spelled(options))
}

/// What the names of all reports of a case begin with, and what follows after the last of them where names are compared
/// by their bytes.
#[must_use]
pub fn reports_of(court: &str, case: &str) -> (String, String) {
    let case = case.replace('/', "%2F");
    let begin = format!("{}{case}", dockets_of(court));
    (format!("{begin}/"), format!("{begin}0"))
}

/// The name of the report from this day on, if one of this name has all entries of it: it was asked for from that day, an
/// earlier one or the beginning on, and has no other bounds.
#[must_use]
pub fn part_since(key: &str, day: NaiveDate) -> Option<String> {
    let (before, options) = key.rsplit_once('/')?;
    let (dates, rest) = options.split_once(';')?;
    let from = dates.strip_prefix("dates=")?.strip_suffix("..")?;
    let is_early = from.is_empty() || from.parse::<NaiveDate>().is_ok_and(|from| from <= day);
    let is_whole = is_early && rest.starts_with("numbers=..;");
    is_whole.then(|| format!("{before}/dates={day}..;{rest}"))
}

/// The menu of the entry that a document belongs to.
#[must_use]
pub fn menu(court: &str, document: &PacerDocId) -> String {
    format!("{MENU}{court}/{}", document.canonical())
}

/// A document.
#[must_use]
pub fn document(court: &str, document: &PacerDocId) -> String {
    format!("{DOCUMENT}{court}/{}", document.canonical())
}

/// A page that nobody knew, of the request that bought it.
#[must_use]
pub fn unrecognised(request: FetchId) -> String {
    format!("{UNRECOGNISED}{request}")
}

/// The options in words.
fn spelled(options: &DocketOptions) -> String {
    let date = |date: Option<NaiveDate>| date.map_or(String::new(), |day| day.to_string());
    let number = |number: Option<i32>| number.map_or(String::new(), |number| number.to_string());
    format!(
        "dates={}..{};numbers={}..{};parties={};terminated={};members={}",
        date(options.date_start),
        date(options.date_end),
        number(options.number_start),
        number(options.number_end),
        options.show_parties_and_counsel,
        options.show_parties_and_counsel && options.show_terminated_parties,
        options.show_list_of_member_cases
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_as_they_are_stored() {
        let options = DocketOptions {
            number_start: Some(3),
            show_terminated_parties: true,
            ..DocketOptions::default()
        };
        assert_eq!(
            docket("cand", "1/2", &options),
            "docket/cand/1%2F2/dates=..;numbers=3..;parties=false;terminated=false;members=false"
        );
        let document = PacerDocId::parse("03512345678").unwrap();
        assert_eq!(menu("cand", &document), "menu/cand/03502345678");
        assert_eq!(super::document("cand", &document), "doc/cand/03502345678");
        assert_eq!(unrecognised(FetchId(7)), "unrecognised/7");
    }

    #[test]
    fn a_report_has_the_later_part_of_what_it_has() {
        let since = |day: Option<NaiveDate>| {
            let options = DocketOptions {
                date_start: day,
                ..DocketOptions::default()
            };
            docket("cand", "1/2", &options)
        };
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let asked = since(Some(day(7)));
        for stored in [since(None), since(Some(day(6))), asked.clone()] {
            assert_eq!(part_since(&stored, day(7)), Some(asked.clone()), "{stored}");
        }
        let bounded = DocketOptions {
            number_start: Some(3),
            ..DocketOptions::default()
        };
        let until = DocketOptions {
            date_end: Some(day(9)),
            ..DocketOptions::default()
        };
        for less in [
            since(Some(day(8))),
            docket("cand", "1/2", &bounded),
            docket("cand", "1/2", &until),
            "docket/cand".to_owned(),
            unrecognised(FetchId(7)),
        ] {
            assert_eq!(part_since(&less, day(7)), None, "{less}");
        }
        let (begin, end) = reports_of("cand", "1/2");
        assert!(asked.starts_with(&begin) && asked < end, "{begin} {end}");
        assert!(!docket("cand", "1/20", &until).starts_with(&begin));
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        let options = DocketOptions::default();
        let document = PacerDocId::parse("03512345678").unwrap();
        let written = docket("cand", "1/2", &options);
        let key = ItemKey::read(&written);
        assert_eq!(
            (key.item, key.name),
            (Item::Docket { case: "1%2F2" }, &*written)
        );
        assert_eq!(key.case().as_deref(), Some("1/2"));
        assert!(!key.is_of_other_case && key.is_of_all_entries());
        let part = DocketOptions {
            number_start: Some(3),
            ..DocketOptions::default()
        };
        assert!(!ItemKey::read(&docket("cand", "1/2", &part)).is_of_all_entries());
        let aside = format!("{OTHER_CASE}{written}");
        let key = ItemKey::read(&aside);
        assert!(key.is_of_other_case && key.name == written);
        assert_eq!(key.case().as_deref(), Some("1/2"));
        for (name, item) in [
            (menu("cand", &document), Item::Menu),
            (super::document("cand", &document), Item::Document),
            (unrecognised(FetchId(7)), Item::Unrecognised),
            (String::new(), Item::Unknown),
            ("docket/cand".to_owned(), Item::Docket { case: "" }),
            ("of another version".to_owned(), Item::Unknown),
        ] {
            assert_eq!(ItemKey::read(&name).item, item, "{name}");
            assert_eq!(ItemKey::read(&name).case(), None, "{name}");
        }
    }
}
