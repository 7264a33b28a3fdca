//! Buying from appellate courts, where everything is asked of one servlet with parameters.
//!
//! A docket is asked by its number: there is no lookup before, and a number that no case has
//! costs a page. Two courts have moved cases to ACMS, which is another site that we do not know
//! how to ask; see `docs/adr/0006-acms.md`.

use fetch_model::{DocketOptions, Failure, JobError, item_key};
use fetch_store::{captures::Enough, requests::CaseOf};
use pacer::{
    court::Court,
    form::{self, AppellateDocketOptions},
    ids::{DocketNumber, PacerCaseId, PacerDocId},
    page::{
        case_identity::OtherCase,
        verdict::{self, AppellateDocketAnswer, CourtAnswer},
    },
};

use crate::{
    Conversation,
    answer::Answer,
    bill,
    conversation::Ask,
    docket,
    document::DocumentToBuy,
    flow::{AppealFlow, Came, End, Leads, Way, What},
    judge::Seen,
    purchase::{Bought, Deal, Item, Purchase, Talk},
    reading::Reading,
};

/// What is known about an appeal before the court is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppealToBuy {
    /// The docket number of the stored docket that the request names.
    pub stored_number: Option<String>,
    /// Whether we hold documents of it that are from the court's CM/ECF site, so that it is no
    /// case of ACMS.
    pub is_in_cmecf: bool,
}

/// Buys the docket of the appeal that the attempt's request asks for.
///
/// # Errors
/// See [`JobError`]. What was bought and is no docket is kept all the same.
pub async fn buy(conversation: &Conversation<'_>, known: &AppealToBuy) -> Result<Bought, JobError> {
    let request = &conversation.attempt.request;
    let prefix = item_key::dockets_of(&request.asked.target_court);
    if let Some((_, bought)) = conversation.docket_captured_before(&prefix).await? {
        return of_the_case(conversation, known, bought).await;
    }
    let number = number(conversation, known)?;
    conversation
        .note_docket(CaseOf::Number(number.as_str()))
        .await?;
    refuse_acms_case(conversation, known, &number)?;
    let item = Item {
        key: item_key::docket(
            &request.asked.target_court,
            number.as_str(),
            &request.asked.options,
        ),
        quoted: docket::most(),
        priced_first: false,
        // A docket grows: only one that came since this request was allowed to begin will do.
        enough: Enough::Fresh,
    };
    let report = Report {
        options: report_options(&request.asked.options),
        number,
    };
    let mut bought = conversation.buy(item.clone(), report.clone()).await?;
    if !bought.paid_now
        && let Some(other) = other_case(conversation, known, &bought)
    {
        // Somebody else's purchase went wrong. Ours need not.
        conversation.put_aside(&bought, &other).await?;
        bought = conversation.buy(item, report).await?;
    }
    of_the_case(conversation, known, bought).await
}

/// The docket, if it is of the case that was asked for.
async fn of_the_case(
    conversation: &Conversation<'_>,
    known: &AppealToBuy,
    bought: Bought,
) -> Result<Bought, JobError> {
    match other_case(conversation, known, &bought) {
        Some(other) => Err(conversation.refuse_other_case(&bought, other).await),
        None => Ok(bought),
    }
}

fn other_case(
    conversation: &Conversation<'_>,
    known: &AppealToBuy,
    bought: &Bought,
) -> Option<OtherCase> {
    let asked = conversation.attempt.request.asked.docket_number.as_str();
    let stored = known.stored_number.as_deref().unwrap_or_default();
    conversation.other_case(bought, None, &[asked, stored])
}

/// The number as asked, or else as stored.
fn number(conversation: &Conversation<'_>, known: &AppealToBuy) -> Result<DocketNumber, JobError> {
    let asked = Some(conversation.attempt.request.asked.docket_number.as_str());
    let number = asked
        .filter(|number| !number.is_empty())
        .or(known.stored_number.as_deref())
        .unwrap_or_default();
    DocketNumber::parse(number).map_err(|_| Failure::CaseIdUnknown.into())
}

