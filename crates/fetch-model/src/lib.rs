//! The domain: what a fetch request is, the states it may be in, the ways it may fail.
//!
//! Pure: no I/O, no clock, no environment; time and chance come in as arguments.
//! Start reading at [`lifecycle`], then [`decision`] and [`failure`].

pub mod address;
pub mod attempt_error;
pub mod budget;
pub mod bulk_window;
mod database_role;
pub mod decision;
pub mod durations;
pub mod expand;
pub mod failure;
pub mod failures_page;
pub mod fairness;
pub mod fields;
pub mod ids;
pub mod item_key;
pub mod kept_page;
pub mod lifecycle;
pub mod money;
mod next_step;
mod public_status;
mod replay;
pub mod request;
pub mod retry;
pub mod spend;

pub use attempt_error::AttemptError;
pub use bulk_window::BulkWindow;
pub use database_role::DatabaseRole;
pub use durations::Durations;
pub use failure::Failure;
pub use ids::{
    CaptureId, DocketId, DocumentId, Fence, FetchId, PurchaseId, TokenId, TrackerId, UserId,
};
pub use lifecycle::{State, Transition};
pub use money::Cents;
pub use next_step::{NextStep, Resend};
pub use public_status::PublicStatus;
pub use replay::Money;
pub use request::{DocketOptions, FetchKind, FetchRequest, Lane, OnDoubt, RequestSpec};
