//! Buying a document.

use fetch_model::{Cents, Failure, JobError};
use fetch_store::{captures::Enough, ledger::Bill};
use pacer::{
    form::{self, DocumentOptions},
    ids::{PacerCaseId, PacerDocId},
    page::verdict::{self, CourtAnswer, DocumentAnswer, FollowUp, PricePage},
    price,
};
use pacer_client::Answer;

use crate::{
    Conversation, appellate,
    bill::{self, to_signed},
    conversation::Ask,
    judge::Seen,
    purchase::{Bought, Deal, Item, Purchase, Talk},
};

/// The document to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentToBuy {
    /// The court's id of it.
    pub doc_id: PacerDocId,
    /// The case that its pages shall name.
    pub case_id: Option<PacerCaseId>,
    /// The entry's number inside the court.
    pub sequence_number: Option<String>,
    /// What the docket calls it; transcripts have no price limit.
    pub description: String,
    /// What the docket says about its entry, or empty.
    pub docket_text: String,
    /// Whether it is one of several documents of its entry.
    pub is_attachment: bool,
}

/// Pages that may come on the way to one document.
const STEPS: usize = 8;

/// Buys a document: the price page first, then the document itself.
///
/// # Errors
/// See [`JobError`].
pub async fn buy(
    conversation: &Conversation<'_>,
    wanted: &DocumentToBuy,
) -> Result<Bought, JobError> {
    let asked = &conversation.attempt.request.asked;
    appellate::refuse_acms_document(conversation, &wanted.doc_id)?;
    let prefix = format!("doc/{}/", asked.target_court);
    if let Some((_, bought)) = conversation.captured_before(&prefix).await? {
        return only_a_pdf(conversation, bought).await;
    }
    let item = Item {
        key: format!("{prefix}{}", wanted.doc_id.canonical()),
        quoted: bill::at_most(wanted.item()).cents,
        priced_first: true,
        enough: Enough::OfAnyAge,
    };
    let bought = conversation.buy(item, wanted).await?;
    only_a_pdf(conversation, bought).await
}

/// What was billed and is no document is kept under the document's name too. It is not one.
async fn only_a_pdf(conversation: &Conversation<'_>, bought: Bought) -> Result<Bought, JobError> {
    match verdict::document_answer(None, &bought.body) {
        DocumentAnswer::Pdf => Ok(bought),
        _ => Err(conversation
            .stop(CourtAnswer::NotAPdf, &Seen::default())
            .await),
    }
}

impl DocumentToBuy {
    /// What it is, as far as the price depends on it.
    pub(crate) fn item(&self) -> price::Item {
        match price::item_of_description(&self.description) {
            // An entry about a transcript may be a notice of one, which has few pages; then the
            // limit makes no difference.
            price::Item::Document => price::item_of_description(&self.docket_text),
            item => item,
        }
    }

    /// The same once it is there, without a price: a main document may be an opinion.
    fn unpriced_item(&self) -> price::Item {
        match price::item_of_unpriced(&self.docket_text) {
            price::Item::Free if !self.is_attachment => price::Item::Free,
            _ => self.item(),
        }
    }
}

impl Talk for &DocumentToBuy {
    async fn talk(self, purchase: &mut Purchase<'_>) -> Result<Deal, JobError> {
        Dialogue::new(purchase, self).run().await
    }
}

/// The talk about one document: what was said so far.
struct Dialogue<'a, 'b> {
    purchase: &'a mut Purchase<'b>,
    wanted: &'a DocumentToBuy,
    /// The price page's receipt, once seen.
    price: Option<Bill>,
    repeated: bool,
    posted: bool,
    accepted: bool,
    without_case: bool,
    /// The court's servlet is not where it should be, and perhaps where it was.
    at_former_path: bool,
    /// We have said that our link is the court's own.
    vouched: bool,
    /// The court took the money and said where the bytes are.
    granted: bool,
    patience: usize,
}

impl<'a, 'b> Dialogue<'a, 'b> {
    fn new(purchase: &'a mut Purchase<'b>, wanted: &'a DocumentToBuy) -> Dialogue<'a, 'b> {
        Dialogue {
            purchase,
            wanted,
            price: None,
            repeated: false,
            posted: false,
            accepted: false,
            without_case: false,
            at_former_path: false,
            vouched: false,
            granted: false,
            patience: 3,
        }
    }

