//! Tests of the knowledge crate from outside.

mod appeals;
mod appellate_answers;
mod archives;
mod case_queries;
mod claims;
mod corpus;
mod courts;
mod damage;
mod dockets;
mod feeds;
mod folders;
mod histories;
mod menus;
mod messages;
mod notices;
mod numbers;
mod opinions;
mod pages;
mod scale;
mod sending;
mod small_pages;
mod verdicts;
mod worked;
mod xml;
