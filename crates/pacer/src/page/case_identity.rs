//! Which case a docket page belongs to, compared with the requested case.
//!
//! A stale cookie or a page token that was used before makes a court answer with the docket of
//! another case. Stored under the case that was asked for, two dockets are mixed up for good. But a
//! docket must not be refused for another spelling of its number either: cases move to another
//! office, magistrates' numbers become criminal ones, and judges come and go. So a page is of
//! another case only if what it says contradicts all that is known, and where it says nothing, it
//! is not.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use regex::bytes::Regex as BytesRegex;

use super::{appellate_docket, docket};
use crate::court::Court;
use crate::ids::{Components, DocketNumber};

/// What a docket page says about its case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseShown {
    /// The number of the case.
    pub number: Option<String>,
    /// Numbers of appeals anywhere on the page: an appeal that was consolidated with others may be
    /// shown under the number of the lead case.
    pub mentioned: BTreeSet<String>,
    /// The court's ids of the case, from links that are about no other case.
    pub case_ids: BTreeSet<String>,
    /// Hosts of courts that its documents lie at.
    pub hosts: BTreeSet<String>,
}

/// The case that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct CaseWanted<'a> {
    /// At which court.
    pub court: &'a Court,
    /// The court's id of it, if known.
    pub case_id: Option<&'a str>,
    /// Its numbers, in whatever spelling: as asked, as stored, as the court's lookup has it. Empty
    /// ones say nothing.
    pub numbers: &'a [&'a str],
}

/// The docket of another case came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherCase {
    /// What was asked for: a number, or else an id, for people.
    pub wanted: String,
    /// What came.
    pub came: String,
}

fn pattern(text: &str) -> BytesRegex {
    BytesRegex::new(text).expect("pattern is tested")
}

/// Arguments of links that are about the case of the page. Related cases are linked to by
/// `DktRpt.pl`, and so that name is not among them.
static OWN_IDS: LazyLock<BytesRegex> = LazyLock::new(|| {
    pattern(
        r"(?-u)goDLS\('[^']*','([0-9]+)'|/doc1/[0-9]+\?caseid=([0-9]+)|qryAscCases\.pl\?([0-9]+)\b",
    )
});
static HOSTS: LazyLock<BytesRegex> =
    LazyLock::new(|| pattern(r"(?i-u)https?://(ecf\.[a-z0-9]+\.uscourts\.gov)(?::443)?/docs?1/"));
static APPEALS: LazyLock<BytesRegex> = LazyLock::new(|| pattern(r"(?-u)\b[0-9]{2}-[0-9]{2,6}\b"));
static CRIMINAL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[0-9]{2}-(?:cr|mj|po|m|mg)-").expect("pattern is tested"));

impl CaseShown {
    /// Reads the report of a district or bankruptcy court (PACER's id).
    pub fn of_docket(page: &[u8], court: &str) -> CaseShown {
        let docket = docket::parse(page, court).ok().flatten();
        CaseShown {
            number: docket.and_then(|docket| docket.docket_number),
            mentioned: BTreeSet::new(),
            case_ids: OWN_IDS
                .captures_iter(page)
                .filter_map(|found| text(found.iter().skip(1).flatten().next()?.as_bytes()))
                .collect(),
            hosts: hosts(page),
        }
    }

    /// Reads the docket of an appellate court. Its links name cases below as well, so that only the
    /// number tells.
    pub fn of_appeal(page: &[u8], court: &str) -> CaseShown {
        let docket = appellate_docket::parse(page, court).ok().flatten();
        let number = docket.map(|docket| docket.docket_number);
        CaseShown {
            number: number.filter(|number| !number.is_empty()),
            mentioned: APPEALS
                .find_iter(page)
                .filter_map(|found| text(found.as_bytes()))
                .collect(),
            case_ids: BTreeSet::new(),
            hosts: hosts(page),
        }
    }

