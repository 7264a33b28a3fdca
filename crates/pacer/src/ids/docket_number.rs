//! The numbers that people quote for cases, in all the ways in which they are written.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::InvalidId;

/// The number that people quote, `5:16-cv-00432`, cleaned of what typists add: other dashes,
/// white space around it, a leading `No.` or `Case`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocketNumber(String);

/// What a docket number says about its case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Components {
    /// The division's digit or letter, `5` in `5:16-cv-00432`.
    pub office: Option<String>,
    /// Two digits of the year.
    pub year: String,
    /// Letters of the kind of case, lower-case: `cv`, `cr`, `bk`.
    pub case_type: Option<String>,
    /// The serial as written, perhaps padded with zeros.
    pub serial: String,
    /// Initials of the judge assigned.
    pub judge_assigned: Option<String>,
    /// Initials of the judge referred to.
    pub judge_referred: Option<String>,
    /// Number of the defendant in a criminal case.
    pub defendant: Option<String>,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("pattern is tested")
}

static LEAD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:case\s*)?(?:no\.?|nos\.|number|#)?\s*:?\s*"));
static FULL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi)
        ^(?:[a-z]{2,4}/)?
        (?:([0-9a-z]{1,2}):)?
        ([0-9]{2})-([a-z]{1,5}|~[a-z]{1,4})-([0-9]{1,10})
        (?:-([a-z_]{1,5}|n/a|p1))? (?:-([a-z_]+))? (?:-([0-9]{1,3}))?$",
    )
});
/// With the office in front, courts print digits in the type too: `1:21-2255-00001`.
static ODD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi)
        ^([0-9a-z]{1,2}):
        ([0-9]{2})-([0-9a-z]{1,5})-([0-9]{1,10})
        (?:-([a-z_]{1,5}|n/a|p1))? (?:-([a-z_]+))? (?:-([0-9]{1,3}))?$",
    )
});
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi)
        ^(?:(?:([0-9a-z]):|([0-9])-))?
        ([0-9]{2})-(?:([0-9]{5})-([0-9])|([0-9]{1,10}))
        (?:-?([a-z]{1,5})[0-9]{0,2})?$",
    )
});
/// What people write before a number, beyond what is cut off at the door. It may tell the type.
static INTRODUCTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi)
        ^(?:(civ(?:il)?|crim(?:inal)?|cr|bankruptcy|adversary|misc(?:ellaneous)?)\.?\s+)?
        (?:(?:action|case|docket|proceeding|petition|appeal|file)\s+)?
        (?:(?:numbers?|nos?\.?|\#)(?:\s+|:|$)|\#)? \s*:?\s*",
    )
});
/// The judges and the defendant behind a number: `-ABC-DE-2`, ` (ABC) (DE)`, ` ABC/DE`.
const AFTER: &str = r"(?:[\s/-]*\(?\b([a-z]{1,5}|n/a|p1)\b\)?)?(?:[\s/-]+\(?([a-z]{1,5})\)?)?(?:[\s/-]+[a-z]{1,5})*(?:[\s-]+\(?([0-9]{1,3})\)?)?\s*$";
/// `16cv432`, `5:2016cv432`, `16 Civ. 432 (ABC)`, `5-16-CV-00432-R`; of letters in front of the year
/// only those with a colon are an office.
static TYPE_INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:([0-9a-z]{{1,2}}):\s*|([0-9]{{1,2}})[\s-]+|[a-z]{{1,3}}[\s-]+)?((?:19|20)?[0-9]{{2}})[\s-]*([a-z]{{1,5}})\.?[\s.-]*(?:no\.?\s*)?([0-9]{{1,10}}){AFTER}"
    ))
});
/// `CIV-16-0432`, `CV 16-432-DMG`, `4:CV-16-432`, `C 07-5634`.
static TYPE_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:([0-9a-z]{{1,2}}):\s*|([0-9]{{1,2}})[\s-]+)?([a-z]{{1,6}})\.?[\s.-]*(?:no\.?\s*)?((?:19|20)?[0-9]{{2}})\s*-\s*([0-9]{{1,10}}){AFTER}"
    ))
});
/// `2016-432`, `16-432 (ABC)`, `5:2016-432`.
static NO_TYPE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:([0-9a-z]{{1,2}}):\s*)?((?:19|20)?[0-9]{{2}})\s*-\s*([0-9]{{1,10}}){AFTER}"
    ))
});
/// Numbers of the multidistrict panel.
static PANEL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:mdl|mcp)[\s-]*(?:no\b\.?)?[\s-]*[0-9]{1,6}$"));
/// Whatever else may be a number: one word with digits in it.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:[a-z]{2,4}/)?[0-9a-z:~_.-]*[0-9][0-9a-z:~_.-]*$"));
/// A day or a time is none.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[0-9]{1,2}-[0-9]{1,2}-(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}:[0-9]{1,2}(?::[0-9]{2})?)$",
    )
});
static ANYWHERE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b[0-9]{2}-(?:[a-z]{1,5}-|~[a-z]{1,4}-)?[0-9]+"));
static CORE_DISTRICT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:[0-9a-z]:)?\b([0-9]{2})-(?:[a-z]{1,5}|~[a-z]{1,4})-([0-9]{1,10})")
});
static CORE_SHORT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b([0-9]{2})-([0-9]{1,10})\b"));

