//! What every process is: settings, telemetry, health, signals and an orderly end.
//!
//! Knows nothing of courts or requests. It
//! never writes a secret anywhere: settings that are secret are named but not shown, and a panic
//! is logged by its place alone.
//!
//! Start reading at [`run`], then [`Settings`].

mod counter;
mod gauge;
mod health;
pub mod listener;
mod process;
mod protect;
mod question;
mod shutdown;
mod telemetry;

pub use counter::Counter;
pub use fetch_settings::{FromEnv, Mistakes, PREFIX, Settings, defaults_of, is_exposed, names_of};
pub use gauge::Gauge;
pub use health::PublicReason;
pub use process::{Process, run, usual_grace};
pub use protect::{Protection, protect_this_process};
pub use question::{Question, probe_of};
