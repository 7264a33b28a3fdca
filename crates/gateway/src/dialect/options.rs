//! What a place says about itself (`OPTIONS`), derived from the tables that answer calls.

use fetch_library::read::{Column, Kind, Lookup, Resource};
use fetch_model::fields::{self, Access, FIELDS, Field};

use super::{Item, Object, filter::suffix_of, tracker, webhook};
use crate::openapi::Described;

/// What a list or a row says about itself. `written` are the method that writes there, or would if anybody
/// might, and the fields that are written or shown.
#[must_use]
pub fn describe(
    resource: Resource,
    name: &str,
    description: &str,
    written: Option<(&str, Object)>,
) -> Object {
    let mut object = introduce(name, description);
    if let Some((method, fields)) = written {
        object = object.with("actions", Object::new().with(method, fields));
    }
    object
        .with("filters", filters(resource))
        .with("ordering", resource.orderings().to_vec())
}

/// The fields of a request.
#[must_use]
pub fn of_requests() -> Object {
    FIELDS
        .iter()
        .map(|field| (field.name.to_owned(), describe_field(field).into()))
        .collect()
}

/// The fields of a webhook endpoint.
#[must_use]
pub fn of_webhooks() -> Object {
    of_keys(&webhook::WRITTEN)
}

/// The fields of a tracker.
#[must_use]
pub fn of_trackers() -> Object {
    of_keys(&tracker::WRITTEN)
}

fn of_keys(written: &Described) -> Object {
    let fields = written.keys.iter().map(|key| {
        let object = Object::new()
            .with("type", key.shape.word())
            .with("required", !key.optional)
            .with("read_only", false)
            .with("label", fields::label(key.name))
            .with("help_text", key.about);
        (key.name.to_owned(), Item::from(object))
    });
    fields.collect()
}

/// Fields that are shown and that nobody may write: names, and the contract's words for what they hold. Those that
/// the contract does not have are not among them.
#[must_use]
pub(crate) fn shown(row: &Described) -> Object {
    row.keys
        .iter()
        .filter(|key| !key.ours)
        .map(|key| {
            let object = Object::new()
                .with("type", key.shape.word())
                .with("required", false)
                .with("read_only", true)
                .with("label", fields::label(key.name));
            (key.name.to_owned(), object.into())
        })
        .collect()
}

/// What a place says of itself that is no list.
#[must_use]
pub fn introduce(name: &str, description: &str) -> Object {
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

fn describe_field(field: &Field) -> Object {
    let is_required = matches!(field.access, Access::Required | Access::Login);
    let mut object = Object::new()
        .with("type", type_of(field.kind))
        .with("required", is_required)
        .with("read_only", field.access == Access::ReadOnly)
        .with("label", field.label());
    if !field.help.is_empty() {
        object = object.with("help_text", field.help);
    }
    match field.kind {
        fields::Kind::Text { max: Some(max), .. } | fields::Kind::Secret { max: Some(max) } => {
            object.with("max_length", i64::try_from(max).unwrap_or(i64::MAX))
        }
        fields::Kind::Integer { min } => object.with("min_value", min).with("max_value", i32::MAX),
        fields::Kind::Choice(choices) => object.with("choices", list_of_choices(choices)),
        fields::Kind::Word(words) => object.with("choices", list_of_words(words)),
        _ => object,
    }
}

/// The word of the contract for what a field may hold.
fn type_of(kind: fields::Kind) -> &'static str {
    match kind {
        fields::Kind::Shown(of_type) => of_type,
        fields::Kind::Court | fields::Kind::Row => "field",
        fields::Kind::Text { .. }
        | fields::Kind::CookieText { .. }
        | fields::Kind::Secret { .. } => "string",
        fields::Kind::Choice(_) | fields::Kind::Word(_) => "choice",
        fields::Kind::Date => "date",
        fields::Kind::Instant { .. } => "datetime",
        fields::Kind::Integer { .. } => "integer",
        fields::Kind::Numbers => "string",
        fields::Kind::Boolean { .. } => "boolean",
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
        Kind::Integer | Kind::Thousandths => "NumberFilter",
        Kind::Text => "CharFilter",
        Kind::Word(_) if column.repeatable => "MultipleChoiceFilter",
        Kind::Boolean => "BooleanFilter",
        Kind::Date => "DateFilter",
        Kind::Instant => "IsoDateTimeFilter",
        Kind::Choice(_) | Kind::Word(_) => "ChoiceFilter",
    };
    let mut object = Object::new()
        .with("type", kind)
        .with("lookup_types", lookups(column.lookups));
    match column.kind {
        Kind::Choice(choices) => object = object.with("choices", list_of_choices(choices)),
        Kind::Word(choices) => object = object.with("choices", list_of_choices(choices)),
        _ => {}
    }
    (column.name.to_owned(), object.into())
}

fn lookups(lookups: &[Lookup]) -> Vec<&'static str> {
    lookups.iter().map(|lookup| suffix_of(*lookup)).collect()
}

