//! The endpoints of what was bought: one list and one row of each kind.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
    routing::{MethodRouter, get},
};
use fetch_library::read::{Resource, Scope};

use super::{courts, dockets, documents, endpoint_of, parties};
use crate::{
    api::Api,
    dialect::{
        ApiError, Object, RequestUrl,
        list::{self, Answer},
        options,
        selection::Selection,
    },
};

/// The endpoints whose rows every account may read.
pub(super) const COMMON: &[(&str, Resource)] = &[
    ("dockets", Resource::Dockets),
    ("docket-entries", Resource::DocketEntries),
    ("recap-documents", Resource::RecapDocuments),
    ("parties", Resource::Parties),
    ("attorneys", Resource::Attorneys),
    ("bankruptcy-information", Resource::BankruptcyInformation),
    (
        "originating-court-information",
        Resource::OriginatingCourtInformation,
    ),
];

/// What is needed to render an answer.
#[derive(Debug)]
pub(super) struct View {
    pub api: Api,
    pub here: RequestUrl,
    pub selection: Selection,
}

impl FromRequestParts<Api> for View {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<View, ApiError> {
        let here = RequestUrl::from_request_parts(parts, api).await?;
        let selection = Selection::of(&here);
        Ok(View {
            api: api.clone(),
            here,
            selection,
        })
    }
}

pub(super) fn list(resource: Resource) -> MethodRouter<Api> {
    get(move |view: View| list_rows(view, resource))
        .options(move || async move { describe(resource, "List") })
}

pub(super) fn detail(resource: Resource) -> MethodRouter<Api> {
    get(move |view: View, Path(id): Path<String>| read_row(view, resource, id))
        .options(move || async move { describe(resource, "Instance") })
}

async fn list_rows(view: View, resource: Resource) -> Result<Object, ApiError> {
    let also_allowed: &[&str] = match resource {
        // Our parties and attorneys belong to one docket, so nested lists never show others.
        Resource::Parties | Resource::Attorneys => &["filter_nested_results"],
        _ => &[],
    };
    match list::find(&view.api, &view.here, Scope::Common(resource), also_allowed).await? {
        Answer::Count(count) => Ok(Object::new().with("count", count)),
        Answer::Page(page) => {
            let rows = render(&view, resource, &page.ids).await?;
            let rows = rows
                .into_iter()
                .map(|row| view.selection.apply(row))
                .collect();
            Ok(page.with_results(rows))
        }
    }
}

async fn read_row(view: View, resource: Resource, id: String) -> Result<Object, ApiError> {
    let id = read_id(&id)?;
    let row = render(&view, resource, &[id]).await?.pop();
    row.map(|row| view.selection.apply(row))
        .ok_or_else(|| ApiError::no_match(model_of(resource)))
}

/// The number in a path.
pub(crate) fn read_id(text: &str) -> Result<i64, ApiError> {
    let digits = text.strip_suffix(".json").unwrap_or(text);
    digits.parse().map_err(|_| ApiError::not_found())
}

async fn render(view: &View, resource: Resource, ids: &[i64]) -> Result<Vec<Object>, ApiError> {
    match resource {
        Resource::Dockets => dockets::render(view, ids).await,
        Resource::DocketEntries => documents::render_entries(view, ids).await,
        Resource::RecapDocuments => documents::render_documents(view, ids).await,
        Resource::Parties => parties::render_parties(view, ids).await,
        Resource::Attorneys => parties::render_attorneys(view, ids).await,
        Resource::BankruptcyInformation => dockets::render_bankruptcy(view, ids).await,
        Resource::OriginatingCourtInformation => {
            dockets::render_originating_courts(view, ids).await
        }
        Resource::Courts => courts::render(view, ids).await,
        // Requests are somebody's, and have a door of their own.
        Resource::FetchRequests => Ok(Vec::new()),
    }
}

/// CourtListener's name of a row, which its messages give away.
fn model_of(resource: Resource) -> &'static str {
    match resource {
        Resource::Dockets => "Docket",
        Resource::DocketEntries => "DocketEntry",
        Resource::RecapDocuments => "RECAPDocument",
        Resource::Parties => "Party",
        Resource::Attorneys => "Attorney",
        Resource::BankruptcyInformation => "BankruptcyInformation",
        Resource::OriginatingCourtInformation => "OriginatingCourtInformation",
        Resource::Courts => "Court",
        Resource::FetchRequests => "PacerFetchQueue",
    }
}

pub(super) fn describe(resource: Resource, place: &str) -> Object {
    let name = format!("{} {place}", model_of(resource));
    let description = match resource {
        Resource::Courts => "The courts that requests can name.".to_owned(),
        _ => format!("Read {}.", endpoint_of(resource).replace('-', " ")),
    };
    options::describe(resource, &name, &description, false)
}
