//! What may be read back, and how to ask for it.
//!
//! A list is asked for in two steps: a [`ListQuery`] over a [`Scope`] gives the numbers of a page
//! of rows ([`crate::Library::list`]), and a loader per kind gives the rows themselves, checked when
//! this crate is compiled. So only the part that a caller composes is composed at run time, and
//! every value of it is bound.
//!
//! Which names may be filtered and ordered by is a table, [`Resource`]: the gateway derives its
//! parameters, its errors and its self-description from it. Start reading there.
//!
//! Requests belong to one account: they are only reached through [`Scope::RequestsOf`] and
//! functions that take the account. Everything else is common property of all accounts.

mod condition;
mod dockets;
mod documents;
mod list;
mod parties;
mod query;
mod reference;
mod resource;
mod texts;

pub use dockets::{BankruptcyRow, DocketRow, OriginatingCourtRow};
pub use documents::{DocumentRow, EntryRow, StoredFile};
pub use list::{CursorRow, Listed};
pub use parties::{AttorneyRow, ComplaintRow, CountRow, PartyRow, PartyTypeRow, RepresentationRow};
pub use query::{Comparison, DatePart, Filter, ListQuery, Order, Subject, Test, Value, Window};
pub use reference::{DocketFacts, DocumentFacts};
pub use resource::{Column, Kind, Lookup, Relation, Resource, Scope};
pub use texts::TextRow;
