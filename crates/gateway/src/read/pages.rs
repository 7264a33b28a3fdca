//! The pages of a document's file, an extension: what each says, where that came from, and how
//! far the reading is while it goes on.

use axum::{
    extract::Path,
    http::HeaderMap,
    routing::{MethodRouter, get},
};
use fetch_library::{read::TextRow, texts::StoredPage};

use super::endpoint::{View, read_id};
use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, FieldErrors, Item, Object, filter::ALWAYS_ALLOWED, misspelt::Names,
        moment,
    },
    openapi::{Answer, Described, Operation, Parameter, Shape, in_query, key, names_of, tag},
};

/// Pages in one answer unless the caller says otherwise, and at most.
const COUNT: i32 = 100;
const MOST: i32 = 1000;

pub(super) fn detail() -> MethodRouter<Api> {
    get(read_pages)
}

const PARAMETERS: [Parameter; 3] = [
    in_query(
        "first",
        Shape::Integer,
        "The first page that is wanted, from 1.",
    ),
    in_query(
        "text",
        Shape::Word(&["1"]),
        "`1` adds the text of each page.",
    ),
    in_query(
        "sure_below",
        Shape::Number,
        "Only pages that were read with less certainty than this, from 0 to 1, and those that failed.",
    ),
];

/// `count` is the number of rows elsewhere, so it is known anyway.
const TOLD_PARAMETERS: [Parameter; 4] = [
    PARAMETERS[0],
    in_query(
        "count",
        Shape::Integer,
        "How many pages are wanted: 100 unless sent, 1,000 at most.",
    ),
    PARAMETERS[1],
    PARAMETERS[2],
];

pub(super) const TOLD: Operation = Operation::get(
    "recap_documents_pages",
    tag::READ,
    "Where the text of each page of a document came from",
)
.parameters(&TOLD_PARAMETERS)
.answers(&[Answer::ok("Some of the pages.", Shape::Object(&PAGES))]);

#[rustfmt::skip]
const PAGES: Described = Described {
    name: "DocumentPages",
    about: "How far the reading of a document is, and its pages.",
    keys: &[
        key("recap_document", Shape::Url),
        key("state", Shape::Text).means("`not read` while nothing is known."),
        key("page_count", Shape::Integer).or_null(),
        key("pages_read", Shape::Integer).or_null(),
        key("ocr_status", Shape::Integer).or_null(),
        key("refusal", Shape::Text).or_null().means("Why the file was not read."),
        key("problems", Shape::List(&Shape::Text)),
        key("date_planned", Shape::Instant).or_null(),
        key("date_completed", Shape::Instant).or_null(),
        key("next", Shape::Url).or_null(),
        key("results", Shape::List(&Shape::Object(&PAGE))),
    ],
};

#[rustfmt::skip]
const PAGE: Described = Described {
    name: "DocumentPage",
    about: "A page, and where its text came from.",
    keys: &[
        key("page", Shape::Integer),
        key("source", Shape::Text).or_null(),
        key("reason", Shape::Text),
        key("confidence", Shape::Number).or_null(),
        key("sure_words", Shape::Number).or_null(),
        key("hidden_text", Shape::List(&Shape::Any)).means("What of its text is hidden on the printed page."),
        key("ms", Shape::Integer),
        key("cut", Shape::Boolean),
        key("text", Shape::Text).optional().means("Only with `text=1`."),
    ],
};

/// What the query of pages may ask for.
const QUERY: Names = Names {
    read: &names_of(&PARAMETERS),
    ignored: ALWAYS_ALLOWED,
};

