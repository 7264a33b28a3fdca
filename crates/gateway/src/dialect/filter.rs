//! The parameters of a list that filter it, read against the table of what may be filtered by.

use chrono_tz::Tz;
use fetch_library::read::{
    Column, Comparison, DatePart, Filter, Kind, Lookup, Relation, Resource, Subject, Test, Value,
};

use super::{ApiError, FieldErrors, court, moment};

/// Parameters that every list takes and that filter nothing.
pub(crate) const ALWAYS_ALLOWED: &[&str] = &[
    "page",
    "page_size",
    "cursor",
    "order_by",
    "format",
    "fields",
    "omit",
    "count",
];

/// Joins between a listed row and what is filtered by. The way to the court of a docket costs nothing.
const MOST_JOINS: usize = 4;

const NOT_AVAILABLE: &str =
    "Select a valid choice. That choice is not one of the available choices.";

/// Rows that a filter names and that must exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The parameter that names them.
    pub parameter: String,
    /// What they are.
    pub resource: Resource,
    /// Their numbers.
    pub ids: Vec<i64>,
}

/// The filters of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// What must hold.
    pub filters: Vec<Filter>,
    /// What must exist.
    pub references: Vec<Reference>,
}

/// The refusal of a filter that names a row that does not exist.
#[must_use]
pub fn no_such_row(parameter: &str) -> ApiError {
    let mut errors = FieldErrors::default();
    errors.add(parameter, NOT_AVAILABLE);
    ApiError::Fields(errors)
}

/// What the name of a parameter means.
enum Meaning {
    /// A column of the listed rows or of rows they are related to.
    Column(Vec<&'static Relation>, &'static Column, Lookup),
    /// Which row a relation leads to.
    Relation(Vec<&'static Relation>, &'static Relation, Lookup),
}

/// Reads the filters of a list. `also_allowed` are parameters of this list that filter nothing.
///
/// # Errors
/// 400 for parameters that mean nothing, and for values that no such parameter may have.
pub fn read(
    resource: Resource,
    parameters: &[(String, String)],
    also_allowed: &[&str],
    zone: Tz,
) -> Result<Filters, ApiError> {
    let mut unknown = Vec::new();
    let mut errors = FieldErrors::default();
    let mut read = Filters::default();
    for (name, value) in last_of_each(parameters) {
        if ALWAYS_ALLOWED.contains(&name) || also_allowed.contains(&name) {
            continue;
        }
        let (bare, exclude) = without_exclusion(name);
        match meaning(resource, bare) {
            None => unknown.push(name.to_owned()),
            Some(Meaning::Column(path, column, Lookup::Exact)) if column.repeatable => {
                match any_of(parameters, name, path, column, exclude) {
                    Ok(filter) => read.filters.extend(filter),
                    Err(message) => errors.add(name, message),
                }
            }
            Some(_) if value.is_empty() => {}
            Some(meaning) => {
                if let Err(message) = read_one(&mut read, name, value, exclude, meaning, zone) {
                    errors.add(name, message);
                }
            }
        }
    }
    if !unknown.is_empty() {
        unknown.sort_unstable();
        unknown.dedup();
        return Err(ApiError::UnknownParameters(unknown));
    }
    if errors.is_empty() {
        Ok(read)
    } else {
        Err(ApiError::Fields(errors))
    }
}

/// A name without the mark that turns it around, and whether it had one.
fn without_exclusion(name: &str) -> (&str, bool) {
    name.strip_suffix('!')
        .map_or((name, false), |bare| (bare, true))
}

/// A column is one of the texts that a parameter was sent with; none if it was sent empty only.
fn any_of(
    parameters: &[(String, String)],
    name: &str,
    path: Vec<&'static Relation>,
    column: &'static Column,
    exclude: bool,
) -> Result<Option<Filter>, String> {
    let sent = parameters.iter().filter(|(sent, _)| sent == name);
    let values: Vec<Value> = sent
        .filter(|(_, value)| !value.is_empty())
        .map(|(_, value)| Ok(Value::Text(without_nul(value)?.to_owned())))
        .collect::<Result<_, String>>()?;
    Ok((!values.is_empty()).then_some(Filter {
        path,
        subject: Subject::Column(column),
        test: Test::OneOf(values),
        exclude,
    }))
}

/// The database knows no text with a NUL.
fn without_nul(text: &str) -> Result<&str, String> {
    match text.contains('\0') {
        true => Err("Null characters are not allowed.".to_owned()),
        false => Ok(text),
    }
}

/// Of a parameter that was sent several times, the last counts.
fn last_of_each(parameters: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    parameters
        .iter()
        .enumerate()
        .filter_map(|(place, (name, value))| {
            let repeated = parameters[place + 1..]
                .iter()
                .any(|(later, _)| later == name);
            (!repeated).then_some((name.as_str(), value.as_str()))
        })
}

