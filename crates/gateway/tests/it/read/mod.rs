//! The read endpoints.

mod door;
mod requests;
mod resources;
