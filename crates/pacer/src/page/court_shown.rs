//! Which court a page is of, by the documents that it links to, for people who named another one.
//!
//! Readers take the name of the court that they are given, and read by its rules: its zone, its kinds of
//! numbers, its columns. A page of another court is read wrongly without a word. Links to documents tell:
//! by their host, and by the first digits of their ids, which every court has of its own. What a page
//! says beside them is about other cases too, and tells nothing.

use std::collections::BTreeMap;

use memchr::memmem;

use crate::court::{self, Court};

/// Where documents lie, in addresses and in addresses within addresses.
const PLACES: [&[u8]; 4] = [b"/doc1/", b"/docs1/", b"%2Fdoc1%2F", b"%2Fdocs1%2F"];
/// Digits of an id that name its court, and digits that any id has.
const PREFIX: usize = 3;
const LEAST_DIGITS: usize = 8;
/// The longest name of a host.
const LONGEST_HOST: usize = 64;

/// The court whose documents a page links to, if all that it links to are of other courts than the one
/// that was named, by PACER's id or CourtListener's. None if it links to none, or if neither host nor id
/// of them is known.
#[must_use]
pub fn other_court(page: &[u8], named: &str) -> Option<&'static Court> {
    let mut links: BTreeMap<&'static str, usize> = BTreeMap::new();
    let named = Court::by_pacer_id(named).or_else(|| Court::by_cl_id(named));
    for place in PLACES {
        for start in memmem::find_iter(page, place) {
            let found = by_host(&page[..start]).or_else(|| by_id(&page[start + place.len()..]));
            let Some(found) = found else { continue };
            if named.is_some_and(|named| is_same(named, found)) {
                return None;
            }
            *links.entry(found.id.as_str()).or_default() += 1;
        }
    }
    let (most, _) = links.into_iter().max_by_key(|(_, count)| *count)?;
    Court::by_pacer_id(most)
}

/// The court at whose host an address before this is.
fn by_host(before: &[u8]) -> Option<&'static Court> {
    let tail = &before[before.len().saturating_sub(LONGEST_HOST)..];
    let is_of_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let host: Vec<u8> = tail
        .iter()
        .rev()
        .take_while(|byte| is_of_host(byte))
        .copied()
        .collect();
    let host: String = host.iter().rev().map(|byte| char::from(*byte)).collect();
    // Within another address the two slashes before a host are digits of it.
    let label = host.to_ascii_lowercase();
    let label = label.strip_suffix(".uscourts.gov")?.rsplit_once("ecf.")?.1;
    Court::by_pacer_id(label)
}

/// The court whose documents have ids like this.
fn by_id(after: &[u8]) -> Option<&'static Court> {
    let digits = after
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits < LEAST_DIGITS {
        return None;
    }
    let prefix = str::from_utf8(&after[..PREFIX]).ok()?;
    Court::by_pacer_id(court::court_of_prefix(prefix)?)
}

/// Whether two courts are one, or have the same prefix.
fn is_same(one: &Court, other: &Court) -> bool {
    one.host == other.host
        || (one.doc_id_prefix.is_some() && one.doc_id_prefix == other.doc_id_prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(page: &str, named: &str) -> Option<&'static str> {
        other_court(page.as_bytes(), named).map(|court| court.id.as_str())
    }

    #[test]
    fn court_of_the_documents_is_told_where_another_was_named() {
        let district = "<a href='https://ecf.nysd.uscourts.gov/doc1/127012345678'>1</a>";
        let relative = "<a href='/doc1/035112345678'>1</a>";
        let bankruptcy = "<A HREF=https://ecf.NYSB.uscourts.gov/doc1/126012345678?caseid=1>2</a>";
        let appellate = "<a href='https://ecf.ca9.uscourts.gov/docs1/00912345678'>3</a>\
            <a href='https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?1'>case below</a>";
        let wrapped =
            "https://x.example/?url=https%3A%2F%2Fecf.nysd.uscourts.gov%2Fdoc1%2F127012345678";
        for (page, court, wrong) in [
            (district, "nysd", "cand"),
            (relative, "cand", "nysd"),
            (bankruptcy, "nysb", "nysd"),
            (appellate, "ca9", "ca2"),
            (appellate, "ca9", "cand"),
            (wrapped, "nysd", "cand"),
        ] {
            assert_eq!(other(page, wrong), Some(court), "{page}");
            assert_eq!(other(page, "nowhere"), Some(court), "{page}");
            assert_eq!(other(page, court), None, "{page}");
        }
    }

    #[test]
    fn what_does_not_surely_contradict_is_left_alone() {
        let own = "<a href='/doc1/035112345678'>1</a>";
        let foreign = "<a href='https://ecf.nysd.uscourts.gov/doc1/127012345678'>transferred</a>";
        for page in [
            "",
            "<p>A page without documents.</p>",
            &format!("{foreign}{own}"),
            "<a href='https://ecf.nysd.uscourts.gov/cgi-bin/DktRpt.pl?1'>related</a>",
            "<a href='/doc1/999912345678'>of nobody</a>",
            "<a href='/doc1/1270'>short</a>",
            "https://ecf.unheard-of.uscourts.gov/doc1/x",
            "/doc1/",
        ] {
            assert_eq!(other(page, "cand"), None, "{page}");
        }
        // By CourtListener's id, where it differs from PACER's.
        let arizona = "<a href='https://ecf.azb.uscourts.gov/doc1/024012345678'>1</a>";
        assert_eq!(other(arizona, "azb"), None);
    }
}
