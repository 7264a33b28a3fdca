//! How lists are walked: page numbers in v3, cursors in v4.

use axum::http::StatusCode;
use fetch_library::read::{CursorRow, ListQuery, Listed, Scope, Value, Window};
use fetch_model::UserId;

use super::{
    ApiError, Item, Object, RequestUrl, Version,
    cursor::Cursor,
    filter::{self, Filters},
    order::{self, Ordering},
};
use crate::api::Api;

/// How the rows of a list are parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// Rows on a page.
    size: i64,
    /// The last page that may be asked for by number, if there is one.
    deepest: Option<i64>,
    /// Whether pages have numbers in every version of the API, and say how many rows there are.
    is_numbered: bool,
}

impl Paging {
    /// That of most lists.
    pub const USUAL: Paging = Paging {
        size: 20,
        deepest: Some(100),
        is_numbered: false,
    };
    /// That of courts.
    pub const COURTS: Paging = Paging {
        deepest: None,
        is_numbered: true,
        ..Paging::USUAL
    };
    /// That of the fast lookup.
    pub const LOOKUP: Paging = Paging {
        size: 300,
        is_numbered: true,
        ..Paging::USUAL
    };

    /// The number of the last page; an empty list has one.
    fn last_page(self, count: i64) -> i64 {
        (count.max(1) + self.size - 1) / self.size
    }
}

/// What a caller gets of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Only how many rows there are.
    Count(i64),
    /// A page.
    Page(Page),
}

/// A page of a list, before its rows are rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows, by number, in order.
    pub ids: Vec<i64>,
    /// The number of rows, or where to ask for it.
    count: Count,
    next: Option<String>,
    previous: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Count {
    Rows(i64),
    At(String),
}

impl Page {
    /// A page by its number, without its rows.
    fn by_number(here: &RequestUrl, number: i64, count: i64, last: i64) -> Page {
        Page {
            ids: Vec::new(),
            count: Count::Rows(count),
            next: (number < last).then(|| page_url(here, number + 1)),
            previous: (number > 1).then(|| page_url(here, number - 1)),
        }
    }

    /// The answer, with the rows rendered.
    #[must_use]
    pub fn with_results(self, results: Vec<Object>) -> Object {
        let count = match self.count {
            Count::Rows(rows) => Item::from(rows),
            Count::At(url) => Item::from(url),
        };
        Object::new()
            .with("count", count)
            .with("next", self.next)
            .with("previous", self.previous)
            .with("results", Item::list(results))
    }
}

/// A list of what is a user's own, whose rows are read by their numbers.
///
/// # Errors
/// As for [`find`].
pub(crate) async fn of_user<R>(
    api: &Api,
    here: &RequestUrl,
    user: UserId,
    scope: Scope,
    rows: impl FnOnce(Vec<i64>) -> R,
) -> Result<Object, ApiError>
where
    R: Future<Output = Result<Vec<Object>, fetch_db::Error>>,
{
    let filters = filter::read(scope.resource(), &here.parameters, &[], api.time_zone)?;
    match find(api, here, Some(user), scope, filters, Paging::USUAL).await? {
        Answer::Count(count) => Ok(Object::new().with("count", count)),
        Answer::Page(page) => {
            let rows = rows(page.ids.clone()).await?;
            Ok(page.with_results(rows))
        }
    }
}

/// Finds the page of a list that a call asks for.
///
/// # Errors
/// 400 for filters that name what is not there, 404 for pages that are not there.
pub async fn find(
    api: &Api,
    here: &RequestUrl,
    caller: Option<UserId>,
    scope: Scope,
    filters: Filters,
    paging: Paging,
) -> Result<Answer, ApiError> {
    let resource = scope.resource();
    check_references(api, &filters).await?;
    let zone = api.time_zone.name();
    let is_numbered = here.version != Version::V4 || paging.is_numbered;
    if !is_numbered && here.parameter("count") == Some("on") {
        return Ok(Answer::Count(
            api.lists
                .count(&api.control, caller, scope, &filters.filters, zone)
                .await?,
        ));
    }
    let Ordering { steps, by_cursor } = order::read(resource, here.parameter("order_by"));
    let query = ListQuery {
        filters: filters.filters,
        order: steps,
        window: Window::Offset {
            skip: 0,
            size: paging.size,
        },
        time_zone: zone,
    };
    if !is_numbered && by_cursor {
        find_by_cursor(api, here, caller, scope, query, paging)
            .await
            .map(Answer::Page)
    } else {
        find_by_number(api, here, caller, scope, query, paging)
            .await
            .map(Answer::Page)
    }
}

