//! See the library.

use std::process::ExitCode;

use clap::Parser;

#[expect(
    clippy::print_stderr,
    reason = "the reason why a command failed is for its caller"
)]
fn main() -> ExitCode {
    cli::run(cli::Command::parse()).unwrap_or_else(|error| {
        eprintln!("pacer-fetch: {error:#}");
        ExitCode::FAILURE
    })
}
