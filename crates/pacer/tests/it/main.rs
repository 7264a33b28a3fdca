//! Tests of the knowledge crate from outside.

mod appeals;
mod corpus;
mod courts;
mod damage;
mod dockets;
mod folders;
mod menus;
mod numbers;
mod pages;
mod scale;
mod sending;
mod verdicts;
