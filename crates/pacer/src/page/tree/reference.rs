//! Character references: `&amp;`, `&#160;`, `&nbsp`.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// What a reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference {
    /// One character or two.
    pub(super) first: char,
    pub(super) second: Option<char>,
    /// Bytes of the reference itself, with the `&`.
    pub(super) length: usize,
}

/// Where a reference stands, for in attributes a name without `;` may be the start of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    Attribute,
}

/// Reads the reference that `text` starts with. None if it is only an ampersand.
pub(super) fn read(text: &str, place: Place) -> Option<Reference> {
    match text.as_bytes().get(1)? {
        b'#' => numeric(text),
        byte if byte.is_ascii_alphanumeric() => named(text, place),
        _ => None,
    }
}

fn numeric(text: &str) -> Option<Reference> {
    let bytes = text.as_bytes();
    let (radix, start) = match bytes.get(2) {
        Some(b'x' | b'X') => (16, 3),
        _ => (10, 2),
    };
    let digits = bytes[start..]
        .iter()
        .take_while(|byte| char::from(**byte).is_digit(radix))
        .count();
    if digits == 0 {
        return None;
    }
    let end = start + digits;
    // A number too large for u32 is no character either.
    let number = u32::from_str_radix(&text[start..end], radix).unwrap_or(u32::MAX);
    Some(Reference {
        first: character(number),
        second: None,
        length: end + usize::from(bytes.get(end) == Some(&b';')),
    })
}

/// The character with that number; numbers of windows-1252 mean what their authors meant.
fn character(number: u32) -> char {
    const REPLACEMENT: char = '\u{fffd}';
    let replaced = number
        .checked_sub(0x80)
        .and_then(|index| C1_REPLACEMENTS.get(index as usize))
        .copied()
        .flatten();
    match number {
        // Windows-1252 has nothing at these.
        0 | 0x81 | 0x8d | 0x8f | 0x90 | 0x9d => REPLACEMENT,
        _ => replaced
            .or_else(|| char::from_u32(number))
            .unwrap_or(REPLACEMENT),
    }
}

fn named(text: &str, place: Place) -> Option<Reference> {
    // The two that pages are full of.
    for (name, letter) in [("&nbsp;", '\u{a0}'), ("&amp;", '&')] {
        if text.starts_with(name) {
            return Some(Reference {
                first: letter,
                second: None,
                length: name.len(),
            });
        }
    }
    longest_name(text).filter(|found| {
        let last = text.as_bytes()[found.length - 1];
        let next = text.as_bytes().get(found.length);
        let is_word = next.is_some_and(|next| *next == b'=' || next.is_ascii_alphanumeric());
        !(place == Place::Attribute && last != b';' && is_word)
    })
}

/// The table of names has all their beginnings too, so that the search can stop early.
fn longest_name(text: &str) -> Option<Reference> {
    let mut longest = None;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        if !byte.is_ascii_alphanumeric() && byte != b';' {
            break;
        }
        let Some(&(first, second)) = NAMED_ENTITIES.get(&text[1..=index]) else {
            break;
        };
        if let Some(first) = char::from_u32(first).filter(|letter| *letter != '\0') {
            longest = Some(Reference {
                first,
                second: char::from_u32(second).filter(|letter| *letter != '\0'),
                length: index + 1,
            });
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, place: Place, expected: Option<(&str, usize)>) {
        let found = read(text, place).map(|found| {
            let letters: String = std::iter::once(found.first).chain(found.second).collect();
            (letters, found.length)
        });
        assert_eq!(
            found,
            expected.map(|(letters, length)| (letters.to_owned(), length))
        );
    }

    #[test]
    fn references_stand_for_characters() {
        check("&nbsp;x", Place::Text, Some(("\u{a0}", 6)));
        check("&nbspx", Place::Text, Some(("\u{a0}", 5)));
        check("&notin;", Place::Text, Some(("\u{2209}", 7)));
        check("&notit;", Place::Text, Some(("\u{ac}", 4)));
        check("&bne;", Place::Text, Some(("=\u{20e5}", 5)));
        check("&#147;", Place::Text, Some(("\u{201c}", 6)));
        check("&#x1F4;", Place::Text, Some(("\u{1f4}", 7)));
        check("&#99999999999;", Place::Text, Some(("\u{fffd}", 14)));
        check("&#0;", Place::Text, Some(("\u{fffd}", 4)));
        for ampersand in ["&", "& x", "&#;", "&#x;", "&nothing", "&é"] {
            let expected = (ampersand == "&nothing").then_some(("\u{ac}", 4));
            check(ampersand, Place::Text, expected);
        }
    }

    #[test]
    fn query_strings_in_attributes_stay() {
        check("&copy=1", Place::Attribute, None);
        check("&copies=1", Place::Attribute, None);
        check("&copy;=1", Place::Attribute, Some(("\u{a9}", 6)));
        check("&copy\"", Place::Attribute, Some(("\u{a9}", 5)));
    }
}
