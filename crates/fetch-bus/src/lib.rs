//! Communication between services: subjects, streams, the job loop, sealed sessions and logins.
//!
//! A message here is a hint; the row in the database decides. So a lost, doubled or late message
//! may only ever cost time, and a server that was wiped is simply furnished again.
//! Never knows SQL or a page of PACER, never carries a document (it carries its number), and never
//! puts a secret on a stream.
//!
//! Start reading at [`connect()`] and [`Bus`], then `worker.rs`.

mod access;
mod accounts;
mod announce;
mod bucket;
mod connect;
mod credentials;
mod dead_session;
mod error;
mod job;
mod login;
mod login_ask;
mod login_record;
mod login_sealed;
mod login_serve;
mod nonces;
mod publish;
mod pull;
mod record_ask;
mod record_serve;
mod seal;
mod session;
mod shared_key;
mod streams;
mod subject;
mod trace;
mod vet;
pub mod wire;
mod worker;

pub use access::Role;
pub use accounts::accounts;
pub use announce::{PagesRead, RequestEvent};
pub use connect::{Bus, BusConfig, connect};
pub use credentials::{Credentials, LoginKeyPair};
pub use dead_session::{DeadSession, TurnedAway};
pub use error::Error;
pub use job::{Disposition, Job, JobHandler, JobKind};
pub use login::{LoginHandler, LoginOutcome, LoginWarning, RefusalKind, SessionLife, WarningKind};
pub use login_ask::Logins;
pub use login_record::{
    AttemptEnd, LoginAttempt, LoginRecord, LoginRecords, TryId, UserTries, Written,
};
pub use login_sealed::{KeptRefusal, OpenLogin, OpenedLogin};
pub use publish::MOST_WAKES;
pub use record_serve::{KeptRecord, NewRecord, Read, RecordKeeper, Writing};
pub use seal::{PasswordSeal, SessionSealingKey, WrongKey};
pub use session::{PacerSession, SealedSession, Sessions};
pub use shared_key::LoginSharedKey;
pub use trace::{SpanRecord, continue_from, record, traceparent};
pub use worker::WorkerConfig;