    /// Whether the page is of another case than this one; what was wanted and what came, if so.
    pub fn other_than(&self, wanted: &CaseWanted<'_>) -> Option<OtherCase> {
        let other = || OtherCase {
            wanted: wanted.name(),
            came: self.name(&wanted.court.host),
        };
        let by_id = wanted
            .case_id
            .filter(|_| !self.case_ids.is_empty())
            .map(|id| self.case_ids.contains(id));
        let is_elsewhere = !self.hosts.is_empty() && !self.hosts.contains(&wanted.court.host);
        let differs = match (by_id, self.by_number(wanted)) {
            // A court may keep documents at another's site, but then the number is the same.
            (_, likeness) if is_elsewhere => likeness != Likeness::Same,
            (Some(true), _) | (None, Likeness::Same | Likeness::Alike | Likeness::Unknown) => false,
            (Some(false), Likeness::Same) => false,
            // Each defendant of a criminal case has an id.
            (Some(false), Likeness::Alike | Likeness::Unknown) => !self.is_criminal(),
            (Some(false) | None, Likeness::Other) => true,
        };
        differs.then(other)
    }

    fn by_number(&self, wanted: &CaseWanted<'_>) -> Likeness {
        let numbers = wanted.numbers.iter().filter(|number| !number.is_empty());
        match &self.number {
            Some(shown) => numbers
                .map(|number| match likeness(number, shown) {
                    Likeness::Other if self.mentions(number) => Likeness::Unknown,
                    likeness => likeness,
                })
                .max()
                .unwrap_or(Likeness::Unknown),
            None => Likeness::Unknown,
        }
    }

    fn mentions(&self, number: &str) -> bool {
        let wanted = DocketNumber::parse(number).ok();
        let wanted = wanted.and_then(|number| number.core());
        wanted.is_some()
            && self.mentioned.iter().any(|number| {
                let number = DocketNumber::parse(number).ok();
                number.and_then(|number| number.core()) == wanted
            })
    }

    fn is_criminal(&self) -> bool {
        self.number
            .as_deref()
            .is_some_and(|number| CRIMINAL.is_match(number))
    }

    fn name(&self, host: &str) -> String {
        let case = match (&self.number, self.case_ids.first()) {
            (Some(number), _) => number.clone(),
            (None, Some(id)) => format!("the case with the id {id}"),
            (None, None) => "another case".to_owned(),
        };
        match self.hosts.first() {
            Some(other) if !self.hosts.contains(host) => format!("{case} at {other}"),
            _ => case,
        }
    }
}

impl CaseWanted<'_> {
    fn name(&self) -> String {
        let number = self.numbers.iter().find(|number| !number.is_empty());
        match (number, self.case_id) {
            (Some(number), _) => (*number).to_owned(),
            (None, Some(id)) => format!("the case with the id {id}"),
            (None, None) => "the case".to_owned(),
        }
    }
}

impl fmt::Display for OtherCase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} instead of {}", self.came, self.wanted)
    }
}

fn hosts(page: &[u8]) -> BTreeSet<String> {
    HOSTS
        .captures_iter(page)
        .filter_map(|found| text(found.get(1)?.as_bytes()))
        .map(|host| host.to_ascii_lowercase())
        .collect()
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// How two spellings of a number compare, from the least alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// They name different cases.
    Other,
    /// They cannot be compared.
    Unknown,
    /// They may name one case: one of them leaves out the office or the type.
    Alike,
    /// They name one case.
    Same,
}

/// Types whose numbers stay with a case. A case of any other type, such as a magistrate's, gets a
/// new number when it becomes one of these.
const LASTING: [&str; 4] = ["cv", "cr", "bk", "ap"];

