//! The `pacer-fetch` command: parse a page, read a document, bring the schema up to date, make users, show the
//! life of a request, and run the whole stack on one machine.
//!
//! It has no logic of its own: every verb asks a crate that has it and prints the answer. It is
//! the one crate that prints. Start reading at [`run`]; the demonstration is told in
//! `dev/demo.rs`.

#![expect(clippy::print_stdout, reason = "printing is what a command is for")]

mod access;
mod capture;
#[cfg(feature = "dev")]
mod dev;
mod doubt;
mod fields;
mod follow;
mod keys;
mod life;
mod login;
mod money;
mod operate;
pub mod parse;
mod queue;
mod quote;
mod reparse;
mod retention;
mod secret;
mod service;
mod table;
pub mod text;
mod webhook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use operate::{OperatorConfig, OwnerConfig};

/// Buys dockets and documents from PACER for callers of an HTTP and gRPC API.
#[derive(Debug, Parser)]
#[command(name = "pacer-fetch", version)]
pub struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Parse a saved page and print it as JSON
    Parse(parse::ParseArgs),
    /// Extract the text of PDFs, with OCR where they are scans
    Text(text::TextArgs),
    /// Be a worker process of `text`
    #[command(hide = true, name = text::WORKER)]
    TextWorker,
    /// Update the database schema and grant each service its rights
    ///
    /// Run it as the owner of the database, before you start the services of a new version.
    Migrate(operate::MigrateArguments),
    /// Generate the keys and certificates for a deployment
    Keys(keys::KeysArguments),
    /// Manage users of the API
    User {
        #[command(subcommand)]
        verb: access::UserVerb,
    },
    /// Manage API tokens
    Token {
        #[command(subcommand)]
        verb: access::TokenVerb,
    },
    /// Manage webhook endpoints, which are told that requests have ended
    Webhook {
        #[command(subcommand)]
        verb: webhook::WebhookVerb,
    },
    /// Show the history of a request, step by step
    Life {
        /// The number of the request
        id: i64,
    },
    #[command(flatten)]
    Queue(queue::QueueVerb),
    Reparse(reparse::ReparseArguments),
    Capture(capture::CaptureArguments),
    /// List and settle purchases that may or may not have been billed
    Doubt {
        #[command(subcommand)]
        verb: doubt::DoubtVerb,
    },
    /// Show and set what users may spend
    Budget {
        #[command(subcommand)]
        verb: money::BudgetVerb,
    },
    /// Show what was spent, by quarter and client code
    Spend(money::SpendArguments),
    /// Show and set how long data is kept
    Retention {
        #[command(subcommand)]
        verb: retention::RetentionVerb,
    },
    /// Show what a request would cost; nothing is bought
    Quote(quote::QuoteArguments),
    Follow(follow::FollowArguments),
    /// Log a PACER account in, once or for as long as the command runs
    Login(login::LoginArguments),
    /// Run the whole stack on this machine, with a simulated PACER
    #[cfg(feature = "dev")]
    Dev(dev::DevArguments),
}

/// Runs the command.
///
/// # Errors
/// When the verb could not be carried out; the error says what was being done.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command.verb {
        Verb::Parse(arguments) => Ok(parse::run(arguments)),
        Verb::Text(arguments) => wait_for(text::run(arguments)),
        // Before any runtime: a worker has one reader and no tasks.
        Verb::TextWorker => text::work(),
        Verb::Migrate(arguments) => wait_for(done(operate::migrate(arguments))),
        Verb::Keys(arguments) => keys::write(&arguments).map(|()| ExitCode::SUCCESS),
        Verb::User { verb } => wait_for(done(access::user(verb))),
        Verb::Token { verb } => wait_for(done(access::token(verb))),
        Verb::Webhook { verb } => wait_for(done(webhook::run(verb))),
        Verb::Life { id } => wait_for(done(operate::life(id))),
        Verb::Queue(verb) => wait_for(queue::run(verb)),
        Verb::Reparse(arguments) => wait_for(reparse::run(arguments)),
        Verb::Capture(arguments) => wait_for(done(capture::run(arguments))),
        Verb::Doubt { verb } => wait_for(doubt::run(verb)),
        Verb::Budget { verb } => wait_for(done(money::budget(verb))),
        Verb::Spend(arguments) => wait_for(done(money::spend(arguments))),
        Verb::Retention { verb } => wait_for(done(retention::run(verb))),
        Verb::Quote(arguments) => wait_for(done(quote::quote(arguments))),
        Verb::Follow(arguments) => wait_for(done(follow::run(arguments))),
        Verb::Login(arguments) => wait_for(login::run(arguments)),
        #[cfg(feature = "dev")]
        Verb::Dev(arguments) => wait_for(dev::run(arguments)),
    }
}

async fn done(verb: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<ExitCode> {
    verb.await.map(|()| ExitCode::SUCCESS)
}

/// One thread is enough to wait for others.
fn wait_for(verb: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(verb)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Scripts of operators call them by these names.
    const NAMES: [&str; 20] = [
        "account-cap",
        "budget",
        "capture",
        "court",
        "dead",
        "doubt",
        "follow",
        "keys",
        "life",
        "login",
        "migrate",
        "parse",
        "quote",
        "reparse",
        "retention",
        "spend",
        "text",
        "token",
        "user",
        "webhook",
    ];

    #[test]
    fn commands_keep_their_names() {
        let command = Command::command();
        let shown = command.get_subcommands().filter(|it| !it.is_hide_set());
        let mut names: Vec<&str> = shown.map(clap::Command::get_name).collect();
        names.retain(|name| *name != "dev");
        names.sort_unstable();
        assert_eq!(names, NAMES);
    }
}
