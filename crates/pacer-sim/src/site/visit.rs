//! Who asks, and which court.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{COOKIE, HOST};
use axum::http::{HeaderMap, HeaderName, Method};
use chrono_tz::Tz;

use super::login_page;
use super::reply::Reply;
use crate::Simulator;
use crate::account::Receipts;
use crate::court::{Court, CourtKind};
use crate::page::Place;
use crate::page::notice::{self, Notice};
use crate::session::Visitor;

/// A request to a court.
pub(super) struct Call {
    pub simulator: Arc<Simulator>,
    pub place: Place,
    /// Path without the court's prefix.
    pub path: String,
    pub query: String,
    pub request: Request,
    /// A fault wants the price shown although it was accepted.
    pub price_again: bool,
    /// A fault wants the docket of this case shown, whichever was asked for.
    pub other_case: Option<u64>,
}

impl Call {
    /// Path and query, without the court's prefix.
    pub fn asked(&self) -> String {
        match self.query.is_empty() {
            true => self.path.clone(),
            false => format!("{}?{}", self.path, self.query),
        }
    }

    /// Who asks, if logged in.
    pub fn visitor(&self) -> Option<Visitor> {
        let headers = self.request.headers();
        let client_code = cookie(headers, "PacerClientCode");
        let sessions = &self.simulator.sessions;
        let visitor = |token: String| sessions.visitor(&token, client_code.as_deref());
        if self.request.method() == Method::GET
            && tokens_of(headers).any(|token| sessions.loses_page(&token))
        {
            return None;
        }
        let mut visitor = tokens_of(headers).find_map(visitor)?;
        match cookie(headers, "PacerPref").as_deref() {
            _ if visitor.receipts_fixed => {}
            Some("receipt=Y") => visitor.receipts = Receipts::Always,
            Some("receipt=N") => visitor.receipts = Receipts::Never,
            _ => {}
        }
        Some(visitor)
    }

    /// Who asks, or the page for somebody who may not.
    pub fn searcher(&self) -> Result<Visitor, Reply> {
        let Some(visitor) = self.visitor() else {
            return Err(Reply::html(login_page(
                &self.simulator,
                &self.place,
                &self.asked(),
            )));
        };
        if visitor.lacks_client_code {
            return Err(self.notice(&Notice::ClientCodeRequired));
        }
        if visitor.disabled {
            return Err(Reply::html(notice::page(
                &self.place,
                "Search access of your current account has been disabled",
            )));
        }
        Ok(visitor)
    }

    /// A page that says so.
    pub fn notice(&self, notice: &Notice) -> Reply {
        Reply::html(notice::page(&self.place, notice.text()))
    }
}

/// The tokens shown: newer courts look at the first cookie, older ones at the second.
pub(super) fn tokens_of(headers: &HeaderMap) -> impl Iterator<Item = String> {
    ["NextGenCSO", "PacerSession"]
        .into_iter()
        .filter_map(|name| cookie(headers, name))
}

/// The account that the tokens belong to.
pub(super) fn login_of(simulator: &Simulator, headers: &HeaderMap) -> Option<String> {
    tokens_of(headers).find_map(|token| simulator.sessions.login_of(&token))
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let headers = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok());
    let mut pairs = headers
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.trim_matches('"').to_owned())
}

/// The court that a request is for, by host name or by path, and the path there.
pub(super) fn find_court(simulator: &Simulator, request: &Request) -> Option<(Place, String)> {
    let (scheme, host) = asked_origin(request);
    let path = request.uri().path();
    if let Some(id) = court_of_host(&host) {
        let place = Place {
            court: court(simulator, id)?,
            prefix: String::new(),
            base: format!("{scheme}://{host}"),
        };
        return Some((place, path.to_owned()));
    }
    let (id, rest) = path
        .strip_prefix('/')?
        .split_once('/')
        .unwrap_or((path.strip_prefix('/')?, ""));
    let court = court(simulator, id)?;
    let prefix = format!("/{id}");
    Some((
        Place {
            court,
            base: format!("{scheme}://{host}{prefix}"),
            prefix,
        },
        format!("/{rest}"),
    ))
}

/// Scheme and host, with its port, as whoever asks names them.
pub(super) fn asked_origin(request: &Request) -> (&str, String) {
    let text = |name: HeaderName| request.headers().get(name)?.to_str().ok();
    let host = text(HOST).unwrap_or("localhost").to_owned();
    let host = request.uri().authority().map_or(host, ToString::to_string);
    let scheme = text(HeaderName::from_static("x-forwarded-proto"));
    (scheme.unwrap_or("http"), host)
}

fn court_of_host(host: &str) -> Option<&str> {
    let name = host.split(':').next()?;
    // The veterans' court is not below the Judiciary's domain; some links take it there.
    if name == "efiling.uscourts.cavc.gov" {
        return Some("cavc");
    }
    name.strip_prefix("ecf.")?.strip_suffix(".uscourts.gov")
}

/// A court of the table, or one that is known only by the pages saved from it.
fn court(simulator: &Simulator, id: &str) -> Option<Court> {
    if let Some(court) = simulator.world.court(id) {
        return Some(court.clone());
    }
    simulator.replay.has_court(id).then(|| Court {
        id: id.to_owned(),
        kind: if id.ends_with('b') {
            CourtKind::Bankruptcy
        } else {
            CourtKind::District
        },
        district: id.to_uppercase(),
        prefix: "999".to_owned(),
        sign_on_code: id.to_uppercase(),
        zone: Tz::America__New_York,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_court_is_known_by_its_host() {
        assert_eq!(court_of_host("ecf.okwd.uscourts.gov:8080"), Some("okwd"));
        assert_eq!(court_of_host("localhost:8080"), None);
        assert_eq!(court_of_host("efiling.uscourts.cavc.gov"), Some("cavc"));
        assert_eq!(court_of_host("ecf.cavc.uscourts.gov"), Some("cavc"));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(
            COOKIE,
            "a=b; NextGenCSO=xyz; PacerPref=receipt=Y".parse().unwrap(),
        );
        assert_eq!(cookie(&headers, "NextGenCSO").as_deref(), Some("xyz"));
        assert_eq!(cookie(&headers, "PacerPref").as_deref(), Some("receipt=Y"));
        assert_eq!(cookie(&headers, "PacerSession"), None);
    }
}
