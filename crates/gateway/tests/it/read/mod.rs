//! The read endpoints.

mod courts;
mod door;
mod requests;
mod resources;