/// A case that may be in ACMS is refused before anything is asked for: the court's CM/ECF site
/// would bill a page to say that it does not have it.
fn refuse_acms_case(
    conversation: &Conversation<'_>,
    known: &AppealToBuy,
    number: &DocketNumber,
) -> Result<(), JobError> {
    let court = conversation.court;
    let request = &conversation.attempt.request;
    // Ids of ACMS are GUIDs, those of CM/ECF numbers.
    let is_named_as_acms = court.acms && request.asked.pacer_case_id.contains('-');
    let may_be = court.may_be_in_acms(number)
        && !known.is_in_cmecf
        && !conversation.purchases.ask_cmecf_for_acms;
    if !is_named_as_acms && !may_be {
        return Ok(());
    }
    let reason = format!(
        "The cases that {} keeps in ACMS are not supported yet, and {number} may be one of them. \
         Nothing was bought.",
        request.asked.target_court
    );
    Err(Failure::NotSupported {
        request: request.id,
        reason,
    }
    .into())
}

/// A document with the id of ACMS cannot be had from CM/ECF.
pub(crate) fn refuse_acms_document(
    conversation: &Conversation<'_>,
    document: &PacerDocId,
) -> Result<(), JobError> {
    let asked = &conversation.attempt.request.asked;
    if !conversation.court.is_appellate() || document.prefix().is_some() {
        return Ok(());
    }
    let id = asked.document.ok_or(Failure::Internal)?;
    Err(Failure::DocumentRefused {
        reason: "The document is kept in ACMS, which is not supported yet; nothing was bought"
            .to_owned(),
        court: asked.target_court.clone(),
        document: id,
    }
    .into())
}

fn report_options(options: &DocketOptions) -> AppellateDocketOptions {
    AppellateDocketOptions {
        date_from: options.date_start,
        date_to: options.date_end,
        parties_and_counsel: options.show_parties_and_counsel,
        member_cases: options.show_list_of_member_cases,
    }
}

/// The price page of a document.
pub(crate) fn price_page(court: &Court, wanted: &DocumentToBuy) -> Ask {
    Ask::GetPrice(form::appellate_price_path(court, &id_to_ask(wanted)))
}

/// The request that buys a document, with the case if it is `known` to be right.
pub(crate) fn purchase_of(court: &Court, wanted: &DocumentToBuy, known: bool) -> Ask {
    let case = wanted.case_id.as_ref().filter(|_| known);
    Ask::Get(form::appellate_document_path(
        court,
        &id_to_ask(wanted),
        case,
    ))
}

/// The same at the path where the servlet of the court was before it moved; none if it is asked
/// elsewhere, or never moved.
pub(crate) fn former_path(court: &Court, ask: &Ask) -> Option<Ask> {
    let former = court.legacy_servlet_path.as_deref()?;
    let moved = |path: &str| {
        let rest = path.strip_prefix(court.servlet())?;
        Some(format!("{former}{rest}"))
    };
    Some(match ask {
        Ask::Get(path) => Ask::Get(moved(path)?),
        Ask::GetPrice(path) => Ask::GetPrice(moved(path)?),
        Ask::PostUrlencoded(path, fields) => Ask::PostUrlencoded(moved(path)?, fields.clone()),
        Ask::Post(..) => return None,
    })
}

/// A main document is asked for in a way that shows the menu if its entry has others: then it is
/// not the main document alone that is wanted, and the menu has to be fetched first.
fn id_to_ask(wanted: &DocumentToBuy) -> PacerDocId {
    match wanted.is_attachment {
        true => wanted.doc_id.single_document(),
        false => wanted.doc_id.canonical(),
    }
}

/// A docket to be asked for.
#[derive(Clone)]
struct Report {
    options: AppellateDocketOptions,
    number: DocketNumber,
}

impl Talk for Report {
    /// Asks until the court has sent the docket or said no. Only the last page is billed.
    async fn talk(self, purchase: &mut Purchase<'_>) -> Deal {
        Dialogue {
            first: Ask::Get(self.options.path(purchase.conversation.court, &self.number)),
            report: self,
            purchase,
            flow: AppealFlow::new(),
            case: None,
        }
        .run()
        .await
    }
}

struct Dialogue<'a, 'b> {
    purchase: &'a mut Purchase<'b>,
    report: Report,
    first: Ask,
    flow: AppealFlow,
    /// The court's own id of the case, if a page has told it.
    case: Option<String>,
}

impl Dialogue<'_, '_> {
    async fn run(mut self) -> Deal {
        let mut ask = self.first.clone();
        let mut way = Way::Buy;
        loop {
            let read = match self.purchase.ask(&ask, way).await {
                Ok(answer) => self.read(answer).await,
                Err(unanswered) => unanswered,
            };
            if read.came == Came::Again(CourtAnswer::WrongPath)
                && let Some(former) = self.former_path()
            {
                self.first = former;
            }
            // Nothing of an appellate court's docket is put aside.
            let what = match self.flow.next(read.came).asks() {
                Ok((next, what)) => {
                    way = next;
                    what
                }
                Err(end) => return self.end(end, read),
            };
            if let (Came::Price { .. }, Some(answer)) = (read.came, &read.answer)
                && let Err(error) = self.purchase.priced_at(answer).await
            {
                return Deal::NotBilled(error);
            }
            ask = match what {
                What::Link => read.link(),
                What::LinkByPrice => read.link_by_price(),
                What::Form => read.form_urlencoded(),
                What::ById => self.asked_anew(),
                What::First | What::Order => self.first.clone(),
                What::Last => ask,
            };
        }
    }

