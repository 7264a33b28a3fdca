//! Whether answers are what the OpenAPI document says. Every answer of a house is looked at.

use std::{collections::HashMap, sync::LazyLock};

use serde_json::{Map, Value, json};

use super::Answer;

/// The document, in which objects have no other keys than those that are described.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = document();
    close(&mut document["components"]["schemas"]);
    document
});

/// As it is served.
pub fn document() -> Value {
    serde_json::from_str(&gateway::openapi_document("http://api.example.org")).unwrap()
}

/// Forbids keys that no schema names, which the document itself does not: clients must bear new ones.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let is_closed = object.contains_key("properties") && object.contains_key("type");
            if is_closed && object["type"] == "object" {
                let no = Value::Bool(false);
                object.entry("additionalProperties").or_insert(no);
            }
            object.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

/// The methods and answers that are described at a path; none if there is nothing of that kind.
fn described_at(path: &str) -> Option<&'static Map<String, Value>> {
    let path = path.split('?').next().unwrap_or_default();
    let path = path.strip_suffix(".json").unwrap_or(path);
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let mut fitting: Vec<&String> = paths.keys().filter(|it| fits(it, path)).collect();
    fitting.sort_by_key(|template| template.matches('{').count());
    paths[*fitting.first()?].as_object()
}

fn fits(template: &str, path: &str) -> bool {
    if let Some(root) = template.strip_suffix("{path}") {
        return path.starts_with(root);
    }
    let (template, path) = (template.trim_end_matches('/'), path.trim_end_matches('/'));
    let parts = template.split('/').zip(path.split('/'));
    template.split('/').count() == path.split('/').count()
        && parts
            .into_iter()
            .all(|(told, sent)| told == sent || told.starts_with('{'))
}

/// Panics if an answer is not described.
pub fn check(method: &str, path: &str, answer: &Answer) {
    let name = match method {
        "HEAD" => "get".to_owned(),
        other => other.to_lowercase(),
    };
    let Some(operation) = described_at(path).and_then(|place| place.get(&name)) else {
        return;
    };
    let status = answer.status.as_str();
    let told = &operation["responses"][status];
    let told = match told["$ref"].as_str() {
        Some(pointer) => DOCUMENT.pointer(&pointer[1..]).unwrap(),
        None => told,
    };
    assert!(
        told.is_object(),
        "{method} {path} answers {status}, which is not described: {}",
        answer.text_or_bytes()
    );
    if method == "HEAD" || answer.body.is_empty() {
        return;
    }
    let of_type = answer.header("content-type").unwrap_or_default();
    let of_type = of_type.split(';').next().unwrap_or_default();
    let content = &told["content"][of_type];
    assert!(
        content.is_object(),
        "{method} {path} answers {status} as {of_type}, which is not described"
    );
    // Packed ones say the same.
    if of_type == "application/json" && answer.header("content-encoding").is_none() {
        check_value(
            &content["schema"],
            &answer.json(),
            &format!("{method} {path} ({status})"),
        );
    }
}

/// Panics if a value does not follow a schema of the document.
pub fn check_value(schema: &Value, value: &Value, what: &str) {
    let root = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
    let validator = jsonschema::validator_for(&root).unwrap();
    let errors: HashMap<String, String> = validator
        .iter_errors(value)
        .map(|error| (error.instance_path().to_string(), error.to_string()))
        .collect();
    assert!(errors.is_empty(), "{what} is not as described: {errors:#?}");
}
