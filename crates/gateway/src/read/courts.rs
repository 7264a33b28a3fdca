//! Courts (`docs/API.md#courts`), from the register. Everybody may read them.

use axum::{
    extract::Path,
    routing::{MethodRouter, get},
};
use fetch_store::read::Test;
use serde_json::Value;

use super::endpoint::View;
use crate::{
    api::Api,
    dialect::{
        FieldErrors, Object, Refusal,
        court::{self, ApiCourt},
        filter,
        list::{self, PAGE_SIZE, Page},
        moment, options,
    },
};

const DESCRIPTION: &str = "The courts that can be named.";

pub(super) fn list() -> MethodRouter<Api> {
    get(list_courts)
        .options(async || options::describe_columns("Court List", DESCRIPTION, court::COLUMNS))
}

pub(super) fn detail() -> MethodRouter<Api> {
    get(read_court)
        .options(async || options::describe_columns("Court Instance", DESCRIPTION, court::COLUMNS))
}

async fn list_courts(view: View) -> Result<Object, Refusal> {
    let mut courts = select(&view)?;
    order(&mut courts, view.here.parameter("order_by"));
    let count = i64::try_from(courts.len()).unwrap_or(i64::MAX);
    let number = list::page_number(&view.here, count, None)?;
    let skip = usize::try_from((number - 1) * PAGE_SIZE).unwrap_or(usize::MAX);
    let size = usize::try_from(PAGE_SIZE).unwrap_or(0);
    let on_page = courts.into_iter().skip(skip).take(size);
    let rows = on_page
        .map(|court| view.selection.apply(render(&view, court)))
        .collect();
    Ok(Page::by_number(&view.here, number, count).with_results(rows))
}

async fn read_court(view: View, Path(id): Path<String>) -> Result<Object, Refusal> {
    let id = id.strip_suffix(".json").unwrap_or(&id);
    let court = court::all().iter().find(|court| court.id == id);
    court
        .map(|court| view.selection.apply(render(&view, court)))
        .ok_or_else(|| Refusal::no_match("Court"))
}

/// The courts that pass all filters. A jurisdiction may be given several times, for any of them.
fn select(view: &View) -> Result<Vec<&'static ApiCourt>, Refusal> {
    let mut courts: Vec<&'static ApiCourt> = court::all().iter().collect();
    let (mut unknown, mut errors) = (Vec::new(), FieldErrors::default());
    let mut jurisdictions: Vec<&str> = Vec::new();
    for (name, value) in &view.here.parameters {
        if filter::is_always_allowed(name) {
            continue;
        }
        if name == "jurisdiction" {
            jurisdictions.extend((!value.is_empty()).then_some(value.as_str()));
            continue;
        }
        match read_test(view, name, value) {
            None => unknown.push(name.clone()),
            Some(Err(message)) => errors.add(name, message),
            Some(Ok(None)) => {}
            Some(Ok(Some((column, test, exclude)))) => {
                courts.retain(|court| court.passes(column, &test) != exclude);
            }
        }
    }
    if !unknown.is_empty() {
        return Err(filter::unknown_parameters(unknown));
    }
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    courts.retain(|court| jurisdictions.is_empty() || jurisdictions.contains(&court.jurisdiction));
    Ok(courts)
}

type Condition = (&'static fetch_store::read::Column, Test, bool);

/// What a parameter asks of a court; none if there is no such parameter.
fn read_test(view: &View, name: &str, value: &str) -> Option<Result<Option<Condition>, String>> {
    let (bare, exclude) = filter::without_exclusion(name);
    let (column, suffix) = bare.split_once("__").unwrap_or((bare, "exact"));
    let column = court::COLUMNS.iter().find(|known| known.name == column)?;
    let lookup = *column
        .lookups
        .iter()
        .find(|lookup| filter::suffix_of(**lookup) == suffix)?;
    if value.is_empty() {
        return Some(Ok(None));
    }
    let test = filter::read_test(column.kind, lookup, value, view.api.time_zone);
    Some(test.map(|test| test.map(|test| (column, test, exclude))))
}

/// Courts stand in the order of their positions, or of one other column.
fn order(courts: &mut [&'static ApiCourt], order_by: Option<&str>) {
    let order_by = order_by.unwrap_or("position");
    let bare = order_by.strip_prefix('-').unwrap_or(order_by);
    match bare {
        "id" => courts.sort_by_key(|court| court.id),
        "position" => courts.sort_by_key(|court| court.position),
        _ => return,
    }
    if bare != order_by {
        courts.reverse();
    }
}

fn render(view: &View, court: &ApiCourt) -> Object {
    #[allow(clippy::cast_precision_loss, reason = "there are a few hundred courts")]
    let position = court.position as f64;
    Object::new()
        .with("resource_uri", view.here.row("courts", court.id))
        .with("id", court.id)
        .with("pacer_court_id", court.pacer_court_id)
        .with("pacer_has_rss_feed", Value::Null)
        .with("pacer_rss_entry_types", "")
        .with("date_last_pacer_contact", Value::Null)
        .with("fjc_court_id", "")
        .with(
            "date_modified",
            moment::write(court::register_date(), view.api.time_zone),
        )
        .with("in_use", true)
        .with("has_opinion_scraper", false)
        .with("has_oral_argument_scraper", false)
        .with("position", position)
        .with("citation_string", court.citation_string)
        .with("short_name", court.short_name)
        .with("full_name", court.full_name)
        .with("url", court.url.as_str())
        .with("start_date", Value::Null)
        .with("end_date", Value::Null)
        .with("jurisdiction", court.jurisdiction)
        .with("parent_court", Value::Null)
        .with("appeals_to", Vec::<String>::new())
}
