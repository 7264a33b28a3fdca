//! What a place says about itself (`OPTIONS`), derived from the tables that answer calls.

use fetch_store::read::{Column, Kind, Lookup, Resource};

use super::{Item, Object, filter::suffix_of};

/// A field of a `POST`, for people: name, type, what it is, and a limit.
struct Described {
    name: &'static str,
    kind: &'static str,
    access: Access,
    label: &'static str,
    help: &'static str,
}

#[derive(PartialEq, Clone, Copy)]
enum Access {
    ReadOnly,
    Optional,
    Required,
}

const fn described(
    name: &'static str,
    kind: &'static str,
    access: Access,
    label: &'static str,
    help: &'static str,
) -> Described {
    Described {
        name,
        kind,
        access,
        label,
        help,
    }
}

use Access::{Optional, ReadOnly, Required};

const SUBMISSION: &[Described] = &[
    described("id", "integer", ReadOnly, "ID", ""),
    described(
        "court",
        "field",
        Optional,
        "Court",
        "The court of the case.",
    ),
    described(
        "docket",
        "field",
        Optional,
        "Docket",
        "A stored docket that is to be updated.",
    ),
    described(
        "recap_document",
        "field",
        Optional,
        "Recap document",
        "A stored document.",
    ),
    described("pacer_username", "string", Required, "Pacer username", ""),
    described(
        "pacer_password",
        "string",
        Required,
        "Pacer password",
        "Used at once, never kept.",
    ),
    described(
        "client_code",
        "string",
        Optional,
        "Client code",
        "What PACER books the cost on.",
    ),
    described(
        "date_created",
        "datetime",
        ReadOnly,
        "Date created",
        "When it was accepted.",
    ),
    described(
        "date_modified",
        "datetime",
        ReadOnly,
        "Date modified",
        "When it last changed.",
    ),
    described(
        "date_completed",
        "datetime",
        ReadOnly,
        "Date completed",
        "When it succeeded.",
    ),
    described(
        "status",
        "choice",
        ReadOnly,
        "Status",
        "Where the request stands.",
    ),
    described(
        "request_type",
        "choice",
        Required,
        "Request type",
        "What to fetch.",
    ),
    described(
        "message",
        "string",
        ReadOnly,
        "Message",
        "What there is to say about it.",
    ),
    described(
        "pacer_case_id",
        "string",
        Optional,
        "Pacer case id",
        "Needs court.",
    ),
    described(
        "docket_number",
        "string",
        Optional,
        "Docket number",
        "Needs court.",
    ),
    described(
        "de_date_start",
        "date",
        Optional,
        "De date start",
        "Earliest filing date wanted.",
    ),
    described(
        "de_date_end",
        "date",
        Optional,
        "De date end",
        "Latest filing date wanted.",
    ),
    described(
        "de_number_start",
        "integer",
        Optional,
        "De number start",
        "Lowest number wanted.",
    ),
    described(
        "de_number_end",
        "integer",
        Optional,
        "De number end",
        "Highest number wanted.",
    ),
    described(
        "show_parties_and_counsel",
        "boolean",
        Optional,
        "Show parties and counsel",
        "Buy the party list.",
    ),
    described(
        "show_terminated_parties",
        "boolean",
        Optional,
        "Show terminated parties",
        "Include those who are out of the case.",
    ),
    described(
        "show_list_of_member_cases",
        "boolean",
        Optional,
        "Show list of member cases",
        "Include member cases, which can be costly.",
    ),
];

/// What a list or a row says about itself. Only the list of requests takes a `POST`.
#[must_use]
pub fn describe(resource: Resource, name: &str, description: &str, takes_post: bool) -> Object {
    let mut object = introduce(name, description);
    if takes_post {
        let fields: Object = SUBMISSION
            .iter()
            .map(|field| (field.name.to_owned(), describe_field(field)))
            .collect();
        object = object.with("actions", Object::new().with("POST", fields));
    }
    object
        .with("filters", filters(resource))
        .with("ordering", resource.orderings().to_vec())
}

/// The same of a list that is no table, by its columns.
#[must_use]
pub fn describe_columns(name: &str, description: &str, columns: &[Column]) -> Object {
    let filters: Object = columns.iter().map(column_filter).collect();
    introduce(name, description)
        .with("filters", filters)
        .with("ordering", vec!["position"])
}

fn introduce(name: &str, description: &str) -> Object {
    let parses = [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ];
    Object::new()
        .with("name", name)
        .with("description", description)
        .with("renders", vec!["application/json"])
        .with("parses", parses.to_vec())
}

fn describe_field(field: &Described) -> Item {
    let mut object = Object::new()
        .with("type", field.kind)
        .with("required", field.access == Required)
        .with("read_only", field.access == ReadOnly)
        .with("label", field.label);
    if !field.help.is_empty() {
        object = object.with("help_text", field.help);
    }
    object = match field.name {
        "docket_number" => object.with("max_length", 50),
        "pacer_case_id" => object.with("max_length", 100),
        "de_number_start" | "de_number_end" => object
            .with("min_value", i32::MIN)
            .with("max_value", i32::MAX),
        _ => object,
    };
    let columns = Resource::FetchRequests.columns();
    match columns
        .iter()
        .find(|column| column.name == field.name)
        .map(|column| column.kind)
    {
        Some(Kind::Choice(choices)) if field.access != ReadOnly => {
            object.with("choices", list_of_choices(choices)).into()
        }
        _ => object.into(),
    }
}

fn filters(resource: Resource) -> Object {
    let columns = resource.columns().iter().map(column_filter);
    let kind = match resource {
        Resource::FetchRequests => "ModelChoiceFilter",
        _ => "RelatedFilter",
    };
    let relations = resource.relations().iter().map(|relation| {
        let lookups = lookups(relation.lookups);
        let object = Object::new()
            .with("type", kind)
            .with("lookup_types", lookups);
        (relation.name.to_owned(), object.into())
    });
    columns.chain(relations).collect()
}

fn column_filter(column: &Column) -> (String, Item) {
    let kind = match column.kind {
        Kind::Integer => "NumberFilter",
        Kind::Text => "CharFilter",
        Kind::Boolean => "BooleanFilter",
        Kind::Date => "DateFilter",
        Kind::Instant => "IsoDateTimeFilter",
        Kind::Choice(_) => "ChoiceFilter",
    };
    let mut object = Object::new()
        .with("type", kind)
        .with("lookup_types", lookups(column.lookups));
    if let Kind::Choice(choices) = column.kind {
        object = object.with("choices", list_of_choices(choices));
    }
    (column.name.to_owned(), object.into())
}

fn lookups(lookups: &[Lookup]) -> Vec<&'static str> {
    lookups.iter().map(|lookup| suffix_of(*lookup)).collect()
}

fn list_of_choices(choices: &[(i64, &str)]) -> Item {
    Item::list(choices.iter().map(|(value, label)| {
        Object::new()
            .with("value", *value)
            .with("display_name", *label)
    }))
}
