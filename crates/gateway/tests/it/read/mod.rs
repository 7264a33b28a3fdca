//! The read endpoints.

mod browsers;
mod courts;
mod door;
mod filters;
mod proxies;
mod requests;
mod resources;
