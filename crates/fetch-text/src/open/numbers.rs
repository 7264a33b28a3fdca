//! Numbers with exponents, which PDF does not have and some programs write. A reader that does not
//! know them loses the dictionary, and with it a page; others read on.

use std::ops::Range;

/// Bytes before a number in which it must turn out to belong to a name or an array.
const CONTEXT: usize = 60;
/// A number this large is no size and no angle.
const LARGEST: f64 = 1e9;

/// Writes numbers with exponents as PDF has them, in the same place; those that are senseless
/// become 0, which is what others take them for.
pub(super) fn without_exponents(bytes: &mut [u8]) {
    let places: Vec<usize> = memchr::memchr2_iter(b'e', b'E', bytes)
        .filter(|place| is_between_digits(bytes, *place))
        .collect();
    for place in places {
        let Some(number) = number_around(bytes, place) else {
            continue;
        };
        let text = str::from_utf8(&bytes[number.clone()]).unwrap_or_default();
        let value = text
            .parse::<f64>()
            .ok()
            .filter(|value| value.abs() < LARGEST);
        let mut written = value.unwrap_or(0.0).to_string();
        if written.len() > number.len() {
            written = "0".to_owned();
        }
        let padded = format!("{written:<width$}", width = number.len());
        bytes[number].copy_from_slice(padded.as_bytes());
    }
}

fn is_between_digits(bytes: &[u8], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|before| bytes.get(before));
    before.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.')
        && bytes
            .get(place + 1)
            .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'))
}

/// The number with an exponent there, if it is the value of a name or an item of an array.
fn number_around(bytes: &[u8], place: usize) -> Option<Range<usize>> {
    let is_of_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-');
    let before = bytes[..place].iter().rev().take(CONTEXT);
    let start = place - before.take_while(|byte| is_of_number(byte)).count();
    let after = bytes[place + 1..].iter().take(CONTEXT);
    let end = place + 1 + after.take_while(|byte| is_of_number(byte)).count();
    let ends = bytes
        .get(end)
        .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b']'));
    (ends && is_value(&bytes[start.saturating_sub(CONTEXT)..start])).then_some(start..end)
}

/// Whether what follows this is the value of a name, or an item of an array of numbers.
fn is_value(before: &[u8]) -> bool {
    let mut words = before
        .iter()
        .rev()
        .skip_while(|byte| byte.is_ascii_whitespace())
        .peekable();
    if words
        .peek()
        .is_some_and(|byte| byte.is_ascii_alphanumeric())
        && before.last().is_some_and(u8::is_ascii_whitespace)
    {
        let name = words
            .clone()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        if words.clone().nth(name) == Some(&b'/') {
            return true;
        }
    }
    let is_of_array =
        |byte: &&u8| byte.is_ascii_whitespace() || byte.is_ascii_digit() || b".+-eE".contains(byte);
    words.find(|byte| !is_of_array(byte)) == Some(&b'[')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        without_exponents(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn numbers_with_exponents_become_numbers() {
        assert_eq!(
            mended("<</Rotate 1e308/Parent 2 0 R>>"),
            "<</Rotate 0    /Parent 2 0 R>>"
        );
        assert_eq!(mended("<</Rotate -1E308>>"), "<</Rotate 0     >>");
        assert_eq!(mended("/Rotate 9e1 "), "/Rotate 90  ");
        assert_eq!(
            mended("/MediaBox [0 0 6.12e2 7.92e+2]"),
            "/MediaBox [0 0 612    792    ]"
        );
    }

    #[test]
    fn everything_else_is_left_alone() {
        for text in [
            "/F1e2 12 Tf",
            "(line 1e3 of the text)",
            "/Rotate 90 /Name/a1e5",
            "<1e3f 2e4a>",
            "1e5 0 0 1 0 0 cm",
            "7e",
            "e",
            "",
        ] {
            assert_eq!(mended(text), text);
        }
    }
}
