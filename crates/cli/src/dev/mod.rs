//! `pacer-fetch dev`: the whole stack on one machine.

mod bill;
mod demo;
mod place;
mod run;
mod show;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use dev_stack::{Durability, services};

/// Run the whole stack on this machine, with a simulated PACER
#[derive(Debug, Args)]
pub(crate) struct DevArguments {
    /// The directory for data and logs, and for tools unless they are in .run/tools
    #[arg(long, global = true, default_value = ".run", value_name = "DIR")]
    directory: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start everything, print how to use it, and run until Ctrl-C
    Run(run::RunArguments),
    /// Buy a docket and a scanned document, and show each step and the bill
    Demo,
    /// Run a command beside a private Postgres and NATS
    Services {
        /// Have Postgres write every commit to the disk, as where it is measured
        #[arg(long)]
        safe: bool,
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

pub(crate) async fn run(arguments: DevArguments) -> anyhow::Result<ExitCode> {
    let directory = arguments.directory;
    match arguments.verb {
        Verb::Run(options) => run::run(&directory, &options).await,
        Verb::Demo => demo::run(&directory).await,
        Verb::Services { safe, command } => {
            let durability = match safe {
                true => Durability::Safe,
                false => Durability::Careless,
            };
            let tools = place::tools_of(&directory);
            let code = services::run_beside(&tools, durability, &command).await?;
            Ok(ExitCode::from(code))
        }
    }
}
