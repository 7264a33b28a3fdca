//! Buying a document.

use fetch_model::{Cents, Failure, JobError};
use fetch_store::{captures::Enough, ledger::Bill};
use pacer::{
    form::{self, DocumentOptions},
    ids::{PacerCaseId, PacerDocId},
    page::{
        document_identity::DocumentShown,
        verdict::{self, CourtAnswer, DocumentAnswer, PricePage},
    },
    price,
};
use tracing::warn;

use crate::{
    Conversation,
    answer::Answer,
    appellate,
    bill::{self, to_signed},
    conversation::Ask,
    flow::{Came, DocumentFlow, End, Leads, Way, What},
    judge::Seen,
    purchase::{Bought, Deal, Item, Purchase, Talk},
    reading::Reading,
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
    /// The number of its case as the docket has it, or empty.
    pub docket_number: String,
    /// The number of its entry, or empty.
    pub document_number: String,
}

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
    async fn talk(self, purchase: &mut Purchase<'_>) -> Deal {
        let is_appellate = purchase.conversation.court.is_appellate();
        Dialogue {
            purchase,
            wanted: self,
            flow: DocumentFlow::new(is_appellate),
            price: None,
        }
        .run()
        .await
    }
}

/// The talk about one document.
struct Dialogue<'a, 'b> {
    purchase: &'a mut Purchase<'b>,
    wanted: &'a DocumentToBuy,
    flow: DocumentFlow,
    /// The price page's receipt, once seen.
    price: Option<Bill>,
}

impl Dialogue<'_, '_> {
    /// Asks until the document is there or the court has said no. A court may send the document
    /// at once instead of its price, so every one of these requests may be billed.
    async fn run(mut self) -> Deal {
        let mut ask = self.price_page();
        let mut way = Way::Buy;
        loop {
            let read = match self.purchase.ask(&ask, way).await {
                Ok(answer) => self.read(answer).await,
                Err(unanswered) => unanswered,
            };
            let what = match self.flow.next(read.came).asks() {
                Ok((next, what)) => {
                    way = next;
                    what
                }
                Err(end) => return self.end(end, read),
            };
            // Whichever price is said yes to: a court may show another one after the order.
            if matches!(read.came, Came::Price { .. })
                && way != Way::Fetch
                && let Err(error) = self.purchase.priced(self.at_stake()).await
            {
                return Deal::NotBilled(error);
            }
            ask = match what {
                What::First => self.price_page(),
                What::Order => self.purchase_form(),
                What::Link => read.link(),
                What::LinkByPrice => read.link_by_price(),
                What::Form if self.is_urlencoded(read.came) => read.form_urlencoded(),
                What::Form => read.form(),
                What::Last => {
                    self.purchase.pause().await;
                    ask
                }
                What::ById => ask,
            };
        }
    }

    async fn read(&mut self, answer: Answer) -> Reading {
        let conversation = self.purchase.conversation;
        let of_status = match self.is_appellate() {
            true => CourtAnswer::of_appellate_status,
            false => CourtAnswer::of_status,
        };
        if let Some(found) = of_status(answer.status) {
            return self.judged(found, &answer).await;
        }
        if let Some(location) = answer.location.clone() {
            return conversation.leads_on(answer, &location, Came::Location);
        }
        let found = verdict::document_answer(Some(&answer.media_type), &answer.body);
        let row = found.row();
        match found {
            DocumentAnswer::Pdf => {
                conversation.answered_well().await;
                Reading::new(Came::Goods, answer)
            }
            DocumentAnswer::PricePage(price) if row == CourtAnswer::PricePage => {
                self.compare(&price).await;
                self.priced(answer, price)
            }
            DocumentAnswer::Redirect(link) | DocumentAnswer::Frame(link) => {
                conversation.leads_on(answer, &link, Came::Link)
            }
            DocumentAnswer::OutsideLink(form) => {
                conversation.asks_to_send(answer, form, Came::LinkCheck)
            }
            DocumentAnswer::NotAPdf
            | DocumentAnswer::PdfInHtml
            | DocumentAnswer::Refused(_)
            | DocumentAnswer::RestrictedWarning
            | DocumentAnswer::NoSuchPath
            | DocumentAnswer::LoginPage
            | DocumentAnswer::AttachmentMenu
            | DocumentAnswer::PricePage(_)
            | DocumentAnswer::ServerTimeout
            | DocumentAnswer::NoPrivileges
            | DocumentAnswer::Blocked
            | DocumentAnswer::Notice(_)
            | DocumentAnswer::Unrecognised => self.judged(row, &answer).await,
        }
    }

