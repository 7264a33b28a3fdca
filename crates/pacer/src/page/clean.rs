//! From the bytes of a page to text that can be parsed.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

/// Reads UTF-8, or ISO-8859-1 if it is not. What the page says about its encoding is ignored.
pub(crate) fn decode(page: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(page) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(page.iter().map(|byte| char::from(*byte)).collect()),
    }
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
    if !has_suspect_byte(text.as_bytes()) || !text.contains(is_forbidden) {
        return text;
    }
    Cow::Owned(
        text.chars()
            .filter(|letter| !is_forbidden(*letter))
            .collect(),
    )
}

/// A control, or the first byte of U+FFFE and U+FFFF.
///
/// Looks at a chunk as a whole, which takes the processor few instructions.
fn has_suspect_byte(text: &[u8]) -> bool {
    let is_suspect =
        |byte: &u8| (*byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || *byte == 0xef;
    text.chunks(256)
        .any(|chunk| chunk.iter().fold(false, |any, byte| any | is_suspect(byte)))
}

/// What XML 1.0 does not allow.
pub(crate) fn is_forbidden(letter: char) -> bool {
    matches!(letter, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}
