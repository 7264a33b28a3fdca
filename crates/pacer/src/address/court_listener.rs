//! Addresses of CourtListener. Its pages name a docket by a number of its own; its searches and its files
//! name the court.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{Address, NotUnderstood, archive, case_id, case_number, page, part, value};
use crate::court::Court;

/// A docket number as slugs write it: `1-16-cv-00432`.
static IN_SLUG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:([0-9a-z])-)?([0-9]{2})-(cv|cr|mc|mj|md|bk|ap|br)-([0-9]{2,6})\b")
        .expect("pattern is tested")
});

pub(super) fn is_host(host: &str) -> bool {
    host == "courtlistener.com" || host.ends_with(".courtlistener.com")
}

pub(super) fn read(url: &Url) -> Result<Address, NotUnderstood> {
    if let Some(address) = archive::read(url.path()) {
        return Ok(address);
    }
    let number = value(url, &["docket_number", "docket_number__exact"]);
    let id = value(url, &["pacer_case_id"]);
    let court = value(url, &["court", "court_id", "docket__court"]);
    let case = match (id, &number) {
        (Some(id), _) => case_id(&id)?,
        (None, Some(number)) => case_number(number)?,
        (None, None) => return Err(without_number(url)),
    };
    match (court, number) {
        (Some(court), _) => Address::of_case(court_of(&court)?, case),
        (None, Some(number)) => {
            let number = super::short(&number);
            Err(NotUnderstood::NoCourt { number })
        }
        (None, None) => Err(NotUnderstood::NoNumber),
    }
}

/// The court under the name that CourtListener has for it. Searches may name several; then it is none.
fn court_of(id: &str) -> Result<&'static Court, NotUnderstood> {
    let court = Court::by_cl_id(id).and_then(super::sold);
    court.ok_or_else(|| part(id))
}

/// `/docket/4214664/12/penhallow-v-nimbus/` has no number of the court; a slug may have one.
fn without_number(url: &Url) -> NotUnderstood {
    let mut parts = url.path().split('/').filter(|part| !part.is_empty());
    if parts.next() != Some("docket") {
        return page(url);
    }
    let Some(found) = parts.next_back().and_then(|slug| IN_SLUG.captures(slug)) else {
        return NotUnderstood::NoNumber;
    };
    let office = found.get(1).map(|office| format!("{}:", office.as_str()));
    let number = format!(
        "{}{}-{}-{}",
        office.unwrap_or_default(),
        &found[2],
        &found[3],
        &found[4]
    );
    NotUnderstood::NoCourt { number }
}