    /// Tells every page that an appellate court is known to answer with.
    async fn read(&mut self, answer: Answer) -> Reading {
        use AppellateDocketAnswer as Page;

        if let Some(found) = CourtAnswer::of_appellate_status(answer.status) {
            return self.judged(found, &answer).await;
        }
        let conversation = self.purchase.conversation;
        if let Some(location) = answer.location.clone() {
            return conversation.leads_on(answer, &location, Came::Location);
        }
        let found = verdict::appellate_docket_answer(&answer.body);
        let row = found.row();
        match found {
            Page::Docket => {
                conversation.answered_well().await;
                Reading::new(Came::Goods, answer)
            }
            Page::OutsideLink(form) => conversation.asks_to_send(answer, form, Came::LinkCheck),
            Page::AcceptCharges(form) => {
                conversation.asks_to_send(answer, form, |leads| Came::Price {
                    form: leads != Leads::Elsewhere,
                })
            }
            Page::Refresh(case) => {
                self.case = case;
                self.judged(row, &answer).await
            }
            Page::OptionForm
            | Page::LoginPage
            | Page::CaseNumberNotFound
            | Page::Sealed
            | Page::CannotBeDisplayed
            | Page::NoSuchPath
            | Page::ServerTimeout
            | Page::NoPrivileges
            | Page::ClientCodeRequired
            | Page::Blocked
            | Page::Notice(_)
            | Page::Unrecognised => self.judged(row, &answer).await,
        }
    }

    /// Asks once more if the table of answers says so, and otherwise does what it says.
    async fn judged(&self, row: CourtAnswer, answer: &Answer) -> Reading {
        let conversation = self.purchase.conversation;
        let seen = Seen::answer(answer);
        // A price that is shown before it is charged is on a page of its own: no bill.
        let is_price = verdict::is_confirmation(&answer.body);
        let billed = !is_price && bill::of_receipt(&answer.body).is_some();
        let may_repeat = !billed && self.may_help(row);
        if is_price && !(may_repeat && conversation.is_repeated(row)) {
            return Reading::judged(Deal::NotBilled(conversation.stop(row, &seen).await));
        }
        conversation.judged(row, &seen, may_repeat).await
    }

    /// Whether there is a way to ask for the same docket once more after this answer.
    fn may_help(&self, row: CourtAnswer) -> bool {
        let is_known = row != CourtAnswer::WrongPath || self.former_path().is_some();
        self.flow.may_repeat(row) && is_known
    }

    fn former_path(&self) -> Option<Ask> {
        former_path(self.purchase.conversation.court, &self.first)
    }

    /// The same docket, by the court's own id of the case if a page has told it.
    fn asked_anew(&self) -> Ask {
        let court = self.purchase.conversation.court;
        let case = self.case.as_deref();
        match case.and_then(|case| PacerCaseId::parse(case).ok()) {
            Some(case) => Ask::Get(self.report.options.path_by_id(court, &case)),
            None => self.first.clone(),
        }
    }

    /// What the end of the way means for the books.
    fn end(&self, end: End, read: Reading) -> Deal {
        match (end, read) {
            (
                End::Bought,
                Reading {
                    answer: Some(answer),
                    ..
                },
            ) => {
                let bill = bill::of_report(&answer.body);
                Deal::Bought { answer, bill }
            }
            (
                End::Bought | End::Billed,
                Reading {
                    deal: Some(deal), ..
                },
            ) => deal,
            (End::Unbilled, read) => read.unbilled(self.kept_asking().into()),
            (_, read) => read.in_doubt(
                "the price of the docket was accepted, and the docket did not arrive",
                Failure::AppealNetwork {
                    request: self.purchase.conversation.attempt.request.id,
                },
            ),
        }
    }

    fn kept_asking(&self) -> Failure {
        Failure::AppealNotBought {
            request: self.purchase.conversation.attempt.request.id,
            reason: "The court kept asking instead of sending the docket.".to_owned(),
        }
    }
}
