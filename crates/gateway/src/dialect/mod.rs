//! How the RECAP Fetch API spells things: who may call, what a body means, which errors it
//! names, how lists are filtered, ordered and paged, how times and links look.
//!
//! Nothing here decides what is fetched. Start at [`gate`], the order of checks that every call
//! passes; then [`submission`] for what a client may ask, and [`list`] for how lists are walked.

pub mod auth;
pub mod body;
pub mod checks;
pub mod court;
mod cross_site;
pub mod cursor;
pub mod field;
pub mod filter;
pub mod gate;
pub mod here;
pub mod list;
pub mod misspelt;
pub mod moment;
pub mod negotiate;
pub mod object;
pub mod options;
pub mod order;
pub mod percent;
pub mod refusal;
pub mod rendered;
pub mod selection;
pub mod source;
pub mod submission;
pub mod tracker;
pub mod webhook;

#[cfg(test)]
mod vectors;

pub use auth::Caller;
pub(crate) use cross_site::brings_along_credentials;
pub(crate) use here::is_host;
pub use here::{RequestUrl, Version};
pub use object::{Item, Object};
pub use refusal::{ApiError, FieldErrors};
pub use source::{Form, Json, Sent, Source};
