//! The read endpoints.

mod browsers;
mod courts;
mod door;
mod files;
mod filters;
mod long_lists;
mod proxies;
mod lookup;
mod requests;
mod resources;
