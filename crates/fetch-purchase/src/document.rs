//! Buying a document from a district or bankruptcy court.

use fetch_model::{Cents, Failure, JobError};
use fetch_store::ledger::Bill;
use pacer::{
    form::{self, DocumentOptions},
    ids::{PacerCaseId, PacerDocId},
    page::verdict::{self, DocumentAnswer},
    price,
};
use pacer_client::Answer;

use crate::{
    Conversation,
    conversation::Ask,
    purchase::{Bought, Deal, Item, Purchase},
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
    if conversation.court.is_appellate() {
        let reason = "Documents of appellate courts cannot be bought yet.".to_owned();
        let request = conversation.attempt.request.id;
        return Err(Failure::NotSupported { request, reason }.into());
    }
    let prefix = format!("doc/{}/", asked.target_court);
    if let Some((_, bought)) = conversation.captured_before(&prefix).await? {
        return Ok(bought);
    }
    let item = Item {
        key: format!("{prefix}{}", wanted.doc_id.canonical()),
        quoted: Cents(most(&wanted.description)),
        fresh_since: None,
    };
    conversation.buy(item, async |purchase| Talk::new(purchase, wanted).run().await).await
}

/// The most a document of that description should cost.
fn most(description: &str) -> i32 {
    let item = price::item_of_description(description);
    price::upper_bound_cents(item).map_or(0, |cents| cents as i32)
}

/// The talk about one document: what was said so far.
struct Talk<'a, 'b> {
    purchase: &'a mut Purchase<'b>,
    wanted: &'a DocumentToBuy,
    /// The price page's receipt, once seen.
    price: Option<Bill>,
    login_pages: usize,
    posted: bool,
    without_case: bool,
    /// The court took the money and said where the bytes are.
    granted: bool,
    patience: usize,
}

impl<'a, 'b> Talk<'a, 'b> {
    fn new(purchase: &'a mut Purchase<'b>, wanted: &'a DocumentToBuy) -> Talk<'a, 'b> {
        Talk {
            purchase,
            wanted,
            price: None,
            login_pages: 0,
            posted: false,
            without_case: false,
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
                return Ok(Deal::Doubt("the document was sold but did not arrive".to_owned()));
            }
            self.patience -= 1;
        }
        Ok(Deal::Doubt("the court kept answering with other pages".to_owned()))
    }

    async fn exchange(&mut self, ask: &Ask) -> Result<Next, Deal> {
        let answer = self.purchase.send(ask).await?;
        let answer =
            self.purchase.conversation.understood(answer).await.map_err(Deal::NotBilled)?;
        self.next(answer).await.map_err(Deal::NotBilled)
    }

    async fn next(&mut self, answer: Answer) -> Result<Next, JobError> {
        if let Some(location) = &answer.location {
            let path = self.purchase.conversation.path_of(&answer, location)?;
            self.granted = self.posted;
            return Ok(Next::Ask(Ask::Get(path)));
        }
        match verdict::document_answer(&answer.media_type, &answer.body) {
            DocumentAnswer::Pdf => Ok(Next::End(Box::new(self.bought(answer)))),
            DocumentAnswer::PricePage { receipt } if !self.posted => {
                self.price = Some(Bill {
                    cents: Cents(receipt.cost_cents as i32),
                    pages: receipt.billable_pages as i32,
                    receipt: serde_json::to_value(&receipt).ok(),
                });
                let quote = Cents(receipt.cost_cents as i32).to_string();
                self.purchase.conversation.attempt.step("priced", &quote).await?;
                Ok(Next::Ask(self.purchase_form()))
            }
            DocumentAnswer::Redirect { path } | DocumentAnswer::Iframe { path } => {
                let path = self.purchase.conversation.path_of(&answer, &path)?;
                self.granted = self.posted;
                Ok(Next::Ask(Ask::Get(path)))
            }
            DocumentAnswer::WrongCase if !self.without_case => {
                self.without_case = true;
                Ok(Next::Ask(self.purchase_form()))
            }
            DocumentAnswer::LoginPage if self.login_pages == 0 => {
                self.login_pages += 1;
                Ok(Next::Ask(if self.posted { self.purchase_form() } else { self.price_page() }))
            }
            DocumentAnswer::LoginPage => {
                Err(self.purchase.conversation.session_refused().await)
            }
            DocumentAnswer::Menu => Err(Failure::PartOfAttachmentPage.into()),
            other => Err(self.refusal(&answer, &other).into()),
        }
    }

    fn price_page(&self) -> Ask {
        Ask::Get(form::document_path(&self.wanted.doc_id.single_document()))
    }

    fn purchase_form(&mut self) -> Ask {
        self.posted = true;
        let known = !self.without_case;
        let options = DocumentOptions {
            case: self.wanted.case_id.as_ref().filter(|_| known),
            sequence_number: self.wanted.sequence_number.as_deref().filter(|_| known),
            magic_number: None,
        };
        let path = form::document_path(&self.wanted.doc_id.single_document());
        Ask::Post(path, options.fields())
    }

    /// The document is there. Its price is what the price page said, or the most it can be.
    fn bought(&self, answer: Answer) -> Deal {
        let bill = self.price.clone().unwrap_or_else(|| {
            let cents = most(&self.wanted.description);
            Bill { cents: Cents(cents), pages: cents / 10, receipt: None }
        });
        Deal::Bought { answer, bill }
    }

    fn refusal(&self, answer: &Answer, said: &DocumentAnswer) -> Failure {
        let asked = &self.purchase.conversation.attempt.request.asked;
        let case = self.wanted.case_id.as_ref().map_or("", |case| case.as_str());
        let Some(document) = asked.document else { return Failure::Internal };
        Failure::DocumentRefused {
            reason: said.sentence(case, answer.url.as_str()),
            court: asked.target_court.clone(),
            document,
        }
    }
}

/// What to do after an answer.
enum Next {
    Ask(Ask),
    End(Box<Deal>),
}
