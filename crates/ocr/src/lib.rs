//! The service that reads stored documents into text, by the engine of [`fetch_text`].
//!
//! It takes jobs from the bus, hands files to worker processes, and keeps what they read. The
//! workers are this very program run as `ocr worker`: the engine and, for pages that are
//! pictures, Tesseract ([`tesseract`]), whose network is ours ([`network`]).
//!
//! Never in here: the network of a court, a credential, money, a document's bytes in a message.

mod data;
pub mod job;
pub mod network;
pub mod service;
pub mod tesseract;

pub use fetch_text::{
    DocumentPlan, DocumentText, HiddenText, Limits, PagePlan, PageSource, PageText, Problem,
    Program, ReadError, Reader, Refusal, WorkerConfig, WorkerPool, choice, wire,
};
