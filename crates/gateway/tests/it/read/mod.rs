//! The read endpoints.

mod courts;
mod door;
mod files;
mod filters;
mod long_lists;
mod requests;
mod resources;
