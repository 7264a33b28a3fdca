//! The sites that ACMS consists of, by host name or by path, as courts are.

use axum::extract::Request;

use crate::site::visit::asked_origin;
use crate::world::ACMS_COURTS;

/// Name under which the identity provider is counted, and the first part of its host.
const IDP: &str = "idp.ca9";

const SHOWDOC: &str = "-showdoc";
const SERVICES: &str = "-showdocservices";

/// One of the sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// A court's pages.
    ShowDoc(&'static str),
    /// A court's JSON.
    Services(&'static str),
    /// Where both courts ask who somebody is.
    Idp,
}

/// Where the sites are, as the request had it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// Each has its host name; with scheme and `:port`.
    Hosts(String, String),
    /// All are below one host, each by its label.
    Paths(String),
}

/// The site that was asked, and the way to the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(super) site: Site,
    way: Way,
}

impl Site {
    /// First part of its host name, or of its path.
    pub fn label(self) -> String {
        match self {
            Site::ShowDoc(court) => format!("{court}{SHOWDOC}"),
            Site::Services(court) => format!("{court}{SERVICES}"),
            Site::Idp => IDP.to_owned(),
        }
    }

    fn of_label(label: &str) -> Option<Site> {
        let court = |suffix| {
            let id = label.strip_suffix(suffix)?;
            ACMS_COURTS.into_iter().find(|court| *court == id)
        };
        match label {
            IDP => Some(Site::Idp),
            _ => court(SHOWDOC)
                .map(Site::ShowDoc)
                .or_else(|| court(SERVICES).map(Site::Services)),
        }
    }

    fn domain(self) -> &'static str {
        match self {
            Site::Idp => "uscourts.gov",
            _ => "azurewebsites.us",
        }
    }
}

impl Address {
    /// Where a site begins, without a slash at the end.
    pub(super) fn of(&self, site: Site) -> String {
        match &self.way {
            Way::Hosts(scheme, port) => {
                format!("{scheme}://{}.{}{port}", site.label(), site.domain())
            }
            Way::Paths(origin) => format!("{origin}/{}", site.label()),
        }
    }

    /// Where cookies of the asked site belong, so that courts below one host keep theirs apart.
    pub(super) fn cookie_attributes(&self) -> String {
        let (path, origin) = match &self.way {
            Way::Hosts(scheme, _) => ("/".to_owned(), scheme),
            Way::Paths(origin) => (format!("/{}/", self.site.label()), origin),
        };
        let secure = match origin.starts_with("https") {
            true => "; secure; samesite=none",
            false => "",
        };
        format!("path={path}{secure}; httponly")
    }
}

/// The site that a request is for, and the path there.
pub(in crate::site) fn find(request: &Request) -> Option<(Address, String)> {
    let (scheme, host) = asked_origin(request);
    let path = request.uri().path();
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    if let Some(site) = site_of_host(name) {
        let way = Way::Hosts(scheme.to_owned(), port.to_owned());
        return Some((Address { site, way }, path.to_owned()));
    }
    let (label, rest) = path.strip_prefix('/')?.split_once('/')?;
    let site = Site::of_label(label)?;
    let way = Way::Paths(format!("{scheme}://{host}"));
    Some((Address { site, way }, format!("/{rest}")))
}

fn site_of_host(name: &str) -> Option<Site> {
    let domains = [".azurewebsites.us", ".uscourts.gov"];
    let label = domains
        .iter()
        .find_map(|domain| name.strip_suffix(domain))?;
    Site::of_label(label).filter(|site| name.ends_with(site.domain()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(host: &str, path: &str) -> Option<(Address, String)> {
        let request = Request::builder().uri(path).header("host", host);
        find(&request.body(axum::body::Body::empty()).unwrap())
    }

    #[test]
    fn links_keep_the_way_that_was_asked() {
        let (address, path) = ask("ca9-showdoc.azurewebsites.us:81", "/Saml2/Acs").unwrap();
        assert_eq!(
            (address.site, path.as_str()),
            (Site::ShowDoc("ca9"), "/Saml2/Acs")
        );
        assert_eq!(address.of(Site::Idp), "http://idp.ca9.uscourts.gov:81");
        let (address, path) = ask("localhost:81", "/ca2-showdocservices/api/x").unwrap();
        assert_eq!(
            (address.site, path.as_str()),
            (Site::Services("ca2"), "/api/x")
        );
        assert_eq!(address.of(Site::Idp), "http://localhost:81/idp.ca9");
    }

    #[test]
    fn only_the_sites_of_two_courts_are_found_and_each_in_its_domain() {
        for (host, path) in [
            ("localhost", "/ca1-showdoc/"),
            ("ca9-showdoc.uscourts.gov", "/"),
            ("idp.ca9.azurewebsites.us", "/"),
            ("ecf.ca9.uscourts.gov", "/"),
            ("localhost", "/ca9/"),
        ] {
            assert_eq!(ask(host, path), None, "{host}{path}");
        }
    }
}
