//! The SQL of filters. Names come from the tables of [`super::resource`], values are bound.

use sqlx::{Postgres, QueryBuilder};

use super::{
    query::{Comparison, DatePart, Filter, Subject, Test, Value},
    resource::{Column, Join, Kind, Relation, Stored},
};

pub(super) type Sql = QueryBuilder<Postgres>;

/// Adds ` and …` for each filter on the rows called `t`.
pub(super) fn push_filters(sql: &mut Sql, filters: &[Filter], time_zone: &str) {
    let filters: Vec<&Filter> = filters.iter().collect();
    push_level(sql, &filters, 0, time_zone);
}

/// Adds the conditions on rows that are `depth` relations away. Filters that go on through the
/// same relation are about the same row, so they share one `exists`.
fn push_level(sql: &mut Sql, filters: &[&Filter], depth: usize, time_zone: &str) {
    for filter in filters.iter().filter(|filter| filter.path.len() == depth) {
        if let Some((column, others)) = other_choices(filter) {
            sql.push(" and ");
            push_known(sql, &value_of(column, depth), &others);
            continue;
        }
        sql.push(if filter.exclude { " and (" } else { " and " });
        push_leaf(sql, filter, depth, time_zone);
        if filter.exclude {
            sql.push(") is not true");
        }
    }
    let mut onward: Vec<&&Filter> = filters.iter().filter(|it| it.path.len() > depth).collect();
    while let Some(first) = onward.first() {
        let relation = first.path[depth];
        let (same, others): (Vec<&&Filter>, Vec<&&Filter>) = onward
            .into_iter()
            .partition(|filter| filter.path[depth] == relation);
        let same: Vec<&Filter> = same.into_iter().copied().collect();
        sql.push(" and ");
        push_exists(sql, relation, depth);
        push_level(sql, &same, depth + 1, time_zone);
        sql.push(")");
        onward = others;
    }
}

/// What is left of a choice when some are excluded. No choice is null, so this is the same, and an index
/// finds it.
fn other_choices(filter: &Filter) -> Option<(&'static Column, Vec<Value>)> {
    let (Subject::Column(column), Test::OneOf(excluded)) = (filter.subject, &filter.test) else {
        return None;
    };
    let Kind::Choice(choices) = column.kind else {
        return None;
    };
    let all = choices.iter().map(|(value, _)| Value::Integer(*value));
    let others = all.filter(|value| !excluded.contains(value));
    filter.exclude.then(|| (column, others.collect()))
}

fn alias(depth: usize) -> String {
    if depth == 0 {
        "t".to_owned()
    } else {
        format!("t{depth}")
    }
}

/// Opens `exists (select … where <joined>`; the caller closes it.
fn push_exists(sql: &mut Sql, relation: &Relation, depth: usize) {
    let (ours, theirs) = (alias(depth), alias(depth + 1));
    let table = relation.to.table();
    match relation.join {
        Join::Forward { key } => sql.push(format_args!(
            "exists (select 1 from {table} {theirs} where {theirs}.id = {ours}.{key}"
        )),
        Join::Backward { key } => sql.push(format_args!(
            "exists (select 1 from {table} {theirs} where {theirs}.{key} = {ours}.id"
        )),
        Join::Through {
            table: between,
            our_key,
            their_key,
        } => sql.push(format_args!(
            "exists (select 1 from {between} l{depth} join {table} {theirs} \
             on {theirs}.id = l{depth}.{their_key} where l{depth}.{our_key} = {ours}.id"
        )),
        Join::Never => sql.push(format_args!(
            "exists (select 1 from {table} {theirs} where true"
        )),
    };
}

fn push_leaf(sql: &mut Sql, filter: &Filter, depth: usize, time_zone: &str) {
    match filter.subject {
        Subject::Column(column) => {
            let name = value_of(column, depth);
            push_test(sql, &name, column.kind, &filter.test, time_zone);
        }
        Subject::Relation(relation) => {
            let kind = relation.to.id_kind();
            if let Join::Forward { key } = relation.join {
                let name = format!("{}.{key}", alias(depth));
                push_test(sql, &name, kind, &filter.test, time_zone);
            } else {
                push_exists(sql, relation, depth);
                sql.push(" and ");
                let name = format!("{}.id", alias(depth + 1));
                push_test(sql, &name, kind, &filter.test, time_zone);
                sql.push(")");
            }
        }
    }
}

