//! The read endpoints.

mod courts;
mod door;
mod files;
mod filters;
mod requests;
mod resources;