fn meaning(resource: Resource, name: &str) -> Option<Meaning> {
    let mut path = Vec::new();
    let mut here = resource;
    let mut words = name.split("__");
    loop {
        let word = words.next()?;
        if let Some(column) = here.columns().iter().find(|column| column.name == word) {
            let lookup = last_lookup(words, column.lookups)?;
            return Some(Meaning::Column(path, column, lookup));
        }
        let relation = here
            .relations()
            .iter()
            .find(|relation| relation.name == word)?;
        if let Some(lookup) = last_lookup(words.clone(), relation.lookups) {
            return Some(Meaning::Relation(path, relation, lookup));
        }
        match relation.to {
            // Requests are filtered by what they name, not by what that holds.
            _ if resource == Resource::FetchRequests => return None,
            next if next == Resource::Courts || path.len() < MOST_JOINS => {
                path.push(relation);
                here = next;
            }
            _ => return None,
        }
    }
}

/// The lookup that the rest of a name spells; nothing is an exact one.
fn last_lookup<'a>(mut rest: impl Iterator<Item = &'a str>, known: &[Lookup]) -> Option<Lookup> {
    let lookup = match rest.next() {
        None => Lookup::Exact,
        Some(suffix) => *known.iter().find(|lookup| suffix_of(**lookup) == suffix)?,
    };
    rest.next().is_none().then_some(lookup)
}

/// How a lookup is spelled.
#[must_use]
pub fn suffix_of(lookup: Lookup) -> &'static str {
    match lookup {
        Lookup::Exact => "exact",
        Lookup::In => "in",
        Lookup::IsNull => "isnull",
        Lookup::GreaterOrEqual => "gte",
        Lookup::Greater => "gt",
        Lookup::LessOrEqual => "lte",
        Lookup::Less => "lt",
        Lookup::Range => "range",
        Lookup::Year => "year",
        Lookup::Month => "month",
        Lookup::Day => "day",
        Lookup::Hour => "hour",
        Lookup::Minute => "minute",
        Lookup::Second => "second",
        Lookup::SameIgnoringCase => "iexact",
        Lookup::StartsWith => "startswith",
        Lookup::StartsWithIgnoringCase => "istartswith",
    }
}

fn read_one(
    read: &mut Filters,
    parameter: &str,
    value: &str,
    exclude: bool,
    meaning: Meaning,
    zone: Tz,
) -> Result<(), String> {
    let filter = match meaning {
        Meaning::Column(path, column, lookup) => {
            let Some(test) = read_test(column.kind, lookup, value, zone)? else {
                return Ok(());
            };
            Filter {
                path,
                subject: Subject::Column(column),
                test,
                exclude,
            }
        }
        Meaning::Relation(path, relation, lookup) => {
            let values = match relation.to {
                Resource::Courts => court_ids(lookup, value)?,
                resource => {
                    let ids = row_ids(lookup, value)?;
                    let parameter = parameter.to_owned();
                    read.references.push(Reference {
                        parameter,
                        resource,
                        ids: ids.clone(),
                    });
                    ids.into_iter().map(Value::Integer).collect()
                }
            };
            let subject = Subject::Relation(relation);
            Filter {
                path,
                subject,
                test: Test::OneOf(values),
                exclude,
            }
        }
    };
    read.filters.push(filter);
    Ok(())
}

fn parts_of(lookup: Lookup, value: &str) -> Vec<&str> {
    if lookup == Lookup::In {
        value.split(',').collect()
    } else {
        vec![value]
    }
}

fn row_ids(lookup: Lookup, value: &str) -> Result<Vec<i64>, String> {
    let parts = parts_of(lookup, value).into_iter();
    let ids: Option<Vec<i64>> = parts.map(|part| part.trim().parse().ok()).collect();
    ids.ok_or_else(|| NOT_AVAILABLE.to_owned())
}

fn court_ids(lookup: Lookup, value: &str) -> Result<Vec<Value>, String> {
    let parts = parts_of(lookup, value);
    if parts.iter().all(|part| court::facts(part).is_some()) {
        return Ok(parts
            .into_iter()
            .map(|part| Value::Text(part.to_owned()))
            .collect());
    }
    Err(NOT_AVAILABLE.to_owned())
}

