//! `dev-services COMMAND…`: runs a command beside a private Postgres and NATS.
//!
//! The same as `pacer-fetch dev services`, for the one case in which that cannot be built yet:
//! when the checked queries of the store are to be written anew.

use std::path::Path;
use std::process::ExitCode;

use dev_stack::{Durability, services};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let command: Vec<_> = std::env::args_os().skip(1).collect();
    let tools = Path::new(".run/tools");
    let code = services::run_beside(tools, Durability::Careless, &command).await?;
    Ok(ExitCode::from(code))
}
