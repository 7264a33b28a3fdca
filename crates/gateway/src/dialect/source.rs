//! The fields that a call sent, as a form, JSON, or (in `grpc_source.rs`) a gRPC message.
//!
//! The three differ in what they can say. In a form everything is text and a box that is not ticked is
//! absent; JSON has types and null; a message has types and no null.

use std::{borrow::Cow, collections::HashMap, fmt};

use axum::http::StatusCode;
use fetch_model::fields::FieldId;
use serde_json::{Number, Value};
use zeroize::Zeroize;

use super::ApiError;

/// Where the fields of a request are read from. May hold a password.
pub trait Source: fmt::Debug + Send + Sync {
    /// What was sent for a field.
    fn get(&self, field: FieldId) -> Sent<'_>;

    /// What was sent under a name. A message of gRPC has the fields of its own kind only.
    fn named(&self, name: &str) -> Sent<'_>;

    /// What a truth value means that was not sent; none for its default.
    fn absent_truth(&self) -> Option<bool> {
        None
    }

    /// The names of all that was sent, where callers can send what nobody knows.
    fn names(&self) -> Vec<&str>;
}

/// What was sent for one field.
#[derive(Clone, PartialEq)]
pub enum Sent<'a> {
    /// Nothing.
    Absent,
    /// Nothing in the box of a form.
    Blank,
    /// The null of JSON.
    Null,
    /// A text.
    Text(Cow<'a, str>),
    /// A number.
    Number(Number),
    /// A truth value.
    Truth(bool),
    /// A list or an object, which no field takes.
    Other(&'a Value),
}

impl Sent<'_> {
    /// The name of its type in the language of the original, which its messages give away.
    #[must_use]
    pub fn python_type(&self) -> &'static str {
        match self {
            Sent::Absent | Sent::Null => "NoneType",
            Sent::Truth(_) => "bool",
            Sent::Number(number) if number.is_f64() => "float",
            Sent::Number(_) => "int",
            Sent::Blank | Sent::Text(_) => "str",
            Sent::Other(Value::Object(_)) => "dict",
            Sent::Other(_) => "list",
        }
    }

    /// As the original's messages write it.
    #[must_use]
    pub fn display(&self) -> String {
        match self {
            Sent::Absent | Sent::Blank => String::new(),
            Sent::Null => "null".to_owned(),
            Sent::Text(text) => text.clone().into_owned(),
            Sent::Number(number) => number.to_string(),
            Sent::Truth(true) => "True".to_owned(),
            Sent::Truth(false) => "False".to_owned(),
            Sent::Other(value) => value.to_string(),
        }
    }
}

// It may be a password.
impl fmt::Debug for Sent<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sent::Absent => formatter.write_str("Absent"),
            Sent::Blank => formatter.write_str("Blank"),
            sent => write!(formatter, "Sent({})", sent.python_type()),
        }
    }
}

impl<'a> From<&'a Value> for Sent<'a> {
    fn from(value: &'a Value) -> Sent<'a> {
        match value {
            Value::Null => Sent::Null,
            Value::Bool(truth) => Sent::Truth(*truth),
            Value::Number(number) => Sent::Number(number.clone()),
            Value::String(text) => Sent::Text(Cow::Borrowed(text)),
            other => Sent::Other(other),
        }
    }
}

/// The fields of a form, URL-encoded or multipart.
pub struct Form(HashMap<String, String>);

impl Form {
    /// Of a field that was sent twice the last value.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Form {
        Form(pairs.into_iter().collect())
    }
}

impl Source for Form {
    fn get(&self, field: FieldId) -> Sent<'_> {
        self.named(field.name())
    }

    fn named(&self, name: &str) -> Sent<'_> {
        match self.0.get(name).map(String::as_str) {
            None => Sent::Absent,
            Some("") => Sent::Blank,
            Some(text) => Sent::Text(Cow::Borrowed(text)),
        }
    }

    /// A box that is not ticked.
    fn absent_truth(&self) -> Option<bool> {
        Some(false)
    }

    fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Form({} fields)", self.0.len())
    }
}

// Any field may hold what was meant for the one with the password.
impl Drop for Form {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

/// The fields of a JSON object.
pub struct Json(serde_json::Map<String, Value>);

impl Json {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 when it is malformed, or not an object.
    pub fn parse(body: &[u8]) -> Result<Json, ApiError> {
        let value: Value = serde_json::from_slice(body).map_err(|error| {
            ApiError::detail(
                StatusCode::BAD_REQUEST,
                format!("JSON parse error - {error}"),
            )
        })?;
        match value {
            Value::Object(values) => Ok(Json(values)),
            other => {
                let received = Sent::from(&other).python_type();
                let text = format!("Invalid data. Expected a dictionary, but got {received}.");
                Err(ApiError::NonField(text))
            }
        }
    }
}

impl Json {
    /// These texts, as the fields of an object.
    pub fn of_texts(texts: impl IntoIterator<Item = (String, String)>) -> Json {
        let texts = texts.into_iter();
        Json(
            texts
                .map(|(name, text)| (name, Value::String(text)))
                .collect(),
        )
    }

    /// The object under a name, if there is one, and nothing else.
    #[must_use]
    pub fn only_object(&self, name: &str) -> Option<Json> {
        let object = self.0.get(name)?.as_object()?;
        (self.0.len() == 1).then(|| Json(object.clone()))
    }

    /// The same with these fields where it has none of the name.
    #[must_use]
    pub fn with_defaults(mut self, defaults: &Json) -> Json {
        for (name, value) in &defaults.0 {
            if !self.0.contains_key(name) {
                self.0.insert(name.clone(), value.clone());
            }
        }
        self
    }
}

impl Source for Json {
    fn get(&self, field: FieldId) -> Sent<'_> {
        self.named(field.name())
    }

    fn named(&self, name: &str) -> Sent<'_> {
        self.0.get(name).map_or(Sent::Absent, Sent::from)
    }

    fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Json({} fields)", self.0.len())
    }
}

impl Drop for Json {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(values) => values.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_never_printed() {
        let form = Form::new([("pacer_password".to_owned(), "hunter2".to_owned())]);
        assert!(!format!("{form:?}").contains("hunter2"));
        let json = Json::parse(br#"{"pacer_password":"hunter2"}"#).unwrap();
        assert!(!format!("{json:?}").contains("hunter2"));
    }

    #[test]
    fn a_form_can_say_nothing_in_two_ways_and_json_in_three() {
        let form = Form::new([("court".to_owned(), String::new())]);
        assert_eq!(form.get(FieldId::Court), Sent::Blank);
        assert_eq!(form.get(FieldId::Docket), Sent::Absent);
        let json = Json::parse(br#"{"court":"","docket":null}"#).unwrap();
        assert_eq!(json.get(FieldId::Court), Sent::Text("".into()));
        assert_eq!(json.get(FieldId::Docket), Sent::Null);
        assert_eq!(json.get(FieldId::RecapDocument), Sent::Absent);
    }
}
