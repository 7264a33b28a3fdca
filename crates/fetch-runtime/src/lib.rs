//! What every process is: settings, telemetry, health, signals and an orderly end.
//!
//! Knows nothing of courts or requests. It is the only crate that reads the environment, and it
//! never writes a secret anywhere: settings that are secret are named but not shown, and a panic
//! is logged by its place alone.
//!
//! Start reading at [`run`], then [`Settings`].

mod config;
mod counter;
mod exposed;
mod gauge;
mod health;
pub mod listener;
mod process;
mod protect;
mod shutdown;
mod telemetry;

pub use config::{FromEnv, Mistakes, PREFIX, Settings, defaults_of, names_of};
pub use counter::Counter;
pub use exposed::is_exposed;
pub use gauge::Gauge;
pub use health::PublicReason;
pub use process::{Process, probe_of, run, usual_grace};
pub use protect::{Protection, protect_this_process};
