//! The endpoints of what was bought: one list and one row of each kind.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
    routing::{MethodRouter, get},
};
use fetch_library::read::{Resource, Scope, Value};
use fetch_model::UserId;

use super::{courts, dockets, documents, endpoint_of, parties};

mod told;

use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Object, RequestUrl, auth,
        filter::{self, Filters},
        list::{self, Answer, Paging},
        options,
        selection::Selection,
    },
    openapi::{Operation, Query, options_of, tag},
};

/// The endpoints whose rows every account may read.
pub(super) const COMMON: &[Resource] = &[
    Resource::Dockets,
    Resource::DocketEntries,
    Resource::RecapDocuments,
    Resource::Parties,
    Resource::Attorneys,
    Resource::BankruptcyInformation,
    Resource::OriginatingCourtInformation,
];

/// What is needed to render an answer.
#[derive(Debug)]
pub(super) struct View {
    pub api: Api,
    pub here: RequestUrl,
    pub selection: Selection,
    /// The caller, if it has an account.
    pub caller: Option<UserId>,
}

impl View {
    /// The filters of this call on rows of a kind that every account may read.
    ///
    /// # Errors
    /// 400 for filters that are wrong, 401 for those that a stranger may not use: everybody may read
    /// courts, but not whether a docket is there.
    pub fn filters(&self, resource: Resource) -> Result<Filters, ApiError> {
        let also_allowed: &[&str] = match resource {
            // Our parties and attorneys belong to one docket, so nested lists never show others.
            Resource::Parties | Resource::Attorneys => &["filter_nested_results"],
            _ if !expandable(resource).is_empty() => &["expand"],
            _ => &[],
        };
        self.selection.check_added(expandable(resource))?;
        let (sent, zone) = (&self.here.parameters, self.api.time_zone);
        let filters = filter::read(resource, sent, also_allowed, zone)?;
        if self.caller.is_none() && filters.reach_beyond() {
            return Err(auth::nothing_sent());
        }
        Ok(filters)
    }

    /// Refuses a row that does not pass the filters of this call, as if it were not there.
    ///
    /// # Errors
    /// 404 then, and 400 for filters that are wrong.
    pub async fn check_filters(&self, resource: Resource, id: Value) -> Result<(), ApiError> {
        let filters = self.filters(resource)?;
        let scope = Scope::Common(resource);
        match list::passes(&self.api, scope, id, &filters).await? {
            true => Ok(()),
            false => Err(ApiError::no_match(model_of(resource))),
        }
    }
}

/// The keys that are there only for those who name them.
fn expandable(resource: Resource) -> &'static [&'static str] {
    match resource {
        Resource::RecapDocuments => &["download_url"],
        Resource::DocketEntries => &["recap_documents__download_url"],
        _ => &[],
    }
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
            caller: parts.extensions.get().map(Caller::id),
        })
    }
}

pub(super) fn list(resource: Resource) -> MethodRouter<Api> {
    get(move |view: View| list_rows(view, resource))
        .options(move || async move { describe(resource, Place::List) })
}

pub(super) fn detail(resource: Resource) -> MethodRouter<Api> {
    get(move |view: View, Path(id): Path<String>| read_row(view, resource, id))
        .options(move || async move { describe(resource, Place::Row) })
}

async fn list_rows(view: View, resource: Resource) -> Result<Object, ApiError> {
    let filters = view.filters(resource)?;
    let (api, here, scope) = (&view.api, &view.here, Scope::Common(resource));
    let paging = match resource {
        Resource::Courts => Paging::COURTS,
        _ => Paging::USUAL,
    };
    match list::find(api, here, view.caller, scope, filters, paging).await? {
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
    view.check_filters(resource, Value::Integer(id)).await?;
    let row = render(&view, resource, &[id]).await?.pop();
    row.map(|row| view.selection.apply(row))
        .ok_or_else(|| ApiError::no_match(model_of(resource)))
}

/// The number in a path.
pub(crate) fn read_id(text: &str) -> Result<i64, ApiError> {
    let digits = text.strip_suffix(".json").unwrap_or(text);
    digits.parse().map_err(|_| ApiError::not_found())
}

pub(super) async fn render(
    view: &View,
    resource: Resource,
    ids: &[i64],
) -> Result<Vec<Object>, ApiError> {
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
        // These are somebody's, and have doors of their own.
        Resource::FetchRequests
        | Resource::Webhooks
        | Resource::WebhookEvents
        | Resource::Trackers => Ok(Vec::new()),
        Resource::People | Resource::Tags => Ok(Vec::new()),
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
        Resource::Webhooks => "Webhook",
        Resource::WebhookEvents => "WebhookEvent",
        Resource::Trackers => "Tracker",
        Resource::People => "Person",
        Resource::Tags => "Tag",
    }
}

/// What is told of a list and of its rows: nothing of kinds that have none here.
pub(super) fn told(resource: Resource) -> (Vec<Operation>, Vec<Operation>) {
    let Some(words) = told::of(resource) else {
        return Default::default();
    };
    let list = Operation {
        answers: words.page,
        about: words.about,
        parameters: told::parameters(resource),
        ..Operation::get(words.list_id, tag::READ, words.list).query(Query::List(resource))
    };
    let row = Operation {
        answers: words.answer,
        parameters: told::parameters(resource),
        ..Operation::get(words.row_id, tag::READ, words.row).query(Query::Row(resource))
    };
    (
        vec![list, options_of(words.list_options, tag::READ)],
        vec![row, options_of(words.row_options, tag::READ)],
    )
}

/// A list or one of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    List,
    Row,
}

pub(super) fn describe(resource: Resource, place: Place) -> Object {
    // What would be sent there, if anybody might write.
    let (place, method) = match place {
        Place::List => ("List", "POST"),
        Place::Row => ("Instance", "PUT"),
    };
    let name = format!("{} {place}", model_of(resource));
    let description = match resource {
        Resource::Courts => "The courts that requests can name.".to_owned(),
        _ => format!("Read {}.", endpoint_of(resource).replace('-', " ")),
    };
    let written = told::of(resource).map(|words| (method, options::shown(words.rows)));
    options::describe(resource, &name, &description, written)
}
