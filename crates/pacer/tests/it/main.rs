//! Tests of the knowledge crate from outside.

mod appeals;
mod archives;
mod corpus;
mod courts;
mod damage;
mod dockets;
mod folders;
mod feeds;
mod histories;
mod menus;
mod numbers;
mod opinions;
mod pages;
mod scale;
mod sending;
mod verdicts;
mod xml;
