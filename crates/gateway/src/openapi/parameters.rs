//! The parameters of lists and rows, from the tables that calls are read by.

use std::collections::BTreeMap;

use fetch_library::read::{Column, Kind, Lookup, Relation, Resource};

use super::{
    operation::{Operation, Parameter, Query},
    shape::{Shape, choice, reference},
};
use crate::dialect::{Item, Object, filter::suffix_of};

/// Parameters that many places share, by their names in the document.
pub type Shared = BTreeMap<String, Object>;

/// The parameters of an operation; what is shared goes into `shared`.
pub fn of(operation: &Operation, path: &str, shared: &mut Shared) -> Vec<Object> {
    let mut all: Vec<Object> = path_parameters(path).collect();
    all.extend(operation.parameters.iter().map(own));
    match operation.query {
        Query::None => {}
        Query::Row(resource) => {
            all.extend(filters(resource, shared));
            all.extend(selection(resource).map(|name| reference("parameters", name)));
        }
        Query::List(resource) => {
            all.extend(filters(resource, shared));
            all.extend(PAGES.map(|name| reference("parameters", name)));
            all.push(order(resource, shared));
            all.extend(selection(resource).map(|name| reference("parameters", name)));
        }
    }
    all
}

/// What every list takes.
const PAGES: [&str; 3] = ["page", "cursor", "count"];

fn selection(resource: Resource) -> impl Iterator<Item = &'static str> {
    let names: &[&str] = match resource.is_owned() {
        true => &[],
        false => &["fields", "omit"],
    };
    names.iter().copied()
}

/// The parameters that do not depend on the list.
pub fn common() -> Shared {
    let texts = [
        (
            "cursor",
            "Where a page begins: opaque, from `next` and `previous`, and valid for one order only. Version 4.",
        ),
        (
            "fields",
            "Only these keys, between commas. Two underscores select in nested objects.",
        ),
        (
            "omit",
            "All keys but these, between commas: `recap_documents__plain_text`. Text that is left out is not read.",
        ),
    ];
    let mut all: Shared = texts
        .map(|(name, about)| (name.to_owned(), query(name, Shape::Text.schema(), about)))
        .into();
    let page = Object::new().with(
        "anyOf",
        Item::list([
            Shape::Integer.schema().with("minimum", 1),
            Object::new().with("const", "last"),
        ]),
    );
    let about = "The number of a page, or `last`, where pages have numbers. Most lists have no more than 100.";
    all.insert("page".to_owned(), query("page", page, about));
    let count = Shape::Word(&["on"]).schema();
    let about = "`on` asks for the number of rows alone, where pages have cursors.";
    all.insert("count".to_owned(), query("count", count, about));
    all
}

fn path_parameters(path: &str) -> impl Iterator<Item = Object> {
    let names = path.split('{').skip(1);
    let names = names.filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    let is_court = path.contains("/courts/");
    names.map(move |name| {
        let schema = match name.trim_start_matches('*') {
            "id" if !is_court => Shape::Integer.schema().with("format", "int64"),
            _ => Shape::Text.schema().with("minLength", 1),
        };
        Object::new()
            .with("name", name.trim_start_matches('*'))
            .with("in", "path")
            .with("required", true)
            .with("schema", schema)
    })
}

fn own(parameter: &Parameter) -> Object {
    Object::new()
        .with("name", parameter.name)
        .with("in", parameter.place)
        .with("description", parameter.about)
        .with("schema", parameter.shape.schema())
}

fn query(name: &str, schema: Object, about: &str) -> Object {
    let parameter = Object::new().with("name", name).with("in", "query");
    super::shape::described(parameter, about).with("schema", schema)
}

fn order(resource: Resource, shared: &mut Shared) -> Object {
    let name = format!("{}.order_by", word(resource));
    let known: Vec<String> = resource
        .orderings()
        .iter()
        .map(|column| format!("`{column}`"))
        .collect();
    let about = format!(
        "What comes first: some of {}, between commas, each perhaps with `-` in front. Unknown names are ignored.",
        known.join(", ")
    );
    shared
        .entry(name.clone())
        .or_insert_with(|| query("order_by", Shape::Text.schema(), &about));
    reference("parameters", &name)
}

/// The filters of a list, each under its name, and in one parameter those that reach other rows or exclude.
fn filters(resource: Resource, shared: &mut Shared) -> Vec<Object> {
    let columns = resource.columns().iter();
    let of_columns = columns.flat_map(|column| {
        let lookups = column.lookups.iter();
        lookups.map(move |lookup| {
            (
                with_suffix(column.name, *lookup),
                of_column(column, *lookup),
            )
        })
    });
    let relations = resource.relations().iter();
    let of_relations = relations.flat_map(|relation| {
        let lookups = relation.lookups.iter();
        lookups.map(move |lookup| {
            (
                with_suffix(relation.name, *lookup),
                of_relation(relation, *lookup),
            )
        })
    });
    let mut all: Vec<(String, Object)> = of_columns.chain(of_relations).collect();
    if let Some(pattern) = further(resource) {
        all.push(("further_filters".to_owned(), of_further(resource, &pattern)));
    }
    let share = |(name, parameter): (String, Object)| {
        let place = format!("{}.{name}", word(resource));
        shared.entry(place.clone()).or_insert(parameter);
        reference("parameters", &place)
    };
    all.into_iter().map(share).collect()
}

