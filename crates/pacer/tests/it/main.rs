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
mod encodings;
#[path = "../../../testkit/src/extra.rs"]
mod extra;
mod feeds;
mod fixtures;
mod flows;
mod folders;
mod forwarded_notices;
mod histories;
mod lost_entries;
mod menus;
mod messages;
mod notices;
mod numbers;
mod odd_numbers;
mod opinions;
mod pages;
mod plain_oddities;
mod quoted_refusals;
mod saved;
mod scale;
mod sending;
mod small_pages;
mod verdicts;
mod worked;
mod xml;
