//! An attachment menu: free, kept like everything else that a court sends.
//!
//! An entry with one document has no menu. Its court shows the price of the document instead, or
//! sends it: an opinion for nothing, and to an account that is never shown prices for money. So a
//! menu is asked for like a purchase, with an intent in the row before, and what came instead is
//! kept as what it is.

use fetch_model::{Cents, Failure, JobError};
use fetch_store::captures::Enough;
use pacer::{
    form,
    ids::PacerDocId,
    page::{
        PageError,
        appellate_attachment_page::{self, AppellateAttachmentPage},
        attachment_page::{self, AttachmentPage},
        verdict::{self, CourtAnswer, FollowUp, MenuAnswer},
    },
    price,
};
use pacer_client::Answer;
use tracing::debug;

use crate::{
    Conversation, appellate,
    conversation::Ask,
    judge::Seen,
    purchase::{Deal, Item, Purchase, Talk},
};

/// A menu, by the software of its court.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Menu {
    /// Of a district or bankruptcy court.
    District(AttachmentPage),
    /// Of an appellate court, where all documents of an entry are listed alike.
    Appellate(AppellateAttachmentPage),
}

/// What is said of a menu that is not asked for.
const SOLD_AGAIN: &str = "The document of this entry is held already, and PACER sells documents to \
     this account without showing their price first: if the entry has no others, it would be \
     charged again. Have the account's receipts switched on at PACER, or ask with another account.";

/// Pages that may come on the way to a menu, or to what comes instead.
const STEPS: usize = 8;

/// Fetches and reads the menu of the entry that a document belongs to. `docket_text` is the text of
/// that entry, which tells what its only document is, should that come instead.
///
/// A menu that came for somebody else since the request was allowed to begin is taken. An entry
/// whose document came in place of a menu has none, and the court is not asked again: it would
/// sell the document again. For the same reason it is not asked for the menu of an entry whose
/// document is held, if it sold the account the last document without a price.
///
/// # Errors
/// See [`JobError`]; a page that is no menu is kept and refused. A document that came instead is
/// kept under its own name, so that nobody buys it again.
pub async fn fetch(
    conversation: &Conversation<'_>,
    document: &PacerDocId,
    docket_text: &str,
) -> Result<Menu, JobError> {
    appellate::refuse_acms_document(conversation, document)?;
    let document = document.canonical();
    let court = &conversation.attempt.request.asked.target_court;
    let free_key = format!("menu/{court}/{document}");
    let item = Item {
        // Whoever buys the document itself must not do so at the same time.
        key: format!("doc/{court}/{document}"),
        // Menus are free. What is sold in place of one counts in full, once it is.
        quoted: Cents(0),
        priced_first: false,
        enough: Enough::Menu {
            key: free_key.clone(),
            or_document: conversation.is_sold_to_unpriced().await?,
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
            false => refused(SOLD_AGAIN),
        });
    }
    match read(conversation, &came.body) {
        Ok(Some(page)) => Ok(page),
        Ok(None) => Err(Failure::MenuNotRecognised.into()),
        Err(error) => {
            debug!(%error, "what came is no attachment menu");
            Err(Failure::MenuNotRecognised.into())
        }
    }
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

fn read(conversation: &Conversation<'_>, page: &[u8]) -> Result<Option<Menu>, PageError> {
    let court = conversation.court;
    let id = court.id.as_str();
    if court.is_appellate() {
        return Ok(appellate_attachment_page::parse(page, id)?.map(Menu::Appellate));
    }
    Ok(attachment_page::parse(page, id)?.map(Menu::District))
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
    async fn talk(self, purchase: &mut Purchase<'_>) -> Result<Deal, JobError> {
        Dialogue {
            ask: self.first.clone(),
            talk: self,
            purchase,
            repeated: false,
            vouched: false,
            sold: false,
            patience: 3,
        }
        .run()
        .await
    }
}

struct Dialogue<'a, 'b> {
    purchase: &'a mut Purchase<'b>,
    talk: MenuTalk,
    /// What is asked for next.
    ask: Ask,
    repeated: bool,
    /// We have said that our link is the court's own.
    vouched: bool,
    /// The court has pointed to a document that it put aside.
    sold: bool,
    patience: usize,
}

