//! How one field is decoded: what it may look like, and what is said when it does not.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::{
    FieldErrors, Fields,
    body::{Origin, python_type},
    moment,
};

const REQUIRED: &str = "This field is required.";
const NULL: &str = "This field may not be null.";
const BLANK: &str = "This field may not be blank.";
const INTEGER: &str = "A valid integer is required.";
const DATE: &str = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.";
const INSTANT: &str = "Datetime has wrong format. Use this format instead: \
     YYYY-MM-DDThh:mm:ss followed by Z, +HH:MM or -HH:MM.";
const BOOLEAN: &str = "Must be a valid boolean.";

/// Decodes the fields of one body and collects what is wrong with them. Ask in the order of
/// declaration: the errors come in the order in which fields were asked for.
#[derive(Debug)]
pub struct Decoder<'a> {
    fields: &'a Fields,
    errors: FieldErrors,
}

/// How a text field is to be.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextRules {
    /// Whether it must be there.
    pub required: bool,
    /// Whether it may be empty.
    pub may_be_blank: bool,
    /// The most characters.
    pub max_length: Option<usize>,
}

/// An id that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentId {
    /// A number that a row may have.
    Number(i64),
    /// A number that no row can have, as text.
    Beyond(String),
}

impl<'a> Decoder<'a> {
    /// A decoder of these fields.
    #[must_use]
    pub fn new(fields: &'a Fields) -> Decoder<'a> {
        Decoder {
            fields,
            errors: FieldErrors::default(),
        }
    }

    /// What was wrong.
    #[must_use]
    pub fn into_errors(self) -> FieldErrors {
        self.errors
    }

    /// Adds an error about a field that was decoded.
    pub fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.errors.add(name, message);
    }

