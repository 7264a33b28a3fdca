//! What is sent and what is answered.

use std::collections::BTreeMap;

use super::{
    Told,
    components::{DETAIL, object},
    operation::{Answer, Body, Content, Header, Operation},
    refusals::{self, headers_of, json, media},
    shape::{Described, Shape, reference},
};
use crate::dialect::{Item, Object, Version};

/// The body of a call: the same fields in three formats. Each has a schema of its own, since generated clients tell
/// formats apart by that.
pub fn body(body: Body) -> Object {
    let form = || reference("schemas", &form_of(body.fields));
    let multipart = Object::new().with("allOf", Item::list([form()]));
    let formats = [
        ("application/json", body.fields.schema()),
        ("application/x-www-form-urlencoded", form()),
        ("multipart/form-data", multipart),
    ];
    let content: Object = formats
        .into_iter()
        .flat_map(|(of_type, schema)| media(of_type, schema).into_pairs())
        .collect();
    Object::new()
        .with("required", body.required)
        .with("content", content)
}

/// The name of the fields of a form.
fn form_of(fields: Shape) -> String {
    match fields {
        Shape::Object(described) => format!("{}Form", described.name),
        Shape::Named(name) => format!("{name}Form"),
        _ => "Form".to_owned(),
    }
}

/// All answers of a method, by status: its own, and those of every place. Where both have one, its own says more.
pub fn of(place: &Told, operation: &Operation) -> Object {
    let mut all: BTreeMap<u16, Object> = BTreeMap::new();
    for status in refusals::of(place, operation) {
        all.insert(status, reference("responses", &refusals::name_of(status)));
    }
    for answer in operation.answers {
        all.insert(answer.status, own(place, operation, answer));
    }
    all.into_iter()
        .map(|(status, object)| (status.to_string(), Item::from(object)))
        .collect()
}

fn own(place: &Told, operation: &Operation, answer: &Answer) -> Object {
    let mut headers = match place.access {
        Some(_) => headers_of(answer.status),
        None => Object::new(),
    };
    if answer.status < 300 && (operation.body.is_some() || !operation.parameters.is_empty()) {
        let name = "PACER-Fetch-Ignored";
        headers = headers.with(name, reference("headers", name));
    }
    for header in answer.headers {
        headers = headers.with(header.name, described_header(header));
    }
    let object = Object::new()
        .with("description", answer.about)
        .with("headers", headers);
    match content(place.version, answer) {
        Some(content) => object.with("content", content),
        None => object,
    }
}

fn described_header(header: &Header) -> Object {
    Object::new()
        .with("description", header.about)
        .with("schema", header.shape.schema())
}

fn content(version: Option<Version>, answer: &Answer) -> Option<Object> {
    let bytes = || {
        Object::new()
            .with("type", "string")
            .with("format", "binary")
    };
    match answer.content {
        Content::Nothing => None,
        // A 400 of a place's own may be a wrong parameter as well.
        Content::Json(shape) if answer.status == 400 => {
            let kinds = [
                reference("schemas", super::components::INVALID),
                shape.schema(),
            ];
            Some(json(Object::new().with("anyOf", Item::list(kinds))))
        }
        Content::Json(shape) => Some(json(shape.schema())),
        Content::Detail if answer.status == 400 => {
            Some(json(reference("schemas", super::components::INVALID)))
        }
        Content::Detail => Some(json(reference("schemas", DETAIL))),
        Content::Page { of, by_cursor } => {
            Some(json(page(of, by_cursor && version == Some(Version::V4))))
        }
        Content::Text(of_type) => Some(media(of_type, Shape::Text.schema())),
        Content::Bytes(of_type) => Some(media(of_type, bytes())),
        Content::JsonOrPage(shape) => {
            let pairs = json(shape.schema()).into_pairs().into_iter();
            Some(
                pairs
                    .chain(media("text/html", Shape::Text.schema()).into_pairs())
                    .collect(),
            )
        }
    }
}

