//! Numbers of entries, as people list them: `1-20`, or `1,5,9-12`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Numbers of entries, each once, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryNumbers(Vec<(i32, i32)>);

/// What is no list of numbers of entries. The message is for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoEntryNumbers {
    /// It is not written like one.
    #[error("Send the number of an entry, a range such as 1-20, or a list such as 1,5,9-12.")]
    Malformed,
    /// A range ends before it begins.
    #[error("A range begins with its lower number: 1-20.")]
    Backwards,
    /// It is too long.
    #[error(
        "A request is for at most {} entries. Send several.",
        EntryNumbers::MOST
    )]
    TooMany,
}

impl EntryNumbers {
    /// The most entries of a request.
    pub const MOST: usize = 500;

    /// A single one, if it is one.
    #[must_use]
    pub fn single(&self) -> Option<i32> {
        match self.0.as_slice() {
            [(first, last)] if first == last => Some(*first),
            _ => None,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.iter().count()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = i32> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// Those of them that are not among these: the lowest and the highest.
    #[must_use]
    pub fn span_without(&self, known: &[i32]) -> Option<(i32, i32)> {
        let unknown = || self.iter().filter(|number| !known.contains(number));
        Some((unknown().min()?, unknown().max()?))
    }
}

impl From<i32> for EntryNumbers {
    fn from(number: i32) -> EntryNumbers {
        EntryNumbers(vec![(number, number)])
    }
}

impl FromStr for EntryNumbers {
    type Err = NoEntryNumbers;

    fn from_str(text: &str) -> Result<EntryNumbers, NoEntryNumbers> {
        let mut ranges = Vec::new();
        for part in text.split(',') {
            ranges.push(range(part)?);
            if ranges.len() > EntryNumbers::MOST {
                return Err(NoEntryNumbers::TooMany);
            }
        }
        ranges.sort_unstable();
        let mut merged: Vec<(i32, i32)> = Vec::new();
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => merged.push((first, last)),
            }
        }
        let lengths = merged.iter();
        let count: i64 = lengths
            .map(|(first, last)| i64::from(*last) - i64::from(*first) + 1)
            .sum();
        match usize::try_from(count) {
            Ok(count) if count <= EntryNumbers::MOST => Ok(EntryNumbers(merged)),
            _ => Err(NoEntryNumbers::TooMany),
        }
    }
}

fn range(part: &str) -> Result<(i32, i32), NoEntryNumbers> {
    let number = |text: &str| {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse::<i32>().ok()).flatten();
        number
            .filter(|number| *number >= 1)
            .ok_or(NoEntryNumbers::Malformed)
    };
    let (first, last) = match part.split_once(['-', '\u{2013}']) {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(part)?, number(part)?),
    };
    match first <= last {
        true => Ok((first, last)),
        false => Err(NoEntryNumbers::Backwards),
    }
}

impl fmt::Display for EntryNumbers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (first, last)) in self.0.iter().enumerate() {
            if place > 0 {
                formatter.write_str(",")?;
            }
            match first == last {
                true => write!(formatter, "{first}")?,
                false => write!(formatter, "{first}-{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, NoEntryNumbers> {
        let numbers: EntryNumbers = text.parse()?;
        Ok(numbers.to_string())
    }

    #[test]
    fn lists_and_ranges_are_read_and_each_number_counts_once() {
        for (text, means) in [
            ("5", "5"),
            ("1-20", "1-20"),
            (" 1 , 5,9 - 12 ", "1,5,9-12"),
            ("9-12,1,10,2", "1-2,9-12"),
            ("1\u{2013}3", "1-3"),
            ("7-7", "7"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(means), "{text}");
        }
        let numbers: EntryNumbers = "1,5,9-12".parse().unwrap();
        assert_eq!(numbers.count(), 6);
        assert_eq!(numbers.span_without(&[1, 9, 12]), Some((5, 11)));
        assert_eq!(numbers.span_without(&[1, 5, 9, 10, 11, 12]), None);
        assert_eq!(numbers.single(), None);
        assert_eq!(EntryNumbers::from(5).single(), Some(5));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in [
            "",
            "x",
            "0",
            "-1",
            "1-",
            "1--2",
            "1,,2",
            "1.5",
            "99999999999",
        ] {
            assert_eq!(read(text), Err(NoEntryNumbers::Malformed), "{text}");
        }
        assert_eq!(read("20-1"), Err(NoEntryNumbers::Backwards));
        assert_eq!(read("1-501"), Err(NoEntryNumbers::TooMany));
        assert_eq!(read("1-2147483647"), Err(NoEntryNumbers::TooMany));
        assert!(read("1-500").is_ok());
    }
}
