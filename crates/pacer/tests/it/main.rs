//! Tests of the knowledge crate from outside.

mod case_queries;
mod claims;
mod corpus;
mod courts;
mod damage;
mod dockets;
mod menus;
mod numbers;
mod pages;
mod scale;
mod sending;
mod small_pages;
mod verdicts;