/// Whether a row passes the filters of the call that asks for it; without filters, nothing is looked up.
///
/// # Errors
/// 400 for filters that name what is not there.
pub async fn passes(
    api: &Api,
    scope: Scope,
    id: Value,
    filters: &Filters,
) -> Result<bool, ApiError> {
    check_references(api, filters).await?;
    if filters.filters.is_empty() {
        return Ok(true);
    }
    let (library, zone) = (&api.control.library, api.time_zone.name());
    Ok(library.passes(scope, &id, &filters.filters, zone).await?)
}

async fn check_references(api: &Api, filters: &Filters) -> Result<(), ApiError> {
    for reference in &filters.references {
        if !api
            .control
            .library
            .all_exist(reference.resource, &reference.ids)
            .await?
        {
            return Err(filter::no_such_row(&reference.parameter));
        }
    }
    Ok(())
}

async fn find_by_number(
    api: &Api,
    here: &RequestUrl,
    caller: Option<UserId>,
    scope: Scope,
    mut query: ListQuery,
    paging: Paging,
) -> Result<Page, ApiError> {
    let count = api
        .lists
        .count(&api.control, caller, scope, &query.filters, query.time_zone)
        .await?;
    let last = paging.last_page(count);
    let number = page_number(here, last, paging.deepest)?;
    query.window = Window::Offset {
        skip: (number - 1) * paging.size,
        size: paging.size,
    };
    let listed = api.lists.list(&api.control, caller, scope, query).await?;
    Ok(Page {
        ids: listed.ids,
        ..Page::by_number(here, number, count, last)
    })
}

/// Which page is asked for, if there is one of that number.
///
/// # Errors
/// 404 with the contract's sentences.
fn page_number(here: &RequestUrl, last: i64, deepest: Option<i64>) -> Result<i64, ApiError> {
    let refuse = |text: &str| ApiError::detail(StatusCode::NOT_FOUND, text);
    let number = match here.parameter("page") {
        None => 1,
        Some("last") => last,
        Some(text) => text
            .trim()
            .parse()
            .map_err(|_| refuse("Invalid page: That page number is not an integer"))?,
    };
    if deepest.is_some_and(|deepest| number > deepest) {
        return Err(refuse(
            "Invalid page: Deep API pagination is not allowed. Please review API documentation.",
        ));
    }
    if (1..=last).contains(&number) {
        Ok(number)
    } else {
        Err(refuse("Invalid page."))
    }
}

fn page_url(here: &RequestUrl, number: i64) -> String {
    let number = (number > 1).then(|| number.to_string());
    here.with_parameter("page", number.as_deref())
}

async fn find_by_cursor(
    api: &Api,
    here: &RequestUrl,
    caller: Option<UserId>,
    scope: Scope,
    mut query: ListQuery,
    paging: Paging,
) -> Result<Page, ApiError> {
    let column = query.order.first().map_or("id", |step| step.column);
    let cursor = match here.parameter("cursor") {
        None => None,
        Some(text) => Some(
            Cursor::read(text, column)
                .ok_or_else(|| ApiError::detail(StatusCode::NOT_FOUND, "Invalid cursor"))?,
        ),
    };
    query.window = Window::Keyset {
        edge: cursor.map(|cursor| cursor.edge),
        backwards: cursor.is_some_and(|cursor| cursor.backwards),
        size: paging.size,
    };
    let listed = api.lists.list(&api.control, caller, scope, query).await?;
    let (before, after) = neighbours(&listed, cursor);
    let url = |cursor: Cursor| here.with_parameter("cursor", Some(&cursor.write(column)));
    Ok(Page {
        next: after.map(|edge| {
            url(Cursor {
                edge,
                backwards: false,
            })
        }),
        previous: before.map(|edge| {
            url(Cursor {
                edge,
                backwards: true,
            })
        }),
        count: Count::At(here.with_parameter("count", Some("on"))),
        ids: listed.ids,
    })
}

/// The edges beyond which there are more rows: on the side that the page grew towards if rows
/// were left over, on the side that it came from because it came from there.
fn neighbours(listed: &Listed, cursor: Option<Cursor>) -> (Option<CursorRow>, Option<CursorRow>) {
    let came_from = cursor.map(|cursor| cursor.edge);
    let backwards = cursor.is_some_and(|cursor| cursor.backwards);
    if backwards {
        (
            listed.first.filter(|_| listed.more),
            listed.last.or(came_from),
        )
    } else {
        let before = came_from.map(|edge| listed.first.unwrap_or(edge));
        (before, listed.last.filter(|_| listed.more))
    }
}
