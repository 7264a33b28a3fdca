//! How one field is decoded: what is said when it does not hold what [its row](fetch_model::fields)
//! allows.

use chrono::{DateTime, Days, NaiveDate, Utc};
use fetch_model::{
    address::{EntryNumbers, NoEntryNumbers},
    fields::{Access, Field, FieldId, Kind},
};
use secrecy::SecretString;

use super::{FieldErrors, Sent, Source, moment};

pub(super) const REQUIRED: &str = "This field is required.";
pub(super) const NULL: &str = "This field may not be null.";
pub(super) const BLANK: &str = "This field may not be blank.";
pub(super) const NO_TEXT: &str = "Not a valid string.";
pub(super) const NUL: &str = "Null characters are not allowed.";
pub(super) const INTEGER: &str = "A valid integer is required.";
const DATE: &str = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.";
pub(super) const INSTANT: &str = "Datetime has wrong format. Use this format instead: \
     YYYY-MM-DDThh:mm:ss followed by Z, +HH:MM or -HH:MM.";
pub(super) const BOOLEAN: &str = "Must be a valid boolean.";

/// Decodes the fields of one request and collects what is wrong with them. Ask in the order of the
/// table: the errors come in the order in which fields were asked for. Asking for a field as what it is
/// not is a mistake of ours.
#[derive(Debug)]
pub struct Decoder<'a> {
    source: &'a dyn Source,
    errors: FieldErrors,
    /// Nobody is to be logged in, so whatever the login is, it is not looked at.
    without_login: bool,
}

/// How a text is to be.
#[derive(Clone, Copy)]
struct TextRules {
    max: Option<usize>,
    may_be_blank: bool,
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
    /// A decoder of what came.
    #[must_use]
    pub fn new(source: &'a dyn Source) -> Decoder<'a> {
        Decoder {
            source,
            errors: FieldErrors::default(),
            without_login: false,
        }
    }

    /// The same, for what needs no login.
    #[must_use]
    pub fn without_login(source: &'a dyn Source) -> Decoder<'a> {
        Decoder {
            without_login: true,
            ..Decoder::new(source)
        }
    }

    /// What was wrong.
    #[must_use]
    pub fn into_errors(self) -> FieldErrors {
        self.errors
    }

    /// Adds an error about a field that was decoded.
    pub fn refuse(&mut self, field: FieldId, message: impl Into<String>) {
        self.errors.add(field.name(), message);
    }

    /// Whether a login was asked for that nobody needs.
    fn is_unused(&self, field: &Field) -> bool {
        field.access == Access::Login && self.without_login
    }

    /// What was sent for a field, if it can be looked at. The blank box of a form counts as not sent,
    /// except where something is required.
    fn sent(&mut self, id: FieldId) -> Option<Sent<'a>> {
        let field = id.field();
        let is_required = match field.access {
            Access::Required => true,
            Access::Login => !self.without_login,
            Access::Optional | Access::ReadOnly => false,
        };
        let message = match self.source.get(id) {
            Sent::Absent if is_required => REQUIRED,
            Sent::Blank if is_required => return Some(Sent::Text("".into())),
            Sent::Absent | Sent::Blank => return None,
            Sent::Null if field.kind.may_be_null() => return None,
            Sent::Null => NULL,
            sent => return Some(sent),
        };
        self.refuse(id, message);
        None
    }

    /// A text, without white space around it.
    pub fn text(&mut self, id: FieldId) -> Option<String> {
        let field = id.field();
        let rules = match field.kind {
            _ if self.is_unused(field) => TextRules {
                max: None,
                may_be_blank: true,
            },
            Kind::Text { max, may_be_blank } => TextRules { max, may_be_blank },
            Kind::Secret { max } => TextRules {
                max,
                may_be_blank: false,
            },
            Kind::CookieText { max } => TextRules {
                max: Some(max),
                may_be_blank: false,
            },
            kind => panic!("{} is no text but {kind:?}", field.name),
        };
        let text = self.any_text(id, rules)?;
        let Some(wrong) = field.wrong else {
            return Some(text);
        };
        if matches!(field.kind, Kind::CookieText { .. }) && !fits_a_cookie(&text) {
            self.refuse(id, wrong);
            return None;
        }
        Some(text)
    }

    fn any_text(&mut self, id: FieldId, rules: TextRules) -> Option<String> {
        let text = match self.sent(id)? {
            Sent::Text(text) => text.trim().to_owned(),
            Sent::Number(number) => number.to_string(),
            _ => {
                self.refuse(id, NO_TEXT);
                return None;
            }
        };
        if text.is_empty() && !rules.may_be_blank {
            self.refuse(id, BLANK);
            return None;
        }
        let mut is_sound = true;
        if let Some(max) = rules.max.filter(|max| text.chars().count() > *max) {
            self.refuse(id, too_long(max));
            is_sound = false;
        }
        if text.contains('\0') {
            self.refuse(id, NUL);
            is_sound = false;
        }
        is_sound.then_some(text)
    }

    /// A text that is not to be printed.
    pub fn secret(&mut self, id: FieldId) -> Option<SecretString> {
        self.text(id).map(SecretString::from)
    }

    /// One of a few numbers, sent as a number or as its exact text.
    pub fn choice(&mut self, id: FieldId) -> Option<i64> {
        let Kind::Choice(choices) = id.field().kind else {
            panic!("{} is not one of a few numbers", id.name());
        };
        let text = self.sent(id)?.display();
        let mut numbers = choices.iter().map(|(number, _)| *number);
        let found = numbers.find(|number| number.to_string() == text);
        if found.is_none() {
            self.refuse(id, no_choice(&text));
        }
        found
    }

    /// One of a few words.
    pub fn word(&mut self, id: FieldId) -> Option<&'static str> {
        let Kind::Word(words) = id.field().kind else {
            panic!("{} is not one of a few words", id.name());
        };
        let text = self.sent(id)?.display();
        let found = words.iter().copied().find(|word| *word == text);
        if found.is_none() {
            self.refuse(id, no_choice(&text));
        }
        found
    }