    /// Asks until the document is there or the court has said no. A court may send the document
    /// at once instead of its price, so every one of these requests may be billed.
    async fn run(mut self) -> Result<Deal, JobError> {
        let mut ask = self.price_page();
        for _ in 0..STEPS {
            let deal = match self.exchange(&ask).await {
                Ok(Next::Ask(next)) => {
                    ask = next;
                    continue;
                }
                Ok(Next::End(deal)) => return Ok(*deal),
                Err(deal) => deal,
            };
            // Once the court has pointed to the paid bytes, asking for them again is free and
            // giving up is not.
            if !self.granted {
                return Ok(deal);
            }
            if self.patience == 0 {
                return Ok(lost("the document was sold but did not arrive"));
            }
            self.patience -= 1;
        }
        Ok(lost("the court kept answering with other pages"))
    }

    async fn exchange(&mut self, ask: &Ask) -> Result<Next, Deal> {
        let answer = match self.granted {
            true => self.purchase.fetch_paid(ask).await?,
            false => self.purchase.send(ask).await?,
        };
        let of_status = match self.is_appellate() {
            true => CourtAnswer::of_appellate_status,
            false => CourtAnswer::of_status,
        };
        if let Some(found) = of_status(answer.status) {
            return self.judged(found, &answer).await;
        }
        if let Some(location) = &answer.location {
            // A servlet that has moved leads to where the purchase is to be made.
            let sold = self.posted && !self.is_appellate();
            return self.follow(&answer, location, sold).map_err(|deal| *deal);
        }
        let found = verdict::document_answer(Some(&answer.media_type), &answer.body);
        let row = found.row();
        match found {
            DocumentAnswer::Pdf => {
                self.purchase.conversation.answered_well().await;
                Ok(Next::End(Box::new(self.bought(answer))))
            }
            DocumentAnswer::PricePage(price) if row == CourtAnswer::PricePage => {
                self.priced(&answer, price).await
            }
            DocumentAnswer::Redirect(link) | DocumentAnswer::Frame(link) => {
                // Only what was sold is put aside and pointed to in a page, asked for or not.
                self.follow(&answer, &link, true).map_err(|deal| *deal)
            }
            DocumentAnswer::OutsideLink(form) => self.vouch(&answer, form).map_err(|deal| *deal),
            DocumentAnswer::NotAPdf
            | DocumentAnswer::PdfInHtml
            | DocumentAnswer::Refused(_)
            | DocumentAnswer::RestrictedWarning
            | DocumentAnswer::NoSuchPath
            | DocumentAnswer::LoginPage
            | DocumentAnswer::AttachmentMenu
            | DocumentAnswer::PricePage(_)
            | DocumentAnswer::NoPrivileges
            | DocumentAnswer::Blocked
            | DocumentAnswer::Notice(_)
            | DocumentAnswer::Unrecognised => self.judged(row, &answer).await,
        }
    }

    /// The court points to where the bytes are.
    fn follow(&mut self, answer: &Answer, link: &str, sold: bool) -> Result<Next, Box<Deal>> {
        let path = self.purchase.conversation.path_of(answer, link);
        let path = path.map_err(|error| match sold || self.posted {
            true => Box::new(Deal::Doubt {
                why: "the document was sold elsewhere".to_owned(),
                then: error,
            }),
            false => Box::new(Deal::NotBilled(error)),
        })?;
        self.granted |= sold;
        Ok(Next::Ask(match self.granted || self.posted {
            true => Ask::Get(path),
            false => Ask::GetPrice(path),
        }))
    }

    /// Asks once more if the table of answers says so, and otherwise does what it says.
    async fn judged(&mut self, row: CourtAnswer, answer: &Answer) -> Result<Next, Deal> {
        let conversation = self.purchase.conversation;
        if !self.repeated && !self.granted && conversation.is_repeated(row) {
            self.repeated = true;
            // Documents that are shared between cases are sold under no case.
            self.without_case |= row == CourtAnswer::WrongCase;
            self.at_former_path |= row == CourtAnswer::WrongPath;
            return Ok(Next::Ask(match self.posted {
                true => self.purchase_form(),
                false => self.price_page(),
            }));
        }
        Err(conversation.deal(row, &self.seen(answer)).await)
    }

