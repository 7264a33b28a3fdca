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
//! alone. Callers of the API talk to what was
//! started with `pacer-fetch-client`.

pub mod child;
mod database;
mod demo;
pub mod nats;
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

pub use child::{Child, Signal};
pub use demo::{DEMO_CASE, DEMO_DOCKET};
pub use fetch_keys::{Certificates, DatabasePasswords, NatsUsers, as_user};
pub use nats::{Cluster, Nats};
pub use pair::{Pair, Replication};
pub use port::free_port;
pub use postgres::{Durability, Postgres};
pub use simulator::Simulator;
pub use stack::{Builder, Stack};
