//! Which answer a court gave.
//!
//! The [`table`] has a row for every answer that is known, with how it is told. What a page offers to
//! go on with is in [`CourtPage`]. An answer that nobody knows is [`Answer::Unrecognised`]: kept, and
//! never guessed at.

mod appellate;
mod court_page;
mod docket;
mod document;
mod form;
mod login;
mod notice;
mod phrases;
pub mod table;

pub use appellate::{appeal_page, is_confirmation, outside_link};
pub use court_page::{CourtPage, PricePage};
pub use docket::docket_page;
pub use document::{asks_first, begins_a_pdf, document_page, menu_page};
pub use form::FollowUp;
pub use notice::lookup_page;
pub use phrases::{Place, Sign};
pub use table::Answer;
