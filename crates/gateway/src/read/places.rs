//! All places of the HTTP API: each path with its handlers, who may call, and what is told of it.

use axum::{
    Router, middleware,
    routing::{MethodRouter, get, post},
};
use fetch_library::read::Resource;

use super::{
    changes, courts, endpoint, endpoint_of, events, export, files, index, lookup, pages, requests,
    usage,
};
use crate::{
    api::Api,
    batch,
    dialect::{
        Version,
        gate::{self, Access},
    },
    login,
    openapi::{self, Place, Told, options_of, tag},
    queue, quote, spend, submit, trackers, webhooks, well_known,
};

/// The places below the root of a version.
pub(super) fn of_version(submit: MethodRouter<Api>) -> Vec<Place> {
    let mut places = vec![Place::new(
        "/",
        get(index::list),
        gate::PUBLIC,
        [index::LIST],
    )];
    places.extend(of_requests(submit));
    places.extend(webhooks::places());
    places.extend(trackers::places());
    for resource in endpoint::COMMON {
        places.extend(rows(
            *resource,
            gate::READ_ONLY,
            endpoint::detail(*resource),
        ));
    }
    places.extend([
        Place::new(
            &format!("/{}/", lookup::NAME),
            lookup::list(),
            gate::READ_ONLY,
            lookup::told(),
        ),
        Place::new(
            "/recap-documents/{id}/pages/",
            pages::detail(),
            gate::READ_ONLY,
            [pages::TOLD],
        ),
        Place::new(
            "/changes/",
            changes::feed(),
            gate::READ_ONLY,
            [
                changes::told::FEED,
                options_of("changes_options", tag::READ),
            ],
        ),
        Place::new(
            "/dockets/{id}/changes/",
            changes::of_docket(),
            gate::READ_ONLY,
            [
                changes::told::DOCKET,
                options_of("dockets_changes_options", tag::READ),
            ],
        ),
        Place::new(
            "/export/",
            get(export::lines),
            gate::EXPORT,
            [changes::told::EXPORT],
        ),
        Place::new("/api-usage/", usage::place(), gate::USAGE, usage::told()),
    ]);
    places.extend(rows(Resource::Courts, gate::PUBLIC, courts::detail()));
    places
}

/// A list and its rows.
fn rows(resource: Resource, access: Access, detail: MethodRouter<Api>) -> [Place; 2] {
    let name = endpoint_of(resource);
    let (list, row) = endpoint::told(resource);
    [
        Place::new(&format!("/{name}/"), endpoint::list(resource), access, list),
        Place::new(&format!("/{name}/{{id}}/"), detail, access, row),
    ]
}

fn of_requests(submit: MethodRouter<Api>) -> Vec<Place> {
    vec![
        Place::new(
            "/recap-fetch/",
            submit.merge(requests::list()),
            gate::REQUEST_LIST,
            [submit::TOLD, requests::LIST, requests::LIST_OPTIONS],
        ),
        Place::new(
            "/recap-fetch/quote/",
            post(quote::post),
            gate::QUESTION,
            [quote::TOLD],
        ),
        Place::new(
            "/recap-fetch/batch/",
            post(batch::post),
            gate::REQUEST_CANCEL,
            [batch::TOLD],
        ),
        Place::new(
            "/recap-fetch/login/",
            get(login::get).post(login::post),
            gate::LOGIN,
            [login::WAITING, login::TOLD],
        ),
        Place::new(
            "/recap-fetch/spend/",
            get(spend::totals),
            gate::REQUEST_DETAIL,
            [spend::TOTALS],
        ),
        Place::new(
            "/recap-fetch/events/",
            get(events::of_all),
            gate::EVENTS,
            [events::OF_ALL],
        ),
        Place::new(
            "/recap-fetch/{id}/",
            requests::detail(),
            gate::REQUEST_DETAIL,
            [requests::ROW, requests::ROW_OPTIONS],
        ),
        Place::new(
            "/recap-fetch/{id}/events/",
            get(events::of_one),
            gate::EVENTS,
            [events::OF_ONE],
        ),
        Place::new(
            "/recap-fetch/{id}/cancel/",
            post(queue::post_cancel),
            gate::REQUEST_CANCEL,
            [queue::CANCEL],
        ),
        Place::new(
            "/recap-fetch/spend.csv",
            get(spend::csv),
            gate::TABLE,
            [spend::CSV],
        ),
    ]
}

/// The places that have no version.
pub(super) fn of_service() -> Vec<Place> {
    [
        Place::new("/", get(index::root), gate::FRONT_PAGE, [index::ROOT]),
        Place::new(
            "/recap/{*path}",
            get(files::download),
            gate::FILE,
            [files::TOLD],
        ),
        openapi::serve::place(),
    ]
    .into_iter()
    .chain(openapi::page::places())
    .collect()
}

/// What is told of all of them, and of what is served beside.
pub(crate) fn told() -> Vec<Told> {
    let mut all = Vec::new();
    for version in [Version::V4, Version::V3] {
        let root = format!("/api/rest/{}", version.as_str());
        let places = of_version(MethodRouter::new()).into_iter();
        all.extend(places.map(|place| tell(&root, Some(version), place)));
    }
    all.extend(of_service().into_iter().map(|place| tell("", None, place)));
    all.push(Told {
        path: well_known::PATH.to_owned(),
        version: None,
        access: None,
        operations: vec![well_known::TOLD],
    });
    all
}

fn tell(root: &str, version: Option<Version>, place: Place) -> Told {
    Told {
        path: format!("{root}{}", place.path).replace("{*", "{"),
        version,
        access: Some(place.access),
        operations: place.told,
    }
}

/// A place behind its checks, under the names that it is known by.
///
/// Trailing slashes are canonical; without them a place answers directly, so that a `POST` is not lost in a redirect.
pub(super) fn add(router: Router<Api>, api: &Api, root: &str, place: Place) -> Router<Api> {
    let path = format!("{root}{}", place.path);
    let gate = middleware::from_fn_with_state((api.clone(), place.access), gate::pass);
    let methods = place.methods.fallback(gate::method_not_allowed).layer(gate);
    let router = router.route(&path, methods.clone());
    let bare = path.trim_end_matches('/');
    if bare.is_empty() || bare.len() == path.len() {
        return router;
    }
    let router = router.route(bare, methods.clone());
    // The suffix of a row is read with its id.
    match !root.is_empty() && !bare.ends_with('}') && bare.len() > root.len() {
        true => router.route(&format!("{bare}.json"), methods),
        false => router,
    }
}
