//! Pages that are kept, read once more: which there are, what ended on them, and putting what they say
//! now in the place of what they said.
//!
//! Nothing here can buy, and no line of the ledger changes. All pages of a case go into one
//! transaction ([`Rereading`]), so that whoever is stopped in the middle leaves the case as it was.

mod content;
mod ended;
mod kept;
mod rereading;
mod text;

pub use content::{Content, Part, Row};
pub use ended::EndedRequest;
pub use kept::{Buyer, KeptBytes, KeptPage};
pub use rereading::{MergedPage, Rereading, Touched};
pub use text::{KeptFile, TextAgain};
