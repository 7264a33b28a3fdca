//! The front door: takes requests over HTTP and gRPC, writes them down, releases them to the
//! fetchers, notices what got lost, and shows what we have.
//!
//! Never talks to a court, parses a page or waits for a job; the API's dialect is spelled in
//! [`dialect`] alone. Start reading at [`submit`], then [`dispatch`] and [`sweep`].

pub mod announcements;
pub mod api;
pub mod batch;
mod config;
pub mod dialect;
pub mod dispatch;
mod dress;
pub mod event_broadcast;
mod event_groups;
mod expand;
pub mod file_access;
pub mod forwarded;
pub mod front;
pub mod grpc;
mod grpc_gate;
mod grpc_page;
mod grpc_queue;
mod grpc_source;
mod grpc_status;
mod grpc_watch;
mod grpc_webhooks;
pub mod guard;
pub mod lists;
mod locate;
pub mod login;
mod login_records;
mod openapi;
pub mod queue;
pub mod quote;
pub mod reach;
pub mod read;
pub mod repeat;
pub mod retention;
mod serve;
pub mod spend;
pub mod submit;
pub mod sweep;
mod sweep_texts;
mod trackers;
pub mod wakeups;
mod watch;
pub mod webhooks;
mod well_known;
mod workers;

pub use config::Config;
pub use dress::dressed;
pub use openapi::serve::document_at as openapi_document;
pub use serve::{rest, serve};
