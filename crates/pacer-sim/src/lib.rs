//! A PACER of our own: central sign-on, district, bankruptcy and appellate courts, documents,
//! receipts, and a ledger that counts what was sold.
//!
//! For tests, which start it in place on a free port, and for everybody else as a program.
//! All cases, people and companies in it are fictional and follow from a seed.
//!
//! It never talks to a real court, shares no code with the clients it is asked by, and forgets
//! everything when it ends. What it shares all the same is in docs/SIMULATOR.md, "What it shares".
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use pacer_sim::{Config, Simulator};
//! use std::sync::Arc;
//!
//! let simulator = Arc::new(Simulator::new(Config::default()).expect("no saved pages to list"));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let ended = async { drop(stopped.await) };
//! let server = tokio::spawn(pacer_sim::serve(listener, simulator.clone(), ended));
//! // … ask it over HTTP, then:
//! assert!(simulator.ledger.sales().is_empty());
//! drop(stop);
//! server.await.expect("the server does not panic")
//! # }
//! ```
//!
//! Start reading in `site/mod.rs`: from a request to an answer. `world/` is what the courts
//! have on file, `page/` how they show it, `document/` how it is printed.

mod account;
mod admin;
mod config;
mod court;
mod dice;
mod document;
mod fault;
mod free_look;
mod ledger;
mod limits;
mod logins;
mod names;
mod one_time;
mod page;
mod replay;
mod server;
mod session;
mod settings;
mod simulator;
mod site;
mod totp;
mod traffic;
mod world;

pub use account::{
    Account, AccountError, DEMO_BACKUP_CODES, DEMO_PASSWORD, DEMO_TOTP_SECRET, Receipts,
};
pub use config::Config;
pub use court::{Court, CourtKind, Delivery};
pub use fault::{BadFault, Fault, FaultKind, FaultTarget, Faults};
pub use free_look::{FreeLooks, OfEntry, Worth};
pub use ledger::{AUDIO_CENTS, Charge, Duplicate, Item, Ledger, PAGE_CENTS, QuarterTotal, Sale};
pub use limits::{CourtLimits, Limiter, Limits, Rule, Violation};
pub use logins::{Attempt, Logins};
pub use one_time::CurrentCode;
pub use page::notice::Notice;
pub use replay::{AddressableBy, Replay, ReplayError, ReplayPage};
pub use server::serve;
pub use session::{AccountReport, Credentials, Granted, Refused, Sessions, Visitor};
pub use settings::{CourtSettings, LoginPage, Settings};
pub use simulator::{FreeLook, Simulator, Truth};
pub use totp::{BadSecret, Secret};
pub use traffic::{AccountTraffic, Arrival, CourtTraffic, InFlight, Row, Traffic, TrafficReport};
pub use world::acms::AcmsIds;
pub use world::appellate::{Appeal, AssociatedCase, Origin, Panel, PriorCase};
pub use world::case::{Attorney, Case, Charges, Entry, Fate, Party, REFUSALS, Refusal, Sheet};
pub use world::{CaseKind, Found, Oddity, Stub, World};