impl DocketNumber {
    /// Takes what a person typed. Fails only if nothing is left of it: courts know forms that
    /// this module does not, such as `MDL No. 2168`.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let dashed: String = text.chars().map(plain_dash).collect();
        let trimmed = dashed.trim();
        let number = LEAD.replace(trimmed, "");
        let number = number.trim();
        if number.is_empty() {
            return Err(InvalidId::Empty);
        }
        if number.len() > 100 {
            return Err(InvalidId::TooLong);
        }
        Ok(Self(number.to_owned()))
    }

    /// The cleaned number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the number is made of; none if its form is unknown. Understands what courts print and
    /// what people write for it: `16cv432`, `CIV-16-0432`, `5:2016-cv-432`, `16 Civ. 432 (ABC)`.
    pub fn components(&self) -> Option<Components> {
        [&FULL, &ODD]
            .into_iter()
            .find_map(|form| form.captures(&self.0))
            .map(|found| printed(&found))
            .or_else(|| SHORT.captures(&self.0).map(|found| short(&found)))
            .or_else(|| written(&self.0))
    }

    /// The number as courts print it, as far as it was understood: `16cv432` is `16-cv-00432`. Without
    /// judges, and as it is if its form is unknown.
    pub fn reading(&self) -> String {
        let Some(parts) = self.components() else {
            return self.0.clone();
        };
        let office = parts
            .office
            .map_or_else(String::new, |office| format!("{office}:"));
        let (letters, width) = match parts.case_type {
            Some(letters) => (format!("{letters}-"), 5),
            None => (String::new(), 0),
        };
        let defendant = parts
            .defendant
            .map_or_else(String::new, |number| format!("-{number}"));
        let serial = &parts.serial;
        format!(
            "{office}{}-{letters}{serial:0>width$}{defendant}",
            parts.year
        )
    }

    /// Whether this may be the number of a case. What may not is not worth a question to a court.
    pub fn may_be_one(&self) -> bool {
        let is_known = self.components().is_some() || PANEL.is_match(&self.0);
        is_known || (WORD.is_match(&self.0) && !TIME.is_match(&self.0))
    }

    /// The number as the case lookup of a court wants it: lower-case, cut after the serial. A
    /// form that is not understood is sent as it is.
    pub fn for_lookup(&self) -> String {
        let Some(parts) = self.components() else {
            return self.0.to_lowercase();
        };
        let mut number = String::new();
        if let Some((panel, _)) = self.0.split_once('/').filter(|(panel, _)| is_panel(panel)) {
            number.push_str(&panel.to_lowercase());
            number.push('/');
        }
        // Without letters, courts are known to take year and serial alone; the office then helps
        // to choose among what they find.
        if let (Some(office), Some(_)) = (&parts.office, &parts.case_type) {
            number.push_str(&office.to_lowercase());
            number.push(':');
        }
        number.push_str(&parts.year);
        number.push('-');
        if let Some(letters) = &parts.case_type {
            number.push_str(letters);
            number.push('-');
        }
        number.push_str(&parts.serial);
        number
    }

    /// Year and serial without office, letters and judge, by which dockets are matched:
    /// `5:16-cv-00432-R` is `1600432`. Numbers of two parts are padded to six digits: `12-332` is
    /// `12000332`. None for an unknown form, or if the text has more than one number.
    pub fn core(&self) -> Option<String> {
        if let Some(parts) = self.components() {
            let width = if parts.case_type.is_some() { 5 } else { 6 };
            let serial: u64 = parts.serial.parse().ok()?;
            return Some(format!("{}{serial:0width$}", parts.year));
        }
        if ANYWHERE.find_iter(&self.0).count() != 1 {
            return None;
        }
        let (found, width) = match CORE_DISTRICT.captures(&self.0) {
            Some(found) => (found, 5),
            None => (CORE_SHORT.captures(&self.0)?, 6),
        };
        let serial: u64 = found[2].parse().ok()?;
        Some(format!("{}{serial:0width$}", &found[1]))
    }
}

