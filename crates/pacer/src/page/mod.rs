//! What pages mean: one module for each kind of page, and the vocabulary that they share.
//!
//! Every kind has `parse(page, court)`, which takes the bytes as the court sent them and gives
//! `Ok(None)` for a page that is recognised as not being of the kind. Nothing here panics on
//! what a court sent, recurses with the page's nesting, or takes more than linear time.
//!
//! To know which kind of page came back, ask [`answer`]; to know what it cost, [`receipt`].

pub mod acms_attachment_page;
pub mod acms_docket;
pub mod acms_index;
pub mod answer;
pub mod appellate_attachment_page;
pub mod appellate_docket;
pub mod attachment_page;
pub mod case_identity;
pub mod case_query;
pub mod case_query_advanced;
pub mod claims_activity;
pub mod claims_register;
pub mod confirmation_page;
pub mod court_shown;
pub mod docket;
pub mod docket_history;
pub mod document_identity;
pub mod email;
pub mod free_opinion_report;
pub mod ia_docket;
pub mod kind;
pub mod list_of_creditors;
pub mod login_check;
pub mod mobile_query;
pub mod nef;
pub mod notice;
pub mod possible_case_numbers;
pub mod receipt;
pub mod rss_feed;
pub mod seems;

mod acms;
mod appellate_party;
mod attachment_number;
mod attorney;
mod case_name;
mod claim_tables;
mod clean;
mod date;
mod docket_number;
mod document_number;
mod judge;
mod labelled;
mod link;
mod listed_document;
mod nesting;
mod party;
mod pieces;
mod present_option;
mod refused;
mod rows;
mod selection;
mod strings;
mod title_case;
mod tree;
mod values;
mod xml;
mod zoned_time;

/// Why a page could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// A part without which the page cannot be of its kind is not there.
    #[error("the page has no {0}")]
    Missing(&'static str),
    /// A part is there, and is not what such a part looks like. Reading on would mean guessing.
    #[error("the page has a bad {0}")]
    Bad(&'static str),
    /// A part is there, and nothing in it could be read. To call it empty would lose what was paid
    /// for.
    #[error("the page has {0} that cannot be read")]
    Unread(&'static str),
    /// Elements inside elements, deeper than any page of a court.
    #[error("the page is nested too deeply")]
    TooDeep,
    /// The page is of a kind that only bankruptcy courts have, and the court is none.
    #[error("only bankruptcy courts have such pages")]
    NotBankruptcy,
    /// Several cases answer to the number, and nothing says which is meant.
    #[error("several cases match, and nothing tells which one is meant")]
    Ambiguous,
    /// Nothing that was sent answers the number.
    #[error("no case matches")]
    NoMatch,
}
