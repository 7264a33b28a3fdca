//! The read endpoints.

mod browsers;
mod courts;
mod door;
mod files;
mod filters;
mod long_lists;
mod proxies;
mod requests;
mod resources;
mod webhooks;
