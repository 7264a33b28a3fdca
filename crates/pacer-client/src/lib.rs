//! The only wire to a court and to PACER's sign-on: cookies, TLS, time limits, size limits.
//!
//! One call is one HTTP request. It never repeats a request on its own, never follows a redirect,
//! never sends HEAD, and never reuses a connection; what is done about an answer, or about none,
//! is decided by who pays. A session's cookies go to its court and nowhere else, and cannot be
//! printed.
//!
//! Start reading at [`Courts`], then [`SendError`].

mod body;
mod config;
mod courts;
mod error;
mod link;
mod login;
mod permit;
mod send;
mod session;

pub use body::Body;
pub use config::CourtsConfig;
pub use courts::{Answer, Courts};
pub use error::{LinkError, LoginError, SendError, SetupError};
pub use login::{LoginAnswer, LoginWarning};
pub use permit::permitted;
pub use session::CourtSession;
