//! The text of a PDF, page by page, inside hard limits.
//!
//! For every page one pass over its content gives the words that it carries and what is drawn
//! beside them; from these a [`choice`] says whether the text layer is the text or the page
//! must be recognised. What is written in the file is never recognised again, and what is only a
//! picture is recognised once, from its own pixels.
//!
//! Files come from strangers. Libraries that read them can exhaust memory or overflow a stack,
//! which no `catch_unwind` stops, so every file is opened in a worker process that may die:
//! [`pool`] starts, feeds, limits and replaces those processes, [`worker`] is what runs in them,
//! [`confine`] is what they may not do.
//!
//! Never in here: the network, a credential, money, a document's bytes in a message, and the
//! recogniser itself, which the program brings along ([`recognise`]). A document fails only as
//! far as its pages do; what could be read is kept.
//!
//! Start reading at [`engine`], which tells one page's way in one process, then [`pool`].

pub mod channel;
pub mod choice;
pub mod confine;
mod damage;
pub mod document;
pub mod engine;
mod fonts;
pub mod hidden;
mod ink;
pub mod layer;
pub mod layout;
pub mod limits;
pub mod open;
mod overprint;
pub mod picture;
pub mod plan;
pub mod pool;
pub mod quality;
pub mod reader;
pub mod recognise;
pub mod shrink;
pub mod sight;
mod spelling;
pub mod stamp;
pub mod stored;
pub mod wire;
pub mod worker;

pub use confine::Confinement;
pub use document::{DocumentText, PageSource, PageText, Problem};
pub use hidden::HiddenText;
pub use limits::Limits;
pub use open::Refusal;
pub use plan::{DocumentPlan, PagePlan};
pub use pool::{Program, ReadError, Step, WorkerConfig, WorkerPool};
pub use reader::Reader;
