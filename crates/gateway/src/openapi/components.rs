//! Schemas that are made from other tables than those of keys: the fields of a request, and refusals.

use fetch_library::read::{Kind as ColumnKind, Resource};
use fetch_model::{
    expand::Group,
    fields::{Access, FIELDS, Field, FieldId, Kind},
};

use super::shape::{Shape, choice, described, reference};
use crate::{
    dialect::{Item, Object},
    expand::keys,
};

/// The name of a request as it is answered.
pub const REQUEST: Shape = Shape::Named("FetchRequest");
/// The fields of a new request.
pub const NEW_REQUEST: Shape = Shape::Named("NewFetchRequest");
/// The fields of a question for a price.
pub const QUOTED: Shape = Shape::Named("QuotedRequest");
/// The fields of a login that buys nothing.
pub const LOGIN: Shape = Shape::Named("PacerLogin");
/// What `OPTIONS` says.
pub const DESCRIPTION: Shape = Shape::Named("Description");
/// Any object of row fields that this list does not fix.
pub const DETAIL: &str = "Detail";
/// What a 400 may hold.
pub const INVALID: &str = "Invalid";

/// All of them, by name.
pub fn all() -> Vec<(String, Object)> {
    let schemas = [
        ("FetchRequest", request()),
        (
            "Description",
            Object::new()
                .with("type", "object")
                .with("description", "What a place says of itself."),
        ),
        (DETAIL, detail()),
        ("FieldErrors", field_errors()),
        ("UnknownParameters", unknown_parameters()),
        (INVALID, invalid()),
        (
            "Count",
            object(
                "How many rows there are.",
                [("count", Shape::Integer.schema())],
            ),
        ),
    ];
    let schemas = schemas.into_iter();
    schemas
        .map(|(name, schema)| (name.to_owned(), schema))
        .chain(sets())
        .collect()
}

/// The fields of a request, a quote and a login, as JSON and as a form.
fn sets() -> impl Iterator<Item = (String, Object)> {
    type Chosen = fn(&Field) -> Option<bool>;
    let sets: [(&str, &str, Chosen); 3] = [
        (
            "NewFetchRequest",
            "What to fetch, for whom, and for how much. A docket is named by `docket`, or by `court` with \
             `docket_number` or `pacer_case_id`; a document or an attachment menu by `recap_document`.",
            is_of_request,
        ),
        (
            "QuotedRequest",
            "What to fetch. The login may be left out.",
            is_of_quote,
        ),
        ("PacerLogin", "The PACER account to log in.", is_of_login),
    ];
    sets.into_iter().flat_map(|(name, about, chosen)| {
        [
            (name.to_owned(), fields(about, chosen, Format::Json)),
            (format!("{name}Form"), fields(about, chosen, Format::Form)),
        ]
    })
}

/// What fields are sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    /// Browsers leave an unticked box out, so there an absent truth value means no.
    Form,
}

/// An object all of whose keys are there.
pub fn object<const N: usize>(about: &str, keys: [(&str, Object); N]) -> Object {
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let keys = keys.into_iter();
    let properties: Object = keys
        .map(|(name, schema)| (name.to_owned(), Item::from(schema)))
        .collect();
    described(Object::new().with("type", "object"), about)
        .with("required", names)
        .with("properties", properties)
}

fn is_of_request(field: &Field) -> Option<bool> {
    let required = matches!(field.access, Access::Required | Access::Login);
    field.is_read().then_some(required)
}

fn is_of_quote(field: &Field) -> Option<bool> {
    field.is_read().then_some(field.access == Access::Required)
}

fn is_of_login(field: &Field) -> Option<bool> {
    field.is_of_login.then_some(field.access == Access::Login)
}

/// Fields that callers send, and whether each must be there.
fn fields(about: &str, choose: fn(&Field) -> Option<bool>, format: Format) -> Object {
    let chosen = FIELDS
        .iter()
        .filter_map(|field| Some((field, choose(field)?)));
    let required = chosen.clone().filter(|(_, required)| *required);
    let required: Vec<&str> = required.map(|(field, _)| field.name).collect();
    let properties: Object = chosen
        .map(|(field, _)| (field.name.to_owned(), Item::from(sent(field, format))))
        .collect();
    described(Object::new().with("type", "object"), about)
        .with("required", required)
        .with("properties", properties)
}

/// A field as callers send it.
fn sent(field: &Field, format: Format) -> Object {
    let schema = match field.kind {
        Kind::Text { max, may_be_blank } => {
            let schema = Shape::Text.schema();
            let schema = if may_be_blank {
                schema
            } else {
                schema.with("minLength", 1)
            };
            at_most(schema, max)
        }
        Kind::CookieText { max } => {
            at_most(Shape::Text.schema(), Some(max)).with("pattern", "^[!-+\\--:<-~]+$")
        }
        Kind::Secret { max } => {
            let schema = Shape::Text.schema().with("format", "password");
            at_most(schema.with("minLength", 1), max)
        }
        Kind::Integer { min } => or_null("integer")
            .with("minimum", min)
            .with("maximum", i32::MAX),
        Kind::Numbers => Object::new()
            .with("type", vec!["integer", "string", "null"])
            .with("minimum", 1)
            .with("pattern", "^[0-9 ,-]*$"),
        Kind::Boolean { default } => Shape::Boolean
            .schema()
            .with("default", default && format == Format::Json),
        Kind::Choice(choices) => choice(choices),
        Kind::Word(words) => Object::new()
            .with("type", "string")
            .with("enum", words.to_vec()),
        Kind::Date => or_null("string").with("format", "date"),
        Kind::Instant { .. } => or_null("string").with("format", "date-time"),
        Kind::Row => Shape::Integer.schema().with("format", "int64"),
        Kind::Court | Kind::Shown(_) => Shape::Text.schema(),
    };
    let meaning = plain(field.meaning);
    let about = format!(
        "{}. For request types: {}.",
        capitalised(&meaning),
        field.types
    );
    let about = if field.ours {
        format!("{about} Not in RECAP Fetch.")
    } else {
        about
    };
    described(schema, &about)
}

