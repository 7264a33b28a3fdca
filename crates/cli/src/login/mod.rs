//! `pacer-fetch login`: logs an account in, once or for as long as the command runs.
//!
//! The password is in the memory of this command and nowhere else: it is typed, read from a file, or taken
//! from the environment, and never given as an argument, which others can see.

mod keep;
mod one_time;
mod password;
mod session;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use session::{Outcome, Service};

use crate::service::ServiceArguments;

/// Log a PACER account in, so that requests waiting for a login continue; nothing is bought
///
/// The exit status is 0 when the account was logged in, or with --keep when the command was told to stop; 5 when
/// the login was refused and would be refused again: do not restart it with the same password, since PACER locks an
/// account after several refusals; and 1 for any other failure.
#[derive(Debug, Args)]
pub(crate) struct LoginArguments {
    /// Keep running, and log in again before each session ends
    #[arg(long)]
    keep: bool,
    /// The PACER account
    #[arg(long, env = "PACER_FETCH_PACER_USERNAME", value_name = "NAME")]
    username: String,
    /// The client code to bill to
    #[arg(long, env = "PACER_FETCH_CLIENT_CODE", value_name = "CODE")]
    client_code: Option<String>,
    /// A file with the password, or - for standard input. Default: PACER_FETCH_PACER_PASSWORD or
    /// PACER_FETCH_PACER_PASSWORD_FILE; otherwise the command asks for it
    #[arg(long, value_name = "PATH")]
    password_file: Option<PathBuf>,
    /// A file with the Base32 secret of the account's authenticator, to generate one-time codes. Default:
    /// PACER_FETCH_PACER_OTP_SECRET or PACER_FETCH_PACER_OTP_SECRET_FILE
    #[arg(long, value_name = "PATH")]
    otp_secret_file: Option<PathBuf>,
    #[command(flatten)]
    service: ServiceArguments,
}

/// `pacer-fetch login`
pub(crate) async fn run(arguments: LoginArguments) -> anyhow::Result<ExitCode> {
    let client = arguments.service.client(
        false,
        "the password would go to another host in plain text: use an https:// URL",
    )?;
    let password = password::read(arguments.password_file.as_deref())?;
    let codes = one_time::read(arguments.otp_secret_file.as_deref())?;
    let (username, client_code) = (&arguments.username, arguments.client_code);
    let api = client.raw().clone();
    let service = Service::new(api, username, password, codes, client_code);
    if arguments.keep {
        return keep::run(&service).await;
    }
    match service.log_in().await {
        Outcome::LoggedIn(session) => {
            println!("{session}");
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Refused(why) => Ok(refused(&why)),
        Outcome::Later { why, .. } => Err(anyhow::anyhow!(why)),
    }
}

/// The login was refused, and would be refused again: whoever starts this command anew when it has ended
/// must not do so.
const REFUSED: u8 = 5;

#[expect(clippy::print_stderr, reason = "why it was refused is for the caller")]
fn refused(why: &str) -> ExitCode {
    eprintln!("pacer-fetch login: {why}");
    ExitCode::from(REFUSED)
}
