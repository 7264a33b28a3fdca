//! The read endpoints.

mod address;
mod browsers;
mod changes;
mod courts;
mod door;
mod events;
mod expand;
mod files;
mod filters;
mod long_lists;
mod lookup;
mod proxies;
mod requests;
mod resources;
mod schema;
mod trackers;
mod usage;
mod webhooks;
