//! Pages of lists over gRPC: newest first, and a token for the next one.

use fetch_library::read::{
    Column, CursorRow, Filter, ListQuery, Order, Resource, Scope, Subject, Test, Value, Window,
};
use fetch_model::UserId;
use tonic::Status;

use crate::{
    api::Api,
    grpc_status::{invalid, status_of},
};

const PAGE_SIZE: i64 = 20;
const LARGEST_PAGE: i64 = 100;

/// The page that a call asks for.
pub(crate) struct Asked<'a> {
    /// Of which rows.
    pub scope: Scope,
    /// Only those that pass.
    pub filters: Vec<Filter>,
    /// As it was sent.
    pub page_size: i32,
    /// As it was sent.
    pub page_token: &'a str,
}

/// A page, before its rows are read.
pub(crate) struct Page {
    /// The rows, by number, in order.
    pub ids: Vec<i64>,
    /// Empty on the last page.
    pub next_page_token: String,
}

/// Finds the page.
///
/// # Errors
/// When the page cannot be named so, and when it takes too long to find.
pub(crate) async fn newest(api: &Api, user: UserId, asked: Asked<'_>) -> Result<Page, Status> {
    let query = ListQuery {
        filters: asked.filters,
        order: vec![Order {
            column: "id",
            descending: true,
        }],
        window: Window::Keyset {
            edge: edge(asked.page_token)?,
            backwards: false,
            size: page_size(asked.page_size)?,
        },
        time_zone: "UTC",
    };
    let listing = api.lists.list(&api.control, Some(user), asked.scope, query);
    let listed = listing.await.map_err(status_of)?;
    let next = listed.last.filter(|_| listed.more);
    Ok(Page {
        ids: listed.ids,
        next_page_token: next.map(|edge| edge.id.to_string()).unwrap_or_default(),
    })
}

/// Only rows that hold one of these in a column that the list can be filtered by.
pub(crate) fn one_of(resource: Resource, name: &str, wanted: Vec<Value>) -> Filter {
    Filter {
        path: Vec::new(),
        subject: Subject::Column(column(resource, name)),
        test: Test::OneOf(wanted),
        exclude: false,
    }
}

fn column(resource: Resource, name: &str) -> &'static Column {
    let mut columns = resource.columns().iter();
    let found = columns.find(|column| column.name == name);
    found.expect("the names are those of the table of columns")
}

fn page_size(sent: i32) -> Result<i64, Status> {
    match i64::from(sent) {
        0 => Ok(PAGE_SIZE),
        size if size > 0 => Ok(size.min(LARGEST_PAGE)),
        _ => Err(invalid("page_size", "must not be negative")),
    }
}

fn edge(token: &str) -> Result<Option<CursorRow>, Status> {
    if token.is_empty() {
        return Ok(None);
    }
    let id = token
        .parse()
        .map_err(|_| invalid("page_token", "was not issued by this service"))?;
    Ok(Some(CursorRow { id, at: None }))
}
