//! An attachment menu: free, kept like everything else that a court sends.
//!
//! An entry with one document has no menu. Its court shows the price of the document instead, or
//! sends it: an opinion for nothing, and to an account that is never shown prices for money. So a
//! menu is asked for like a purchase, with an intent in the row before, and what came instead is
//! kept as what it is.

use fetch_model::{
    Cents, Failure, JobError, item_key,
    kept_page::{Menu, read_menu},
};
use fetch_store::captures::Enough;
use pacer::{
    form,
    ids::PacerDocId,
    page::verdict::{self, CourtAnswer, MenuAnswer},
    price,
};

use crate::{
    Conversation,
    answer::Answer,
    appellate,
    conversation::Ask,
    flow::{Came, End, MenuFlow, Way, What},
    judge::Seen,
    purchase::{Deal, Item, Purchase, Talk},
    reading::Reading,
};

/// What is said of a menu that is not asked for.
const SOLD_AGAIN: &str = "The document of this entry is held already, and PACER sells documents to \
     this account without showing their price first: if the entry has no others, it would be \
     charged again. Have the account's receipts switched on at PACER, or ask with another account.";

/// The same while nobody knows whether PACER does.
const PERHAPS_SOLD_AGAIN: &str = "The document of this entry is held already, nothing says that the \
     entry has others, and it is not known whether PACER shows this account a price before it sells: \
     if it does not, the document would be charged again. Buy a document with this account first, or \
     ask with another one.";

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
/// See [`JobError`]; a page that is no menu is kept and refused. A document that came instead is
/// kept under its own name, so that nobody buys it again.
pub async fn fetch(
    conversation: &Conversation<'_>,
    document: &PacerDocId,
    docket_text: &str,
    has_others: bool,
) -> Result<Menu, JobError> {
    appellate::refuse_acms_document(conversation, document)?;
    let document = document.canonical();
    let court = &conversation.attempt.request.asked.target_court;
    let free_key = item_key::menu(court, &document);
    let is_sold_unpriced = conversation.is_sold_to_unpriced().await?;
    let has_menu = has_others || lists_attachments(docket_text);
    let item = Item {
        // Whoever buys the document itself must not do so at the same time.
        key: format!("doc/{court}/{document}"),
        // Menus are free. What is sold in place of one counts in full, once it is.
        quoted: Cents(0),
        priced_first: false,
        enough: Enough::Menu {
            key: free_key.clone(),
            or_document: is_sold_unpriced.unwrap_or(!has_menu),
        },
    };
    let talk = MenuTalk {
        first: first_ask(conversation, &document),
        free_key,
        sole: price::item_of_unpriced(docket_text),
    };
    let came = conversation.buy(item, talk).await?;
    let media_type = Some(came.capture.media_type.as_str());
    if verdict::menu_answer(media_type, &came.body) == MenuAnswer::Pdf {
        let store = &conversation.purchases.store;
        return Err(match store.came_for_a_menu(came.capture.id).await? {
            true => Failure::SoleDocument.into(),
            // A document that was asked for says nothing about the others of its entry.
            false if is_sold_unpriced.is_none() => refused(PERHAPS_SOLD_AGAIN),
            false => refused(SOLD_AGAIN),
        });
    }
    let about = conversation.about(&Seen::default());
    Ok(read_menu(&about, &came.capture.media_type, &came.body)?)
}

/// Whether the text of an entry names attachments, as district and bankruptcy courts add it.
fn lists_attachments(docket_text: &str) -> bool {
    docket_text.contains("(Attachments:")
}

fn refused(reason: &str) -> JobError {
    let reason = reason.to_owned();
    Failure::MenuRefused { reason }.into()
}

fn first_ask(conversation: &Conversation<'_>, document: &PacerDocId) -> Ask {
    let court = conversation.court;
    Ask::GetPrice(match court.is_appellate() {
        true => form::appellate_menu_path(court, document),
        false => form::document_path(document),
    })
}

/// A menu to be asked for.
struct MenuTalk {
    first: Ask,
    /// The name under which the menu is kept.
    free_key: String,
    /// What the only document of the entry is.
    sole: price::Item,
}

impl Talk for MenuTalk {
    async fn talk(self, purchase: &mut Purchase<'_>) -> Deal {
        Dialogue {
            talk: self,
            purchase,
            flow: MenuFlow::new(),
        }
        .run()
        .await
    }
}

