//! Buys documents: takes `fetch.job.pdf.>`, leaves a stored PDF and hands it to the text readers.
//!
//! Never sees a password, opens no connection to a court of its own, decides nothing about money.
//! Start reading at `job.rs`.

mod job;

pub use fetch_purchase::FetcherConfig as Config;
pub use job::{PdfJob, serve};
