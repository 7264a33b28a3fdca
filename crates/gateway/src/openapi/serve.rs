//! Where the document is served, to anybody.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use super::{Answer, Operation, Place, Shape, document, tag};
use crate::{
    dialect::{RequestUrl, gate},
    read,
};

/// Everything but the beginning. It says the same to everybody.
static REST: LazyLock<String> = LazyLock::new(|| {
    let document = document(&read::told());
    serde_json::to_string(&document).expect("an object of text keys has a JSON form")
});

const TOLD: Operation = Operation::get("schema", tag::SERVICE, "This document")
    .about("OpenAPI 3.1, in JSON. No account is needed.")
    .answers(&[Answer::ok("The document.", Shape::Any)]);

/// `/api/schema/`.
pub(crate) fn place() -> Place {
    Place {
        path: "/api/schema/".to_owned(),
        methods: get(answer),
        access: gate::DOCUMENT,
        told: vec![TOLD],
    }
}

/// The OpenAPI document of a service that is found at `base`, as JSON.
#[must_use]
pub fn document_at(base: &str) -> String {
    let servers = json!([{ "url": base }]);
    let rest = REST.strip_prefix('{').unwrap_or_default();
    format!(r#"{{"openapi":"3.1.0","servers":{servers},{rest}"#)
}

/// Links begin where the caller found us.
async fn answer(here: RequestUrl) -> Response {
    let text = document_at(&here.base);
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], text).into_response()
}
