//! The parameters of a list that filter it, read against the table of what may be filtered by.

use chrono_tz::Tz;
use fetch_library::read::{Column, Filter, Lookup, Relation, Resource, Subject, Test, Value};

use super::{ApiError, FieldErrors, court, misspelt::Names};
use value::{read_test, read_value};

mod value;

#[cfg(test)]
mod tests;

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

/// Of calls whose query says nothing.
pub(crate) const NO_PARAMETERS: Names = Names {
    read: &[],
    ignored: ALWAYS_ALLOWED,
};

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

impl Filters {
    /// Whether they ask about other rows than those that are listed.
    #[must_use]
    pub fn reach_beyond(&self) -> bool {
        self.filters
            .iter()
            .any(|filter| !filter.path.is_empty() || matches!(filter.subject, Subject::Relation(_)))
    }
}

/// The refusal of a filter that names a row that does not exist.
#[must_use]
pub fn no_such_row(parameter: &str) -> ApiError {
    ApiError::field(parameter, NOT_AVAILABLE)
}

/// Whether the name of a parameter means a filter of a list.
#[must_use]
pub fn is_filter(resource: Resource, name: &str) -> bool {
    meaning(resource, without_exclusion(name).0).is_some()
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
            // Sent empty last, it counts as not sent, whatever it was sent with before.
            Some(_) if value.is_empty() => {}
            Some(Meaning::Column(path, column, Lookup::Exact)) if column.repeatable => {
                match any_of(parameters, name, path, column, exclude, zone) {
                    Ok(filter) => read.filters.push(filter),
                    Err(message) => errors.add(name, message),
                }
            }
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

/// A column is one of what a parameter was sent with.
fn any_of(
    parameters: &[(String, String)],
    name: &str,
    path: Vec<&'static Relation>,
    column: &'static Column,
    exclude: bool,
    zone: Tz,
) -> Result<Filter, String> {
    let sent = parameters.iter().filter(|(sent, _)| sent == name);
    let values: Result<Vec<Value>, String> = sent
        .map(|(_, value)| read_value(column.kind, value, zone))
        .collect();
    Ok(Filter {
        path,
        subject: Subject::Column(column),
        test: Test::OneOf(values?),
        exclude,
    })
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
