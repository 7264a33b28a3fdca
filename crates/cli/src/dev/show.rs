//! What the API says, for people.

use pacer_fetch_client::{DocketEntry, RecapDocument};
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
pub(crate) fn entries(entries: &[DocketEntry], most: usize) -> String {
    let mut table = Table::new();
    table.row(["no.", "filed", "documents", "description"]);
    for entry in entries.iter().take(most) {
        table.row([
            or_nothing(entry.entry_number),
            or_nothing(entry.date_filed),
            entry.recap_documents.len().to_string(),
            shortened(&entry.description, 70),
        ]);
    }
    let more = entries.len().saturating_sub(most);
    if more > 0 {
        table.row(["…".to_owned(), format!("{more} more")]);
    }
    table.to_string()
}

/// The documents of an entry, one a line.
pub(crate) fn documents(documents: &[RecapDocument]) -> String {
    let mut table = Table::new();
    table.row(["document", "attachment", "pages", "held", "description"]);
    for document in documents {
        let is_held = if document.is_available { "yes" } else { "no" };
        table.row([
            document.document_number.clone(),
            or_nothing(document.attachment_number),
            or_nothing(document.page_count),
            is_held.to_owned(),
            shortened(&document.description, 60),
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

fn or_nothing(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
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
        let entry = DocketEntry {
            id: 7,
            entry_number: Some(1),
            date_filed: "2026-01-02".parse().ok(),
            description: "COMPLAINT".to_owned(),
            recap_documents: Vec::new(),
        };
        let shown = entries(&[entry.clone(), entry], 1);
        assert!(
            shown.contains("1    2026-01-02  0          COMPLAINT"),
            "{shown}"
        );
        assert!(shown.ends_with("…    1 more\n"), "{shown}");
    }
}
