//! What the lines under an attorney's name mean.

use chrono::NaiveDate;

/// The number of a role that is not known.
pub(super) const UNKNOWN: i16 = 10;
/// The number of an attorney who ended it.
pub(super) const SELF_TERMINATED: i16 = 5;
/// The number of an attorney who was ended.
pub(super) const TERMINATED: i16 = 6;

/// A role line, read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Role {
    /// Its number, as the API has them; none if it means no role.
    pub number: Option<i16>,
    /// The line as printed.
    pub raw: String,
    /// The date in it.
    pub date_action: Option<NaiveDate>,
}

/// Words that stand for a role, in the order in which they are looked for.
const WORDS: [(&str, i16); 9] = [
    ("to be noticed", 1),
    ("lead attorney", 2),
    ("sealed group", 3),
    ("pro hac vice", 4),
    ("selfterminated", SELF_TERMINATED),
    ("terminated", TERMINATED),
    ("suspended", 7),
    ("inactive", 8),
    ("disbarred", 9),
];

impl Role {
    /// Reads a role line such as `LEAD ATTORNEY` or `TERMINATED: 06/21/2011`.
    pub(super) fn read(raw: &str) -> Role {
        // Courts write `SELF- TERMINATED` and `SELF-TERMINATED`.
        let text = raw
            .to_lowercase()
            .replace("self- ", "self")
            .replace("self-", "self");
        let number = WORDS
            .iter()
            .find(|(words, _)| text.contains(words))
            .map(|(_, number)| *number);
        Role {
            number,
            raw: raw.to_owned(),
            date_action: date_in(raw),
        }
    }

    /// The role of an attorney of whom the page says none.
    pub(super) fn unknown() -> Role {
        Role {
            number: Some(UNKNOWN),
            raw: String::new(),
            date_action: None,
        }
    }
}

/// Whether a role of this number has ended.
pub(super) fn is_terminated(number: Option<i16>) -> bool {
    matches!(number, Some(SELF_TERMINATED | TERMINATED))
}

/// The first date of the form `06/21/2011`.
fn date_in(text: &str) -> Option<NaiveDate> {
    text.split(|letter: char| !letter.is_ascii_digit() && letter != '/')
        .find_map(|word| NaiveDate::parse_from_str(word, "%m/%d/%Y").ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, number: Option<i16>, date: Option<(i32, u32, u32)>) {
        let date_action =
            date.and_then(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day));
        assert_eq!(
            Role::read(raw),
            Role {
                number,
                raw: raw.to_owned(),
                date_action
            }
        );
    }

    #[test]
    fn role_lines_are_read() {
        check("ATTORNEY TO BE NOTICED", Some(1), None);
        check("LEAD ATTORNEY", Some(2), None);
        check("ATTORNEY IN SEALED GROUP", Some(3), None);
        check("PRO HAC VICE", Some(4), None);
        check("SELF- TERMINATED: 01/02/2003", Some(5), Some((2003, 1, 2)));
        check("TERMINATED: 06/21/2011", Some(6), Some((2011, 6, 21)));
        check("Suspended", Some(7), None);
        check("(Inactive)", Some(8), None);
        check("DISBARRED 13/45/2011", Some(9), None);
        check("Designation: Retained", None, None);
    }
}
