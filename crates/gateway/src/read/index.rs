//! The list of endpoints.

use super::endpoint::COMMON;
use crate::dialect::{Here, Item, Object};

pub(super) async fn list(here: Here) -> Object {
    let names = COMMON.iter().map(|(name, _)| *name);
    let names = names.chain(["courts", "recap-fetch"]);
    names
        .map(|name| (name.to_owned(), Item::from(here.endpoint(name))))
        .collect()
}