/// What an answer leads to; none to ask once more for what [`Dialogue::ask`] now says.
type Next = Option<Deal>;

impl Dialogue<'_, '_> {
    async fn run(mut self) -> Result<Deal, JobError> {
        for _ in 0..STEPS {
            let sent = match self.sold {
                true => self.purchase.fetch_paid(&self.ask).await,
                false => self.purchase.send(&self.ask).await,
            };
            let next = match sent {
                Ok(answer) => self.next(answer).await?,
                Err(deal) => Some(deal),
            };
            match next {
                None => {}
                // Asking again for what was put aside is free, and giving up is not.
                Some(Deal::NotBilled(_) | Deal::Doubt { .. }) if self.sold && self.patience > 0 => {
                    self.patience -= 1;
                }
                Some(Deal::NotBilled(then)) if self.sold => {
                    let why = "a document was sold in place of the menu, and did not arrive";
                    return Ok(Deal::Doubt {
                        why: why.to_owned(),
                        then,
                    });
                }
                Some(deal) => return Ok(deal),
            }
        }
        Ok(Deal::NotBilled(JobError::retry(Failure::MenuNetwork)))
    }

    async fn next(&mut self, answer: Answer) -> Result<Next, JobError> {
        if let Some(found) = self.row_of_status(answer.status) {
            return Ok(self.judged(found, &answer).await);
        }
        if let Some(location) = &answer.location {
            let path = self.purchase.conversation.path_of(&answer, location)?;
            self.ask = Ask::GetPrice(path);
            return Ok(None);
        }
        let found = verdict::menu_answer(Some(&answer.media_type), &answer.body);
        let row = found.row();
        match found {
            MenuAnswer::Menu => {
                self.purchase.conversation.answered_well().await;
                let item_key = self.talk.free_key.clone();
                Ok(Some(Deal::Free { answer, item_key }))
            }
            MenuAnswer::Pdf => {
                self.purchase.conversation.answered_well().await;
                let item = self.talk.sole;
                Ok(Some(Deal::Unpriced { answer, item }))
            }
            MenuAnswer::Redirect(link) | MenuAnswer::Frame(link) => {
                self.sold = true;
                match self.purchase.conversation.path_of(&answer, &link) {
                    Ok(path) => self.ask = Ask::Get(path),
                    Err(error) => return Ok(Some(Deal::NotBilled(error))),
                }
                Ok(None)
            }
            MenuAnswer::OutsideLink(form) => self.vouch(&answer, form),
            MenuAnswer::PricePage(_)
            | MenuAnswer::Refused(_)
            | MenuAnswer::RestrictedWarning
            | MenuAnswer::NoSuchPath
            | MenuAnswer::LoginPage
            | MenuAnswer::NoPrivileges
            | MenuAnswer::Blocked
            | MenuAnswer::Notice(_)
            | MenuAnswer::Unrecognised => Ok(self.judged(row, &answer).await),
        }
    }

    fn row_of_status(&self, status: u16) -> Option<CourtAnswer> {
        match self.purchase.conversation.court.is_appellate() {
            true => CourtAnswer::of_appellate_status(status),
            false => CourtAnswer::of_status(status),
        }
    }

    /// An appellate court doubts where our link is from. It is told so once.
    fn vouch(&mut self, answer: &Answer, form: FollowUp) -> Result<Next, JobError> {
        if std::mem::replace(&mut self.vouched, true) {
            return Err(JobError::retry(Failure::MenuNetwork));
        }
        let path = self.purchase.conversation.path_of(answer, &form.action)?;
        self.ask = Ask::PostUrlencoded(path, form.fields);
        Ok(None)
    }

    /// Asks once more if the table of answers says so, and otherwise does what it says.
    async fn judged(&mut self, row: CourtAnswer, answer: &Answer) -> Next {
        let conversation = self.purchase.conversation;
        if !self.repeated && !self.sold && conversation.is_repeated(row) {
            self.repeated = true;
            let former = appellate::former_path(conversation.court, &self.talk.first);
            self.ask = match former.filter(|_| row == CourtAnswer::WrongPath) {
                Some(former) => former,
                None => self.talk.first.clone(),
            };
            return None;
        }
        Some(conversation.deal(row, &Seen::answer(answer)).await)
    }
}