/// The value of a column, as SQL.
fn value_of(column: &Column, depth: usize) -> String {
    match (column.stored, column.kind) {
        (Stored::Constant(value), _) => value.to_owned(),
        (Stored::Named(name), _) => format!("{}.{name}", alias(depth)),
        (Stored::InColumn, Kind::Thousandths) => {
            format!("({}.{} / 1000.0)", alias(depth), column.name)
        }
        (Stored::InColumn, _) => format!("{}.{}", alias(depth), column.name),
    }
}

fn push_test(sql: &mut Sql, name: &str, kind: Kind, test: &Test, time_zone: &str) {
    match test {
        Test::OneOf(values) if matches!(kind, Kind::Choice(_) | Kind::Boolean) => {
            push_known(sql, name, values);
        }
        Test::OneOf(values) => push_one_of(sql, name, values),
        Test::Compare(comparison, value) => {
            let operator = match comparison {
                Comparison::GreaterOrEqual => ">=",
                Comparison::Greater => ">",
                Comparison::LessOrEqual => "<=",
                Comparison::Less => "<",
            };
            sql.push(format_args!("{name} {operator} "));
            push_value(sql, value);
        }
        Test::Between(low, high) => {
            sql.push(format_args!("{name} between "));
            push_value(sql, low);
            sql.push(" and ");
            push_value(sql, high);
        }
        Test::IsNull(true) => drop(sql.push(format_args!("{name} is null"))),
        Test::IsNull(false) => drop(sql.push(format_args!("{name} is not null"))),
        Test::Part(part, number) => push_part(sql, name, kind, *part, *number, time_zone),
        Test::SameIgnoringCase(text) => {
            sql.push(format_args!("upper({name}) = upper("));
            sql.push_bind(text.clone()).push(")");
        }
        Test::StartsWith {
            text,
            ignore_case: false,
        } => {
            sql.push(format_args!("starts_with({name}, "));
            sql.push_bind(text.clone()).push(")");
        }
        Test::StartsWith {
            text,
            ignore_case: true,
        } => {
            sql.push(format_args!("starts_with(upper({name}), upper("));
            sql.push_bind(text.clone()).push("))");
        }
    }
}

/// The same as [`push_one_of`], of a column with few values, which are written out. How many rows have one
/// of them decides how to look for it: a plan that is made for any of them takes the rare one for half of
/// all rows, and cannot know that a partial index has it.
fn push_known(sql: &mut Sql, name: &str, values: &[Value]) {
    let words = values.iter().map(|value| match value {
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        _ => None,
    });
    match words.collect::<Option<Vec<String>>>() {
        Some(words) if !words.is_empty() => {
            sql.push(format_args!("{name} in ({})", words.join(", ")));
        }
        _ => push_one_of(sql, name, values),
    }
}

fn push_one_of(sql: &mut Sql, name: &str, values: &[Value]) {
    if values.is_empty() {
        sql.push("false");
        return;
    }
    sql.push(format_args!("{name} in ("));
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            sql.push(", ");
        }
        push_value(sql, value);
    }
    sql.push(")");
}

fn push_part(sql: &mut Sql, name: &str, kind: Kind, part: DatePart, number: i64, zone: &str) {
    let unit = match part {
        DatePart::Year => "year",
        DatePart::Month => "month",
        DatePart::Day => "day",
        DatePart::Hour => "hour",
        DatePart::Minute => "minute",
        DatePart::Second => "second",
    };
    sql.push(format_args!("floor(extract({unit} from {name}"));
    if kind == Kind::Instant {
        sql.push(" at time zone ").push_bind(zone.to_owned());
    }
    sql.push(")) = ").push_bind(number);
}

pub(super) fn push_value(sql: &mut Sql, value: &Value) {
    match value {
        Value::Integer(number) => sql.push_bind(*number),
        Value::Text(text) => sql.push_bind(text.clone()),
        Value::Boolean(truth) => sql.push_bind(*truth),
        Value::Date(date) => sql.push_bind(*date),
        Value::Instant(instant) => sql.push_bind(*instant),
        Value::Decimal(digits) => sql.push_bind(digits.clone()).push("::numeric"),
    };
}