fn at_most(schema: Object, max: Option<usize>) -> Object {
    match max.and_then(|max| u32::try_from(max).ok()) {
        Some(max) => schema.with("maxLength", max),
        None => schema,
    }
}

fn or_null(of_type: &str) -> Object {
    Object::new().with("type", vec![of_type, "null"])
}

/// Links of the documents lead nowhere here, so their words stand alone.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let (words, after) = link.split_once("](").unwrap_or((link, ")"));
        plain.push_str(before);
        plain.push_str(words);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A request as it is answered: the fields of the contract, and groups of keys for who asks.
fn request() -> Object {
    let fields = FIELDS
        .iter()
        .filter(|field| !field.ours && !field.is_of_login);
    let names: Vec<&str> = fields.clone().map(|field| field.name).collect();
    let properties = fields.map(|field| (field.name.to_owned(), Item::from(shown(field))));
    let groups = Group::ALL.map(|group| {
        let schema = Item::list([
            reference("schemas", keys::of(group).name),
            Object::new().with("type", "null"),
        ]);
        let about = "Only with `expand`.";
        let schema = Object::new()
            .with("anyOf", schema)
            .with("description", about);
        (group.as_str().to_owned(), Item::from(schema))
    });
    Object::new()
        .with("type", "object")
        .with("description", "A request to fetch something from PACER.")
        .with("required", names)
        .with("properties", properties.chain(groups).collect::<Object>())
}

/// What a field says in an answer, where that is not what it says in a request.
fn about_shown(field: &Field) -> &'static str {
    match field.id {
        FieldId::Docket => {
            "The stored docket: as it was sent, or filled in once the docket that was asked for is stored. Its id leads \
             to `dockets/{id}/` and `docket-entries/?docket={id}`."
        }
        FieldId::RecapDocument => {
            "The stored document, as it was sent. Its id leads to `recap-documents/{id}/`."
        }
        FieldId::Court => "An id of `courts/`, as it was sent: it is not filled in.",
        FieldId::PacerCaseId | FieldId::DocketNumber => "As it was sent, else empty.",
        _ => field.help,
    }
}

/// A field as it is answered.
fn shown(field: &Field) -> Object {
    let text_or_null = |format: &str| or_null("string").with("format", format);
    let schema = match (field.id, field.kind) {
        (FieldId::Status, _) => return statuses(),
        (FieldId::DateCompleted, _) => text_or_null("date-time"),
        (_, Kind::Shown("datetime")) => Shape::Instant.schema(),
        (_, Kind::Shown("integer")) => Shape::Integer.schema(),
        (_, Kind::Choice(choices)) => return choice(choices),
        (_, Kind::Court) => or_null("string"),
        (_, Kind::Row | Kind::Integer { .. }) => or_null("integer"),
        (_, Kind::Date) => text_or_null("date"),
        (_, Kind::Boolean { .. }) => Shape::Boolean.schema(),
        _ => Shape::Text.schema(),
    };
    described(schema, about_shown(field))
}

fn statuses() -> Object {
    let columns = Resource::FetchRequests.columns().iter();
    let kinds = columns
        .filter(|column| column.name == "status")
        .map(|column| column.kind);
    let choices = kinds.filter_map(|kind| match kind {
        ColumnKind::Choice(choices) => Some(choices),
        _ => None,
    });
    choices
        .map(choice)
        .next()
        .unwrap_or_else(|| Shape::Integer.schema())
}

fn detail() -> Object {
    object("Why a call is refused.", [("detail", Shape::Text.schema())])
}

fn field_errors() -> Object {
    let about = "What is wrong, by the name of the field or parameter. `non_field_errors` is about all together.";
    let messages = Shape::List(&Shape::Text).schema();
    Object::new()
        .with("type", "object")
        .with("description", about)
        .with("additionalProperties", messages)
}

fn unknown_parameters() -> Object {
    let keys = [
        ("detail", Shape::Text.schema()),
        ("unknown_params", Shape::List(&Shape::Text).schema()),
    ];
    object("Parameters of a list that mean nothing, sorted.", keys)
}

fn invalid() -> Object {
    let kinds = ["FieldErrors", DETAIL, "UnknownParameters"];
    let kinds = kinds.map(|name| reference("schemas", name));
    Object::new()
        .with("description", "What is wrong with a call.")
        .with("anyOf", Item::list(kinds))
}
