//! Buying a document.

use fetch_model::{Cents, Failure, JobError};
use fetch_store::ledger::Bill;
use pacer::{
    form::{self, DocumentOptions},
    ids::{PacerCaseId, PacerDocId},
    page::verdict::{self, DocumentAnswer, DocumentRefusal, FollowUp, PricePage},
    price,
};
use pacer_client::Answer;

use crate::{
    Conversation, appellate,
    conversation::Ask,
    purchase::{Bought, Deal, Item, Purchase, Talk},
    refusal,
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
        return Ok(bought);
    }
    let item = Item {
        key: format!("{prefix}{}", wanted.doc_id.canonical()),
        quoted: Cents(most(&wanted.description)),
        fresh_since: None,
    };
    conversation.buy(item, wanted).await
}

/// The most a document of that description should cost.
fn most(description: &str) -> i32 {
    let item = price::item_of_description(description);
    price::upper_bound_cents(item).map_or(0, to_signed)
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
    login_pages: usize,
    posted: bool,
    accepted: bool,
    without_case: bool,
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
            login_pages: 0,
            posted: false,
            accepted: false,
            without_case: false,
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
                return Ok(Deal::Doubt(
                    "the document was sold but did not arrive".to_owned(),
                ));
            }
            self.patience -= 1;
        }
        Ok(Deal::Doubt(
            "the court kept answering with other pages".to_owned(),
        ))
    }

    async fn exchange(&mut self, ask: &Ask) -> Result<Next, Deal> {
        let answer = self.purchase.send(ask).await?;
        let answer = self
            .purchase
            .conversation
            .understood(answer)
            .await
            .map_err(Deal::NotBilled)?;
        self.next(answer).await.map_err(Deal::NotBilled)
    }

    async fn next(&mut self, answer: Answer) -> Result<Next, JobError> {
        if let Some(location) = &answer.location {
            let path = self.purchase.conversation.path_of(&answer, location)?;
            self.granted = self.posted;
            return Ok(Next::Ask(Ask::Get(path)));
        }
        match verdict::document_answer(Some(&answer.media_type), &answer.body) {
            DocumentAnswer::Pdf => Ok(Next::End(Box::new(self.bought(answer)))),
            DocumentAnswer::PricePage(price) => self.priced(&answer, price).await,
            DocumentAnswer::Redirect(link) | DocumentAnswer::Frame(link) => {
                let path = self.purchase.conversation.path_of(&answer, &link)?;
                self.granted = self.posted;
                Ok(Next::Ask(Ask::Get(path)))
            }
            DocumentAnswer::Refused(DocumentRefusal::WrongCase) if !self.without_case => {
                self.without_case = true;
                Ok(Next::Ask(self.purchase_form()))
            }
            DocumentAnswer::LoginPage if self.login_pages == 0 => {
                self.login_pages += 1;
                Ok(Next::Ask(if self.posted {
                    self.purchase_form()
                } else {
                    self.price_page()
                }))
            }
            DocumentAnswer::LoginPage => Err(self.purchase.conversation.session_refused().await),
            DocumentAnswer::AttachmentMenu => Err(Failure::PartOfAttachmentPage.into()),
            DocumentAnswer::NoPrivileges => Err(JobError::retry(Failure::PdfNetwork)),
            DocumentAnswer::Blocked => {
                let court = self
                    .purchase
                    .conversation
                    .attempt
                    .request
                    .asked
                    .target_court
                    .clone();
                Err(JobError::retry(Failure::BlockedByCourt { court }))
            }
            DocumentAnswer::Refused(refusal) => {
                Err(self.refused(refusal::sentence(refusal, self.case(), &answer)))
            }
            DocumentAnswer::RestrictedWarning => {
                Err(self.refused(refusal::restricted(self.case(), &answer)))
            }
            DocumentAnswer::PdfInHtml => {
                self.purchase
                    .conversation
                    .keep_unrecognised(&answer)
                    .await?;
                Err(self.refused(refusal::pdf_in_html(self.case(), &answer)))
            }
            DocumentAnswer::Unrecognised => {
                if let Some(form) = self.unasked_form(&answer) {
                    let path = self.purchase.conversation.path_of(&answer, &form.action)?;
                    return Ok(Next::Ask(Ask::PostUrlencoded(path, form.fields)));
                }
                self.purchase
                    .conversation
                    .keep_unrecognised(&answer)
                    .await?;
                Err(self.refused(refusal::unrecognised(self.case(), &answer)))
            }
        }
    }

    /// The price came. It is accepted once by our own form, and once by the page's if the court
    /// asks again.
    async fn priced(&mut self, answer: &Answer, price: PricePage) -> Result<Next, JobError> {
        let asked_again = self.price.is_some();
        let cents = price
            .receipt
            .cost_cents
            .map_or(most(&self.wanted.description), to_signed);
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
            self.purchase
                .conversation
                .attempt
                .step("priced", &Cents(cents).to_string())
                .await?;
            return Ok(Next::Ask(self.purchase_form()));
        }
        match price.accept {
            Some(form) if !self.accepted => {
                self.accepted = true;
                let path = self.purchase.conversation.path_of(answer, &form.action)?;
                Ok(Next::Ask(match self.is_appellate() {
                    true => Ask::PostUrlencoded(path, form.fields),
                    false => Ask::Post(path, form.fields),
                }))
            }
            _ => Err(self.refused(refusal::unrecognised(self.case(), answer))),
        }
    }

    fn is_appellate(&self) -> bool {
        self.purchase.conversation.court.is_appellate()
    }

    /// The form of the page on which an appellate court doubts where our link is from, once.
    fn unasked_form(&mut self, answer: &Answer) -> Option<FollowUp> {
        let form =
            verdict::outside_link(&answer.body).filter(|_| self.is_appellate() && !self.vouched)?;
        self.vouched = true;
        Some(form)
    }

    fn price_page(&self) -> Ask {
        if self.is_appellate() {
            return appellate::price_page(self.purchase.conversation.court, self.wanted);
        }
        Ask::Get(form::document_path(&self.wanted.doc_id.single_document()))
    }

    fn purchase_form(&mut self) -> Ask {
        self.posted = true;
        let known = !self.without_case;
        if self.is_appellate() {
            let court = self.purchase.conversation.court;
            return appellate::purchase_of(court, self.wanted, known);
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

    /// The document is there. Its price is what the price page said, or the most it can be.
    fn bought(&self, answer: Answer) -> Deal {
        let bill = self.price.clone().unwrap_or_else(|| {
            let cents = most(&self.wanted.description);
            Bill {
                cents: Cents(cents),
                pages: cents / 10,
                receipt: None,
            }
        });
        Deal::Bought { answer, bill }
    }

    fn case(&self) -> &str {
        self.wanted
            .case_id
            .as_ref()
            .map_or("", |case| case.as_str())
    }

    fn refused(&self, reason: String) -> JobError {
        let asked = &self.purchase.conversation.attempt.request.asked;
        let Some(document) = asked.document else {
            return Failure::Internal.into();
        };
        let court = asked.target_court.clone();
        Failure::DocumentRefused {
            reason,
            court,
            document,
        }
        .into()
    }
}

fn to_signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// What to do after an answer.
enum Next {
    Ask(Ask),
    End(Box<Deal>),
}
