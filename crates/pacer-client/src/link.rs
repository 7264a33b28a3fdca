//! Links of a court's pages, brought back to paths of that court.

use url::Url;

use crate::LinkError;

/// The path and query below `base` that `link` means in the page at `page`.
pub(crate) fn within(base: &Url, page: &Url, link: &str) -> Result<String, LinkError> {
    let link = link.trim();
    let prefix = base.path().trim_end_matches('/');
    if link.starts_with('/') && !link.starts_with("//") && !below(prefix, link) {
        // The site does not know that it lies below a prefix.
        return Ok(without_fragment(link));
    }
    let target = page.join(link).map_err(|_| LinkError::Malformed)?;
    if target.origin() != base.origin() {
        let host = target.host_str().unwrap_or(target.scheme()).to_owned();
        return Err(LinkError::Elsewhere { host });
    }
    let path = target.path();
    let rest = match below(prefix, path) {
        true => &path[prefix.len()..],
        // An absolute link that leaves the prefix belongs to another court of the same host.
        false => {
            return Err(LinkError::Elsewhere {
                host: target.host_str().unwrap_or_default().to_owned(),
            });
        }
    };
    let rest = if rest.is_empty() { "/" } else { rest };
    Ok(match target.query() {
        Some(query) => format!("{rest}?{query}"),
        None => rest.to_owned(),
    })
}

fn below(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

fn without_fragment(link: &str) -> String {
    link.split('#').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, page: &str, link: &str, expected: Option<&str>) {
        let found = within(&base.parse().unwrap(), &page.parse().unwrap(), link);
        assert_eq!(found.ok().as_deref(), expected, "{link}");
    }

    #[test]
    fn links_of_a_court_with_a_host_of_its_own() {
        let base = "https://ecf.xyzd.uscourts.gov";
        let page = "https://ecf.xyzd.uscourts.gov/cgi-bin/DktRpt.pl?1-L_1_0-1";
        check(base, page, "/doc1/123?caseid=4", Some("/doc1/123?caseid=4"));
        check(
            base,
            page,
            "show_temp.pl?file=5",
            Some("/cgi-bin/show_temp.pl?file=5"),
        );
        check(base, page, "?2-L_1", Some("/cgi-bin/DktRpt.pl?2-L_1"));
        check(base, page, "https://ecf.xyzd.uscourts.gov/a#b", Some("/a"));
        check(
            base,
            page,
            "https://pacer.login.uscourts.gov/csologin",
            None,
        );
        check(base, page, "//elsewhere.example/doc1", None);
        check(base, page, "javascript:history.back()", None);
        check(base, page, "http://ecf.xyzd.uscourts.gov/a", None);
    }

    #[test]
    fn links_of_a_court_below_a_prefix() {
        let base = "http://127.0.0.1:8080/xyzd";
        let page = "http://127.0.0.1:8080/xyzd/cgi-bin/DktRpt.pl?1";
        check(base, page, "/xyzd/doc1/1", Some("/doc1/1"));
        check(base, page, "/doc1/1?a=b#c", Some("/doc1/1?a=b"));
        check(base, page, "../doc1/1", Some("/doc1/1"));
        check(base, page, "http://127.0.0.1:8080/xyzd", Some("/"));
        check(base, page, "http://127.0.0.1:8080/xyzdother/doc1", None);
        check(base, page, "http://127.0.0.1:8080/other/doc1", None);
        check(base, page, "../../other/doc1", None);
    }
}
