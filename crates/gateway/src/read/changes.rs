//! What was added to the archive and changed there (`docs/API.md#changes-of-the-archive`): all of it as a feed, or what
//! concerns one docket.

mod cut;
pub(super) mod told;

use std::collections::HashMap;

use axum::{
    Extension,
    extract::Path,
    http::{HeaderMap, StatusCode},
    routing::{MethodRouter, get},
};
use fetch_library::{
    feed::{Archive, ChangeKind, RowChange, Since},
    read::Resource,
};
use serde_json::Value;
use tokio::time::{self, Instant};

pub(super) use cut::cut;

use super::{
    endpoint::{self, View},
    endpoint_of, read_id,
};
use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Item, Object, auth, filter::ALWAYS_ALLOWED, misspelt::Names, moment,
        options,
    },
    openapi::names_of,
    submit::Intake,
    watch,
};

/// The parameters.
const CURSOR: &str = "cursor";
const SINCE: &str = "since";
const SIZE: &str = "page_size";
const ROWS: &str = "rows";

/// Changes in an answer, unless fewer are asked for.
const MOST: i64 = 100;

/// How soon it is looked for changes again by who waits for some.
const LOOK_EVERY: time::Duration = time::Duration::from_millis(500);

/// How many digits of an archive's UUID a cursor has.
const DIGITS: usize = 12;

const FEED: Names = Names {
    read: &names_of(&told::OF_FEED),
    ignored: ALWAYS_ALLOWED,
};
const OF_DOCKET: Names = Names {
    read: &names_of(&told::OF_DOCKET),
    ignored: ALWAYS_ALLOWED,
};

pub(super) fn feed() -> MethodRouter<Api> {
    get(tell_all).options(async || {
        let description = "What was added to the archive and changed there, in order.";
        options::introduce("Changes", description)
    })
}

pub(super) fn of_docket() -> MethodRouter<Api> {
    get(tell_docket).options(async || {
        let description = "What was added to a docket and changed there since.";
        options::introduce("Docket Changes", description)
    })
}

async fn tell_all(
    caller: Caller,
    view: View,
    Extension(intake): Extension<Intake>,
) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = FEED.check_query(&view.here)?;
    let (form, size) = (Form::of(&view)?, size(&view)?);
    let until = Instant::now() + watch::wait_of(&view.here)?.unwrap_or_default();
    let archive = view.api.control.library.archive().await?;
    let after = Place::of(&view, CURSOR, &archive)?.unwrap_or(0);
    let mut changes = look(&view, after, size).await?;
    while changes.is_empty() && Instant::now() < until {
        tokio::select! {
            () = time::sleep_until(until.min(Instant::now() + LOOK_EVERY)) => {}
            () = intake.stop.cancelled() => break,
        }
        auth::look_again(&view.api, &caller).await?;
        changes = look(&view, after, size).await?;
    }
    let page = Page {
        form,
        after,
        up_to: i64::MAX,
        size,
    };
    let object = tell(&view, &archive, page, changes).await?;
    let object = match form {
        Form::Objects | Form::OfDocket => object,
        Form::Rows => object.with("schema", archive.schema),
    };
    Ok((ignored, object.with("archive", archive.id)))
}

/// One more than is told, if there are more.
async fn look(view: &View, after: i64, size: i64) -> Result<Vec<RowChange>, ApiError> {
    let library = &view.api.control.library;
    let known = known(view).await?;
    Ok(library.changes_after(after, known, size + 1).await?)
}

/// The place up to which nothing more comes.
///
/// # Errors
/// 503 while that is not known.
pub(super) async fn known(view: &View) -> Result<i64, ApiError> {
    let known = view.api.control.library.changes_known().await?;
    known.ok_or_else(|| {
        ApiError::store_is_away(
            "It is not known yet which changes are complete, as somebody is still writing. Please try again in a \
             few seconds.",
        )
    })
}

async fn tell_docket(view: View, Path(id): Path<String>) -> Result<(HeaderMap, Object), ApiError> {
    let ignored = OF_DOCKET.check_query(&view.here)?;
    let (id, size) = (read_id(&id)?, size(&view)?);
    let library = &view.api.control.library;
    let archive = library.archive().await?;
    let after = Place::of(&view, CURSOR, &archive)?.unwrap_or(0);
    let since = since(&view, &archive)?;
    if library.dockets(&[id]).await?.is_empty() {
        return Err(ApiError::no_match("Docket"));
    }
    let known = known(&view).await?;
    let changes = library
        .changes_of_docket(id, since, after, known, size + 1)
        .await?;
    let after = match since {
        Since::Place(place) => after.max(place),
        Since::Time(_) => after,
    };
    let page = Page {
        form: Form::OfDocket,
        after,
        up_to: known,
        size,
    };
    Ok((ignored, tell(&view, &archive, page, changes).await?))
}

