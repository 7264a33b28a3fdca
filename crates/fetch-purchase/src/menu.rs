//! An attachment menu: free, kept like everything else that a court sends.
//!
//! An entry with one document has no menu. Its court shows the price of the document instead, or
//! sends it: an opinion for nothing, and to an account that is never shown prices for money. So a
//! menu is asked for like a purchase, with an intent in the row before, and what came instead is
//! kept as what it is.

use fetch_ledger::captures::Enough;
use fetch_model::{
    AttemptError, Cents, Failure, item_key,
    kept_page::{Menu, read_menu},
};
use pacer::{
    flow::MenuFlow,
    ids::PacerDocId,
    page::answer::{Answer, menu_page},
};

use crate::{Conversation, appellate, court_health::Seen, purchase::Item};

/// What is said of a menu that is not asked for.
const SOLD_AGAIN: &str = "The document of this entry is stored already, and PACER sells documents \
                          to this account without showing their price first: if the entry has no \
                          other documents, it would be charged again. Turn on receipts for the \
                          account at PACER, or use another account.";

/// The same while nobody knows whether PACER does.
const PERHAPS_SOLD_AGAIN: &str = "The document of this entry is stored already, nothing indicates \
                                  that the entry has others, and it is not known whether PACER \
                                  shows this account a price before it charges: if it does not, it \
                                  would be charged again. Buy a document with this account first, \
                                  or use another account.";

/// Fetches and reads the menu of the entry that a document belongs to. `docket_text` is the text of
/// that entry, which tells what its only document is, should that come instead.
///
/// A menu that came for somebody else since the request was allowed to begin is taken. An entry
/// whose document came in place of a menu has none, and the court is not asked again: it would
/// sell the document again. For the same reason it is not asked for the menu of an entry whose
/// document is held, if it sold the account the last document without a price, or if nothing is known
/// of the account and nothing shows that the entry has other documents: `has_others`, or its text.
///
/// # Errors
/// See [`AttemptError`]; a page that is no menu is kept and refused. A document that came instead is
/// kept under its own name, so that nobody buys it again.
pub async fn fetch(
    conversation: &Conversation<'_>,
    document: &PacerDocId,
    docket_text: &str,
    has_others: bool,
) -> Result<Menu, AttemptError> {
    appellate::refuse_acms_document(conversation, document)?;
    let document = document.canonical();
    let court = &conversation.attempt.request.spec.target_court;
    let is_sold_unpriced = conversation.is_sold_to_unpriced().await?;
    let has_menu = has_others || lists_attachments(docket_text);
    let item = Item {
        // Whoever buys the document itself must not do so at the same time.
        key: format!("doc/{court}/{document}"),
        // Menus are free. What is sold in place of one counts in full, once it is.
        quoted: Cents(0),
        priced_first: false,
        enough: Enough::Menu {
            key: item_key::menu(court, &document),
            or_document: is_sold_unpriced.unwrap_or(!has_menu),
        },
        case: String::new(),
    };
    let flow = MenuFlow::new(conversation.court, &document, docket_text);
    let came = conversation.buy(item, flow).await?;
    let media_type = Some(came.capture.media_type.as_str());
    if menu_page(media_type, &came.body).answer() == Answer::SoleDocument {
        let stores = &conversation.purchases.stores;
        return Err(
            match stores.ledger.came_for_a_menu(came.capture.id).await? {
                true => Failure::SoleDocument.into(),
                // A document that was asked for says nothing about the others of its entry.
                false if is_sold_unpriced.is_none() => refused(PERHAPS_SOLD_AGAIN),
                false => refused(SOLD_AGAIN),
            },
        );
    }
    let about = conversation.about(&Seen::default());
    Ok(read_menu(&about, &came.capture.media_type, &came.body)?)
}

/// Whether the text of an entry names attachments, as district and bankruptcy courts add it.
fn lists_attachments(docket_text: &str) -> bool {
    docket_text.contains("(Attachments:")
}

fn refused(reason: &str) -> AttemptError {
    let reason = reason.to_owned();
    Failure::MenuRefused { reason }.into()
}
