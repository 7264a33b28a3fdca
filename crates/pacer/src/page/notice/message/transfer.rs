//! How content is written in a message. What is written wrongly is kept as it is.

use std::borrow::Cow;

/// How content is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    None,
    QuotedPrintable,
    Base64,
}

impl Encoding {
    pub(super) fn of(value: &[u8]) -> Self {
        match &value.trim_ascii().to_ascii_lowercase()[..] {
            b"quoted-printable" => Self::QuotedPrintable,
            b"base64" => Self::Base64,
            _ => Self::None,
        }
    }

    pub(super) fn decode(self, content: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::None => Cow::Borrowed(content),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(content)),
            Self::Base64 => Cow::Owned(base64(content)),
        }
    }
}

/// `=3D` is a byte, and `=` at a line's end joins it to the next.
fn quoted_printable(content: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some((first, after)) = rest.split_first() {
        let (byte, length) = match (first, after) {
            (b'=', [b'\n', ..]) => (None, 1),
            (b'=', [b'\r', b'\n', ..]) => (None, 2),
            (b'=', [high, low, ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (Some(high * 16 + low), 2),
                _ => (Some(b'='), 0),
            },
            _ => (Some(*first), 0),
        };
        decoded.extend(byte);
        rest = &after[length..];
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

/// Four letters are three bytes. What is no such letter is passed over, and `=` ends it. Addresses
/// write two of the letters in another way.
pub(in crate::page::notice) fn base64(content: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(content.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for letter in content.iter().take_while(|letter| **letter != b'=') {
        let Some(value) = sextet(*letter) else {
            continue;
        };
        (bits, count) = (bits << 6 | value, count + 6);
        if count >= 8 {
            count -= 8;
            let [.., byte] = (bits >> count).to_be_bytes();
            decoded.push(byte);
        }
    }
    decoded
}

fn sextet(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
