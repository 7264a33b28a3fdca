//! What we have back: the read endpoints of the API, their lists, their rows, their files.
//!
//! Contains no SQL and spells nothing of the dialect itself: which page is wanted is found by
//! [`crate::dialect::list`], the rows come from [`fetch_library::read`], and the files here say
//! which key of an answer holds which column. Start at `places.rs`, then `endpoint.rs`.

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
mod places;
mod requests;
mod usage;

use axum::{Router, routing::MethodRouter};
use fetch_library::read::Resource;

use crate::{api::Api, dialect::Version};

pub(crate) use endpoint::read_id;
pub(crate) use places::told;

/// All read endpoints in both versions, and the files. `submit` is what takes a `POST` on the
/// list of requests: `axum::routing::post(handler)`.
pub fn router(api: Api, submit: MethodRouter<Api>) -> Router {
    let mut router = Router::new();
    for version in Version::ALL {
        let root = format!("/api/rest/{}", version.as_str());
        for place in places::of_version(submit.clone()) {
            router = places::add(router, &api, &root, place);
        }
    }
    for place in places::of_service() {
        router = places::add(router, &api, "", place);
    }
    router.fallback(index::nothing_here).with_state(api)
}

/// The name of the endpoint that lists a kind of rows, or would. Filters have it in the OpenAPI document.
pub(crate) fn endpoint_of(resource: Resource) -> &'static str {
    match resource {
        Resource::Dockets => "dockets",
        Resource::DocketEntries => "docket-entries",
        Resource::RecapDocuments => "recap-documents",
        Resource::Parties => "parties",
        Resource::Attorneys => "attorneys",
        Resource::BankruptcyInformation => "bankruptcy-information",
        Resource::OriginatingCourtInformation => "originating-court-information",
        Resource::Courts => "courts",
        Resource::FetchRequests => "recap-fetch",
        Resource::Webhooks => "webhooks",
        Resource::WebhookEvents => "webhook-events",
        Resource::Trackers => "trackers",
        Resource::People => "people",
        Resource::Tags => "tags",
    }
}
