//! The HTTP API of pacer-fetch for Rust programs.
//!
//! A [`Client`] is one user at one service. What is to be bought is a [`NewRequest`], the PACER login that
//! pays an [`Account`], and what comes back a [`Request`], a [`Docket`], its [`DocketEntry`]s. Whom to tell when
//! requests have ended is a [`Webhook`]. Whatever this crate has no type for can be had from [`raw`]: any form in, any JSON out.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use pacer_fetch_client::{Account, Client, NewRequest};
//!
//! # async fn example() -> Result<(), pacer_fetch_client::Error> {
//! let client = Client::new("https://fetch.example.org", "the API token");
//! let account = Account::new("ann", "her password at PACER");
//! let wanted = NewRequest::docket("okwd", "5:16-cv-00432").max_cost_cents(300);
//!
//! let accepted = client.submit(&account, &wanted).await?;
//! let done = client.wait(accepted.id, Duration::from_secs(600)).await?;
//! println!("{:?}: {}", done.status, done.message);
//! if let Some(docket) = done.docket {
//!     for entry in client.entries(docket).await? {
//!         println!("{:?} {}", entry.entry_number, entry.description);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `examples/docket.rs` is a whole program; the tests of the whole stack run it. The API itself is
//! described in `docs/API.md`.

mod account;
mod archive;
mod body;
mod client;
mod error;
pub mod raw;
mod request;
mod webhook;

pub use account::Account;
pub use archive::{Docket, DocketEntry, Party, RecapDocument};
pub use client::Client;
pub use error::Error;
pub use request::{NewRequest, Quote, QuoteStep, Request, Session};
pub use webhook::{
    NewWebhook, Webhook, WebhookChange, WebhookEvent, WebhookEventFilter, WebhookEventStatus,
    WebhookWithSecret,
};

/// Words of the API that calls and answers have.
pub use fetch_model::{Lane, OnDoubt, PublicStatus};
