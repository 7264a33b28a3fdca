//! The description of the HTTP API for programs: an OpenAPI 3.1 document (`docs/adr/0057-openapi.md`).
//!
//! It is put together once, from what stands beside the routes: each [`Place`] has its path, its handlers, who
//! may call, and what is told of each method. Keys of answers, fields of requests and filters come from the tables
//! by which calls are answered. Start at [`document`].

mod components;
mod operation;
mod parameters;
mod refusals;
mod responses;
mod shape;
mod webhook;

pub(crate) mod page;
pub(crate) mod serve;

pub(crate) use components::{DESCRIPTION, LOGIN, NEW_REQUEST, QUOTED, REQUEST};
pub(crate) use operation::{
    Answer, Content, Header, NO_PAGE, Operation, Parameter, Place, Query, header, in_header,
    in_query, names_of,
};
pub(crate) use shape::{Described, Key, Shape, key};

use crate::dialect::{Item, Object, Version, gate::Access};
use parameters::Shared;

/// The headings under which methods are shown.
pub(crate) mod tag {
    /// What has to do with requests.
    pub const REQUESTS: &str = "Requests";
    /// What costs and what was spent.
    pub const MONEY: &str = "Money";
    /// What is looked at again and again.
    pub const TRACKERS: &str = "Trackers";
    /// Who is told of what.
    pub const WEBHOOKS: &str = "Webhooks";
    /// What was bought.
    pub const READ: &str = "What was bought";
    /// What there is.
    pub const SERVICE: &str = "The service";

    /// All of them, with a sentence each.
    pub const ALL: [(&str, &str); 6] = [
        (
            REQUESTS,
            "Buy dockets, documents and attachment menus, and follow what becomes of that.",
        ),
        (MONEY, "What something would cost, and what was spent."),
        (
            TRACKERS,
            "Have a docket looked at again and again, and bought when something was filed.",
        ),
        (WEBHOOKS, "Be told that a request has ended."),
        (
            READ,
            "Dockets, entries, documents, parties and attorneys that are stored, and courts.",
        ),
        (
            SERVICE,
            "What there is, and how much of your limits you have used.",
        ),
    ];
}

const ABOUT: &str = "Buys dockets and documents from PACER. The API is that of CourtListener's RECAP Fetch, with \
    additions. A call needs an API token: `Authorization: Token KEY`. Paths end with `/`; without it they are \
    answered as well. `HEAD` is `GET` without a body. Versions 3 and 4 differ only in how lists are paged.";

/// A place as the document needs it: its path from the root of the service, and its version if it has one.
pub(crate) struct Told {
    /// From the root of the service.
    pub path: String,
    /// Of the API.
    pub version: Option<Version>,
    /// Who may call; none where no check stands in front.
    pub access: Option<Access>,
    /// What is told of its methods.
    pub operations: Vec<Operation>,
}

/// What `OPTIONS` of a place answers.
pub(crate) const fn options_of(id: &'static str, tag: &'static str) -> Operation {
    const TOLD: [Answer; 1] = [Answer::ok(
        "What there is to filter by, and which fields there are.",
        DESCRIPTION,
    )];
    Operation::new("options", id, tag, "What a place says of itself").answers(&TOLD)
}

/// The whole document but for where the service is, which depends on who asks.
pub(crate) fn document(places: &[Told]) -> Object {
    let mut shared = parameters::common();
    let mut components = components::all();
    let paths: Object = places
        .iter()
        .map(|place| (place.path.clone(), path_item(place, &mut shared).into()))
        .collect();
    components.extend(responses::schemas(places));
    let tags =
        tag::ALL.map(|(name, about)| Object::new().with("name", name).with("description", about));
    let info = Object::new()
        .with("title", "pacer-fetch")
        .with("version", env!("CARGO_PKG_VERSION"))
        .with("description", ABOUT)
        .with(
            "license",
            Object::new()
                .with("name", "MIT OR Apache-2.0")
                .with("identifier", "MIT OR Apache-2.0"),
        );
    Object::new()
        .with("info", info)
        .with("tags", Item::list(tags))
        .with("paths", paths)
        .with(
            "webhooks",
            Object::new()
                .with("requestEnded", webhook::request_ended())
                .with("filed", webhook::filed()),
        )
        .with("components", component_object(components, shared))
}

fn component_object(schemas: Vec<(String, Object)>, parameters: Shared) -> Object {
    let items = |pairs: Vec<(String, Object)>| -> Object {
        let pairs = pairs.into_iter();
        pairs
            .map(|(name, object)| (name, Item::from(object)))
            .collect()
    };
    Object::new()
        .with("schemas", items(schemas))
        .with("parameters", items(parameters.into_iter().collect()))
        .with("responses", items(refusals::all()))
        .with("headers", items(refusals::headers()))
        .with("securitySchemes", items(refusals::schemes()))
}

fn path_item(place: &Told, shared: &mut Shared) -> Object {
    let operations = place.operations.iter();
    operations
        .map(|operation| {
            let object = describe(place, operation, shared);
            (operation.method.to_owned(), Item::from(object))
        })
        .collect()
}

fn describe(place: &Told, operation: &Operation, shared: &mut Shared) -> Object {
    let parameters = parameters::of(operation, &place.path, shared);
    let mut object = Object::new()
        .with("operationId", id_of(place, operation))
        .with("tags", vec![operation.tag])
        .with("summary", operation.summary);
    if !operation.about.is_empty() {
        object = object.with("description", operation.about);
    }
    object = object.with("security", Item::list(security(place, operation)));
    if !parameters.is_empty() {
        object = object.with("parameters", Item::list(parameters));
    }
    if let Some(body) = operation.body {
        object = object.with("requestBody", responses::body(body));
    }
    object.with("responses", responses::of(place, operation))
}

/// Names of version 4 are plain, so that generated clients read well.
fn id_of(place: &Told, operation: &Operation) -> String {
    match place.version {
        Some(Version::V3) => format!("v3_{}", operation.id),
        _ => operation.id.to_owned(),
    }
}

/// Who may call: with one of these, or with none at all.
fn security(place: &Told, operation: &Operation) -> Vec<Object> {
    let nobody: [&str; 0] = [];
    let with = |name: &str| Object::new().with(name, nobody.to_vec());
    let Some(access) = place.access else {
        return Vec::new();
    };
    let reads = matches!(operation.method, "get" | "options");
    let anybody = (access.anonymous && reads).then(Object::new);
    let schemes = refusals::SCHEMES.map(|(name, _)| with(name));
    anybody.into_iter().chain(schemes).collect()
}

/// Whether a method of a place changes something, which may be refused to who may only read.
fn changes(access: Access, operation: &Operation) -> bool {
    !matches!(operation.method, "get" | "options") && access.changes
}
