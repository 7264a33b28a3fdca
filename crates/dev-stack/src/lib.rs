//! The whole stack on one machine: Postgres, NATS, a simulated PACER and every service, each as
//! a child process, all of it below one directory.
//!
//! `pacer-fetch dev` and the tests use it. Nothing that it starts outlives the process that
//! started it, not even if that process is killed: every child asks the kernel for a signal when
//! its parent goes (see [`child`]). It never runs in production, never listens anywhere but on
//! the loopback interface, and never writes outside its directory (with one exception, told at
//! [`home_for_postgres`](postgres::home_for_postgres)).
//!
//! Start reading at [`Stack`]; [`Postgres`], [`Nats`] and a [`Pair`] of Postgres servers can be had
//! alone. [`client`] is how a
//! caller of the API talks to what was started.

mod certificates;
pub mod child;
pub mod client;
mod database;
mod database_passwords;
pub mod nats;
mod nats_users;
mod nursery;
pub mod pair;
mod port;
pub mod postgres;
mod probe;
pub mod programs;
pub mod proxy;
pub mod services;
mod settings;
pub mod simulator;
pub mod stack;
pub mod stop;

pub use certificates::{AUTHORITY_DAYS, Authority, Certificates, SERVER_DAYS};
pub use child::Signal;
pub use client::{Account, Api};
pub use database_passwords::{DatabasePasswords, as_user};
pub use nats::{Cluster, Nats};
pub use nats_users::NatsUsers;
pub use pair::{Pair, Replication};
pub use port::free_port;
pub use postgres::{Durability, Postgres};
pub use simulator::Simulator;
pub use stack::{Builder, Stack};

use rand::Rng;

/// A new secret of `N` bytes, in hexadecimal.
#[must_use]
pub fn random_hex<const N: usize>() -> String {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}
