//! Text in places that allow only some letters: the path of a URL, the name of a file in a header.

/// A path, with everything written out that means something else in a URL.
#[must_use]
pub fn path(path: &str) -> String {
    encode(path, b"-._~/")
}

/// A value as RFC 8187 has it in headers, without the name of its character set.
#[must_use]
pub fn header_value(text: &str) -> String {
    encode(text, b"-._~!#$&+^`|")
}

fn encode(text: &str, plain: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
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
