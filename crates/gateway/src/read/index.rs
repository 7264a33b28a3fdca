//! What there is: the lists of a version, and what is said where nothing is.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{endpoint::COMMON, lookup};
use crate::{
    dialect::{ApiError, Item, Object, RequestUrl, Version, negotiate},
    openapi::{Answer, Content, Described, Operation, Shape, key, tag},
};

/// The page loads nothing, and runs nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";

pub(super) const LIST: Operation =
    Operation::get("index", tag::SERVICE, "The lists of this version")
        .about("No account is needed.")
        .answers(&[Answer::ok("Names and links.", Shape::Links)]);

pub(super) const ROOT: Operation =
    Operation::get("root", tag::SERVICE, "Where the versions and the lists are")
        .about("No account is needed. A browser gets a page.")
        .answers(&[Answer::new(
            200,
            "Names and links.",
            Content::JsonOrPage(Shape::Object(&EVERYTHING)),
        )]);

const EVERYTHING: Described = Described {
    name: "Everything",
    about: "What there is.",
    keys: &[
        key("index", Shape::Links).means("The versions, by name."),
        key("endpoints", Shape::Links).means("The lists, by name."),
    ],
};

/// The lists of a version.
pub(super) async fn list(here: RequestUrl) -> Object {
    let lists = lists(&here).into_iter();
    lists
        .map(|(name, url)| (name.to_owned(), Item::from(url)))
        .collect()
}

/// What there is, for who asks at the root.
pub(super) async fn root(here: RequestUrl, headers: HeaderMap) -> Response {
    tell(StatusCode::OK, &here, &headers)
}

/// What there is, for who asks where nothing is.
pub(super) async fn nothing_here(
    here: Result<RequestUrl, ApiError>,
    headers: HeaderMap,
) -> Response {
    match here {
        Ok(here) => tell(StatusCode::NOT_FOUND, &here, &headers),
        Err(refusal) => refusal.into_response(),
    }
}

fn lists(here: &RequestUrl) -> Vec<(&'static str, String)> {
    let names = COMMON.iter().map(|(name, _)| *name);
    let names = names.chain([
        "courts",
        "recap-fetch",
        "webhooks",
        "webhook-events",
        lookup::NAME,
    ]);
    names.map(|name| (name, here.endpoint(name))).collect()
}

fn versions(here: &RequestUrl) -> Vec<(&'static str, String)> {
    let names = Version::ALL.map(Version::as_str);
    let url = |name| format!("{}/api/rest/{name}/", here.base);
    names.map(|name| (name, url(name))).to_vec()
}

fn tell(status: StatusCode, here: &RequestUrl, headers: &HeaderMap) -> Response {
    let mut answer = match negotiate::prefers_a_page(headers) {
        true => page(status, here),
        false => object(status, here).into_answer(status),
    };
    let vary = HeaderValue::from_static("Accept");
    answer.headers_mut().insert(header::VARY, vary);
    answer
}

fn object(status: StatusCode, here: &RequestUrl) -> Object {
    let urls = |urls: Vec<(&'static str, String)>| -> Object {
        let urls = urls.into_iter();
        urls.map(|(name, url)| (name.to_owned(), Item::from(url)))
            .collect()
    };
    let object = match status {
        StatusCode::OK => Object::new(),
        _ => ApiError::not_found().into_object(),
    };
    object
        .with("index", urls(versions(here)))
        .with("endpoints", urls(lists(here)))
}

/// The same for people. Nothing that the caller sent is repeated but the host, which is a plain word.
fn page(status: StatusCode, here: &RequestUrl) -> Response {
    let title = match status {
        StatusCode::OK => "pacer-fetch",
        _ => "Not found",
    };
    let links = |urls: Vec<(&'static str, String)>| -> String {
        let urls = urls.into_iter();
        urls.map(|(name, url)| {
            let url = url.replace('&', "&amp;");
            format!("<li><a href=\"{url}\">{name}</a></li>\n")
        })
        .collect()
    };
    let docs = format!("{}/docs", here.base).replace('&', "&amp;");
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>body {{ font-family: sans-serif; margin: 2em; }}</style>\n<h1>{title}</h1>\n\
         <p>This is an API that answers in JSON. All but the courts needs a token. \
         <a href=\"{docs}\">Read about it and try it</a>.</p>\n\
         <h2>Versions</h2>\n<ul>\n{}</ul>\n<h2>Lists</h2>\n<ul>\n{}</ul>\n</html>\n",
        links(versions(here)),
        links(lists(here)),
    );
    let guards = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, guards, Html(text)).into_response()
}