    /// The value of an optional field. In a form, empty means not given.
    fn optional(&self, name: &str) -> Option<&'a Value> {
        let value = self.fields.get(name)?;
        let blank = self.fields.origin() == Origin::Form && value.as_str() == Some("");
        (!blank).then_some(value)
    }

    /// The value of a field that may not be null, if it was sent.
    fn not_null(&mut self, name: &str, required: bool) -> Option<&'a Value> {
        let value = if required {
            self.fields.get(name)
        } else {
            self.optional(name)
        };
        match value {
            None if required => self.refuse(name, REQUIRED),
            Some(Value::Null) => self.refuse(name, NULL),
            other => return other,
        }
        None
    }

    /// A text, without white space around it.
    pub fn text(&mut self, name: &str, rules: TextRules) -> Option<String> {
        let text = match self.not_null(name, rules.required)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => {
                self.refuse(name, "Not a valid string.");
                return None;
            }
        };
        if text.is_empty() && !rules.may_be_blank {
            self.refuse(name, BLANK);
            return None;
        }
        let mut sound = true;
        if let Some(most) = rules.max_length.filter(|most| text.chars().count() > *most) {
            self.refuse(
                name,
                format!("Ensure this field has no more than {most} characters."),
            );
            sound = false;
        }
        if text.contains('\0') {
            self.refuse(name, "Null characters are not allowed.");
            sound = false;
        }
        sound.then_some(text)
    }

    /// One of a few numbers, sent as a number or as its exact text.
    pub fn choice(&mut self, name: &str, choices: &[i16], required: bool) -> Option<i16> {
        let value = self.not_null(name, required)?;
        let text = display(value);
        let found = choices
            .iter()
            .copied()
            .find(|choice| choice.to_string() == text);
        if found.is_none() {
            self.refuse(name, format!("\"{text}\" is not a valid choice."));
        }
        found
    }

    /// One of a few words.
    pub fn word<'w>(&mut self, name: &str, words: &[&'w str]) -> Option<&'w str> {
        let value = self.not_null(name, false)?;
        let text = display(value);
        let found = words.iter().copied().find(|word| *word == text);
        if found.is_none() {
            self.refuse(name, format!("\"{text}\" is not a valid choice."));
        }
        found
    }

    /// The id of a row. Whether there is such a row is for the caller to find out, and to
    /// [refuse](Decoder::refuse) with [`no_such_row`].
    pub fn id(&mut self, name: &str) -> Option<SentId> {
        let value = self.not_null(name, false)?;
        let found = match value {
            Value::String(text) if text.is_empty() => {
                self.refuse(name, NULL);
                return None;
            }
            Value::String(text) => whole_number(text.trim()),
            Value::Number(number) => whole_number(number_text(number).as_str()),
            _ => None,
        };
        if found.is_none() {
            let received = python_type(value);
            let text = format!("Incorrect type. Expected pk value, received {received}.");
            self.refuse(name, text);
        }
        found
    }

    /// The id of a row whose ids are words.
    pub fn word_id(&mut self, name: &str) -> Option<String> {
        let value = self.not_null(name, false)?;
        match value {
            Value::String(text) if text.is_empty() => self.refuse(name, NULL),
            Value::String(text) => return Some(text.clone()),
            Value::Number(number) => return Some(number.to_string()),
            _ => {
                let received = python_type(value);
                let text = format!("Incorrect type. Expected pk value, received {received}.");
                self.refuse(name, text);
            }
        }
        None
    }

    /// A day, or null.
    pub fn date(&mut self, name: &str) -> Option<NaiveDate> {
        let value = self.optional(name).filter(|value| !value.is_null())?;
        let date = value.as_str().and_then(moment::read_date);
        if date.is_none() {
            self.refuse(name, DATE);
        }
        date
    }

    /// A point in time with its offset, or null.
    pub fn instant(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let value = self.optional(name).filter(|value| !value.is_null())?;
        let at = value
            .as_str()
            .and_then(|text| DateTime::parse_from_rfc3339(text.trim()).ok())
            .map(|at| at.to_utc())
            .filter(moment::is_of_our_era);
        if at.is_none() {
            self.refuse(name, INSTANT);
        }
        at
    }

    /// A whole number of 32 bits, or null.
    pub fn integer(&mut self, name: &str) -> Option<i32> {
        let value = self.optional(name).filter(|value| !value.is_null())?;
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let message = match whole_number(without_zero_fraction(&text)) {
            None => INTEGER.to_owned(),
            Some(SentId::Number(number)) => match i32::try_from(number) {
                Ok(number) => return Some(number),
                Err(_) => out_of_range(number < 0),
            },
            Some(SentId::Beyond(digits)) => out_of_range(digits.starts_with('-')),
        };
        self.refuse(name, message);
        None
    }

    /// A truth value as it was sent: absent in JSON, or present but empty in a form, is none,
    /// which means the default. Absent in a form is `false`: an unticked box.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let Some(value) = self.fields.get(name) else {
            return (self.fields.origin() == Origin::Form).then_some(false);
        };
        match self.optional(name)? {
            Value::Null => {
                self.refuse(name, NULL);
                return None;
            }
            Value::Bool(truth) => return Some(*truth),
            _ => {}
        }
        let truth = match display(value).trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "t" | "y" | "yes" | "on" | "1.0" => Some(true),
            "false" | "0" | "f" | "n" | "no" | "off" | "0.0" => Some(false),
            _ => None,
        };
        if truth.is_none() {
            self.refuse(name, BOOLEAN);
        }
        truth
    }
}

/// The sentence about an id that no row has.
#[must_use]
pub fn no_such_row(id: &str) -> String {
    format!("Invalid pk \"{id}\" - object does not exist.")
}

impl std::fmt::Display for SentId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SentId::Number(number) => write!(formatter, "{number}"),
            SentId::Beyond(digits) => formatter.write_str(digits),
        }
    }
}

fn out_of_range(negative: bool) -> String {
    if negative {
        "Ensure this value is greater than or equal to -2147483648.".to_owned()
    } else {
        "Ensure this value is less than or equal to 2147483647.".to_owned()
    }
}

