//! Values of filters, read as the kind of the column that they are about.

use chrono_tz::Tz;
use fetch_library::read::{Comparison, DatePart, Kind, Lookup, Test, Value};

use crate::dialect::moment;

/// The most digits of a number with decimals.
const MOST_DIGITS: usize = 30;

/// The database knows no text with a NUL.
fn without_nul(text: &str) -> Result<&str, String> {
    match text.contains('\0') {
        true => Err("Null characters are not allowed.".to_owned()),
        false => Ok(text),
    }
}

/// Reads a value as what a column is to be tested for; none if it means no test at all.
///
/// # Errors
/// The contract's sentence about a value that no such parameter may have.
pub(super) fn read_test(
    kind: Kind,
    lookup: Lookup,
    text: &str,
    zone: Tz,
) -> Result<Option<Test>, String> {
    let text = without_nul(text)?;
    let compare = |comparison| -> Result<Option<Test>, String> {
        Ok(Some(Test::Compare(
            comparison,
            read_value(kind, text, zone)?,
        )))
    };
    let part = |part| -> Result<Option<Test>, String> {
        let number = text.trim().parse().map_err(|_| NUMBER.to_owned())?;
        Ok(Some(Test::Part(part, number)))
    };
    match lookup {
        Lookup::Exact if kind == Kind::Boolean => {
            Ok(truth(text).map(|truth| Test::OneOf(vec![Value::Boolean(truth)])))
        }
        Lookup::Exact => Ok(Some(Test::OneOf(vec![read_value(kind, text, zone)?]))),
        Lookup::In => {
            let kind = without_choices(kind);
            let values: Result<Vec<Value>, String> = text
                .split(',')
                .map(|part| read_value(kind, part, zone))
                .collect();
            Ok(Some(Test::OneOf(values?)))
        }
        Lookup::IsNull => Ok(truth(text).map(Test::IsNull)),
        Lookup::GreaterOrEqual => compare(Comparison::GreaterOrEqual),
        Lookup::Greater => compare(Comparison::Greater),
        Lookup::LessOrEqual => compare(Comparison::LessOrEqual),
        Lookup::Less => compare(Comparison::Less),
        Lookup::Range => {
            let (low, high) = text
                .split_once(',')
                .filter(|(_, high)| !high.contains(','))
                .ok_or_else(|| "Range query expects two values.".to_owned())?;
            let (low, high) = (read_value(kind, low, zone)?, read_value(kind, high, zone)?);
            Ok(Some(Test::Between(low, high)))
        }
        Lookup::Year => part(DatePart::Year),
        Lookup::Month => part(DatePart::Month),
        Lookup::Day => part(DatePart::Day),
        Lookup::Hour => part(DatePart::Hour),
        Lookup::Minute => part(DatePart::Minute),
        Lookup::Second => part(DatePart::Second),
        Lookup::SameIgnoringCase => Ok(Some(Test::SameIgnoringCase(text.to_owned()))),
        Lookup::StartsWith => Ok(Some(Test::StartsWith {
            text: text.to_owned(),
            ignore_case: false,
        })),
        Lookup::StartsWithIgnoringCase => Ok(Some(Test::StartsWith {
            text: text.to_owned(),
            ignore_case: true,
        })),
    }
}

const NUMBER: &str = "Enter a number.";

/// Reads one value.
///
/// # Errors
/// The contract's sentence about a value that is not of this kind.
pub(super) fn read_value(kind: Kind, text: &str, zone: Tz) -> Result<Value, String> {
    let trimmed = text.trim();
    let value = match kind {
        Kind::Text => Some(Value::Text(text.to_owned())),
        Kind::Integer => trimmed.parse().ok().map(Value::Integer),
        Kind::Boolean => truth(trimmed).map(Value::Boolean),
        Kind::Thousandths => is_decimal(trimmed).then(|| Value::Decimal(trimmed.to_owned())),
        Kind::Date => moment::read_day(trimmed).map(Value::Date),
        Kind::Instant => moment::read(trimmed, zone).map(Value::Instant),
        Kind::Choice(choices) => choices
            .iter()
            .map(|(number, _)| *number)
            .find(|number| number.to_string() == trimmed)
            .map(Value::Integer),
        Kind::Word(words) => words
            .iter()
            .any(|(word, _)| *word == text)
            .then(|| Value::Text(text.to_owned())),
    };
    value.ok_or_else(|| match kind {
        Kind::Date => "Enter a valid date.".to_owned(),
        Kind::Instant => "Enter a valid date/time.".to_owned(),
        Kind::Choice(_) | Kind::Word(_) => {
            format!("Select a valid choice. {text} is not one of the available choices.")
        }
        Kind::Text | Kind::Integer | Kind::Boolean | Kind::Thousandths => NUMBER.to_owned(),
    })
}

/// What a list of values is of. It is not held to the choices: of what is none of them there is no row.
fn without_choices(kind: Kind) -> Kind {
    match kind {
        Kind::Choice(_) => Kind::Integer,
        Kind::Word(_) => Kind::Text,
        kind => kind,
    }
}

/// Whether these are a sign perhaps, and then digits with at most one point among them.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = whole.len() + decimals.len();
    (1..=MOST_DIGITS).contains(&digits)
        && [whole, decimals]
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A truth value in a query; anything else is no filter.
fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