/// Every account may read them, as it may the document.
async fn read_pages(
    _: Caller,
    view: View,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Object), ApiError> {
    let document = read_id(&id)?;
    let ignored = QUERY.check_query(&view.here)?;
    let window = Window::of(&view)?;
    let text = view.api.control.library.text_of_document(document).await?;
    let text = text.ok_or_else(|| ApiError::no_match("RECAPDocument"))?;
    let pages = view
        .api
        .control
        .library
        .pages_of_document(document, window.first, window.count, window.sure_below)
        .await?;
    // Of pages that are chosen by more than their numbers, the last one tells where to go on.
    let is_full = i32::try_from(pages.len()).is_ok_and(|pages| pages == window.count);
    let last = match (window.sure_below, pages.last()) {
        (Some(_), Some(last)) if is_full => last.page,
        (Some(_), _) => i32::MAX,
        (None, _) => window.first.saturating_add(window.count - 1),
    };
    let more = text.pages.is_some_and(|all| all > last);
    let next = more.then(|| {
        let first = last.saturating_add(1).to_string();
        view.here.with_parameter("first", Some(&first))
    });
    let results = pages.iter().map(|row| page(row, window.with_text));
    let object = head(&view, document, &text)
        .with("next", next)
        .with("results", Item::list(results.collect::<Vec<_>>()));
    Ok((ignored, object))
}

fn head(view: &View, document: i64, text: &TextRow) -> Object {
    let zone = view.api.time_zone;
    let at = |time: Option<chrono::DateTime<chrono::Utc>>| time.map(|at| moment::write(at, zone));
    Object::new()
        .with("recap_document", view.here.row("recap-documents", document))
        .with("state", text.state.as_deref().unwrap_or("not read"))
        .with("page_count", text.pages)
        .with("pages_read", text.pages_read)
        .with("ocr_status", text.ocr_status)
        .with("refusal", text.refusal.clone())
        .with("problems", problems(&text.problems))
        .with("date_planned", at(text.date_planned))
        .with("date_completed", at(text.date_completed))
}

/// The reader's words for what is wrong with the file, with the page where it is about one.
fn problems(stored: &serde_json::Value) -> Vec<String> {
    let stored = stored.as_array().into_iter().flatten();
    let words = stored.filter_map(|problem| {
        let word = problem["problem"].as_str()?;
        Some(match problem["page"].as_u64() {
            Some(page) => format!("{word}: {page}"),
            None => word.to_owned(),
        })
    });
    words.collect()
}

fn page(row: &StoredPage, with_text: bool) -> Object {
    let object = Object::new()
        .with("page", row.page)
        .with("source", row.source.clone())
        .with("reason", row.reason.as_str())
        .with(
            "confidence",
            row.confidence.map(|confidence| rounded(confidence, 10.0)),
        )
        .with(
            "sure_words",
            row.sure_words.map(|share| rounded(share, 1000.0)),
        )
        .with("hidden_text", row.hidden_text.clone())
        .with("ms", row.millis)
        .with("cut", row.cut);
    match with_text {
        true => object.with("text", row.text.as_str()),
        false => object,
    }
}

/// A number to so many parts of one; more would be noise.
fn rounded(number: f32, parts: f64) -> serde_json::Value {
    ((f64::from(number) * parts).round() / parts).into()
}

/// Which pages are asked for.
struct Window {
    first: i32,
    count: i32,
    with_text: bool,
    /// Only pages of whose words a smaller share is sure.
    sure_below: Option<f32>,
}

impl Window {
    fn of(view: &View) -> Result<Window, ApiError> {
        let mut errors = FieldErrors::default();
        let mut number = |name: &str, default: i32, most: i32| {
            let Some(text) = view.here.parameter(name) else {
                return default;
            };
            match text
                .parse()
                .ok()
                .filter(|number| (1..=most).contains(number))
            {
                Some(number) => number,
                None => {
                    errors.add(name, format!("Enter a whole number from 1 to {most}."));
                    default
                }
            }
        };
        let first = number("first", 1, i32::MAX);
        let count = number("count", COUNT, MOST);
        let sure_below = view.here.parameter("sure_below").and_then(|text| {
            let share = text
                .parse()
                .ok()
                .filter(|share| (0.0..=1.0).contains(share));
            if share.is_none() {
                errors.add("sure_below", "Enter a number from 0 to 1.".to_owned());
            }
            share
        });
        if errors.is_empty() {
            Ok(Window {
                first,
                count,
                sure_below,
                with_text: view.here.parameter("text").is_some_and(|text| text == "1"),
            })
        } else {
            Err(ApiError::Fields(errors))
        }
    }
}
