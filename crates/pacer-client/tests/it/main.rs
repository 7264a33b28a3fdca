//! The wire against a site of a test's own.

mod courts;
mod login;
mod site;
