//! How what proxies say is spelled.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderValue, header::GetAll};

use crate::dialect::is_host;

/// One part of `Forwarded`, as one proxy wrote it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub client: Option<String>,
    pub proto: Option<String>,
    pub host: Option<String>,
}

/// The parts of all headers of a name, as if they were one; a header that is no text is a part that
/// says nothing.
pub(super) fn list(headers: GetAll<'_, HeaderValue>) -> Vec<String> {
    let mut parts = Vec::new();
    for header in headers {
        let text = header.to_str().unwrap_or_default();
        parts.extend(text.split(',').map(|part| part.trim().to_owned()));
    }
    parts
}

/// The same of `Forwarded`, where commas may be quoted. None stands for what cannot be read.
pub(super) fn all(headers: GetAll<'_, HeaderValue>) -> Vec<Option<Element>> {
    let mut parts = Vec::new();
    for header in headers {
        match header.to_str().ok().and_then(|text| split(text, b',')) {
            Some(elements) => parts.extend(elements.into_iter().map(element)),
            None => parts.push(None),
        }
    }
    parts
}

fn element(text: &str) -> Option<Element> {
    let mut element = Element::default();
    for pair in split(text, b';')? {
        if pair.is_empty() {
            continue;
        }
        let (name, value) = pair.split_once('=')?;
        let value = unquoted(value)?;
        let place = match name.to_ascii_lowercase().as_str() {
            "for" => &mut element.client,
            "proto" => &mut element.proto,
            "host" => &mut element.host,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    Some(element)
}

/// Parts between marks that are not quoted; none if a quotation has no end.
fn split(text: &str, mark: u8) -> Option<Vec<&str>> {
    let (mut parts, mut begin, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            byte if byte == mark && !quoted => {
                parts.push(text[begin..place].trim());
                begin = place + 1;
            }
            _ => {}
        }
    }
    parts.push(text[begin..].trim());
    (!quoted).then_some(parts)
}

/// A token, or what stands between two quotation marks.
fn unquoted(value: &str) -> Option<String> {
    let Some(rest) = value.strip_prefix('"') else {
        return (!value.contains('"')).then(|| value.to_owned());
    };
    let mut text = String::new();
    let mut rest = rest.chars();
    while let Some(character) = rest.next() {
        match character {
            '"' => return rest.next().is_none().then_some(text),
            '\\' => text.push(rest.next()?),
            _ => text.push(character),
        }
    }
    None
}

/// An address, with or without a port and brackets.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let bare = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    };
    let address = bare.or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

/// A host with or without a port, fit to stand in a link.
pub(super) fn host(text: &str) -> Option<String> {
    is_host(text).then(|| text.to_owned())
}
