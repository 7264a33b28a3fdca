//! Text in places that allow only some letters: the path of a URL, the name of a file in a header.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a value in a header may not contain (RFC 8187).
const NOT_IN_HEADER: &AsciiSet = &UNSAFE
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'^')
    .remove(b'`')
    .remove(b'|');

const NOT_IN_PATH: &AsciiSet = &UNSAFE.remove(b'/');

const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A path, with everything written out that means something else in a URL.
#[must_use]
pub fn path(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_PATH).to_string()
}

/// A value as RFC 8187 has it in headers, without the name of its character set.
#[must_use]
pub fn header_value(text: &str) -> String {
    utf8_percent_encode(text, NOT_IN_HEADER).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_written_out() {
        assert_eq!(
            path("recap/a.1-b_c~/é \r\n"),
            "recap/a.1-b_c~/%C3%A9%20%0D%0A"
        );
        assert_eq!(
            header_value("a/b;c\"\\%'*.pdf"),
            "a%2Fb%3Bc%22%5C%25%27%2A.pdf"
        );
    }
}
