//! The numbers of a page of rows, and how many rows there are.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Scope,
    condition::{Sql, push_filters, push_value},
    query::{Filter, ListQuery, Order, Value, Window},
};
use crate::{Error, Library};

/// A row at which a page begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CursorRow {
    /// Its id.
    pub id: i64,
    /// What it holds in the column that the list is ordered by, when that is a time. None when
    /// the list is ordered by id, or there is no value.
    pub at: Option<DateTime<Utc>>,
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// The rows, by number, in order.
    pub ids: Vec<i64>,
    /// The first row.
    pub first: Option<CursorRow>,
    /// The last row.
    pub last: Option<CursorRow>,
    /// Whether there are more rows on the side that the page grew towards.
    pub more: bool,
}

impl Library {
    /// How many rows pass the filters. `time_zone` is the zone in which parts of times are told. The
    /// database gives up when it takes longer than `within`: [`Error::took_too_long`].
    pub async fn count(
        &self,
        scope: Scope,
        filters: &[Filter],
        time_zone: &str,
        within: Duration,
    ) -> Result<i64, Error> {
        let mut sql = Sql::new("select count(*)");
        push_rows(&mut sql, scope, filters, time_zone);
        let mut reading = self.db.begin_reading(within).await?;
        let count = sql.build_query_scalar().fetch_one(&mut *reading).await?;
        reading.commit().await?;
        Ok(count)
    }

    /// Whether the row of this id is there, and passes the filters.
    pub async fn passes(
        &self,
        scope: Scope,
        id: &Value,
        filters: &[Filter],
        time_zone: &str,
    ) -> Result<bool, Error> {
        let mut sql = Sql::new("select exists (select 1");
        push_rows(&mut sql, scope, filters, time_zone);
        sql.push(" and t.id = ");
        push_value(&mut sql, id);
        sql.push(")");
        Ok(sql.build_query_scalar().fetch_one(self.db.pool()).await?)
    }

    /// The numbers of one page of rows. The database gives up when it takes longer than `within`.
    pub async fn list(
        &self,
        scope: Scope,
        query: &ListQuery,
        within: Duration,
    ) -> Result<Listed, Error> {
        let number = scope.resource().number();
        let mut sql = Sql::new(format!("select t.{number}, "));
        sql.push(edge_column(scope, &query.order).map_or("null::timestamptz".into(), in_row));
        push_rows(&mut sql, scope, &query.filters, query.time_zone);
        let (size, backwards) = match query.window {
            Window::Offset { skip, size } => {
                push_order(&mut sql, number, &query.order, false);
                sql.push(" offset ").push_bind(skip);
                (size, false)
            }
            Window::Keyset {
                edge,
                backwards,
                size,
            } => {
                if let (Some(edge), Some(order)) = (edge, query.order.first()) {
                    push_beside(&mut sql, edge, *order, backwards);
                }
                push_order(&mut sql, number, &query.order, backwards);
                (size, backwards)
            }
        };
        sql.push(" limit ").push_bind(size + 1);
        let mut reading = self.db.begin_reading(within).await?;
        let rows: Vec<(i64, Option<DateTime<Utc>>)> =
            sql.build_query_as().fetch_all(&mut *reading).await?;
        reading.commit().await?;
        Ok(page_of(rows, size, backwards))
    }
}

fn page_of(mut rows: Vec<(i64, Option<DateTime<Utc>>)>, size: i64, backwards: bool) -> Listed {
    let size = usize::try_from(size).unwrap_or(0);
    let more = rows.len() > size;
    rows.truncate(size);
    if backwards {
        rows.reverse();
    }
    let edge = |row: &(i64, Option<DateTime<Utc>>)| CursorRow {
        id: row.0,
        at: row.1,
    };
    Listed {
        first: rows.first().map(edge),
        last: rows.last().map(edge),
        ids: rows.into_iter().map(|row| row.0).collect(),
        more,
    }
}

fn in_row(column: &str) -> String {
    format!("t.{column}")
}

/// The time by which a list is ordered, if it may be walked with cursors by one.
fn edge_column(scope: Scope, order: &[Order]) -> Option<&'static str> {
    let [only] = order else { return None };
    let walkable = scope.resource().cursor_orderings().contains(&only.column);
    (only.column != "id" && walkable).then_some(only.column)
}

fn push_rows(sql: &mut Sql, scope: Scope, filters: &[Filter], time_zone: &str) {
    sql.push(format_args!(" from {} t where ", scope.resource().table()));
    match scope {
        Scope::Common(resource) if resource.is_owned() => drop(sql.push("false")),
        Scope::Common(_) => drop(sql.push("true")),
        Scope::WebhooksOf(user) | Scope::WebhookEventsOf(user) | Scope::TrackersOf(user) => {
            sql.push("t.user_id = ").push_bind(user.0);
        }
        Scope::RequestsOf(user) => drop(
            sql.push("t.date_forgotten is null and t.user_id = ")
                .push_bind(user.0),
        ),
    }
    push_filters(sql, filters, time_zone);
}

/// Postgres puts nulls last going up and first going down, so going backwards is exact.
fn push_order(sql: &mut Sql, number: &str, order: &[Order], backwards: bool) {
    sql.push(" order by ");
    for step in order {
        let direction = if step.descending != backwards {
            "desc"
        } else {
            "asc"
        };
        sql.push(format_args!("t.{} {direction}, ", step.column));
    }
    let descending = order.last().is_some_and(|step| step.descending);
    let direction = if descending != backwards {
        "desc"
    } else {
        "asc"
    };
    sql.push(format_args!("t.{number} {direction}"));
}

/// Adds ` and …`: only rows on the wanted side of the edge.
fn push_beside(sql: &mut Sql, edge: CursorRow, order: Order, backwards: bool) {
    let downwards = order.descending != backwards;
    let operator = if downwards { "<" } else { ">" };
    if order.column == "id" {
        sql.push(format_args!(" and t.id {operator} "))
            .push_bind(edge.id);
        return;
    }
    let column = order.column;
    let Some(at) = edge.at else {
        sql.push(format_args!(
            " and (t.{column} is null and t.id {operator} "
        ));
        sql.push_bind(edge.id);
        // Going down, the rows without a value come first and all others are still to come.
        sql.push(if downwards {
            format!(" or t.{column} is not null)")
        } else {
            ")".to_owned()
        });
        return;
    };
    sql.push(format_args!(" and ((t.{column}, t.id) {operator} ("));
    sql.push_bind(at).push(", ").push_bind(edge.id).push(")");
    let nullable = !matches!(column, "date_created" | "date_modified");
    // Going up, the rows without a value come last.
    if nullable && !downwards {
        sql.push(format_args!(" or t.{column} is null"));
    }
    sql.push(")");
}
