//! The read endpoints.

mod courts;
mod door;
mod filters;
mod requests;
mod resources;
