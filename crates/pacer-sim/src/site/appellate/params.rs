//! Parameters, the way a servlet reads them: from the query and from a url-encoded body. A
//! multipart body is not read at all.

use axum::body::{Body, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use crate::site::MOST_BYTES;

/// Names that say how something is asked rather than what.
const NOT_ASKED: [&str; 3] = ["CSRF", "outputXML_TXT", "confirmCharge"];

/// Parameters in the order of the request. Of two with one name, the first counts.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads them all.
    pub async fn read(query: &str, headers: &HeaderMap, body: Body) -> Params {
        let is_form = headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let mut params = Params::parse(query.as_bytes());
        if is_form {
            let body = to_bytes(body, MOST_BYTES).await.unwrap_or_default();
            params.0.extend(Params::parse(&body).0);
        }
        params
    }

    fn parse(text: &[u8]) -> Params {
        Params(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// The same about another case, by the court's own id of it.
    pub fn about_case(mut self, case_id: u64) -> Params {
        self.0
            .retain(|(name, _)| !["caseNum", "caseId", "caseid"].contains(&name.as_str()));
        self.0.push(("caseId".to_owned(), case_id.to_string()));
        self
    }

    /// Parameters of a query.
    pub fn of_query(query: &str) -> Params {
        Params::parse(query.as_bytes())
    }

    /// The value without white space around it, unless that leaves nothing.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// All values of one name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// True for `Y`.
    pub fn is_yes(&self, name: &str) -> bool {
        self.get(name) == Some("Y")
    }

    /// What was asked, once for each name, to be put into a form.
    pub fn asked(&self) -> Vec<(String, String)> {
        let mut asked: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.0 {
            let known = asked.iter().any(|(other, _)| other == name);
            if !known && !NOT_ASKED.contains(&name.as_str()) {
                asked.push((name.clone(), value.clone()));
            }
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_values_counts_and_is_asked_again_once() {
        let params = Params::of_query("a=1&CSRF=x&a=2&b=+&c=Run%2BDocket%2BReport");
        assert_eq!(params.get("a"), Some("1"));
        assert_eq!(params.get("b"), None);
        assert_eq!(params.get("c"), Some("Run+Docket+Report"));
        assert_eq!(params.all("a").collect::<Vec<_>>(), ["1", "2"]);
        let names: Vec<String> = params.asked().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }
}
