//! The table as people read it.

use super::{Access, FIELDS, Field, Kind};

/// The table of `docs/API.md`, in Markdown, with its two head lines.
#[must_use]
pub fn fields_table() -> String {
    let rows = FIELDS.iter().filter(|field| field.is_read()).map(row);
    let head = "| Field | Type | For types | Meaning |\n|---|---|---|---|\n".to_owned();
    head + &rows.collect::<String>()
}

fn row(field: &Field) -> String {
    let ours = if field.ours { " (**ours**)" } else { "" };
    format!(
        "| `{}`{ours} | {} | {} | {} |\n",
        field.name,
        type_of(field),
        field.types,
        field.meaning
    )
}

/// What a field may hold, in words.
#[must_use]
pub fn type_of(field: &Field) -> String {
    let mut words = match field.kind {
        Kind::Shown(of_type) => of_type.to_owned(),
        Kind::Court => "court id".to_owned(),
        Kind::Row => "integer".to_owned(),
        Kind::Text { max: None, .. } | Kind::Secret { max: None } => "text".to_owned(),
        Kind::CookieText { max }
        | Kind::Text { max: Some(max), .. }
        | Kind::Secret { max: Some(max) } => format!("text, ≤ {max}"),
        Kind::Choice(choices) => one_of(choices.iter().map(|(number, _)| number.to_string())),
        Kind::Word(words) => one_of(words.iter().map(|word| format!("`{word}`"))),
        Kind::Date => "date or null".to_owned(),
        Kind::Instant { .. } => "time with an offset, or null".to_owned(),
        Kind::Integer { min: i32::MIN } => "32-bit integer or null".to_owned(),
        Kind::Integer { min } => format!("integer ≥ {min} or null"),
        Kind::Numbers => "integer ≥ 1, range or list, or null".to_owned(),
        Kind::Boolean { .. } => "boolean".to_owned(),
    };
    if matches!(field.access, Access::Required | Access::Login) {
        words += ", required";
    }
    words
}

/// `1, 2 or 3`.
fn one_of(values: impl Iterator<Item = String>) -> String {
    let mut values: Vec<String> = values.collect();
    match values.pop() {
        Some(last) if !values.is_empty() => format!("{} or {last}", values.join(", ")),
        last => last.unwrap_or_default(),
    }
}
