//! Pages become rows, merged.

mod appeals;
mod chance;
mod corpus;
pub mod documents;
mod entries;
pub mod pages;
mod parties;
mod together;