/// A value as the original's messages write it.
fn display(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// A number as text; an integral float without its fraction.
fn number_text(number: &serde_json::Number) -> String {
    without_zero_fraction(&number.to_string()).to_owned()
}

/// `7.0` means 7.
fn without_zero_fraction(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    }
}

fn whole_number(text: &str) -> Option<SentId> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(
        text.parse()
            .map_or_else(|_| SentId::Beyond(text.to_owned()), SentId::Number),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check<T: PartialEq + std::fmt::Debug>(
        value: Value,
        decode: impl Fn(&mut Decoder<'_>) -> Option<T>,
        expected: Result<Option<T>, &str>,
    ) {
        let body = json!({ "f": value }).to_string();
        let fields = Fields::of_json(body.as_bytes()).unwrap();
        let mut decoder = Decoder::new(&fields);
        let decoded = decode(&mut decoder);
        let errors = serde_json::to_string(&decoder.into_errors().into_object()).unwrap();
        match expected {
            Ok(expected) => {
                assert_eq!(errors, "{}", "{body}");
                assert_eq!(decoded, expected, "{body}");
            }
            Err(message) => {
                let expected = json!({ "f": [message] }).to_string();
                assert_eq!(errors, expected, "{body}");
                assert_eq!(decoded, None, "{body}");
            }
        }
    }

    #[test]
    fn texts() {
        let short = |decoder: &mut Decoder<'_>| {
            decoder.text(
                "f",
                TextRules {
                    max_length: Some(5),
                    ..TextRules::default()
                },
            )
        };
        check(json!("  ab "), short, Ok(Some("ab".into())));
        check(json!(17850), short, Ok(Some("17850".into())));
        check(json!(""), short, Err(BLANK));
        check(json!("   "), short, Err(BLANK));
        check(json!(null), short, Err(NULL));
        check(json!(true), short, Err("Not a valid string."));
        check(json!(["a"]), short, Err("Not a valid string."));
        check(
            json!("abcdef"),
            short,
            Err("Ensure this field has no more than 5 characters."),
        );
        check(
            json!("a\u{0}b"),
            short,
            Err("Null characters are not allowed."),
        );
        let blank = |decoder: &mut Decoder<'_>| {
            decoder.text(
                "f",
                TextRules {
                    may_be_blank: true,
                    ..TextRules::default()
                },
            )
        };
        check(json!(""), blank, Ok(Some(String::new())));
    }

    #[test]
    fn choices() {
        let choice = |decoder: &mut Decoder<'_>| decoder.choice("f", &[1, 2, 3], true);
        check(json!(1), choice, Ok(Some(1)));
        check(json!("3"), choice, Ok(Some(3)));
        check(json!(9), choice, Err("\"9\" is not a valid choice."));
        check(json!(1.0), choice, Err("\"1.0\" is not a valid choice."));
        check(json!(true), choice, Err("\"True\" is not a valid choice."));
        check(json!("PDF"), choice, Err("\"PDF\" is not a valid choice."));
        check(json!(null), choice, Err(NULL));
    }

    #[test]
    fn ids() {
        let id = |decoder: &mut Decoder<'_>| decoder.id("f");
        check(json!(7), id, Ok(Some(SentId::Number(7))));
        check(json!(" 7 "), id, Ok(Some(SentId::Number(7))));
        check(json!(7.0), id, Ok(Some(SentId::Number(7))));
        let huge = "99999999999999999999";
        check(json!(huge), id, Ok(Some(SentId::Beyond(huge.into()))));
        check(json!(""), id, Err(NULL));
        check(json!(null), id, Err(NULL));
        for (value, received) in [
            (json!("abc"), "str"),
            (json!(true), "bool"),
            (json!([]), "list"),
            (json!({}), "dict"),
            (json!(1.5), "float"),
        ] {
            let text = format!("Incorrect type. Expected pk value, received {received}.");
            check(value, id, Err(&text));
        }
    }

    #[test]
    fn dates_and_integers_may_be_null() {
        let date = |decoder: &mut Decoder<'_>| decoder.date("f");
        check(
            json!("2020-01-02"),
            date,
            Ok(NaiveDate::from_ymd_opt(2020, 1, 2)),
        );
        check(json!(null), date, Ok(None));
        check(json!("2020-01-02T00:00:00Z"), date, Err(DATE));
        check(json!(""), date, Err(DATE));
        check(json!(20200102), date, Err(DATE));
        let integer = |decoder: &mut Decoder<'_>| decoder.integer("f");
        check(json!(0), integer, Ok(Some(0)));
        check(json!(" -7 "), integer, Ok(Some(-7)));
        check(json!("3.0"), integer, Ok(Some(3)));
        check(json!(null), integer, Ok(None));
        for bad in [json!(1.5), json!("abc"), json!(""), json!(true), json!([])] {
            check(bad, integer, Err(INTEGER));
        }
        let high = "Ensure this value is less than or equal to 2147483647.";
        let low = "Ensure this value is greater than or equal to -2147483648.";
        check(json!(2147483648u64), integer, Err(high));
        check(json!("99999999999999999999"), integer, Err(high));
        check(json!(-2147483649i64), integer, Err(low));
        check(json!("-99999999999999999999"), integer, Err(low));
    }

    #[test]
    fn points_in_time_have_an_offset() {
        let instant = |decoder: &mut Decoder<'_>| decoder.instant("f");
        let at = "2026-11-28T18:00:00Z".parse().ok();
        check(json!("2026-11-28T18:00:00Z"), instant, Ok(at));
        check(json!(" 2026-11-28T12:00:00-06:00 "), instant, Ok(at));
        check(json!(null), instant, Ok(None));
        for bad in [
            json!("2026-11-28T18:00:00"),
            json!("2026-11-28"),
            json!("tomorrow"),
            json!("2026-13-28T18:00:00Z"),
            json!(""),
            json!(1764352800),
            json!(true),
        ] {
            check(bad, instant, Err(INSTANT));
        }
    }

    #[test]
    fn booleans_in_json() {
        let boolean = |decoder: &mut Decoder<'_>| decoder.boolean("f");
        for yes in [
            json!(true),
            json!(1),
            json!("T"),
            json!("YES"),
            json!("on"),
            json!("y"),
        ] {
            check(yes, boolean, Ok(Some(true)));
        }
        for no in [
            json!(false),
            json!(0),
            json!("f"),
            json!("No"),
            json!("OFF"),
            json!("n"),
        ] {
            check(no, boolean, Ok(Some(false)));
        }
        for bad in [json!("maybe"), json!(2), json!(""), json!([])] {
            check(bad, boolean, Err(BOOLEAN));
        }
        check(json!(null), boolean, Err(NULL));
    }

    #[test]
    fn an_absent_box_of_a_form_is_unticked() {
        let form = Fields::of_form([("b".to_owned(), String::new())]);
        let mut decoder = Decoder::new(&form);
        assert_eq!(decoder.boolean("a"), Some(false));
        assert_eq!(
            decoder.boolean("b"),
            None,
            "present but empty is the default"
        );
        let json = Fields::of_json(b"{}").unwrap();
        assert_eq!(Decoder::new(&json).boolean("a"), None);
    }

    #[test]
    fn an_empty_field_of_a_form_is_not_given() {
        let form = Fields::of_form([("f".to_owned(), String::new())]);
        let mut decoder = Decoder::new(&form);
        assert_eq!(decoder.id("f"), None);
        assert_eq!(decoder.date("f"), None);
        assert_eq!(decoder.integer("f"), None);
        assert_eq!(decoder.text("f", TextRules::default()), None);
        assert!(decoder.into_errors().is_empty());
        let mut decoder = Decoder::new(&form);
        let required = TextRules {
            required: true,
            ..TextRules::default()
        };
        assert_eq!(decoder.text("f", required), None);
        let errors = serde_json::to_string(&decoder.into_errors().into_object()).unwrap();
        assert_eq!(errors, json!({ "f": [BLANK] }).to_string());
    }
}
