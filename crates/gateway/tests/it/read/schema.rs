//! The OpenAPI document against the routes. That answers are as it says is held by every call of these tests
//! (`house/described.rs`).

use std::{collections::BTreeSet, fmt, sync::Arc};

use axum::http::StatusCode;
use gateway::submit::Intake;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use crate::house::described;

/// The paths of all routes that the service has, each in its canonical form.
fn routes(router: &axum::Router) -> BTreeSet<String> {
    // A router tells its routes to nobody else.
    let told = format!("{router:?}");
    let (_, told) = told
        .split_once("paths: {")
        .expect("routers print their paths");
    let (told, _) = told.split_once("} }").expect("and their end");
    let texts = told.split('"').skip(1).step_by(2);
    texts.map(canonical).collect()
}

fn canonical(path: &str) -> String {
    let path = path.replace("{*", "{");
    let path = path.strip_suffix(".json").unwrap_or(&path);
    match path.trim_end_matches('/') {
        "" => "/".to_owned(),
        bare => bare.to_owned(),
    }
}

#[tokio::test]
async fn every_route_is_described_and_nothing_else() {
    let house = house!();
    let intake = Intake::new(house.api.clone(), Arc::default());
    let routes = routes(&gateway::rest(house.api.clone(), intake, None));
    let document = described::document();
    let described: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(|path| canonical(path))
        .collect();
    assert!(routes.len() > 60, "{routes:#?}");
    let undescribed: Vec<_> = routes.difference(&described).collect();
    assert!(
        undescribed.is_empty(),
        "routes that the document does not have: {undescribed:#?}"
    );
    let absent: Vec<_> = described.difference(&routes).collect();
    assert!(absent.is_empty(), "described, and not served: {absent:#?}");
}

#[tokio::test]
async fn every_method_that_exists_is_described_and_nothing_else() {
    let house = house!();
    let document = described::document();
    for (path, told) in document["paths"].as_object().unwrap() {
        if path == "/.well-known/security.txt" {
            continue;
        }
        let at = path.replace("{id}", "77").replace("{path}", "77.pdf");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let status = house.status(method, &at).await;
            let exists = !matches!(
                status,
                StatusCode::METHOD_NOT_ALLOWED | StatusCode::FORBIDDEN
            );
            let is_told = told.get(method.to_lowercase()).is_some();
            assert_eq!(is_told, exists, "{method} {path}: {status}");
        }
    }
}

/// Whoever sends a name that is not known has to hear of it, and where.
#[tokio::test]
async fn names_that_are_ignored_are_told_where_that_is_described() {
    const IGNORED: &str = "PACER-Fetch-Ignored";
    let house = house!();
    let (request, document) = (
        house.request("ann", 2).await,
        house.document_with_file().await,
    );
    let mut telling = 0;
    for (path, told) in described::document()["paths"].as_object().unwrap() {
        let Some(told) = told.get("get") else {
            continue;
        };
        let id = match path.contains("recap-fetch") {
            true => request,
            false => document,
        };
        let at = path.replace("{id}", &id.to_string());
        let (status, headers) = house.beginning("GET", &format!("{at}?zzzz=1")).await;
        if status.is_success() {
            let headers_told = &told["responses"][status.as_str()]["headers"];
            let is_described = headers_told.get(IGNORED).is_some();
            let is_sent = headers.contains_key(IGNORED);
            assert_eq!(is_described, is_sent, "{path}: {status}");
            telling += usize::from(is_sent);
        }
    }
    assert!(telling >= 12, "only {telling} were reached");
}

#[tokio::test]
async fn a_list_has_no_page_beyond_its_last_and_no_cursor_of_others() {
    let house = house!();
    let mut lists = 0;
    for (path, told) in described::document()["paths"].as_object().unwrap() {
        let parameters = told["get"]["parameters"].as_array();
        let is_list = parameters
            .into_iter()
            .flatten()
            .any(|it| it["$ref"] == "#/components/parameters/page");
        if is_list {
            let answer = house
                .ann("GET", &format!("{path}?page=77&cursor=none"))
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            let told = &told["get"]["responses"]["404"]["description"];
            assert_eq!(told, "There is no such page.", "{path}");
            lists += 1;
        }
    }
    assert_eq!(lists, 2 * 13);
}

