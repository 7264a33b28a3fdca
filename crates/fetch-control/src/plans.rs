//! How a request that was asked for by an address goes on: once a step has ended, the document is looked for,
//! and the request begins, has another step made, or ends.
//!
//! Everything that decides is in rows, so any gateway may do it, and again. Nothing is bought here: each step
//! is an ordinary request, and so is what waits for it.

use fetch_db::{Connection, Error};
use fetch_library::whereabouts::Place;
use fetch_model::{
    Cents, DocumentId, Failure, FetchId, FetchKind, FetchRequest, RequestSpec, State,
    address::{DocumentAddress, DocumentName},
    budget::Reservation,
};
use fetch_queue::{
    accept::{Draft, Unless, write_one},
    cancel, plans,
    plans::PlanDue,
};

use crate::Control;

/// A request that has moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advanced {
    /// The request.
    pub request: FetchId,
    /// Its court.
    pub court: String,
    /// Where it is now.
    pub state: State,
}

/// What becomes of a request whose step has ended.
#[derive(Debug, Clone, PartialEq)]
enum Next {
    /// The document is stored.
    Begin(DocumentId),
    /// The menu of its entry, by the entry's main document.
    Menu(DocumentId),
    /// The step has failed.
    AsItsStep,
    /// The step was cancelled.
    Cancel,
    /// It cannot go on.
    Fail(Failure),
}

/// What ends a request whose owner may not call any more, before its menu was fetched.
const SHUT_OUT_ON_THE_WAY: &str = "Cancelled: its owner may not use this service any more, so the list of \
     attachments was not fetched. Nothing was bought but what was fetched first.";

impl Control {
    /// Has a request go on whose step has ended, and says where it is now; none if somebody else was first.
    ///
    /// # Errors
    /// When the database cannot answer; the same may be asked again.
    pub async fn advance_plan(&self, due: &PlanDue) -> Result<Option<Advanced>, Error> {
        let Some(request) = self.queue.request(due.request).await? else {
            return Ok(None);
        };
        let next = self.next_of(due, &request).await?;
        let state = self.advance(due, &request, next).await?;
        Ok(state.map(|state| Advanced {
            request: due.request,
            court: request.spec.target_court,
            state,
        }))
    }

    async fn next_of(&self, due: &PlanDue, request: &FetchRequest) -> Result<Next, Error> {
        let asked_menu = match due.ended {
            Some((kind, State::Done)) => kind == FetchKind::Attachments.number(),
            Some((_, State::Cancelled)) => return Ok(Next::Cancel),
            Some(_) => return Ok(Next::AsItsStep),
            None => return Ok(Next::Fail(Failure::Internal)),
        };
        let Some(address) = &due.address else {
            return Ok(Next::Fail(Failure::Internal));
        };
        let found = self.library.whereabouts(address).await?;
        let wants_menu = request.spec.kind == FetchKind::Attachments;
        Ok(match found.place {
            Place::Stored(id) => Next::Begin(id),
            Place::BehindMenu(main) if wants_menu => Next::Begin(main),
            Place::BehindMenu(main) if !asked_menu => Next::Menu(main),
            Place::Several(ids) => Next::Fail(Failure::NotOnDocket {
                what: address.name.to_string(),
                several: ids,
            }),
            Place::BehindMenu(_) | Place::Nowhere => Next::Fail(Failure::NotOnDocket {
                what: address.name.to_string(),
                several: Vec::new(),
            }),
        })
    }

    /// Writes down what becomes of it, and gives its state; none if somebody else was first.
    async fn advance(
        &self,
        due: &PlanDue,
        request: &FetchRequest,
        next: Next,
    ) -> Result<Option<State>, Error> {
        let mut transaction = self.db.begin().await?;
        if !plans::lock(&mut transaction, due.request, due.step).await? {
            return Ok(None);
        }
        let state = match next {
            Next::Begin(document) => {
                plans::go_on(&mut transaction, due.request, document).await?;
                State::Accepted
            }
            Next::Menu(main) => self.make_menu(&mut transaction, request, main).await?,
            Next::AsItsStep => {
                let step = self.queue.request(due.step).await?;
                let said = step.map(|step| step.message).unwrap_or_default();
                let message = format!("{said} (From request {}, a step of this one.)", due.step);
                if !plans::fail_as(&mut transaction, due.request, due.step, &message).await? {
                    return Ok(None);
                }
                State::Failed
            }
            Next::Cancel => {
                let message = format!(
                    "Cancelled because its step, request {}, was cancelled.",
                    due.step
                );
                cancel::end_as_cancelled(&mut transaction, due.request, &message).await?;
                State::Cancelled
            }
            Next::Fail(failure) => {
                plans::fail(&mut transaction, due.request, &failure).await?;
                State::Failed
            }
        };
        transaction.commit().await?;
        Ok(Some(state))
    }

    async fn make_menu(
        &self,
        connection: &mut Connection,
        request: &FetchRequest,
        main: DocumentId,
    ) -> Result<State, Error> {
        let step = menu_of(&request.spec, main);
        let draft = Draft::new(&step, None, Reservation::default(), Unless::Nothing)?;
        let Some(written) = write_one(connection, &draft).await? else {
            cancel::end_as_cancelled(connection, request.id, SHUT_OUT_ON_THE_WAY).await?;
            return Ok(State::Cancelled);
        };
        let message = waits_for(FetchKind::Attachments, written.request.id);
        plans::wait_for(connection, request.id, written.request.id, &message).await?;
        fetch_queue::notify::wake(connection, &step.target_court).await?;
        Ok(State::Accepted)
    }
}

/// The docket that has to be fetched for a document, as its own request: the entry alone where that is told,
/// and no more than its caller asked for.
#[must_use]
pub fn docket_of(spec: &RequestSpec, address: &DocumentAddress, is_appellate: bool) -> RequestSpec {
    let mut step = RequestSpec {
        kind: FetchKind::Docket,
        court: Some(address.court.clone()),
        docket: address.docket,
        document: None,
        pacer_case_id: address.pacer_case_id.clone(),
        docket_number: address.docket_number.clone(),
        ..spec.clone()
    };
    if let DocumentName::Place { entry, .. } = address.name
        && !is_appellate
    {
        step.options.number_start = Some(entry);
        step.options.number_end = Some(entry);
    }
    step
}

/// The menu of an entry, as a request of its own.
#[must_use]
pub fn menu_of(spec: &RequestSpec, main: DocumentId) -> RequestSpec {
    RequestSpec {
        kind: FetchKind::Attachments,
        document: Some(main),
        not_before: None,
        ..spec.clone()
    }
}

/// What is said of a request that waits for a step.
#[must_use]
pub fn waits_for(kind: FetchKind, step: FetchId) -> String {
    let what = match kind {
        FetchKind::Docket => "the docket",
        FetchKind::Attachments | FetchKind::Pdf => "the attachment menu",
    };
    format!("Waits for {what}, which is fetched first (request {step}).")
}

/// What is set aside for a request and for its first step together.
#[must_use]
pub fn sum_of(reservations: [Option<Reservation>; 2]) -> Cents {
    reservations
        .into_iter()
        .flatten()
        .map(|it| it.reserve)
        .sum()
}
