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

/// The body of a call.
pub fn body(body: Body) -> Object {
    let (required, formats) = match body {
        Body::Fields { fields, required } => (required, of_fields(fields)),
        Body::Many => (true, of_many()),
    };
    let content: Object = formats
        .into_iter()
        .flat_map(|(of_type, schema)| media(of_type, schema).into_pairs())
        .collect();
    Object::new()
        .with("required", required)
        .with("content", content)
}

/// The same fields in three formats. Each has a schema of its own, since generated clients tell formats apart by that.
fn of_fields(fields: Shape) -> [(&'static str, Object); 3] {
    let form = || reference("schemas", &form_of(fields));
    let multipart = Object::new().with("allOf", Item::list([form()]));
    [
        ("application/json", fields.schema()),
        ("application/x-www-form-urlencoded", form()),
        ("multipart/form-data", multipart),
    ]
}

/// Many requests in three formats. Fields that all have in common need not be in each, so none is certain to be there.
fn of_many() -> [(&'static str, Object); 3] {
    let object = Object::new().with("type", "object");
    let array = Object::new().with("type", "array").with("items", object);
    [
        ("application/json", array.with("minItems", 1)),
        ("application/x-ndjson", Shape::Text.schema()),
        ("text/csv", Shape::Text.schema()),
    ]
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
    if answer.status < 300 && operation.names_ignored {
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
    let mut found = Found::default();
    for operation in places.iter().flat_map(|place| &place.operations) {
        found.look_at(operation);
    }
    for group in fetch_model::expand::Group::ALL {
        Shape::Object(crate::expand::keys::of(group)).objects(&mut found.objects);
    }
    let objects = found.objects.into_iter();
    objects
        .map(|object| (object.name.to_owned(), object.schema()))
        .chain(found.pages)
        .chain(found.forms)
        .collect()
}

/// What operations name.
#[derive(Default)]
struct Found {
    objects: Vec<&'static Described>,
    pages: BTreeMap<String, Object>,
    forms: BTreeMap<String, Object>,
}

impl Found {
    fn look_at(&mut self, operation: &Operation) {
        if let Some(Body::Fields { fields, .. }) = operation.body {
            fields.objects(&mut self.objects);
            if let Shape::Object(described) = fields {
                self.forms.insert(form_of(fields), described.schema());
            }
        }
        for answer in operation.answers {
            match answer.content {
                Content::Json(shape) | Content::JsonOrPage(shape) => {
                    shape.objects(&mut self.objects);
                }
                Content::Page { of, .. } => {
                    of.objects(&mut self.objects);
                    for by_cursor in [true, false] {
                        let page = page_schema(of, by_cursor);
                        self.pages.insert(page_name(of, by_cursor), page);
                    }
                }
                _ => {}
            }
        }
    }
}