/// Compares year and serial, and office and type as far as both numbers have them. Judges' initials
/// and the numbers of defendants say nothing about the case.
pub(super) fn likeness(wanted: &str, shown: &str) -> Likeness {
    let (Ok(wanted), Ok(shown)) = (DocketNumber::parse(wanted), DocketNumber::parse(shown)) else {
        return Likeness::Unknown;
    };
    if wanted.as_str().eq_ignore_ascii_case(shown.as_str()) {
        return Likeness::Same;
    }
    let (Some(wanted), Some(shown)) = (wanted.components(), shown.components()) else {
        return Likeness::Unknown;
    };
    compare(&wanted, &shown)
}

fn compare(wanted: &Components, shown: &Components) -> Likeness {
    let both = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => Some(one.eq_ignore_ascii_case(other)),
        _ => None,
    };
    let lasts = |components: &Components| {
        let letters = components.case_type.as_deref();
        letters.is_none_or(|letters| LASTING.contains(&letters))
    };
    let types = both(&wanted.case_type, &shown.case_type);
    if types == Some(false) && !(lasts(wanted) && lasts(shown)) {
        return Likeness::Unknown;
    }
    let serial = |components: &Components| components.serial.trim_start_matches('0').to_owned();
    let offices = both(&wanted.office, &shown.office);
    let differs = wanted.year != shown.year
        || serial(wanted) != serial(shown)
        || types == Some(false)
        || offices == Some(false);
    if differs {
        return Likeness::Other;
    }
    let left_out = |one: &Option<String>, other: &Option<String>| one.is_some() != other.is_some();
    match left_out(&wanted.office, &shown.office) || left_out(&wanted.case_type, &shown.case_type) {
        true => Likeness::Alike,
        false => Likeness::Same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wanted: &str, shown: &str, expected: Likeness) {
        assert_eq!(likeness(wanted, shown), expected, "{wanted} and {shown}");
    }

    #[test]
    fn other_spellings_of_a_number_are_the_same_case() {
        for (wanted, shown) in [
            ("5:16-cv-00432", "5:16-cv-00432"),
            ("5:16-cv-00432-R", "5:16-cv-00432"),
            ("5:16-CV-432", "5:16-cv-00432-R-ABC"),
            ("Case No. 5:16-cv-00432", "5:16-cv-00432"),
            ("5:16–cv–00432", "5:16-cv-00432"),
            ("1:09-cr-00073-JRH-BKE-6", "1:09-cr-00073-JRH-BKE-1"),
            ("09-32303", "09-32303-abc"),
            ("MDL No. 2168", "MDL No. 2168"),
            ("NYS/1:22-cv-10283", "1:22-cv-10283"),
            ("16-1432", "16-1432"),
        ] {
            check(wanted, shown, Likeness::Same);
        }
    }

    #[test]
    fn a_number_that_leaves_something_out_may_be_the_same_case() {
        check("16-cv-00432", "5:16-cv-00432", Likeness::Alike);
        check("16-432", "5:16-cv-00432", Likeness::Alike);
        check("20-30242", "3:20-bk-30242", Likeness::Alike);
    }

    #[test]
    fn another_year_type_serial_or_office_is_another_case() {
        check("2:31-cv-00902", "2:04-cv-00713", Likeness::Other);
        check("5:16-cv-00432", "5:17-cv-00432", Likeness::Other);
        check("5:16-cv-00432", "5:16-cr-00432", Likeness::Other);
        check("5:16-cv-00432", "3:16-cv-00432", Likeness::Other);
        check("09-32303", "09-32304", Likeness::Other);
        check("2:09-bk-03295", "2:09-ap-03295", Likeness::Other);
        check("16-1432", "16-1433", Likeness::Other);
    }

    #[test]
    fn numbers_that_cannot_be_compared_prove_nothing() {
        // A magistrate's case that became a criminal one.
        check("5:19-mj-00123", "5:19-cr-00456", Likeness::Unknown);
        check("MDL No. 2168", "1:08-md-01963", Likeness::Unknown);
        check(
            "the case of the kettles",
            "5:16-cv-00432",
            Likeness::Unknown,
        );
    }

    fn shown(number: &str, ids: &[&str]) -> CaseShown {
        CaseShown {
            number: Some(number.to_owned()).filter(|number| !number.is_empty()),
            case_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            ..CaseShown::default()
        }
    }

    fn differs(shown: &CaseShown, case_id: Option<&str>, numbers: &[&str]) -> bool {
        let wanted = CaseWanted {
            court: Court::by_pacer_id("pawd").unwrap(),
            case_id,
            numbers,
        };
        shown.other_than(&wanted).is_some()
    }

    #[test]
    fn what_contradicts_number_and_id_is_another_case() {
        let page = shown("2:04-cv-00713", &["20713"]);
        assert!(differs(&page, Some("299902"), &["2:31-cv-00902"]));
        // Only one of them is known.
        assert!(differs(&page, Some("299902"), &[]));
        assert!(differs(&page, None, &["2:31-cv-00902"]));
        // Two offices have the number, and it was asked for by its id.
        assert!(differs(&page, Some("299902"), &["04-713"]));
    }

    #[test]
    fn a_right_docket_is_not_refused() {
        let page = shown("2:04-cv-00713", &["20713"]);
        // It moved to another office, or got another number; the id is its own.
        assert!(!differs(&page, Some("20713"), &["3:04-cv-00713"]));
        assert!(!differs(&page, Some("20713"), &["2:04-mc-00001"]));
        assert!(!differs(&page, Some("20713"), &[]));
        // As stored, or as the court's lookup has it.
        assert!(!differs(&page, None, &["3:04-cv-00713", "2:04-cv-00713"]));
        assert!(!differs(&page, None, &["", "04-713"]));
        // The page says nothing of itself.
        assert!(!differs(
            &shown("", &[]),
            Some("299902"),
            &["2:31-cv-00902"]
        ));
        // A defendant has an id of his own.
        let criminal = shown("2:04-cr-00713", &["20713"]);
        assert!(!differs(&criminal, Some("20714"), &["2:04-cr-00713-2"]));
        assert!(!differs(&criminal, Some("20714"), &[]));
        assert!(differs(&criminal, Some("20714"), &["2:04-cr-00999"]));
    }

    #[test]
    fn an_appeal_that_is_shown_under_its_lead_case_is_not_refused() {
        let mut page = shown("16-1432", &[]);
        assert!(differs(&page, None, &["16-1433"]));
        page.mentioned.insert("16-1433".to_owned());
        assert!(!differs(&page, None, &["No. 16-1433"]));
    }

    #[test]
    fn a_docket_of_another_court_is_of_another_case() {
        let mut page = shown("2:04-cv-00713", &["20713"]);
        page.hosts.insert("ecf.nyed.uscourts.gov".to_owned());
        assert!(differs(&page, Some("20713"), &["04-713"]));
        assert!(differs(&page, Some("20713"), &[]));
        // It may keep its documents there.
        assert!(!differs(&page, Some("20713"), &["2:04-cv-00713"]));
        page.hosts.insert("ecf.pawd.uscourts.gov".to_owned());
        assert!(!differs(&page, Some("20713"), &["04-713"]));
    }

    #[test]
    fn a_page_tells_its_ids_and_not_those_of_related_cases() {
        let page = b"<a href='/cgi-bin/qryAscCases.pl?20713'>Associated Cases</a>\
            <a href='/cgi-bin/DktRpt.pl?555'>Lead case</a>\
            <a href='https://ecf.pawd.uscourts.gov/doc1/15711' \
            onClick=\"goDLS('/doc1/15711','20713','5','','1','1','','');\">1</a>\
            <a href='/doc1/15712?caseid=20713&de_seq_num=7'>2</a>";
        let shown = CaseShown::of_docket(page, "pawd");
        assert_eq!(shown.case_ids, BTreeSet::from(["20713".to_owned()]));
        assert_eq!(
            shown.hosts,
            BTreeSet::from(["ecf.pawd.uscourts.gov".to_owned()])
        );
    }
}
