//! Courts (`docs/API.md#courts`). Everybody may read them.

use axum::{
    extract::Path,
    routing::{MethodRouter, get},
};
use fetch_library::{
    court_directory::CourtRow,
    read::{Resource, Value as Sought},
};
use pacer::court::Listing;
use serde_json::Value;

use super::endpoint::{Place, View, describe};
use crate::{
    api::Api,
    dialect::{ApiError, Object, moment, rendered::date},
};

/// A court by its id, which is a word.
pub(super) fn detail() -> MethodRouter<Api> {
    get(read_court).options(async || describe(Resource::Courts, Place::Row))
}

async fn read_court(view: View, Path(id): Path<String>) -> Result<Object, ApiError> {
    let id = id.strip_suffix(".json").unwrap_or(&id);
    // The database knows no such text.
    if id.contains('\0') {
        return Err(ApiError::no_match("Court"));
    }
    let sought = Sought::Text(id.to_owned());
    view.check_filters(Resource::Courts, sought).await?;
    let found = view.api.control.library.court_of_directory(id).await?;
    found
        .map(|row| view.selection.apply(court(&view, &row)))
        .ok_or_else(|| ApiError::no_match("Court"))
}

pub(super) async fn render(view: &View, positions: &[i64]) -> Result<Vec<Object>, ApiError> {
    let rows = view.api.control.library.courts_at(positions).await?;
    Ok(rows.iter().map(|row| court(view, row)).collect())
}

fn court(view: &View, court: &CourtRow) -> Object {
    #[allow(clippy::cast_precision_loss, reason = "positions are small")]
    let position = court.position as f64 / 1000.0;
    let number = Listing::by_id(&court.id).map_or("", |listing| &listing.fjc_court_id);
    Object::new()
        .with("resource_uri", view.here.row("courts", &court.id))
        .with("id", court.id.as_str())
        .with("pacer_court_id", court.pacer_court_id)
        .with("pacer_has_rss_feed", Value::Null)
        .with("pacer_rss_entry_types", "")
        .with("date_last_pacer_contact", Value::Null)
        .with("fjc_court_id", number)
        .with(
            "date_modified",
            moment::write(court.date_modified, view.api.time_zone),
        )
        .with("in_use", court.in_use)
        .with("has_opinion_scraper", false)
        .with("has_oral_argument_scraper", false)
        .with("position", position)
        .with("citation_string", court.citation_string.as_str())
        .with("short_name", court.short_name.as_str())
        .with("full_name", court.full_name.as_str())
        .with("url", court.url.as_str())
        .with("start_date", date(court.start_date))
        .with("end_date", date(court.end_date))
        .with("jurisdiction", court.jurisdiction.as_str())
        .with("parent_court", court.parent_court.as_deref())
        .with("appeals_to", Vec::<String>::new())
}