    /// Asks once more if the table of answers says so, and otherwise does what it says.
    async fn judged(&self, row: CourtAnswer, answer: &Answer) -> Reading {
        let seen = Seen {
            case: self.case(),
            ..Seen::answer(answer)
        };
        let may_repeat = self.flow.may_repeat();
        let conversation = self.purchase.conversation;
        conversation.judged(row, &seen, may_repeat).await
    }

    /// Notes a price page that speaks of another document. It is bought all the same: courts share
    /// documents between cases.
    async fn compare(&self, price: &PricePage) {
        let shown = DocumentShown::of_receipt(&price.receipt);
        let DocumentToBuy {
            docket_number,
            document_number,
            ..
        } = self.wanted;
        if !shown.differs(docket_number, document_number) {
            return;
        }
        let detail = format!(
            "the price page is about {shown}; the docket has document {document_number} of \
             {docket_number}"
        );
        let attempt = self.purchase.conversation.attempt;
        if let Err(error) = attempt.step("differs", &detail).await {
            warn!(%error, "a difference could not be noted");
        }
    }

    /// The price came. The last one that was shown before the order was taken counts.
    fn priced(&mut self, answer: Answer, price: PricePage) -> Reading {
        if !self.flow.is_fetching() {
            self.price = Some(self.bill(&price));
        }
        let conversation = self.purchase.conversation;
        let Some(form) = price.accept else {
            return Reading::new(Came::Price { form: false }, answer);
        };
        conversation.asks_to_send(answer, form, |leads| Came::Price {
            form: leads != Leads::Elsewhere,
        })
    }

    fn bill(&self, price: &PricePage) -> Bill {
        let receipt = &price.receipt;
        let cents = receipt
            .cost_cents
            .map_or(bill::at_most(self.wanted.item()).cents.0, to_signed);
        // An exempt account is shown the price and pays nothing.
        let cents = if receipt.is_exempt { 0 } else { cents };
        Bill {
            cents: Cents(cents),
            pages: receipt.billable_pages.map_or(cents / 10, to_signed),
            receipt: Some(receipt.clone()),
            awaited: None,
        }
    }

    /// What was shown, or else the most that it can be.
    fn shown(&self) -> Bill {
        let most = || bill::at_most(self.wanted.item());
        self.price.clone().unwrap_or_else(most)
    }

    fn at_stake(&self) -> Cents {
        self.shown().cents
    }

    fn is_appellate(&self) -> bool {
        self.purchase.conversation.court.is_appellate()
    }

    /// How the form of a page is sent: that of the check of links is an appellate court's.
    fn is_urlencoded(&self, came: Came) -> bool {
        self.is_appellate() || matches!(came, Came::LinkCheck(_))
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
        let has_moved = self.flow.repeated() == Some(CourtAnswer::WrongPath);
        let former = appellate::former_path(court, &ask);
        former.filter(|_| has_moved).unwrap_or(ask)
    }

    fn purchase_form(&self) -> Ask {
        // Documents that are shared between cases are sold under no case.
        let known = self.flow.repeated() != Some(CourtAnswer::WrongCase);
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

    /// What the end of the way means for the books.
    fn end(&self, end: End, read: Reading) -> Deal {
        let network = || JobError::retry(Failure::PdfNetwork);
        match (end, read) {
            (
                End::Bought,
                Reading {
                    answer: Some(answer),
                    ..
                },
            ) => Deal::Bought {
                answer,
                bill: self.shown(),
            },
            (
                End::ByRules,
                Reading {
                    answer: Some(answer),
                    ..
                },
            ) => Deal::Unpriced {
                answer,
                item: self.wanted.unpriced_item(),
            },
            (
                End::Billed,
                Reading {
                    deal: Some(deal), ..
                },
            ) => deal,
            (End::Unbilled, read) => read.unbilled(network()),
            (_, read) => read.in_doubt(
                "the document may have been sold, and did not arrive",
                Failure::PdfNetwork,
            ),
        }
    }

    fn case(&self) -> &str {
        self.wanted
            .case_id
            .as_ref()
            .map_or("", |case| case.as_str())
    }
}
