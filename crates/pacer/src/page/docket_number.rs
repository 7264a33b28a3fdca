//! Docket numbers as pages print them.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::strings::squeeze;
use crate::court::reads_as_bankruptcy;

/// What a docket number as printed says beyond the number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DocketNumberParts {
    /// The division's digit.
    pub federal_dn_office_code: Option<String>,
    /// Letters of the kind of case.
    pub federal_dn_case_type: Option<String>,
    /// Initials of the judge assigned.
    pub federal_dn_judge_initials_assigned: Option<String>,
    /// Initials of the judge referred to.
    pub federal_dn_judge_initials_referred: Option<String>,
    /// Number of the defendant.
    pub federal_defendant_number: Option<String>,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("pattern is tested")
}

/// The type of a case has letters; with the office in front, courts also print digits in it
/// (`2:16-a2-27244`, `1:21-2255-00001`), or a sign (`3:21-~gr-00001`).
static DISTRICT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) (?:^|[^0-9])
        ( (?:[0-9]{1,2}:)? [0-9]{2}-[A-Za-z]{1,5}-[0-9]{1,10}
        | [0-9]{1,2}: [0-9]{2}-(?:[A-Za-z0-9]{1,5}|~[A-Za-z]{1,4})-[0-9]{1,10} )",
    )
});
static BANKRUPTCY: LazyLock<Regex> = LazyLock::new(|| pattern(r"((?:[0-9]-)?[0-9]{2}-[0-9]*)"));
static APPELLATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9]{2}-[0-9]+)"));
/// Litigations of several districts, and petitions in several circuits.
static MULTIDISTRICT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(MDL No.\s+[0-9]*|\b(?:MDL|MCP)(?:[\s-]+No\b\.?)?[\s-]*[0-9]+)"));

static PARTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) \b([0-9]{1,2}):[0-9]{2}-([A-Za-z0-9]{1,5}|~[A-Za-z]{1,4})-[0-9]{5}
        (?:-(N/A|P1|[A-Za-z_]{1,5}))? (?:-([A-Za-z_]+))? (?:-([0-9]{1,3}))?",
    )
});
static BANKRUPTCY_PARTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)
          [0-9]{2}-[0-9]{5}-(?P<office1>[0-9])-(?P<judge1>[A-Za-z]{2,4})
        | \b(?P<office2>[0-9]{1,2}):[0-9]{2}-(?P<type2>[A-Za-z0-9]{1,5}|~[A-Za-z]{1,4})-[0-9]{5}(?:-(?P<judge2>N/A|P1|[A-Za-z_]{1,5}))?
        | [0-9]{2}-[0-9]{5}(?:-(?P<judge3>N/A|P1|[A-Za-z_]{1,5}))?",
    )
});

/// Finds the number in the first string that has one: in the form of district courts, or else in
/// that of bankruptcy courts or of the multidistrict panel. Also what its string says beyond it.
pub(crate) fn find<'a>(
    strings: impl Iterator<Item = &'a str> + Clone,
    court: &str,
) -> (Option<String>, DocketNumberParts) {
    let is_bankruptcy = reads_as_bankruptcy(court);
    let second = if is_bankruptcy {
        &BANKRUPTCY
    } else {
        &MULTIDISTRICT
    };
    find_in_forms(strings, &[&DISTRICT, second], is_bankruptcy)
}

/// The same, where a number of the multidistrict panel counts only at the panel.
pub(crate) fn find_case<'a>(
    strings: impl Iterator<Item = &'a str> + Clone,
    court: &str,
) -> (Option<String>, DocketNumberParts) {
    find_in_forms(strings, case_forms(court), reads_as_bankruptcy(court))
}

/// Finds the number of an appeal.
pub(crate) fn find_appeal<'a>(
    strings: impl Iterator<Item = &'a str> + Clone,
) -> (Option<String>, DocketNumberParts) {
    find_in_forms(strings, &[&APPELLATE], false)
}

/// Whether the text has the number of a case.
pub(crate) fn names_case(text: &str, court: &str) -> bool {
    case_forms(court).iter().any(|form| form.is_match(text))
}

/// The forms of the numbers that the cases of a court have. Adversary proceedings have the form of
/// district courts.
fn case_forms(court: &str) -> &'static [&'static LazyLock<Regex>] {
    static FORMS: [&LazyLock<Regex>; 4] = [&DISTRICT, &BANKRUPTCY, &DISTRICT, &MULTIDISTRICT];
    if reads_as_bankruptcy(court) {
        &FORMS[..2]
    } else if court == "jpml" {
        &FORMS[2..]
    } else {
        &FORMS[..1]
    }
}

fn find_in_forms<'a>(
    strings: impl Iterator<Item = &'a str> + Clone,
    forms: &[&LazyLock<Regex>],
    is_bankruptcy: bool,
) -> (Option<String>, DocketNumberParts) {
    for form in forms {
        for string in strings.clone() {
            if let Some(found) = form.captures(string) {
                return (Some(found[1].to_owned()), parts(string, is_bankruptcy));
            }
        }
    }
    (None, DocketNumberParts::default())
}

/// The number in a value that should be one, or else the value itself.
pub(crate) fn of_value(value: &str, court: &str) -> (String, DocketNumberParts) {
    let (number, parts) = find(std::iter::once(value), court);
    (number.unwrap_or_else(|| squeeze(value)), parts)
}

fn parts(string: &str, is_bankruptcy: bool) -> DocketNumberParts {
    if is_bankruptcy {
        bankruptcy_parts(string)
    } else {
        other_parts(string)
    }
}

fn other_parts(string: &str) -> DocketNumberParts {
    let Some(found) = PARTS.captures(string) else {
        return DocketNumberParts::default();
    };
    let group = |index: usize| found.get(index).map(|part| part.as_str().to_owned());
    DocketNumberParts {
        federal_dn_office_code: group(1),
        federal_dn_case_type: group(2),
        federal_dn_judge_initials_assigned: group(3),
        federal_dn_judge_initials_referred: group(4),
        federal_defendant_number: group(5),
    }
}

fn bankruptcy_parts(string: &str) -> DocketNumberParts {
    let Some(found) = BANKRUPTCY_PARTS.captures(string) else {
        return DocketNumberParts::default();
    };
    let any = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| found.name(name))
            .map(|part| part.as_str().to_owned())
    };
    DocketNumberParts {
        federal_dn_office_code: any(&["office1", "office2"]),
        federal_dn_case_type: any(&["type2"]),
        federal_dn_judge_initials_assigned: any(&["judge1", "judge2", "judge3"]),
        ..DocketNumberParts::default()
    }
}
