//! JSON of the API, for people.

use serde_json::{Map, Value};

use crate::table::{Table, shortened};

/// Lines of a JSON document that are shown at most.
const LINES: usize = 60;

/// The document without what is empty, with long texts cut, indented like everything else.
pub(crate) fn json(value: &Value) -> String {
    let value = without_empty(value);
    let text = format!("{value:#}");
    let mut lines: Vec<String> = text.lines().map(|line| format!("   {line}")).collect();
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("   … {more} more lines"));
    }
    lines.join("\n")
}

fn without_empty(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .iter()
                .map(|(name, value)| (name.clone(), without_empty(value)));
            Value::Object(
                kept.filter(|(_, value)| !is_empty(value))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => items.iter().map(without_empty).collect(),
        Value::String(text) => shortened(text, 90).into(),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The first entries of a docket, one a line.
pub(crate) fn entries(entries: &[Value], most: usize) -> String {
    let mut table = Table::new();
    table.row(["no.", "filed", "documents", "description"]);
    for entry in entries.iter().take(most) {
        let documents = entry["recap_documents"].as_array().map_or(0, Vec::len);
        table.row([
            entry["entry_number"]
                .as_i64()
                .map_or_else(String::new, |number| number.to_string()),
            text(entry, "date_filed").to_owned(),
            documents.to_string(),
            shortened(text(entry, "description"), 70),
        ]);
    }
    let more = entries.len().saturating_sub(most);
    if more > 0 {
        table.row(["…".to_owned(), format!("{more} more")]);
    }
    table.to_string()
}

/// The documents of an entry, one a line.
pub(crate) fn documents(documents: &[Value]) -> String {
    let mut table = Table::new();
    table.row(["document", "attachment", "pages", "held", "description"]);
    let number = |value: &Value| {
        value
            .as_i64()
            .map_or_else(String::new, |number| number.to_string())
    };
    for document in documents {
        table.row([
            text(document, "document_number").to_owned(),
            number(&document["attachment_number"]),
            number(&document["page_count"]),
            if document["is_available"] == true {
                "yes"
            } else {
                "no"
            }
            .to_owned(),
            shortened(text(document, "description"), 60),
        ]);
    }
    table.to_string()
}

/// The first lines of a text that have words in them.
pub(crate) fn first_lines(text: &str, most: usize) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(most);
    lines
        .map(|line| format!("   | {}\n", shortened(line, 90)))
        .collect()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_empty_is_not_shown() {
        let shown = json(&json!({"id": 1, "a": null, "b": "", "c": [], "d": false}));
        assert_eq!(shown, "   {\n     \"d\": false,\n     \"id\": 1\n   }");
    }

    #[test]
    fn a_long_document_is_cut() {
        let long: Value = (0..200).collect();
        assert!(json(&long).ends_with("… 142 more lines"));
    }

    #[test]
    fn entries_say_how_many_more_there_are() {
        let entry = json!({"entry_number": 1, "date_filed": "2026-01-02", "description": "COMPLAINT", "recap_documents": [{}]});
        let shown = entries(&[entry.clone(), entry], 1);
        assert!(
            shown.contains("1    2026-01-02  1          COMPLAINT"),
            "{shown}"
        );
        assert!(shown.ends_with("…    1 more\n"), "{shown}");
    }
}
