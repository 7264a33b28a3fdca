//! From the bytes of a page to text that can be parsed.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads UTF-8, or Windows-1252 if it is not, as browsers read what calls itself ISO-8859-1. What the
/// page says about its encoding is ignored, but for the mark of UTF-16.
///
/// No control from U+0080 to U+009F is left: courts that print one mean what Windows-1252 has there.
pub(crate) fn decode(page: &[u8]) -> Cow<'_, str> {
    if let Some(text) = utf_16(page) {
        return Cow::Owned(printable(Cow::Owned(text)).into_owned());
    }
    match std::str::from_utf8(page) {
        Ok(text) => printable(Cow::Borrowed(text)),
        Err(_) if is_mostly_utf_8(page) => Cow::Owned(mixed(page)),
        Err(_) => Cow::Owned(page.iter().filter_map(|byte| windows_1252(*byte)).collect()),
    }
}

/// The text of a page that begins with the mark of UTF-16.
fn utf_16(page: &[u8]) -> Option<String> {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match page {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return None,
    };
    let units: Vec<u16> = rest
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    Some(String::from_utf16_lossy(&units))
}

/// What Windows-1252 has in place of the controls U+0080 to U+009F; five places are empty.
const WINDOWS_1252: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

fn windows_1252(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => Some(char::from(byte)),
    }
}

/// A character as a reader should see it; none for a control that stands for nothing.
pub(crate) fn printable_letter(letter: char) -> Option<char> {
    match letter {
        '\u{80}'..='\u{9f}' => u8::try_from(letter).ok().and_then(windows_1252),
        _ => Some(letter),
    }
}

fn printable(text: Cow<'_, str>) -> Cow<'_, str> {
    // Such a control is 0xc2 and a byte below 0xa0.
    let bytes = text.as_bytes();
    let has_control = memchr::memchr_iter(0xc2, bytes).any(|at| bytes[at + 1] < 0xa0);
    match has_control {
        true => Cow::Owned(text.chars().filter_map(printable_letter).collect()),
        false => text,
    }
}

/// Whether the bytes are UTF-8 but for a few: they have more letters that UTF-8 writes with several
/// bytes and courts use, than bytes that are none of it.
fn is_mostly_utf_8(page: &[u8]) -> bool {
    let is_used = |letter: &char| matches!(letter, '\u{a0}'..='\u{17f}' | '\u{2010}'..='\u{2044}' | '€' | '™');
    let (mut letters, mut others) = (0, 0);
    for chunk in page.utf8_chunks() {
        letters += chunk.valid().chars().filter(is_used).count();
        others += chunk.invalid().len();
    }
    letters > others
}

/// UTF-8, and Windows-1252 where it is none.
fn mixed(page: &[u8]) -> String {
    let mut text = String::with_capacity(page.len());
    for chunk in page.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(
            chunk
                .invalid()
                .iter()
                .filter_map(|byte| windows_1252(*byte)),
        );
    }
    printable(Cow::Owned(text)).into_owned()
}

/// Reads JSON. Its escapes can write what is no text, as other pages can.
pub(crate) fn json<T: DeserializeOwned>(page: &[u8]) -> Result<T, serde_json::Error> {
    let text = decode(page);
    if memmem::find(text.as_bytes(), b"\\u00").is_none() {
        return serde_json::from_str(&text);
    }
    let mut value = serde_json::from_str(&text)?;
    let mut open = vec![&mut value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => {
                if let Cow::Owned(plain) = printable(Cow::Borrowed(text)) {
                    *text = plain;
                }
            }
            Value::Array(values) => open.extend(values),
            Value::Object(fields) => open.extend(fields.values_mut()),
            _ => {}
        }
    }
    serde_json::from_value(value)
}

static DECLARATION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)^\s*<\?xml.*?\?>").expect("pattern is tested"));
static CONTROL_REFERENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"&#0?[1-8]\b").expect("pattern is tested"));

/// Decodes a page of HTML and removes what is neither HTML nor text.
pub(crate) fn html(page: &[u8]) -> Cow<'_, str> {
    let mut text = decode(page);
    for marker in ["<![CDATA[", "]]>"] {
        if memmem::find(text.as_bytes(), marker.as_bytes()).is_some() {
            text = Cow::Owned(text.replace(marker, ""));
        }
    }
    if text.trim_start().starts_with("<?xml") {
        text = Cow::Owned(DECLARATION.replace(&text, "").into_owned());
    }
    if memmem::find(text.as_bytes(), b"&#").is_some() && CONTROL_REFERENCE.is_match(&text) {
        text = Cow::Owned(CONTROL_REFERENCE.replace_all(&text, "").into_owned());
    }
    without_forbidden(text)
}

/// Decodes a document of XML and removes what XML does not allow.
pub(crate) fn xml(page: &[u8]) -> Cow<'_, str> {
    without_forbidden(decode(page))
}

fn without_forbidden(text: Cow<'_, str>) -> Cow<'_, str> {
    let mut allowed = String::new();
    let mut rest = &*text;
    // Up to where the rest has been looked at.
    let mut seen = 0;
    while let Some(at) = suspect_byte(&rest.as_bytes()[seen..]).map(|at| seen + at) {
        let letter = rest[at..].chars().next();
        let end = at + letter.map_or(1, char::len_utf8);
        if letter.is_some_and(is_forbidden) {
            allowed.push_str(&rest[..at]);
            rest = &rest[end..];
            seen = 0;
        } else {
            seen = end;
        }
    }
    if rest.len() == text.len() {
        return text;
    }
    allowed.push_str(rest);
    Cow::Owned(allowed)
}

/// Where the first control stands, or the first byte of U+FFFE and U+FFFF.
fn suspect_byte(text: &[u8]) -> Option<usize> {
    let is_suspect =
        |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0xef;
    let chunk = chunk_with(text, is_suspect)?;
    let at = text[chunk..].iter().position(|byte| is_suspect(*byte))?;
    Some(chunk + at)
}

/// Where the first chunk begins that has such a byte. A chunk is looked at as a whole, which takes the
/// processor few instructions.
pub(crate) fn chunk_with(bytes: &[u8], is_sought: impl Fn(u8) -> bool) -> Option<usize> {
    const CHUNK: usize = 256;
    let has_any = |chunk: &[u8]| {
        let bytes = chunk.iter();
        bytes.fold(false, |any, byte| any | is_sought(*byte))
    };
    Some(bytes.chunks(CHUNK).position(has_any)? * CHUNK)
}

/// What XML 1.0 does not allow.
pub(crate) fn is_forbidden(letter: char) -> bool {
    matches!(letter, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}