#[tokio::test]
async fn the_document_is_served_to_anybody_and_begins_where_it_was_asked_for() {
    let house = house!();
    for path in ["/api/schema/", "/api/schema"] {
        let answer = house.call("GET", path, "").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.text().starts_with(r#"{"openapi":"3.1.0""#));
        let told = answer.json();
        assert_eq!(told["servers"][0]["url"], "http://api.example.org");
        assert_eq!(told, described::document());
    }
    assert_eq!(
        house.ann("POST", "/api/schema/").await.status,
        StatusCode::FORBIDDEN
    );
}

#[test]
fn names_of_methods_are_told_apart_and_references_lead_somewhere() {
    let document = described::document();
    let mut ids = BTreeSet::new();
    for operations in document["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{id} is there twice");
        }
    }
    check_references(&document, &document);
}

/// A JSON value in whose objects no key is there twice, which readers need not notice.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Unambiguous, D::Error> {
        json.deserialize_any(Unambiguous)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Unambiguous;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unambiguous, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some((key, Unambiguous)) = map.next_entry::<String, Unambiguous>()? {
            if keys.contains(&key) {
                return Err(A::Error::custom(format!("{key} is there twice")));
            }
            keys.insert(key);
        }
        Ok(Unambiguous)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Unambiguous, A::Error> {
        while list.next_element::<Unambiguous>()?.is_some() {}
        Ok(Unambiguous)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_unit<E>(self) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }
}

#[test]
fn no_key_of_the_document_is_there_twice() {
    assert!(serde_json::from_str::<Unambiguous>(r#"[{"a": {"b": 1, "b": 2}}]"#).is_err());
    let document = gateway::openapi_document("http://api.example.org");
    serde_json::from_str::<Unambiguous>(&document).unwrap();
}

fn check_references(here: &Value, document: &Value) {
    match here {
        Value::Object(object) => {
            if let Some(pointer) = object.get("$ref").and_then(Value::as_str) {
                assert!(
                    document.pointer(&pointer[1..]).is_some(),
                    "{pointer} leads nowhere"
                );
            }
            object
                .values()
                .for_each(|it| check_references(it, document));
        }
        Value::Array(list) => list.iter().for_each(|it| check_references(it, document)),
        _ => {}
    }
}

/// What callers may send is written once: where the query is checked, and here.
#[test]
fn all_filters_of_a_list_are_parameters() {
    let document = described::document();
    let parameters = document["paths"]["/api/rest/v4/dockets/"]["get"]["parameters"]
        .as_array()
        .unwrap();
    let names: BTreeSet<&str> = parameters
        .iter()
        .map(|parameter| match parameter["$ref"].as_str() {
            Some(pointer) => document.pointer(&pointer[1..]).unwrap()["name"]
                .as_str()
                .unwrap(),
            None => parameter["name"].as_str().unwrap(),
        })
        .collect();
    for name in [
        "id__range",
        "court",
        "date_filed__year",
        "order_by",
        "cursor",
        "omit",
        "further_filters",
    ] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    let body = &document["components"]["schemas"]["NewFetchRequest"];
    assert_eq!(body["properties"]["client_code"]["maxLength"], 32);
    assert_eq!(
        body["required"],
        serde_json::json!(["pacer_username", "pacer_password", "request_type"])
    );
}

#[tokio::test]
async fn the_page_is_shown_to_anybody_and_runs_nothing_but_its_own_script() {
    let house = house!();
    for (path, root) in [("/docs", "./docs/docs.js"), ("/docs/", "../docs/docs.js")] {
        let page = house.call("GET", path, "").await;
        assert_eq!(page.status, StatusCode::OK);
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
            "{policy}"
        );
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        // It works below whatever path a proxy has put it.
        assert!(
            page.text().contains(&format!("<script src=\"{root}\"")),
            "{}",
            page.text()
        );
    }
    for (path, of_type) in [
        ("/docs/docs.js", "text/javascript; charset=utf-8"),
        ("/docs/docs.css", "text/css; charset=utf-8"),
        ("/docs/guide.txt", "text/plain; charset=utf-8"),
    ] {
        let asset = house.call("GET", path, "").await;
        assert_eq!(asset.header("content-type"), Some(of_type), "{path}");
        assert!(asset.text().len() > 1000, "{path}");
    }
}
