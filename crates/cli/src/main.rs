//! See the library.

use std::{
    panic,
    process::{self, ExitCode},
};

use clap::Parser;

/// What a shell says of a command that died of SIGPIPE.
const KILLED_BY_PIPE: i32 = 128 + 13;

#[expect(
    clippy::print_stderr,
    reason = "the reason why a command failed is for its caller"
)]
fn main() -> ExitCode {
    // Operators' commands hold the database's password, and `text` starts readers of strangers' files.
    fetch_runtime::protect_this_process();
    end_when_nobody_reads();
    cli::run(cli::Command::parse()).unwrap_or_else(|error| {
        eprintln!("pacer-fetch: {error:#}");
        ExitCode::FAILURE
    })
}

/// Ends the command, as by the signal that others of the shell die of, when whoever read its output has
/// had enough, such as `head`. The signal itself stays ignored: `text` writes to readers that may die.
fn end_when_nobody_reads() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        let said = panicked.payload_as_str().unwrap_or_default();
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            process::exit(KILLED_BY_PIPE);
        }
        usual(panicked);
    }));
}
