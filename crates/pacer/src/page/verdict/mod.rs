//! Which kind of answer a court gave.
//!
//! Each request has its own closed enum, with a variant for each answer that is known, so that
//! whoever decides what to do next has to decide for all of them. An answer that nobody knows is
//! `Unrecognised`: kept, and never guessed at. Those answers come with HTTP status 200; what other
//! statuses mean is in the [`table`], in which every answer of every enum has its row.

mod appellate;
mod docket;
mod document;
mod form;
mod login;
mod notice;
mod phrases;
pub mod table;

pub use appellate::{
    AppellateDocketAnswer, appellate_docket_answer, is_confirmation, outside_link,
};
pub use docket::{DocketAnswer, docket_answer};
pub use document::{
    DocumentAnswer, DocumentRefusal, MenuAnswer, PricePage, begins_a_pdf, document_answer,
    menu_answer,
};
pub use form::FollowUp;
pub use notice::{SiteNotice, lookup_page};
pub use table::CourtAnswer;