    fn seen<'c>(&'c self, answer: &'c Answer) -> Seen<'c> {
        Seen {
            case: self.case(),
            ..Seen::answer(answer)
        }
    }

    /// The price came. It is accepted once by our own form, and once by the page's if the court
    /// asks again.
    async fn priced(&mut self, answer: &Answer, price: PricePage) -> Result<Next, Deal> {
        let asked_again = self.price.is_some();
        let cents = price
            .receipt
            .cost_cents
            .map_or(bill::at_most(self.wanted.item()).cents.0, to_signed);
        // An exempt account is shown the price and pays nothing.
        let cents = if price.receipt.is_exempt { 0 } else { cents };
        let pages = price.receipt.billable_pages.map_or(cents / 10, to_signed);
        let receipt = serde_json::to_value(&price.receipt).ok();
        self.price = Some(Bill {
            cents: Cents(cents),
            pages,
            receipt,
        });
        if !asked_again {
            let priced = self.purchase.priced(Cents(cents)).await;
            priced.map_err(Deal::NotBilled)?;
            return Ok(Next::Ask(self.purchase_form()));
        }
        match price.accept {
            Some(form) if !self.accepted => {
                self.accepted = true;
                let conversation = self.purchase.conversation;
                let path = conversation.path_of(answer, &form.action);
                let path = path.map_err(Deal::NotBilled)?;
                Ok(Next::Ask(match self.is_appellate() {
                    true => Ask::PostUrlencoded(path, form.fields),
                    false => Ask::Post(path, form.fields),
                }))
            }
            // Still a price, and so nothing was billed.
            _ => Err(Deal::NotBilled(JobError::retry(Failure::PdfNetwork))),
        }
    }

    /// An appellate court doubts where our link is from. It is told so once.
    fn vouch(&mut self, answer: &Answer, form: FollowUp) -> Result<Next, Box<Deal>> {
        if std::mem::replace(&mut self.vouched, true) {
            return Err(Box::new(Deal::NotBilled(JobError::retry(
                Failure::PdfNetwork,
            ))));
        }
        let path = self.purchase.conversation.path_of(answer, &form.action);
        let path = path.map_err(|error| Box::new(Deal::NotBilled(error)))?;
        Ok(Next::Ask(Ask::PostUrlencoded(path, form.fields)))
    }

    fn is_appellate(&self) -> bool {
        self.purchase.conversation.court.is_appellate()
    }

    fn price_page(&self) -> Ask {
        if self.is_appellate() {
            let court = self.purchase.conversation.court;
            return self.where_the_servlet_is(appellate::price_page(court, self.wanted));
        }
        Ask::GetPrice(form::document_path(&self.wanted.doc_id.single_document()))
    }

    fn where_the_servlet_is(&self, ask: Ask) -> Ask {
        let court = self.purchase.conversation.court;
        let former = appellate::former_path(court, &ask);
        former.filter(|_| self.at_former_path).unwrap_or(ask)
    }

    fn purchase_form(&mut self) -> Ask {
        self.posted = true;
        let known = !self.without_case;
        if self.is_appellate() {
            let court = self.purchase.conversation.court;
            return self.where_the_servlet_is(appellate::purchase_of(court, self.wanted, known));
        }
        let options = DocumentOptions {
            case: self.wanted.case_id.as_ref().filter(|_| known),
            sequence_number: self.wanted.sequence_number.as_deref().filter(|_| known),
            magic_number: None,
        };
        let path = form::document_path(&self.wanted.doc_id.single_document());
        let fields = options.fields();
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Ask::Post(path, fields)
    }

    /// The document is there. Its price is what the price page said, or follows from the rules.
    fn bought(&self, answer: Answer) -> Deal {
        match &self.price {
            Some(price) => Deal::Bought {
                answer,
                bill: price.clone(),
            },
            None => Deal::Unpriced {
                answer,
                item: self.wanted.unpriced_item(),
            },
        }
    }

    fn case(&self) -> &str {
        self.wanted
            .case_id
            .as_ref()
            .map_or("", |case| case.as_str())
    }
}

/// Money moved, and nothing came of it.
fn lost(why: &str) -> Deal {
    Deal::Doubt {
        why: why.to_owned(),
        then: JobError::retry(Failure::PdfNetwork),
    }
}

/// What to do after an answer.
enum Next {
    Ask(Ask),
    End(Box<Deal>),
}
