//! What every place may answer for reasons of the service, from who may call it (`docs/API.md#order-of-checks`).

use super::{
    Told, changes,
    components::{DETAIL, INVALID},
    operation::Operation,
    shape::{Shape, reference},
};
use crate::dialect::{Item, Object};

/// How callers show who they are.
pub const SCHEMES: [(&str, &str); 3] = [
    (
        "token",
        "`Authorization: Token KEY`, with an API token. The word may be in any case.",
    ),
    (
        "bearer",
        "`Authorization: Bearer KEY`, with the same token.",
    ),
    ("basic", "Any name, and the API token as the password."),
];

/// The security schemes of the document.
pub fn schemes() -> Vec<(String, Object)> {
    let scheme = |(name, about): (&str, &str)| {
        let object = match name {
            "token" => Object::new()
                .with("type", "apiKey")
                .with("in", "header")
                .with("name", "Authorization"),
            other => Object::new().with("type", "http").with("scheme", other),
        };
        (name.to_owned(), object.with("description", about))
    };
    SCHEMES.map(scheme).to_vec()
}

/// The statuses that may come whatever a place does, in order: each is a shared response.
pub fn of(place: &Told, operation: &Operation) -> Vec<u16> {
    let Some(access) = place.access else {
        return vec![503];
    };
    let mut statuses = Vec::new();
    // A NUL in the query, a parameter or a field that is wrong.
    if operation.method != "options" {
        statuses.push(400);
    }
    statuses.push(401);
    if changes(access, operation) {
        statuses.push(403);
    }
    if access.json {
        statuses.extend([404, 406]);
    }
    statuses.push(405);
    if operation.body.is_some() {
        statuses.extend([408, 413, 415]);
    }
    statuses.extend([429, 500, 503]);
    statuses
}

/// The shared responses, by status.
pub fn all() -> Vec<(String, Object)> {
    let texts = [
        (400, "A parameter, a field or all together are wrong."),
        (401, "No credentials, or none that are valid."),
        (
            403,
            "The token may only read, or a page of another site has asked for this with Basic credentials.",
        ),
        (
            404,
            "There is no such row, or it is somebody else's; or the `format` is unknown.",
        ),
        (405, "The method does not exist here."),
        (406, "`Accept` excludes JSON."),
        (408, "The body did not arrive in time."),
        (413, "The body is too large."),
        (415, "The body is neither JSON nor a form."),
        (429, "Too many calls, too many at once, or too many logins."),
        (500, "An error of the service."),
        (
            503,
            "The database, the login service or the message server cannot be reached, or a list took too long. \
               `detail` says whether something may have been changed.",
        ),
    ];
    texts
        .map(|(status, about)| (name_of(status), shared(status, about)))
        .to_vec()
}

/// The name of a shared response.
pub fn name_of(status: u16) -> String {
    format!("Refused{status}")
}

fn shared(status: u16, about: &str) -> Object {
    let schema = match status {
        400 => INVALID,
        _ => DETAIL,
    };
    Object::new()
        .with("description", about)
        .with("headers", headers_of(status))
        .with("content", json(reference("schemas", schema)))
}

/// JSON of a schema.
pub fn json(schema: Object) -> Object {
    media("application/json", schema)
}

/// Something of a type and a schema.
pub fn media(of_type: &str, schema: Object) -> Object {
    Object::new().with(of_type, Object::new().with("schema", schema))
}

/// The headers that answers of a status have.
pub fn headers_of(status: u16) -> Object {
    let mut names = vec!["Allow", "Vary"];
    match status {
        400 => names.push("PACER-Login-Refusal"),
        401 => names.push("WWW-Authenticate"),
        429 => names.extend(["Retry-After", "PACER-Login-Refusal"]),
        503 => names.push("Retry-After"),
        _ => {}
    }
    let headers = names.into_iter();
    headers
        .map(|name| (name.to_owned(), Item::from(reference("headers", name))))
        .collect()
}

/// The shared headers.
pub fn headers() -> Vec<(String, Object)> {
    let texts = [
        ("Allow", Shape::Text, "The methods that exist here."),
        ("Vary", Shape::Text, "What answers depend on."),
        ("WWW-Authenticate", Shape::Text, "`Bearer realm=\"api\"`."),
        (
            "Retry-After",
            Shape::Integer,
            "After how many seconds to try again.",
        ),
        (
            "PACER-Login-Refusal",
            Shape::Word(&[
                "credentials",
                "no_session",
                "site_down",
                "too_many_logins",
                "redaction",
                "account_disabled",
            ]),
            "Why nobody was logged in, if that is why.",
        ),
        (
            "PACER-Fetch-Ignored",
            Shape::Text,
            "Names that were sent and are not known, which were ignored.",
        ),
    ];
    let header = |(name, shape, about): (&str, Shape, &str)| {
        let object = Object::new()
            .with("description", about)
            .with("schema", shape.schema());
        (name.to_owned(), object)
    };
    texts.map(header).to_vec()
}
