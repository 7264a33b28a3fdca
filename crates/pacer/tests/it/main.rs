//! Tests of the knowledge crate from outside.

mod corpus;
mod courts;
mod damage;
mod dockets;
mod menus;
mod messages;
mod notices;
mod numbers;
mod pages;
mod scale;
mod sending;
mod verdicts;
