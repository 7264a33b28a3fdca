//! What is sent. It may hold a password: it is wiped when it has been sent, and written without growing, so
//! that no copy is left.

use bytes::Bytes;
use serde_json::{Map, Value};
use url::form_urlencoded;
use zeroize::Zeroizing;

/// A form, which is wiped when it has been sent. Written without growing, so that no copy is left.
pub(crate) fn form<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Bytes {
    let fields: Vec<(&str, &str)> = fields.into_iter().collect();
    let longest = fields
        .iter()
        .map(|(name, value)| 2 + 3 * (name.len() + value.len()))
        .sum();
    let mut body = Zeroizing::new(Vec::with_capacity(longest));
    for (name, value) in fields {
        if !body.is_empty() {
            body.push(b'&');
        }
        encode(name, &mut body);
        body.push(b'=');
        encode(value, &mut body);
    }
    Bytes::from_owner(body)
}

fn encode(text: &str, body: &mut Vec<u8>) {
    for piece in form_urlencoded::byte_serialize(text.as_bytes()) {
        body.extend_from_slice(piece.as_bytes());
    }
}

/// An object of these fields and these texts. Written without growing, so that no copy is left.
pub(crate) fn json(fields: &Map<String, Value>, secrets: &[(&str, &str)]) -> Bytes {
    // A byte of a text is six in JSON at most.
    let of_secrets = secrets
        .iter()
        .map(|(name, text)| 6 * (name.len() + text.len()) + 6);
    let plain = Value::Object(fields.clone()).to_string();
    let mut body = Zeroizing::new(Vec::with_capacity(plain.len() + of_secrets.sum::<usize>()));
    body.extend_from_slice(plain.strip_suffix('}').unwrap_or_default().as_bytes());
    for (name, text) in secrets {
        if body.len() > 1 {
            body.push(b',');
        }
        write_json(name, &mut body);
        body.push(b':');
        write_json(text, &mut body);
    }
    body.push(b'}');
    Bytes::from_owner(body)
}

fn write_json(text: &str, body: &mut Vec<u8>) {
    serde_json::to_writer(body, text).expect("a text can be written into memory");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_was_given() {
        let sent = form([
            ("pacer_username", "a&b"),
            ("pacer_password", "p w=1%\u{fc}"),
            ("client_code", ""),
        ]);
        assert_eq!(
            sent,
            "pacer_username=a%26b&pacer_password=p+w%3D1%25%C3%BC&client_code="
        );
        assert_eq!(form([]), "");
    }

    #[test]
    fn an_object_may_have_nothing_but_texts() {
        let login = [("pacer_username", "a}"), ("pacer_password", "\"")];
        let alone = json(&Map::new(), &login);
        assert_eq!(alone, r#"{"pacer_username":"a}","pacer_password":"\""}"#);
        assert_eq!(json(&Map::new(), &[]), "{}");
    }
}