fn with_suffix(name: &str, lookup: Lookup) -> String {
    match lookup {
        Lookup::Exact => name.to_owned(),
        lookup => format!("{name}__{}", suffix_of(lookup)),
    }
}

fn of_column(column: &Column, lookup: Lookup) -> Object {
    let name = with_suffix(column.name, lookup);
    let about = match lookup {
        Lookup::Exact => "",
        Lookup::In => "Any of these, between commas.",
        Lookup::IsNull => "Whether there is none.",
        Lookup::GreaterOrEqual => "At least this.",
        Lookup::Greater => "More than this.",
        Lookup::LessOrEqual => "At most this.",
        Lookup::Less => "Less than this.",
        Lookup::Range => "Between two, with a comma between them; both are included.",
        Lookup::SameIgnoringCase => "This, in upper or lower case.",
        Lookup::StartsWith => "What begins with this.",
        Lookup::StartsWithIgnoringCase => "What begins with this, in upper or lower case.",
        _ => "This part of the date or time.",
    };
    let schema = match lookup {
        Lookup::In | Lookup::Range => Shape::Text.schema(),
        Lookup::IsNull => Shape::Boolean.schema(),
        Lookup::Year | Lookup::Month | Lookup::Day => Shape::Integer.schema(),
        Lookup::Hour | Lookup::Minute | Lookup::Second => Shape::Integer.schema(),
        _ if column.repeatable && lookup == Lookup::Exact => Object::new()
            .with("type", "array")
            .with("items", value_of(column.kind)),
        _ => value_of(column.kind),
    };
    query(&name, schema, about)
}

fn value_of(kind: Kind) -> Object {
    match kind {
        Kind::Integer => Shape::Integer.schema().with("format", "int64"),
        Kind::Text => Shape::Text.schema(),
        Kind::Boolean => Shape::Boolean.schema(),
        Kind::Date => Shape::Date.schema(),
        Kind::Instant => Shape::Instant.schema(),
        Kind::Choice(choices) => choice(choices),
        Kind::Word(words) => {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            Object::new().with("type", "string").with("enum", words)
        }
        Kind::Thousandths => Shape::Number.schema(),
    }
}

fn of_relation(relation: &Relation, lookup: Lookup) -> Object {
    let name = with_suffix(relation.name, lookup);
    let schema = match (lookup, relation.to) {
        (Lookup::In, _) | (_, Resource::Courts) => Shape::Text.schema(),
        _ => Shape::Integer.schema().with("format", "int64"),
    };
    let about = match lookup {
        Lookup::In => "The ids of rows that exist, between commas.",
        _ => "The id of a row that exists.",
    };
    query(&name, schema, about)
}

/// Names of filters that are too many to list: `!` after a name, and through relations. Requests, webhooks and
/// deliveries are filtered by their own columns.
fn further(resource: Resource) -> Option<String> {
    let columns = resource.columns().iter().map(|column| column.name);
    let relations: Vec<&str> = resource.relations().iter().map(|it| it.name).collect();
    let own: Vec<&str> = columns.chain(relations.iter().copied()).collect();
    let excluded = format!("^({})(__[a-z]+)?!$", own.join("|"));
    Some(match resource.is_owned() || relations.is_empty() {
        true => excluded,
        false => format!("{excluded}|^({})(__[a-z_]+)+!?$", relations.join("|")),
    })
}

fn of_further(resource: Resource, pattern: &str) -> Object {
    let relations = resource.relations().iter();
    let relations: Vec<String> = relations.map(|it| format!("`{}`", it.name)).collect();
    let through = match resource.is_owned() || relations.is_empty() {
        true => String::new(),
        false => format!(
            " A name may follow up to four relations, here {}: `docket_entry__docket__court=cand`. Their filters \
             are those of the lists that they lead to.",
            relations.join(", ")
        ),
    };
    let about = format!(
        "Further parameters, each a name with its value. `!` after the name of a filter excludes: `id!=5`.{through}"
    );
    let names = Object::new().with("pattern", pattern);
    let schema = Object::new()
        .with("type", "object")
        .with("propertyNames", names)
        .with("additionalProperties", Shape::Text.schema());
    Object::new()
        .with("name", "further_filters")
        .with("in", "query")
        .with("style", "form")
        .with("explode", true)
        .with("description", about)
        .with("schema", schema)
}

/// A kind of rows in names of the document.
fn word(resource: Resource) -> &'static str {
    match resource {
        Resource::Dockets => "dockets",
        Resource::DocketEntries => "docket-entries",
        Resource::RecapDocuments => "recap-documents",
        Resource::Parties => "parties",
        Resource::Attorneys => "attorneys",
        Resource::BankruptcyInformation => "bankruptcy-information",
        Resource::OriginatingCourtInformation => "originating-court-information",
        Resource::Courts => "courts",
        Resource::FetchRequests => "recap-fetch",
        Resource::Webhooks => "webhooks",
        Resource::WebhookEvents => "webhook-events",
        Resource::People => "people",
        Resource::Tags => "tags",
    }
}