    /// The id of a row. Whether there is such a row is for the caller to find out, and to
    /// [refuse](Decoder::refuse) with [`no_such_row`].
    pub fn id(&mut self, id: FieldId) -> Option<SentId> {
        let sent = self.sent(id)?;
        let found = match &sent {
            Sent::Text(text) if text.is_empty() => {
                self.refuse(id, NULL);
                return None;
            }
            Sent::Text(text) => whole_number(text.trim()),
            Sent::Number(number) => whole_number(number_text(number).as_str()),
            _ => None,
        };
        if found.is_none() {
            self.refuse(id, no_id(&sent));
        }
        found
    }

    /// The id of a row whose ids are words.
    pub fn word_id(&mut self, id: FieldId) -> Option<String> {
        let message = match self.sent(id)? {
            Sent::Text(text) if text.is_empty() => NULL.to_owned(),
            Sent::Text(text) => return Some(text.into_owned()),
            Sent::Number(number) => return Some(number.to_string()),
            other => no_id(&other),
        };
        self.refuse(id, message);
        None
    }

    /// A day, or null.
    pub fn date(&mut self, id: FieldId) -> Option<NaiveDate> {
        let date = match self.sent(id)? {
            Sent::Text(text) => moment::read_date(&text),
            _ => None,
        };
        if date.is_none() {
            self.refuse(id, DATE);
        }
        date
    }

    /// A point in time with its offset, or null; not further ahead of `now` than the field allows.
    pub fn instant(&mut self, id: FieldId, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Kind::Instant { max_days } = id.field().kind else {
            panic!("{} is no point in time", id.name());
        };
        let at = match self.sent(id)? {
            Sent::Text(text) => DateTime::parse_from_rfc3339(text.trim()).ok(),
            _ => None,
        };
        let at = at.map(|at| at.to_utc()).filter(moment::is_of_our_era);
        let latest = now.checked_add_days(Days::new(max_days));
        match (at, latest) {
            (None, _) => self.refuse(id, INSTANT),
            (Some(at), Some(latest)) if at > latest => {
                let message = format!("Ensure this time is at most {max_days} days ahead.");
                self.refuse(id, message);
            }
            _ => return at,
        }
        None
    }

