//! See the library.

use std::process::ExitCode;

use clap::Parser;

#[expect(
    clippy::print_stderr,
    reason = "the reason why a command failed is for its caller"
)]
fn main() -> ExitCode {
    // Operators' commands hold the database's password, and `text` starts readers of strangers' files.
    fetch_runtime::protect_this_process();
    cli::run(cli::Command::parse()).unwrap_or_else(|error| {
        eprintln!("pacer-fetch: {error:#}");
        ExitCode::FAILURE
    })
}