/// Since when: a place, a time, or from the beginning.
fn since(view: &View, archive: &Archive) -> Result<Since, ApiError> {
    let Some(sent) = view.here.parameter(SINCE) else {
        return Ok(Since::Place(0));
    };
    if let Some(place) = Place::read(sent) {
        return Ok(Since::Place(place.in_archive(archive)?));
    }
    let time = moment::read(sent, view.api.time_zone);
    time.map(Since::Time).ok_or_else(|| {
        ApiError::field(
            SINCE,
            "Send a time, such as 2026-11-20T09:15:00Z, or a cursor that was told with changes.",
        )
    })
}

/// How many changes are told at most.
fn size(view: &View) -> Result<i64, ApiError> {
    let Some(sent) = view.here.parameter(SIZE) else {
        return Ok(MOST);
    };
    let size = sent.parse().ok().filter(|size| (1..=MOST).contains(size));
    size.ok_or_else(|| ApiError::field(SIZE, format!("Send a number from 1 to {MOST}.")))
}

/// How rows are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As `GET` answers them.
    Objects,
    /// The same, with the columns that changed.
    OfDocket,
    /// As they are stored, for another archive.
    Rows,
}

impl Form {
    pub(super) fn of(view: &View) -> Result<Form, ApiError> {
        match view.here.parameter(ROWS) {
            None | Some("0") => Ok(Form::Objects),
            Some("1") => Ok(Form::Rows),
            Some(_) => Err(ApiError::field(
                ROWS,
                "Send 1 for rows as they are stored, or nothing.",
            )),
        }
    }
}

/// A cursor: a place in the order of changes of one archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'t> {
    number: i64,
    archive: &'t str,
}