    /// A whole number of 32 bits, or null.
    pub fn integer(&mut self, id: FieldId) -> Option<i32> {
        let Kind::Integer { min } = id.field().kind else {
            panic!("{} is no whole number", id.name());
        };
        let text = match self.sent(id)? {
            Sent::Text(text) => text.trim().to_owned(),
            Sent::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let message = match whole_number(without_zero_fraction(&text)) {
            None => INTEGER.to_owned(),
            Some(SentId::Number(number)) => match i32::try_from(number) {
                Ok(number) if number < min => too_low(min),
                Ok(number) => return Some(number),
                Err(_) => out_of_range(number < 0),
            },
            Some(SentId::Beyond(digits)) => out_of_range(digits.starts_with('-')),
        };
        self.refuse(id, message);
        None
    }

    /// Numbers of entries, or null.
    pub fn numbers(&mut self, id: FieldId) -> Option<EntryNumbers> {
        let text = match self.sent(id)? {
            Sent::Text(text) => text.into_owned(),
            Sent::Number(number) => number_text(&number),
            _ => String::new(),
        };
        let message = match (text.parse(), whole_number(text.trim())) {
            (Ok(numbers), _) => return Some(numbers),
            (Err(_), Some(SentId::Number(number))) if number < 1 => too_low(1),
            (Err(_), Some(SentId::Number(_))) => out_of_range(false),
            (Err(_), Some(SentId::Beyond(digits))) => out_of_range(digits.starts_with('-')),
            (Err(error), None) => NoEntryNumbers::to_string(&error),
        };
        self.refuse(id, message);
        None
    }

    /// A truth value as it was sent; none if nothing was, which means its default.
    pub fn truth(&mut self, id: FieldId) -> Option<bool> {
        if self.source.get(id) == Sent::Absent {
            return self.source.absent_truth();
        }
        let sent = self.sent(id)?;
        if let Sent::Truth(truth) = sent {
            return Some(truth);
        }
        let truth = truth_of(&sent.display());
        if truth.is_none() {
            self.refuse(id, BOOLEAN);
        }
        truth
    }
}

/// The sentence about an id that no row has.
#[must_use]
pub fn no_such_row(id: &str) -> String {
    format!("Invalid pk \"{id}\" - object does not exist.")
}

/// The sentence about one that is lower than ids are here.
#[must_use]
pub fn id_of_elsewhere(id: i64, first: i64) -> String {
    let no_such_row = no_such_row(&id.to_string());
    format!(
        "{no_such_row} New ids on this server begin at {first}, so this is probably one of another server, such as \
         CourtListener. Find the docket here by its court and docket number, or fetch it, and use the ids that this \
         server gives."
    )
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
        too_low(i32::MIN)
    } else {
        format!("Ensure this value is less than or equal to {}.", i32::MAX)
    }
}

fn too_low(min: i32) -> String {
    format!("Ensure this value is greater than or equal to {min}.")
}

fn too_long(max: usize) -> String {
    format!("Ensure this field has no more than {max} characters.")
}

/// A truth value that is written out.
pub(super) fn truth_of(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "t" | "y" | "yes" | "on" | "1.0" => Some(true),
        "false" | "0" | "f" | "n" | "no" | "off" | "0.0" => Some(false),
        _ => None,
    }
}

pub(super) fn no_choice(text: &str) -> String {
    format!("\"{text}\" is not a valid choice.")
}

fn no_id(sent: &Sent<'_>) -> String {
    let received = sent.python_type();
    format!("Incorrect type. Expected pk value, received {received}.")
}

/// What may stand in a cookie without ending it.
fn fits_a_cookie(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b',' && byte != b';')
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
mod tests;