/// A page of a list, by its name. With cursors the number of rows may be asked for alone.
fn page(of: Shape, by_cursor: bool) -> Object {
    let page = reference("schemas", &page_name(of, by_cursor));
    match by_cursor {
        false => page,
        true => Object::new().with("anyOf", Item::list([page, reference("schemas", "Count")])),
    }
}

fn page_name(of: Shape, by_cursor: bool) -> String {
    let row = match of {
        Shape::Object(described) => described.name,
        Shape::Named(name) => name,
        _ => "Row",
    };
    match by_cursor {
        true => format!("{row}Page"),
        false => format!("{row}NumberedPage"),
    }
}

fn page_schema(of: Shape, by_cursor: bool) -> Object {
    let count = match by_cursor {
        false => Shape::Integer.schema(),
        // In an order without cursors pages have numbers.
        true => Object::new().with(
            "anyOf",
            Item::list([Shape::Url.schema(), Shape::Integer.schema()]),
        ),
    };
    let link = || {
        Object::new()
            .with("type", vec!["string", "null"])
            .with("format", "uri")
    };
    let rows = Object::new()
        .with("type", "array")
        .with("items", of.schema());
    let keys = [
        ("count", count),
        ("next", link()),
        ("previous", link()),
        ("results", rows),
    ];
    object("A page of a list.", keys)
}

/// The schemas of all that is answered and sent: objects and pages.
pub fn schemas(places: &[Told]) -> Vec<(String, Object)> {
    let mut objects: Vec<&'static Described> = Vec::new();
    let mut pages: BTreeMap<String, Object> = BTreeMap::new();
    let mut forms: BTreeMap<String, Object> = BTreeMap::new();
    let operations = places.iter().flat_map(|place| &place.operations);
    for operation in operations {
        if let Some(body) = operation.body {
            body.fields.objects(&mut objects);
            if let Shape::Object(described) = body.fields {
                forms.insert(form_of(body.fields), described.schema());
            }
        }
        for answer in operation.answers {
            match answer.content {
                Content::Json(shape) | Content::JsonOrPage(shape) => shape.objects(&mut objects),
                Content::Page { of, .. } => {
                    of.objects(&mut objects);
                    for by_cursor in [true, false] {
                        pages.insert(page_name(of, by_cursor), page_schema(of, by_cursor));
                    }
                }
                _ => {}
            }
        }
    }
    for group in fetch_model::expand::Group::ALL {
        Shape::Object(crate::expand::keys::of(group)).objects(&mut objects);
    }
    let objects = objects.into_iter();
    objects
        .map(|object| (object.name.to_owned(), object.schema()))
        .chain(pages)
        .chain(forms)
        .collect()
}

/// What this service sends to endpoints.
pub fn webhook() -> Object {
    let envelope = object(
        "Which webhook this is.",
        [
            ("event_type", Shape::Integer.schema()),
            ("version", Shape::Integer.schema()),
            ("date_created", Shape::Instant.schema()),
            (
                "deprecation_date",
                Object::new().with("type", vec!["string", "null"]),
            ),
        ],
    );
    let sent = object(
        "A request that has ended.",
        [("webhook", envelope), ("payload", super::REQUEST.schema())],
    );
    let headers = [
        "Idempotency-Key",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    ]
    .map(|name| {
        Object::new()
            .with("name", name)
            .with("in", "header")
            .with("required", true)
            .with("schema", Shape::Text.schema())
    });
    let arrived = Object::new().with("description", "It has arrived.");
    let post = Object::new()
        .with("operationId", "request_ended")
        .with("tags", vec![super::tag::WEBHOOKS])
        .with("summary", "A request has ended")
        .with(
            "description",
            "Sent to your endpoints, at least once, when a request has reached status 2, 3, 6 or 7. The \
             `Idempotency-Key` is the same in every try. Signatures are those of Standard Webhooks. Any 2xx means that \
             it has arrived.",
        )
        .with("security", Item::List(Vec::new()))
        .with("parameters", Item::list(headers))
        .with("requestBody", Object::new().with("required", true).with("content", json(sent)))
        .with("responses", Object::new().with("2XX", arrived));
    Object::new().with("post", post)
}