/// Reads a value as what a column is to be tested for; none if it means no test at all.
///
/// # Errors
/// The contract's sentence about a value that no such parameter may have.
fn read_test(kind: Kind, lookup: Lookup, text: &str, zone: Tz) -> Result<Option<Test>, String> {
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

/// The most digits of a number with decimals.
const MOST_DIGITS: usize = 30;

fn read_value(kind: Kind, text: &str, zone: Tz) -> Result<Value, String> {
    let trimmed = text.trim();
    let value = match kind {
        Kind::Text => Some(Value::Text(text.to_owned())),
        Kind::Integer => trimmed.parse().ok().map(Value::Integer),
        Kind::Boolean => truth(trimmed).map(Value::Boolean),
        Kind::Thousandths => is_decimal(trimmed).then(|| Value::Decimal(trimmed.to_owned())),
        Kind::Date => moment::read_date(trimmed).map(Value::Date),
        Kind::Instant => moment::read(trimmed, zone).map(Value::Instant),
        Kind::Choice(choices) => choices
            .iter()
            .map(|(number, _)| *number)
            .find(|number| number.to_string() == trimmed)
            .map(Value::Integer),
    };
    value.ok_or_else(|| match kind {
        Kind::Date => "Enter a valid date.".to_owned(),
        Kind::Instant => "Enter a valid date/time.".to_owned(),
        Kind::Choice(_) => {
            format!("Select a valid choice. {trimmed} is not one of the available choices.")
        }
        Kind::Text | Kind::Integer | Kind::Boolean | Kind::Thousandths => NUMBER.to_owned(),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(resource: Resource, query: &str) -> Result<Filters, String> {
        let parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        read(resource, &parameters, &[], chrono_tz::UTC)
            .map_err(|refusal| serde_json::to_string(&refusal.into_object()).unwrap())
    }

    fn one(resource: Resource, query: &str) -> Filter {
        let mut read = answer(resource, query).unwrap();
        assert_eq!(read.filters.len(), 1, "{query}");
        read.filters.remove(0)
    }

    fn path(filter: &Filter) -> Vec<&str> {
        filter.path.iter().map(|relation| relation.name).collect()
    }

    #[test]
    fn unknown_parameters_are_named_sorted() {
        assert_eq!(
            answer(Resource::FetchRequests, "foo=1&bar=2&status=1&page_size=3").unwrap_err(),
            r#"{"detail":"Unknown filter parameters are not allowed.","unknown_params":["bar","foo"]}"#
        );
        for bad in [
            "id=1",
            "user=1",
            "date_created__gte=2020-01-01",
            "court__id=cand",
            "docket__id=1",
            "docket_number__in=1",
            "status__in__in=1",
        ] {
            assert!(answer(Resource::FetchRequests, bad).is_err(), "{bad}");
        }
        assert!(answer(Resource::Dockets, "court_id=cand").is_err());
    }

    #[test]
    fn values_must_be_among_the_choices() {
        assert_eq!(
            answer(Resource::FetchRequests, "status=9").unwrap_err(),
            r#"{"status":["Select a valid choice. 9 is not one of the available choices."]}"#
        );
        assert_eq!(
            answer(Resource::FetchRequests, "docket=x&court=nope").unwrap_err(),
            r#"{"docket":["Select a valid choice. That choice is not one of the available choices."],"court":["Select a valid choice. That choice is not one of the available choices."]}"#
        );
        let kept = answer(Resource::FetchRequests, "status=&status__in=1,4,5").unwrap();
        let numbers = [1, 4, 5].map(Value::Integer).to_vec();
        assert_eq!(kept.filters.len(), 1);
        assert_eq!(kept.filters[0].test, Test::OneOf(numbers));
    }

    #[test]
    fn names_lead_through_relations() {
        let filter = one(Resource::RecapDocuments, "docket_entry__docket__court=cand");
        assert_eq!(path(&filter), ["docket_entry", "docket"]);
        assert_eq!(filter.test, Test::OneOf(vec![Value::Text("cand".into())]));
        let filter = one(Resource::DocketEntries, "docket__id=5");
        assert_eq!(path(&filter), ["docket"]);
        let filter = one(Resource::DocketEntries, "entry_number__isnull=true");
        assert_eq!(filter.test, Test::IsNull(true));
        let filter = one(Resource::Parties, "attorney__name__istartswith=rob");
        assert_eq!(path(&filter), ["attorney"]);
        let deep = "docket_entries__docket__docket_entries__docket__court";
        assert_eq!(
            path(&one(Resource::Dockets, &format!("{deep}=cand"))).len(),
            4
        );
        let deeper = format!("docket_entries__docket__{deep}");
        assert!(answer(Resource::Dockets, &format!("{deeper}=cand")).is_err());
        let to_the_court = one(Resource::Dockets, &format!("{deep}__id=cand"));
        assert_eq!(path(&to_the_court).len(), 5);
    }

    #[test]
    fn a_class_of_courts_may_be_one_of_several() {
        let query = "court__jurisdiction=FD&court__jurisdiction=F&court__jurisdiction=";
        let filter = one(Resource::Dockets, query);
        assert_eq!(path(&filter), ["court"]);
        let classes = ["FD", "F"].map(|class| Value::Text(class.to_owned()));
        assert_eq!(filter.test, Test::OneOf(classes.to_vec()));
        let none = answer(Resource::Courts, "jurisdiction=").unwrap();
        assert_eq!(none.filters, []);
        // Of what is no class, the last counts.
        let filter = one(Resource::Courts, "position=1&position=2");
        assert_eq!(filter.test, Test::OneOf(vec![Value::Decimal("2".into())]));
    }

    #[test]
    fn an_exclamation_mark_excludes_and_rows_named_must_exist() {
        let read = answer(Resource::FetchRequests, "status!=2&recap_document__in=1,2").unwrap();
        assert!(read.filters[0].exclude && !read.filters[1].exclude);
        assert_eq!(read.references.len(), 1);
        assert_eq!(read.references[0].ids, [1, 2]);
    }
}
