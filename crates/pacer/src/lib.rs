//! Everything that can be known about PACER without asking it: which courts there are, how
//! their identifiers are built, what to send, what a thing costs, and what a page means.
//!
//! Nothing here does I/O, reads a clock or an environment variable, or is async; bytes and
//! dates come in as arguments and values go out. It knows neither our queue nor our store.
//!
//! Start with [`court::Court`] and [`page`]: one module for each kind of page, each with a
//! `parse` that never panics whatever the court sent, and [`page::answer`], which tells what
//! kind of answer a court gave. [`flow`] has how a court is talked to, as pure state machines.
//!
//! # Examples
//!
//! Read a page into types of its own. `None` is a page that stands where a docket should be:
//!
//! ```
//! use pacer::page::docket;
//!
//! let page = b"<h3>CIVIL DOCKET FOR CASE #: 1:24-cv-00417-ABC</h3>
//!     <table><tr><td>Penhallow v. Nimbus Kettle Works</td><td>Date Filed: 03/05/2024</td></tr></table>
//!     <table><tr><td>Date Filed</td><td>#</td><td>Docket Text</td></tr>
//!     <tr><td>03/05/2024</td><td><a href='/doc1/035112345'>1</a></td><td>COMPLAINT.</td></tr></table>";
//! let docket = docket::parse(page, "cand")?.expect("this is a docket");
//! assert_eq!(docket.case_name, "Penhallow v. Nimbus Kettle Works");
//! assert_eq!(docket.docket_entries[0].pacer_doc_id.as_deref(), Some("035012345"));
//!
//! assert_eq!(docket::parse(b"<table><tr><td>Case not found.", "cand"), Ok(None));
//! # Ok::<(), pacer::page::PageError>(())
//! ```
//!
//! Or any kind of page to the JSON that `pacer-fetch parse` prints:
//!
//! ```
//! use pacer::page::kind::Kind;
//! use pacer::page::possible_case_numbers::Hints;
//!
//! let kind = Kind::named("attachment-page").expect("there is such a kind");
//! assert_eq!(kind.to_json(b"<p>No documents here.", "cand", Hints::default())?, "{}");
//! # Ok::<(), pacer::page::PageError>(())
//! ```

pub mod address;
pub mod bill;
pub mod court;
pub mod flow;
pub mod form;
pub mod ids;
pub mod page;
pub mod price;
pub mod quote;
pub mod sign_on;
