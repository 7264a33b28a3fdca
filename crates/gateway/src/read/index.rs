//! The list of endpoints.

use super::endpoint::COMMON;
use crate::dialect::{Item, Object, RequestUrl};

pub(super) async fn list(here: RequestUrl) -> Object {
    let names = COMMON.iter().map(|(name, _)| *name);
    let names = names.chain(["courts", "recap-fetch"]);
    names
        .map(|name| (name.to_owned(), Item::from(here.endpoint(name))))
        .collect()
}
