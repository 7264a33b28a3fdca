//! A question about a list, in neutral words: no SQL, and nothing of the API's spelling.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Column, CursorRow, Relation};

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// A day.
    Date(NaiveDate),
    /// A point in time.
    Instant(DateTime<Utc>),
    /// A number with decimals, as its digits: with a sign perhaps, and at most one point.
    Decimal(String),
}

/// The four ways of being more or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// At least.
    GreaterOrEqual,
    /// More than.
    Greater,
    /// At most.
    LessOrEqual,
    /// Less than.
    Less,
}

/// A part of a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePart {
    /// The year.
    Year,
    /// The month, from 1.
    Month,
    /// The day of the month, from 1.
    Day,
    /// The hour.
    Hour,
    /// The minute.
    Minute,
    /// The whole second.
    Second,
}

/// What must hold of a column or a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It is one of these. None of them: nothing passes.
    OneOf(Vec<Value>),
    /// It is more or less than this.
    Compare(Comparison, Value),
    /// It is between these, both included.
    Between(Value, Value),
    /// It is absent (`true`), or present.
    IsNull(bool),
    /// A part of it, in the query's time zone, is this.
    Part(DatePart, i64),
    /// It is this, but for upper and lower case.
    SameIgnoringCase(String),
    /// It begins with this.
    StartsWith {
        /// The beginning.
        text: String,
        /// Whether upper and lower case are the same.
        ignore_case: bool,
    },
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A column.
    Column(&'static Column),
    /// Which row a relation leads to, by its id.
    Relation(&'static Relation),
}

/// A condition on the rows of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The relations from the listed rows to the row that the subject belongs to. Filters with a
    /// common beginning are about the same related row.
    pub path: Vec<&'static Relation>,
    /// What is looked at there.
    pub subject: Subject,
    /// What must hold of it.
    pub test: Test,
    /// Whether it must not hold instead; where there is no value, it does not hold.
    pub exclude: bool,
}

/// One step of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// One of [`super::Resource::orderings`].
    pub column: &'static str,
    /// Whether the highest comes first.
    pub descending: bool,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// So many rows after so many others.
    Offset {
        /// Rows to leave out.
        skip: i64,
        /// Rows to give.
        size: i64,
    },
    /// So many rows on one side of an edge. Needs an order of one step.
    Keyset {
        /// The row at the edge, which is not given again; from the start when there is none.
        edge: Option<CursorRow>,
        /// Whether the rows before the edge are wanted. They are given in the list's order.
        backwards: bool,
        /// Rows to give.
        size: i64,
    },
}

/// A question about a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// What comes first. Rows that are equal in all steps are ordered by number, in the direction of
    /// the last step.
    pub order: Vec<Order>,
    /// Which part is wanted.
    pub window: Window,
    /// The IANA name of the zone in which parts of times are told.
    pub time_zone: &'static str,
}
