//! What we have back: the read endpoints of the API, their lists, their rows, their files.
//!
//! Contains no SQL and spells nothing of the dialect itself: which page is wanted is found by
//! [`crate::dialect::list`], the rows come from [`fetch_library::read`], and the files here say
//! which key of an answer holds which column. Start at [`router`], then `endpoint.rs`.

mod changes;
mod courts;
mod dockets;
mod documents;
mod endpoint;
pub(crate) mod events;
mod export;
mod fields;
mod files;
mod index;
mod lookup;
mod pages;
mod parties;
mod requests;
mod usage;

use axum::{
    Router, middleware,
    routing::{MethodRouter, get, post},
};
use fetch_library::read::Resource;

use crate::{
    api::Api,
    dialect::{
        Version,
        gate::{self, Access},
    },
    login, queue, quote, spend, webhooks,
};

pub(crate) use endpoint::read_id;

/// All read endpoints in both versions, and the files. `submit` is what takes a `POST` on the
/// list of requests: `axum::routing::post(handler)`.
///
/// Trailing slashes are canonical; without them a place answers directly, so that a `POST` is
/// not lost in a redirect.
pub fn router(api: Api, submit: MethodRouter<Api>) -> Router {
    let mut router = Router::new();
    for version in Version::ALL {
        let root = format!("/api/rest/{}", version.as_str());
        let mut add = |path: &str, methods: MethodRouter<Api>, access: Access| {
            router = place(
                std::mem::take(&mut router),
                &api,
                &format!("{root}{path}"),
                methods,
                access,
            );
        };
        add("/", get(index::list), gate::PUBLIC);
        add(
            "/recap-fetch/",
            submit.clone().merge(requests::list()),
            gate::REQUEST_LIST,
        );
        add("/recap-fetch/quote/", post(quote::post), gate::QUESTION);
        add(
            "/recap-fetch/login/",
            get(login::get).post(login::post),
            gate::LOGIN,
        );
        add(
            "/recap-fetch/spend/",
            get(spend::totals),
            gate::REQUEST_DETAIL,
        );
        add("/recap-fetch/events/", get(events::of_all), gate::EVENTS);
        add(
            "/recap-fetch/{id}/",
            requests::detail(),
            gate::REQUEST_DETAIL,
        );
        add(
            "/recap-fetch/{id}/events/",
            get(events::of_one),
            gate::EVENTS,
        );
        add(
            "/recap-fetch/{id}/cancel/",
            post(queue::post_cancel),
            gate::REQUEST_CANCEL,
        );
        for (path, methods, access) in webhooks::routes() {
            add(path, methods, access);
        }
        for (name, resource) in endpoint::COMMON {
            add(
                &format!("/{name}/"),
                endpoint::list(*resource),
                gate::READ_ONLY,
            );
            add(
                &format!("/{name}/{{id}}/"),
                endpoint::detail(*resource),
                gate::READ_ONLY,
            );
        }
        add(
            &format!("/{}/", lookup::NAME),
            lookup::list(),
            gate::READ_ONLY,
        );
        add(
            "/recap-documents/{id}/pages/",
            pages::detail(),
            gate::READ_ONLY,
        );
        add("/changes/", changes::feed(), gate::READ_ONLY);
        add(
            "/dockets/{id}/changes/",
            changes::of_docket(),
            gate::READ_ONLY,
        );
        add("/export/", get(export::lines), gate::EXPORT);
        add("/api-usage/", usage::place(), gate::USAGE);
        add("/courts/", endpoint::list(Resource::Courts), gate::PUBLIC);
        add("/courts/{id}/", courts::detail(), gate::PUBLIC);
    }
    for version in Version::ALL {
        let path = format!("/api/rest/{}/recap-fetch/spend.csv", version.as_str());
        router = router.route(&path, gated(&api, get(spend::csv), gate::TABLE));
    }
    let files = gated(&api, get(files::download), gate::FILE);
    let root = gated(&api, get(index::root), gate::FRONT_PAGE);
    router
        .route("/recap/{*path}", files)
        .route("/", root)
        .fallback(index::nothing_here)
        .with_state(api)
}

/// A place behind its checks.
fn gated(api: &Api, methods: MethodRouter<Api>, access: Access) -> MethodRouter<Api> {
    let gate = middleware::from_fn_with_state((api.clone(), access), gate::pass);
    methods.fallback(gate::method_not_allowed).layer(gate)
}

/// One place, with its checks in front, under the names it is known by.
fn place(
    router: Router<Api>,
    api: &Api,
    path: &str,
    methods: MethodRouter<Api>,
    access: Access,
) -> Router<Api> {
    let methods = gated(api, methods, access);
    let bare = path.trim_end_matches('/');
    let mut router = router
        .route(path, methods.clone())
        .route(bare, methods.clone());
    // The suffix of a row is read with its id.
    let is_list = !bare.ends_with('}') && bare.matches('/').count() > 3;
    if is_list {
        router = router.route(&format!("{bare}.json"), methods);
    }
    router
}

/// The name of the endpoint that lists a kind of rows.
fn endpoint_of(resource: Resource) -> &'static str {
    endpoint::COMMON
        .iter()
        .find(|(_, listed)| *listed == resource)
        .map_or("recap-fetch", |(name, _)| name)
}
