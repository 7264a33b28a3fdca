//! Links that a mail filter wrote into an address of its own, so that it sees who opens them.
//!
//! Most filters keep the real address: as a value of their query, percent-encoded (Safe Links of
//! Microsoft, Barracuda) or not, in base64 (Sophos), in the path (Cisco), or in a code of their own
//! (Proofpoint, Avanan). Others keep a token and nothing else (Mimecast), and then nothing is known.

use std::borrow::Cow;

use super::message::base64;

/// Filters wrap what other filters wrapped.
const MOST_LAYERS: usize = 4;
/// Longer than the address of anything that a court has.
const LONGEST: usize = 8_192;

/// The address that a link of a notice stands for; none for one that leads to no court as far as it
/// tells.
pub(super) fn unwrapped(href: &str) -> Option<Cow<'_, str>> {
    let href = href.trim();
    let Some(host) = host(href) else {
        return Some(Cow::Borrowed(href));
    };
    if is_court(host) {
        return Some(Cow::Borrowed(href));
    }
    if let Some(inner) = opened(href, MOST_LAYERS) {
        return Some(Cow::Owned(inner));
    }
    looks_like_court(href, host).then_some(Cow::Borrowed(href))
}

/// The host of an address that has one.
fn host(href: &str) -> Option<&str> {
    let (scheme, rest) = href.split_once("://")?;
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    is_scheme.then_some(host)
}

fn is_court(host: &str) -> bool {
    const SITES: [&str; 3] = [
        ".uscourts.gov",
        ".fedcourts.us",
        "-showdoc.azurewebsites.us",
    ];
    let host = host.to_ascii_lowercase();
    SITES.iter().any(|site| host.ends_with(site))
}

/// Sites that play a court for tests have other hosts, and names or paths like those of courts. No
/// filter is at an address of numbers, or has a name without a dot or like that of a court; and no
/// court has a name that goes on after the courts' own.
fn looks_like_court(href: &str, host: &str) -> bool {
    const PATHS: [&str; 4] = ["/doc1/", "/docs1/", "/cgi-bin/", "/servlet/"];
    let path = href.split('?').next().unwrap_or_default();
    let is_site = !host.contains('.') || host.parse::<std::net::IpAddr>().is_ok();
    let is_named_so = host.starts_with("ecf.") && !host.contains("uscourts.gov");
    is_named_so
        || host.contains("-showdoc.")
        || path.contains("/NDA/")
        || is_site && PATHS.iter().any(|part| path.contains(part))
}

/// The first address of a court inside an address.
fn opened(href: &str, layers: usize) -> Option<String> {
    if layers == 0 || href.len() > LONGEST {
        return None;
    }
    candidates(href).into_iter().find_map(|inner| {
        if !inner.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        match is_court(host(&inner)?) {
            true => Some(inner),
            false => opened(&inner, layers - 1),
        }
    })
}

fn candidates(href: &str) -> Vec<String> {
    let mut found: Vec<String> = proofpoint_3(href).into_iter().collect();
    found.extend(between_underscores(href).map(str::to_owned));
    let (path, query) = href.split_once('?').unwrap_or((href, ""));
    for value in query
        .split('&')
        .filter_map(|pair| Some(pair.split_once('=')?.1))
    {
        let inner = match path.contains("/v2/url") {
            true => percent_decoded(&value.replace('-', "%").replace('_', "/")),
            false => fully_decoded(value),
        };
        if is_web(&inner) {
            found.push(inner);
        } else if let Some(inner) = in_base64(&inner) {
            found.push(inner);
        }
    }
    // The query belongs to whichever address it stands behind.
    let mut path = path.to_owned();
    for _ in 0..MOST_LAYERS {
        if let Some(inner) = inner_address(&path) {
            found.push(inner.to_owned());
            break;
        }
        path = percent_decoded(&path);
    }
    found
}

/// The address inside an address.
fn inner_address(text: &str) -> Option<&str> {
    let start = text.rfind("https://").or_else(|| text.rfind("http://"))?;
    (start > 0).then(|| &text[start..])
}

/// `…/v2/___https://host/path___.token`, as Avanan writes it.
fn between_underscores(href: &str) -> Option<&str> {
    let (_, rest) = href.split_once("/___")?;
    let (inner, _) = rest.rsplit_once("___")?;
    is_web(inner).then_some(inner)
}

fn is_web(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// `…/v3/__https://host/path__;Kys!token`: the letters behind the semicolon, in base64, are those that
/// each `*` stands for; `**A` stands for two of them, `**B` for three.
fn proofpoint_3(href: &str) -> Option<String> {
    const LENGTHS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (_, rest) = href.split_once("/v3/__")?;
    let (inner, letters) = rest.rsplit_once("__;")?;
    let letters = base64(letters.split('!').next().unwrap_or_default().as_bytes());
    let letters = String::from_utf8(letters).ok()?;
    let mut letters = letters.chars();
    let mut address = String::with_capacity(inner.len());
    let mut rest = inner.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter != '*' {
            address.push(letter);
            continue;
        }
        let count = match rest.next_if_eq(&'*') {
            Some(_) => LENGTHS.find(rest.next()?)? + 2,
            None => 1,
        };
        address.extend(letters.by_ref().take(count));
    }
    // Some of its versions write the two slashes as one.
    let (scheme, rest) = address.split_once(":/")?;
    Some(format!("{scheme}://{}", rest.trim_start_matches('/')))
}

fn in_base64(text: &str) -> Option<String> {
    // `http` in base64.
    if !text.starts_with("aHR0c") {
        return None;
    }
    String::from_utf8(base64(text.as_bytes())).ok()
}

/// Decodes until an address shows, for filters encode what is encoded.
fn fully_decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MOST_LAYERS {
        if is_web(&text) || !text.contains('%') {
            break;
        }
        text = percent_decoded(&text);
    }
    text
}

/// What is no code stays as it is, and what is no text becomes none.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        bytes.push(code.map_or(*first, |(high, low)| high * 16 + low));
        rest = &after[if code.is_some() { 2 } else { 0 }..];
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}