impl fmt::Display for DocketNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The parts of a number in the form of district courts.
fn printed(found: &regex::Captures<'_>) -> Components {
    Components {
        office: text_of(found, 1),
        year: found[2].to_owned(),
        case_type: text_of(found, 3).map(|letters| letters.to_ascii_lowercase()),
        serial: found[4].to_owned(),
        judge_assigned: text_of(found, 5),
        judge_referred: text_of(found, 6),
        defendant: text_of(found, 7),
    }
}

/// The parts of a number without a type. The office may stand behind a serial of five digits.
fn short(found: &regex::Captures<'_>) -> Components {
    let any = |groups: &[usize]| groups.iter().find_map(|group| text_of(found, *group));
    Components {
        office: any(&[1, 2, 5]),
        year: found[3].to_owned(),
        serial: any(&[4, 6]).unwrap_or_default(),
        judge_assigned: text_of(found, 7),
        ..Components::default()
    }
}

/// The parts of a number as people write it.
fn written(text: &str) -> Option<Components> {
    if TIME.is_match(text) {
        return None;
    }
    let introduction = INTRODUCTION.captures(text)?;
    let rest = &text[introduction.get_match().end()..];
    let hint = introduction
        .get(1)
        .and_then(|word| usual_type(word.as_str()));
    let groups = |found: regex::Captures<'_>, places: [usize; 3], after: usize| {
        let [letters, year, serial] = places;
        let year = &found[year];
        Components {
            office: text_of(&found, 1).or_else(|| text_of(&found, 2).filter(|_| letters > 0)),
            year: year[year.len() - 2..].to_owned(),
            case_type: match letters {
                0 => hint.clone(),
                group => usual_type(&found[group]),
            },
            serial: found[serial].to_owned(),
            judge_assigned: text_of(&found, after),
            judge_referred: text_of(&found, after + 1),
            defendant: text_of(&found, after + 2),
        }
    };
    let inside = || {
        TYPE_INSIDE
            .captures(rest)
            .map(|found| groups(found, [4, 3, 5], 6))
    };
    let first = || {
        TYPE_FIRST
            .captures(rest)
            .map(|found| groups(found, [3, 4, 5], 6))
    };
    let none = || {
        NO_TYPE
            .captures(rest)
            .map(|found| groups(found, [0, 2, 3], 4))
    };
    inside().or_else(first).or_else(none)
}

/// The type as courts print it, of what people write for it. Divisions of some courts have letters in
/// front (`SACV`).
fn usual_type(written: &str) -> Option<String> {
    let letters = written.to_ascii_lowercase();
    let usual = match letters.as_str() {
        "c" | "civ" | "civil" => "cv",
        "crim" | "cri" | "criminal" => "cr",
        "misc" | "miscellaneous" => "mc",
        "mag" => "mj",
        "bankruptcy" | "bankr" | "bky" => "bk",
        "adv" | "adversary" => "ap",
        "edcv" | "sacv" => "cv",
        "edcr" | "sacr" => "cr",
        other => other,
    };
    (usual.len() <= 5).then(|| usual.to_owned())
}

/// A district in front of a number of the multidistrict panel, as in `NYS/1:22-cv-10283`.
fn is_panel(text: &str) -> bool {
    (2..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn text_of(found: &regex::Captures<'_>, group: usize) -> Option<String> {
    found.get(group).map(|part| part.as_str().to_owned())
}

fn plain_dash(letter: char) -> char {
    match letter {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        other => other,
    }
}
