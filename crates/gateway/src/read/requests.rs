//! The caller's own requests.

use axum::{
    Extension,
    extract::Path,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use fetch_library::read::{Resource, Scope, Value};

use super::endpoint::{View, read_id};
use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Object, RequestUrl,
        filter::{self, ALWAYS_ALLOWED},
        list::{self, Answer, Paging},
        misspelt::Names,
        options,
    },
    expand::{self, EXPAND},
    openapi::{
        Answer as Told, Content, Operation, Parameter, Query, REQUEST, Shape, in_query, names_of,
        options_of, tag,
    },
    queue,
    submit::{
        Intake,
        told::{GROUPS, WAITS},
    },
    watch::{self, Watch},
};

const DESCRIPTION: &str = "Create and view your own PACER fetch requests.";

const LIST_DESCRIPTION: &str = "Create and view your own PACER fetch requests. A POST that is \
     repeated with the same Idempotency-Key header within 24 hours is accepted once.";

pub(super) const LIST: Operation = Operation::get(
    "recap_fetch_list",
    tag::REQUESTS,
    "Your own requests, newest first",
)
.query(Query::List(Resource::FetchRequests))
.parameters(&[GROUPS])
.answers(&[
    Told::new(
        200,
        "A page of requests.",
        Content::Page {
            of: REQUEST,
            by_cursor: true,
        },
    ),
    Told::refusal(404, "There is no such page."),
]);

pub(super) const LIST_OPTIONS: Operation = options_of("recap_fetch_options", tag::REQUESTS);

pub(super) const ROW: Operation =
    Operation::get("recap_fetch_read", tag::REQUESTS, "One of your requests")
        .about(
            "The filters of the list hold here as well: a request that does not pass them is 404.",
        )
        .query(Query::Row(Resource::FetchRequests))
        .parameters(&PARAMETERS)
        .answers(&[Told::ok("The request.", REQUEST).headers(&queue::PLACE)]);

pub(super) const ROW_OPTIONS: Operation = options_of("recap_fetch_row_options", tag::REQUESTS);

const PARAMETERS: [Parameter; 4] = [
    in_query(
        "queue",
        Shape::Text,
        "`1` is an older spelling of `expand=queue`.",
    ),
    in_query(
        "steps",
        Shape::Text,
        "`1` is an older spelling of `expand=life`.",
    ),
    GROUPS,
    WAITS,
];

pub(super) fn list() -> MethodRouter<Api> {
    get(list_own).options(async |_: Caller| {
        options::describe(
            Resource::FetchRequests,
            "Pacer Fetch Request List",
            LIST_DESCRIPTION,
            Some(("POST", options::of_requests())),
        )
    })
}

pub(super) fn detail() -> MethodRouter<Api> {
    get(read_own).options(async |_: Caller| {
        let name = "Pacer Fetch Request Instance";
        options::describe(Resource::FetchRequests, name, DESCRIPTION, None)
    })
}

async fn list_own(caller: Caller, view: View) -> Result<Object, ApiError> {
    let scope = Scope::RequestsOf(caller.id());
    let sent = &view.here.parameters;
    let groups = expand::groups_of(&caller, &view.here)?;
    let filters = filter::read(Resource::FetchRequests, sent, &[EXPAND], view.api.time_zone)?;
    let (api, here, paging) = (&view.api, &view.here, Paging::USUAL);
    match list::find(api, here, Some(caller.id()), scope, filters, paging).await? {
        Answer::Count(count) => Ok(Object::new().with("count", count)),
        Answer::Page(page) => {
            let requests = view
                .api
                .control
                .queue
                .requests_of(caller.id(), &page.ids)
                .await?;
            let rows = expand::rendered(api, caller.id(), &requests, groups).await?;
            Ok(page.with_results(rows))
        }
    }
}

/// What the query of a request may ask for, besides filters.
const DETAIL: Names = Names {
    read: &names_of(&PARAMETERS),
    ignored: ALWAYS_ALLOWED,
};

async fn read_own(
    caller: Caller,
    view: View,
    Extension(intake): Extension<Intake>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let parameters = view.here.parameters.iter().cloned();
    let (asked, parameters): (Vec<_>, Vec<_>) =
        parameters.partition(|(name, _)| filter::is_filter(Resource::FetchRequests, name));
    let others = RequestUrl {
        parameters,
        ..view.here.clone()
    };
    let ignored = DETAIL.check_query(&others)?;
    let wait = watch::wait_of(&view.here)?;
    let groups = queue::groups_of(&caller, &view.here)?;
    let filters = filter::read(Resource::FetchRequests, &asked, &[], view.api.time_zone)?;
    let id = fetch_model::FetchId(read_id(&id)?);
    let scope = Scope::RequestsOf(caller.id());
    if !list::passes(&view.api, scope, Value::Integer(id.0), &filters).await? {
        return Err(ApiError::no_match("PacerFetchQueue"));
    }
    let request = match wait {
        Some(wait) => {
            let watch = Watch::begin(&intake, &caller, id);
            Some(watch.until_final(wait).await?)
        }
        None => view.api.control.queue.request_of(caller.id(), id).await?,
    };
    let request = request.ok_or_else(|| ApiError::no_match("PacerFetchQueue"))?;
    let described = queue::described(&view.api, &request, groups).await?;
    Ok((ignored, described).into_response())
}
