//! Who calls, and where, when a proxy of the operator's stands between.
//!
//! `X-Forwarded-For`, `-Proto`, `-Host` and `Forwarded` (RFC 7239) are read from the end, since each proxy
//! adds what it has seen behind what was there: as long as the one who speaks is named by the operator
//! (`PACER_FETCH_TRUSTED_PROXIES`), what it says is believed, and nothing that stands before. Of two
//! proxies that contradict each other neither is: one of them only passes on what a caller wrote.

mod element;

use std::net::IpAddr;

use axum::http::{Extensions, HeaderMap, header::FORWARDED};
use fetch_runtime::listener::{Peer, Proxies};

use element::Element;

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";

/// A call as its caller has made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who calls; none without a connection, as in tests.
    pub address: Option<IpAddr>,
    /// Whether the caller speaks over TLS.
    pub encrypted: bool,
    /// The host that the caller asked for, if a proxy says so.
    pub host: Option<String>,
}

/// Who calls and where, by the connection and by what proxies say.
#[must_use]
pub fn origin(proxies: &Proxies, headers: &HeaderMap, extensions: &Extensions) -> Origin {
    let peer = extensions.get::<Peer>();
    let own = Origin {
        address: peer.map(|peer| peer.address.ip()),
        encrypted: peer.is_some_and(|peer| peer.encrypted),
        host: None,
    };
    let Some(peer) = peer.filter(|peer| proxies.contain(peer.address.ip())) else {
        return own;
    };
    let first = peer.address.ip();
    let told = [
        told_by_forwarded(proxies, headers, first),
        told_by_x_forwarded(proxies, headers, first),
    ];
    let [forwarded, x_forwarded] = told;
    let Some(told) = agreed(forwarded, x_forwarded) else {
        return own;
    };
    Origin {
        address: Some(told.address.unwrap_or(first)),
        encrypted: told.encrypted.unwrap_or(own.encrypted),
        host: told.host,
    }
}

/// What proxies say, as far as they do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Told {
    address: Option<IpAddr>,
    encrypted: Option<bool>,
    host: Option<String>,
}

/// What both say, or the one who speaks; none if they contradict each other.
fn agreed(one: Told, other: Told) -> Option<Told> {
    Some(Told {
        address: both(one.address, other.address)?,
        encrypted: both(one.encrypted, other.encrypted)?,
        host: both(one.host, other.host)?,
    })
}

fn both<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<Option<T>> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => Some(one.or(other)),
    }
}

fn told_by_forwarded(proxies: &Proxies, headers: &HeaderMap, first: IpAddr) -> Told {
    let elements = element::all(headers.get_all(FORWARDED));
    let seen = elements.iter().map(|element| {
        let element = element.as_ref()?;
        element.client.as_deref().and_then(element::address)
    });
    let Some((address, place)) = outermost(proxies, seen, first) else {
        return Told::default();
    };
    let address = Some(address);
    let element = elements.iter().rev().nth(place).and_then(Option::as_ref);
    let (proto, host) = match element {
        Some(Element { proto, host, .. }) => (proto.as_deref(), host.as_deref()),
        None => (None, None),
    };
    Told {
        address,
        encrypted: proto.and_then(encrypted),
        host: host.and_then(element::host),
    }
}

fn told_by_x_forwarded(proxies: &Proxies, headers: &HeaderMap, first: IpAddr) -> Told {
    let clients = element::list(headers.get_all(FOR));
    let seen = clients.iter().map(|client| element::address(client));
    let found = outermost(proxies, seen, first);
    let place = found.map_or(0, |(_, place)| place);
    // Some proxies add to these, and others replace them.
    let at = |name: &str| {
        let list = element::list(headers.get_all(name));
        let place = place.min(list.len().checked_sub(1)?);
        list.into_iter().rev().nth(place)
    };
    Told {
        address: found.map(|(address, _)| address),
        encrypted: at(PROTO).as_deref().and_then(encrypted),
        host: at(HOST).as_deref().and_then(element::host),
    }
}

/// The first from the end who is no proxy, or the first of all, and how many stand behind; none if
/// nobody is named. What cannot be read ends it: then it is whoever was named behind that.
fn outermost(
    proxies: &Proxies,
    seen: impl DoubleEndedIterator<Item = Option<IpAddr>>,
    first: IpAddr,
) -> Option<(IpAddr, usize)> {
    let mut found = None;
    let mut speaks = first;
    for (place, address) in seen.rev().enumerate() {
        if !proxies.contain(speaks) {
            break;
        }
        found = Some((address.unwrap_or(speaks), place));
        match address {
            Some(address) => speaks = address,
            None => break,
        }
    }
    found
}

fn encrypted(proto: &str) -> Option<bool> {
    match proto.to_ascii_lowercase().as_str() {
        "https" => Some(true),
        "http" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
