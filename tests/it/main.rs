//! The lives of requests, end to end: the real binaries, Postgres, NATS and tesseract, and a
//! simulated PACER that counts what it sold. One module a theme.

// What a test has counted is for whoever reads its output.
#![allow(clippy::print_stdout)]

mod accounts;
mod acms;
mod addresses;
mod appeal_pages;
mod appeals;
mod bad_input;
mod budgets;
mod canary;
mod client;
mod client_codes;
mod closed_courts;
mod closed_processes;
mod crashes;
mod database_roles;
mod deployment;
mod documents;
mod doors;
mod down;
mod encrypted;
mod events;
mod every_court;
mod expand;
mod failures;
mod follow;
mod foreign_sessions;
mod grpc;
mod hangs;
mod hostile;
mod lives;
mod logins_again;
mod memory;
mod night;
mod office;
mod other_case;
mod otlp;
mod paid_for;
mod patience;
mod prices;
mod queue;
mod quotes;
mod reading;
mod real_appeals;
mod real_pages;
mod reparse;
mod reparse_house;
mod reparse_order;
mod reparse_whose;
mod repeats;
mod shut_out;
mod silence;
mod store;
mod told;
mod trackers;
mod turns;
mod unchanged;
mod versions;
mod waits;
mod webhooks;
mod wiped;