impl<'t> Place<'t> {
    fn read(text: &'t str) -> Option<Place<'t>> {
        let (number, archive) = text.split_once('.')?;
        let is_hex = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        let is_plain = number.bytes().all(|digit| digit.is_ascii_digit());
        let is_cursor = is_plain && archive.len() == DIGITS && archive.bytes().all(is_hex);
        let number = number.parse().ok().filter(|_| is_cursor)?;
        Some(Place { number, archive })
    }

    /// The place that a parameter names, if it was sent.
    ///
    /// # Errors
    /// 400 for what is no cursor, 410 for one of another archive.
    pub(super) fn of(view: &View, name: &str, archive: &Archive) -> Result<Option<i64>, ApiError> {
        let Some(sent) = view.here.parameter(name) else {
            return Ok(None);
        };
        let place = Place::read(sent).ok_or_else(|| {
            let text = "Send a cursor that was told with changes, or none to begin.";
            ApiError::field(name, text)
        })?;
        place.in_archive(archive).map(Some)
    }

    fn in_archive(self, archive: &Archive) -> Result<i64, ApiError> {
        match self.archive == digits(archive) && self.number <= archive.last_place {
            true => Ok(self.number),
            false => Err(ApiError::detail(
                StatusCode::GONE,
                "This cursor is of another archive, or of changes that this one has lost since. Begin again with \
                 export/, or without a cursor.",
            )),
        }
    }
}

fn digits(archive: &Archive) -> String {
    let digits = archive.id.chars().filter(|digit| *digit != '-');
    digits.take(DIGITS).collect()
}

/// What a place is called.
pub(super) fn cursor(archive: &Archive, place: i64) -> String {
    format!("{place}.{}", digits(archive))
}

/// Which changes are told at once.
struct Page {
    form: Form,
    /// The place after which they begin.
    after: i64,
    /// The place up to which nothing more comes.
    up_to: i64,
    size: i64,
}

async fn tell(
    view: &View,
    archive: &Archive,
    page: Page,
    mut changes: Vec<RowChange>,
) -> Result<Object, ApiError> {
    let size = usize::try_from(page.size).unwrap_or(0);
    let more = changes.len() > size;
    changes.truncate(size);
    let more = cut(view, page.form, &mut changes).await? || more;
    // What is on its way to a later place is told again there.
    let settled = changes.iter().rev().find(|it| it.place <= page.up_to);
    let mut last = settled.map_or(page.after, |last| last.place);
    if page.form == Form::OfDocket && !more {
        // What was left out, as a change of what is new, is not told the next time either.
        let library = &view.api.control.library;
        last = last.max(library.last_change_up_to(page.up_to).await?);
    }
    let items = items(view, archive, page.form, &changes).await?;
    Ok(Object::new()
        .with("results", Item::list(items))
        .with(CURSOR, cursor(archive, last))
        .with("more", more))
}

/// The changes with the rows as they are now. Those of kinds that only a later version knows are left out.
pub(super) async fn items(
    view: &View,
    archive: &Archive,
    form: Form,
    changes: &[RowChange],
) -> Result<Vec<Object>, ApiError> {
    let rows = rows(view, form, changes).await?;
    let mut items = Vec::with_capacity(changes.len());
    for change in changes {
        let (Some(resource), Some(kind)) = (change.resource, change.change) else {
            continue;
        };
        let row = match kind {
            ChangeKind::Removed => None,
            // What was added and changed on the same page is told twice.
            ChangeKind::Added | ChangeKind::Changed => rows.get(&(resource, change.id)).cloned(),
        };
        let item = Object::new()
            .with(CURSOR, cursor(archive, change.place))
            .with("kind", endpoint_of(resource))
            .with("id", change.id)
            .with("docket_id", change.docket)
            .with("change", kind.as_str())
            .with("at", moment::write(change.at, view.api.time_zone));
        let row = row.unwrap_or(Item::Plain(Value::Null));
        items.push(match form {
            Form::Objects => item.with("object", row),
            Form::OfDocket => item
                .with("columns", change.columns.clone())
                .with("object", row),
            Form::Rows => item.with("stored", row),
        });
    }
    Ok(items)
}

/// The rows that changes tell of.
async fn rows(
    view: &View,
    form: Form,
    changes: &[RowChange],
) -> Result<HashMap<(Resource, i64), Item>, ApiError> {
    let mut rows = HashMap::new();
    for (resource, ids) in wanted(changes) {
        let told: Vec<(i64, Item)> = match form {
            Form::Objects | Form::OfDocket => objects(view, resource, &ids).await?,
            Form::Rows => {
                let stored = view.api.control.library.stored_rows(resource, &ids).await?;
                let stored = stored.into_iter();
                stored.map(|(id, row)| (id, Item::from(row))).collect()
            }
        };
        rows.extend(told.into_iter().map(|(id, row)| ((resource, id), row)));
    }
    Ok(rows)
}

/// Which rows changes tell of, each once.
fn wanted(changes: &[RowChange]) -> HashMap<Resource, Vec<i64>> {
    let mut wanted: HashMap<Resource, Vec<i64>> = HashMap::new();
    for change in changes {
        let Some(resource) = change.resource else {
            continue;
        };
        let ids = wanted.entry(resource).or_default();
        if !ids.contains(&change.id) {
            ids.push(change.id);
        }
    }
    wanted
}

async fn objects(
    view: &View,
    resource: Resource,
    ids: &[i64],
) -> Result<Vec<(i64, Item)>, ApiError> {
    let objects = endpoint::render(view, resource, ids).await?;
    let numbered = objects.into_iter().filter_map(|object| {
        let id = match object.get("id") {
            Some(Item::Plain(id)) => id.as_i64()?,
            _ => return None,
        };
        Some((id, Item::from(view.selection.apply(object))))
    });
    Ok(numbered.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_a_number_of_an_archive() {
        let archive = Archive {
            id: "01234567-89ab-cdef-0123-456789abcdef".to_owned(),
            schema: 14,
            last_place: 7,
        };
        let told = cursor(&archive, 7);
        assert_eq!(told, "7.0123456789ab");
        assert_eq!(Place::read(&told).unwrap().in_archive(&archive), Ok(7));
        for gone in ["8.0123456789ab", "7.0123456789ac"] {
            let refused = Place::read(gone).unwrap().in_archive(&archive).unwrap_err();
            assert_eq!(refused.status(), StatusCode::GONE, "{gone}");
        }
        for none in [
            "",
            "7",
            "7.",
            ".0123456789ab",
            "-7.0123456789ab",
            "+7.0123456789ab",
            "7.0123456789AB",
            "7.0123456789abc",
            "9223372036854775808.0123456789ab",
        ] {
            assert_eq!(Place::read(none), None, "{none}");
        }
    }
}