struct Dialogue<'a, 'b> {
    purchase: &'a mut Purchase<'b>,
    talk: MenuTalk,
    flow: MenuFlow,
}

impl Dialogue<'_, '_> {
    async fn run(mut self) -> Deal {
        let mut ask = self.talk.first.clone();
        let mut way = Way::Buy;
        loop {
            let read = match self.purchase.ask(&ask, way).await {
                Ok(answer) => self.read(answer).await,
                Err(unanswered) => unanswered,
            };
            let came = read.came;
            let what = match self.flow.next(came).asks() {
                Ok((next, what)) => {
                    way = next;
                    what
                }
                Err(end) => return self.end(end, read),
            };
            ask = match what {
                What::First => self.first_again(came),
                What::Form => read.form_urlencoded(),
                What::Link => read.link(),
                What::LinkByPrice => read.link_by_price(),
                What::Last => {
                    self.purchase.pause().await;
                    ask
                }
                What::Order | What::ById => ask,
            };
        }
    }

    async fn read(&self, answer: Answer) -> Reading {
        let conversation = self.purchase.conversation;
        if let Some(found) = self.row_of_status(answer.status) {
            return self.judged(found, &answer).await;
        }
        if let Some(location) = answer.location.clone() {
            return conversation.leads_on(answer, &location, Came::Location);
        }
        let found = verdict::menu_answer(Some(&answer.media_type), &answer.body);
        let row = found.row();
        match found {
            MenuAnswer::Menu => {
                conversation.answered_well().await;
                Reading::new(Came::Menu, answer)
            }
            MenuAnswer::Pdf => {
                conversation.answered_well().await;
                Reading::new(Came::Goods, answer)
            }
            MenuAnswer::Redirect(link) | MenuAnswer::Frame(link) => {
                conversation.leads_on(answer, &link, Came::Link)
            }
            MenuAnswer::OutsideLink(form) => {
                conversation.asks_to_send(answer, form, Came::LinkCheck)
            }
            MenuAnswer::PricePage(_)
            | MenuAnswer::Refused(_)
            | MenuAnswer::RestrictedWarning
            | MenuAnswer::NoSuchPath
            | MenuAnswer::LoginPage
            | MenuAnswer::ServerTimeout
            | MenuAnswer::NoPrivileges
            | MenuAnswer::Blocked
            | MenuAnswer::Notice(_)
            | MenuAnswer::Unrecognised => self.judged(row, &answer).await,
        }
    }

    fn row_of_status(&self, status: u16) -> Option<CourtAnswer> {
        match self.purchase.conversation.court.is_appellate() {
            true => CourtAnswer::of_appellate_status(status),
            false => CourtAnswer::of_status(status),
        }
    }

    /// Asks once more if the table of answers says so, and otherwise does what it says.
    async fn judged(&self, row: CourtAnswer, answer: &Answer) -> Reading {
        let seen = Seen::answer(answer);
        let may_repeat = self.flow.may_repeat();
        let conversation = self.purchase.conversation;
        conversation.judged(row, &seen, may_repeat).await
    }

    /// The menu once more, where the servlet of an appellate court was before if it is not there.
    fn first_again(&self, came: Came) -> Ask {
        let court = self.purchase.conversation.court;
        let former = appellate::former_path(court, &self.talk.first);
        former
            .filter(|_| came == Came::Again(CourtAnswer::WrongPath))
            .unwrap_or_else(|| self.talk.first.clone())
    }

    /// What the end of the way means for the books.
    fn end(self, end: End, read: Reading) -> Deal {
        match (end, read) {
            (
                End::Free,
                Reading {
                    answer: Some(answer),
                    ..
                },
            ) => Deal::Free {
                answer,
                item_key: self.talk.free_key,
            },
            (
                End::ByRules,
                Reading {
                    answer: Some(answer),
                    ..
                },
            ) => Deal::Unpriced {
                answer,
                item: self.talk.sole,
            },
            (
                End::Billed,
                Reading {
                    deal: Some(deal), ..
                },
            ) => deal,
            (End::Unbilled, read) => read.unbilled(JobError::retry(Failure::MenuNetwork)),
            (_, read) => read.in_doubt(
                "a document was sold in place of the menu, and did not arrive",
                Failure::MenuNetwork,
            ),
        }
    }
}