fn list_of_choices<T: Copy + Into<Item>>(choices: &[(T, &str)]) -> Item {
    Item::list(choices.iter().map(|(value, label)| {
        Object::new()
            .with("value", *value)
            .with("display_name", *label)
    }))
}

fn list_of_words(words: &[&str]) -> Item {
    Item::list(words.iter().map(|word| {
        Object::new()
            .with("value", *word)
            .with("display_name", *word)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the contract says of its fields, in its words and its order.
    const OF_THE_CONTRACT: [&str; 22] = [
        r#""id":{"type":"integer","required":false,"read_only":true,"label":"ID"}"#,
        r#""court":{"type":"field","required":false,"read_only":false,"label":"Court","help_text":"The court of the case."}"#,
        r#""docket":{"type":"field","required":false,"read_only":false,"label":"Docket","help_text":"A stored docket to update."}"#,
        r#""recap_document":{"type":"field","required":false,"read_only":false,"label":"Recap document","help_text":"A stored document."}"#,
        r#""pacer_username":{"type":"string","required":true,"read_only":false,"label":"Pacer username"}"#,
        r#""pacer_password":{"type":"string","required":true,"read_only":false,"label":"Pacer password","help_text":"Used immediately and never stored."}"#,
        r#""client_code":{"type":"string","required":false,"read_only":false,"label":"Client code","help_text":"PACER's billing label for the charge."}"#,
        r#""date_created":{"type":"datetime","required":false,"read_only":true,"label":"Date created","help_text":"When it was accepted."}"#,
        r#""date_modified":{"type":"datetime","required":false,"read_only":true,"label":"Date modified","help_text":"When it last changed."}"#,
        r#""date_completed":{"type":"datetime","required":false,"read_only":true,"label":"Date completed","help_text":"When it succeeded."}"#,
        r#""status":{"type":"choice","required":false,"read_only":true,"label":"Status","help_text":"Where the request stands."}"#,
        r#""request_type":{"type":"choice","required":true,"read_only":false,"label":"Request type","help_text":"What to fetch.","choices":[{"value":1,"display_name":"HTML Docket"},{"value":2,"display_name":"PDF"},{"value":3,"display_name":"Attachment Page"}]}"#,
        r#""message":{"type":"string","required":false,"read_only":true,"label":"Message","help_text":"Details about the status."}"#,
        r#""pacer_case_id":{"type":"string","required":false,"read_only":false,"label":"Pacer case id","help_text":"Requires court.","max_length":100}"#,
        r#""docket_number":{"type":"string","required":false,"read_only":false,"label":"Docket number","help_text":"Requires court.","max_length":50}"#,
        r#""de_date_start":{"type":"date","required":false,"read_only":false,"label":"De date start","help_text":"Earliest filing date wanted."}"#,
        r#""de_date_end":{"type":"date","required":false,"read_only":false,"label":"De date end","help_text":"Latest filing date wanted."}"#,
        r#""de_number_start":{"type":"integer","required":false,"read_only":false,"label":"De number start","help_text":"Lowest number wanted.","min_value":-2147483648,"max_value":2147483647}"#,
        r#""de_number_end":{"type":"integer","required":false,"read_only":false,"label":"De number end","help_text":"Highest number wanted.","min_value":-2147483648,"max_value":2147483647}"#,
        r#""show_parties_and_counsel":{"type":"boolean","required":false,"read_only":false,"label":"Show parties and counsel","help_text":"Buy the party list."}"#,
        r#""show_terminated_parties":{"type":"boolean","required":false,"read_only":false,"label":"Show terminated parties","help_text":"Include parties who have left the case."}"#,
        r#""show_list_of_member_cases":{"type":"boolean","required":false,"read_only":false,"label":"Show list of member cases","help_text":"Include member cases, which can be expensive."}"#,
    ];

    fn posted() -> String {
        let object = describe(
            Resource::FetchRequests,
            "",
            "",
            Some(("POST", of_requests())),
        );
        let text = serde_json::to_string(&object).unwrap();
        let (_, posted) = text.split_once(r#""POST":{"#).unwrap();
        let (posted, _) = posted.split_once(r#"}},"filters":"#).unwrap();
        posted.to_owned()
    }

    #[test]
    fn the_fields_of_the_contract_are_described_as_it_does() {
        assert!(
            posted().starts_with(&OF_THE_CONTRACT.join(",")),
            "{}",
            posted()
        );
    }

    #[test]
    fn ours_come_after_them() {
        let posted = posted();
        let ours = &posted[OF_THE_CONTRACT.join(",").len()..];
        let lane = r#""lane":{"type":"choice","required":false,"read_only":false,"label":"Lane","help_text":"Whether somebody is waiting for it.","choices":[{"value":"interactive","display_name":"interactive"},{"value":"bulk","display_name":"bulk"}]}"#;
        assert!(ours.contains(lane), "{ours}");
        for field in FIELDS.iter().filter(|field| field.ours) {
            assert!(ours.contains(&format!("\"{}\":", field.name)), "{ours}");
        }
    }
}
