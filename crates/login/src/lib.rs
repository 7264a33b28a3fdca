//! Logs accounts in to PACER and lends their sessions: the only service that sees a password.
//!
//! Answers `pacer.login` by request and reply. Sessions lie sealed in the message server's memory,
//! and here, for an hour at most; passwords are used once and wiped. It never writes a secret
//! anywhere, hands out no password, and does not know what a docket is.
//!
//! Replicas agree on whose turn it is to ask PACER through the database, which a gateway asks for them, and
//! share what PACER said through the message server's memory, sealed with the password that it was said to.
//!
//! Start reading at [`Keeper`].

mod config;
mod keeper;
mod limits;
mod pace;
mod sentence;
mod totp;
mod tries;
mod turn;

use std::sync::Arc;

use fetch_bus::{Bus, LoginKeyPair, Role};
use fetch_runtime::Process;
use pacer_client::Courts;
use tracing::warn;

pub use config::Config;
pub use keeper::{Keeper, Secrets};
pub use limits::{AccountLimits, WrongLimits};
pub use pace::PaceConfig;
pub use totp::{TotpSecrets, WrongSecrets};

/// Runs the service until it is told to stop.
///
/// # Errors
/// When a setting cannot be used, or the message server is set up in a way that would expose
/// logins.
pub async fn serve(process: Process<Config>) -> anyhow::Result<()> {
    let config = process.config();
    let courts = Courts::new(&config.courts)?;
    let bus = fetch_bus::connect(Role::Login, &config.bus).await?;
    let keys = login_keys(config);
    let secrets = Secrets {
        sessions: config.session_key.clone(),
        login: keys.clone(),
        totp: config.totp_secrets.clone(),
    };
    let keeper = Keeper::new(courts, &bus, secrets, config.pace);
    let keeper = keeper.with_limits_of(config.account_limits.clone());
    let keeper = Arc::new(keeper.ending_sessions_after(config.session_life));
    process.ready_when("nats", bus.clone(), Bus::probe);
    let shared = config.login_shared_key.clone();
    bus.serve_login(keys, shared, keeper.clone(), process.shutdown())
        .await?;
    keeper.finish().await;
    Ok(())
}

fn login_keys(config: &Config) -> LoginKeyPair {
    config.login_key.clone().unwrap_or_else(|| {
        warn!("PACER_FETCH_LOGIN_KEY is not set: run no second replica of this service");
        LoginKeyPair::generate()
    })
}
