//! JSON objects whose keys stay in the order in which they were put.

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// A JSON object in the order of the contract.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object(Vec<(String, Item)>);

/// Something that a key of an [`Object`] may hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// Null, a truth value, a number, a text, or a list of such.
    Plain(Value),
    /// An object.
    Object(Object),
    /// A list.
    List(Vec<Item>),
}

impl Object {
    /// An object without keys.
    #[must_use]
    pub fn new() -> Object {
        Object::default()
    }

    /// The same with one more key at the end.
    #[must_use]
    pub fn with(mut self, key: &str, item: impl Into<Item>) -> Object {
        self.0.push((key.to_owned(), item.into()));
        self
    }

    /// The item under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Item> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, item)| item)
    }

    /// The keys and items, in order.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(String, Item)> {
        self.0
    }

    /// The answer that says this with a status.
    pub fn into_answer(self, status: StatusCode) -> Response {
        let text = serde_json::to_vec(&self).expect("an object of text keys has a JSON form");
        let json = HeaderValue::from_static("application/json");
        (status, [(CONTENT_TYPE, json)], text).into_response()
    }
}

impl FromIterator<(String, Item)> for Object {
    fn from_iter<Pairs: IntoIterator<Item = (String, Item)>>(pairs: Pairs) -> Object {
        Object(pairs.into_iter().collect())
    }
}

impl IntoResponse for Object {
    fn into_response(self) -> Response {
        self.into_answer(StatusCode::OK)
    }
}

impl<Plain: Into<Value>> From<Plain> for Item {
    fn from(plain: Plain) -> Item {
        Item::Plain(plain.into())
    }
}

impl From<Object> for Item {
    fn from(object: Object) -> Item {
        Item::Object(object)
    }
}

impl Item {
    /// A list of objects.
    #[must_use]
    pub fn list(objects: impl IntoIterator<Item = Object>) -> Item {
        Item::List(objects.into_iter().map(Item::Object).collect())
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, item) in &self.0 {
            map.serialize_entry(key, item)?;
        }
        map.end()
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Item::Plain(value) => value.serialize(serializer),
            Item::Object(object) => object.serialize(serializer),
            Item::List(items) => items.serialize(serializer),
        }
    }
}
