//! What the keys of an answer hold. One table of [`Key`]s describes a kind of object, for `OPTIONS` and for the
//! OpenAPI document alike.

use serde_json::Value;

use crate::dialect::{Item, Object};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A whole number.
    Integer,
    /// A number with decimals.
    Number,
    /// Text.
    Text,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A point in time.
    Instant,
    /// An absolute link.
    Url,
    /// One of these numbers, each with its label.
    Choice(&'static [(i64, &'static str)]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list.
    List(&'static Shape),
    /// An object of the kind.
    Object(&'static Described),
    /// The object of this name among [those that are made from other tables](super::components).
    Named(&'static str),
    /// Counts by name: every key holds a number.
    Numbers,
    /// Links by name.
    Links,
    /// An empty list, always.
    Empty,
    /// Null, always. `OPTIONS` calls it an object.
    Null,
    /// Any JSON.
    Any,
}

/// A kind of object.
#[derive(Debug, PartialEq, Eq)]
pub struct Described {
    /// Its name in the document.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// Its keys, in the order of answers.
    pub keys: &'static [Key],
}

/// A key of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether it may be null.
    pub or_null: bool,
    /// Whether it may be missing.
    pub optional: bool,
    /// What it says, where its name does not.
    pub about: &'static str,
}

/// A key that is always there and never null.
pub const fn key(name: &'static str, shape: Shape) -> Key {
    Key {
        name,
        shape,
        or_null: false,
        optional: false,
        about: "",
    }
}

impl Key {
    /// The same, perhaps null.
    pub const fn or_null(mut self) -> Key {
        self.or_null = true;
        self
    }

    /// The same, perhaps missing.
    pub const fn optional(mut self) -> Key {
        self.optional = true;
        self
    }

    /// The same with a sentence.
    pub const fn means(mut self, about: &'static str) -> Key {
        self.about = about;
        self
    }

    /// What it holds, as a schema.
    pub fn schema(&self) -> Object {
        let schema = match (self.or_null, self.shape) {
            (false, shape) => shape.schema(),
            (true, shape) => shape.schema_or_null(),
        };
        described(schema, self.about)
    }
}

impl Described {
    /// As a schema. Where callers choose among the keys, none is certain to be there.
    pub fn schema(&self) -> Object {
        let certain = self.keys.iter().filter(|key| !key.optional);
        let certain: Vec<&str> = certain.map(|key| key.name).collect();
        let keys = self.keys.iter();
        let properties: Object = keys
            .map(|key| (key.name.to_owned(), key.schema().into()))
            .collect();
        let schema = described(Object::new().with("type", "object"), self.about);
        let schema = match certain.is_empty() {
            true => schema,
            false => schema.with("required", certain),
        };
        schema.with("properties", properties)
    }
}

/// A schema with its sentence, if there is one.
pub fn described(schema: Object, about: &str) -> Object {
    match about.is_empty() {
        true => schema,
        false => schema.with("description", about),
    }
}

/// A reference to something else in the document.
pub fn reference(kind: &str, name: &str) -> Object {
    Object::new().with("$ref", format!("#/components/{kind}/{name}"))
}

impl Shape {
    /// What `OPTIONS` calls it, in the contract's words.
    pub const fn word(self) -> &'static str {
        match self {
            Shape::Integer => "integer",
            Shape::Number => "float",
            Shape::Text => "string",
            Shape::Boolean => "boolean",
            Shape::Date => "date",
            Shape::Time => "time",
            Shape::Instant => "datetime",
            Shape::Choice(_) | Shape::Word(_) => "choice",
            Shape::Url | Shape::List(_) | Shape::Empty | Shape::Any => "field",
            Shape::Object(_) | Shape::Named(_) | Shape::Numbers | Shape::Links | Shape::Null => {
                "nested object"
            }
        }
    }

    /// As a schema.
    pub fn schema(self) -> Object {
        let of_type = |name: &str| Object::new().with("type", name);
        let text = |format: &str| of_type("string").with("format", format);
        match self {
            Shape::Integer => of_type("integer"),
            Shape::Number => of_type("number"),
            Shape::Text => of_type("string"),
            Shape::Boolean => of_type("boolean"),
            Shape::Date => text("date"),
            Shape::Time => of_type("string").with("pattern", "^[0-9]{2}:[0-9]{2}:[0-9]{2}$"),
            Shape::Instant => text("date-time"),
            Shape::Url => text("uri"),
            Shape::Choice(choices) => choice(choices),
            Shape::Word(words) => of_type("string").with("enum", words.to_vec()),
            Shape::List(shape) => of_type("array").with("items", shape.schema()),
            Shape::Object(object) => reference("schemas", object.name),
            Shape::Named(name) => reference("schemas", name),
            Shape::Numbers => of_type("object").with("additionalProperties", of_type("integer")),
            Shape::Links => of_type("object").with("additionalProperties", text("uri")),
            Shape::Empty => of_type("array")
                .with("items", Object::new())
                .with("maxItems", 0),
            Shape::Null => of_type("null"),
            Shape::Any => Object::new(),
        }
    }

    fn schema_or_null(self) -> Object {
        let null = || Object::new().with("type", "null");
        let pairs = self.schema().into_pairs().into_iter();
        match self {
            Shape::Object(_) | Shape::Named(_) | Shape::Choice(_) | Shape::Word(_) => {
                Object::new().with("anyOf", Item::list([self.schema(), null()]))
            }
            _ => pairs
                .map(|(name, item)| match item {
                    Item::Plain(Value::String(of_type)) if name == "type" => {
                        (name, vec![of_type, "null".to_owned()].into())
                    }
                    item => (name, item),
                })
                .collect(),
        }
    }

    /// The objects that it names, and those that they name.
    pub fn objects(self, found: &mut Vec<&'static Described>) {
        match self {
            Shape::List(shape) => shape.objects(found),
            Shape::Object(object) if !found.contains(&object) => {
                found.push(object);
                for key in object.keys {
                    key.shape.objects(found);
                }
            }
            _ => {}
        }
    }
}

/// One of a few numbers, and what each means.
pub fn choice(choices: &[(i64, &str)]) -> Object {
    let numbers: Vec<i64> = choices.iter().map(|(number, _)| *number).collect();
    let labels = choices.iter().map(|(number, label)| {
        let label = label.trim_end_matches('.');
        format!("{number}: {label}")
    });
    let labels: Vec<String> = labels.collect();
    Object::new()
        .with("type", "integer")
        .with("enum", numbers)
        .with("description", format!("{}.", labels.join("; ")))
}
