//! How a request for several documents goes on: the docket and the menus that are missing are fetched, then each
//! document, and in the end it is said what came and what did not (`docs/adr/0061-batches-and-ranges.md`).
//!
//! Each of these is a request of its own, and buys for itself. What all of them cost is kept within the limit by what each may
//! cost: its share. When some have ended and cost less than their shares, there is room for more.

mod shares;
mod summary;

use fetch_db::{Connection, Error};
use fetch_ledger::budgets;
use fetch_library::sets::StoredSet;
use fetch_model::{
    Cents, DocketId, DocumentId, Failure, FetchId, FetchKind, FetchRequest, RequestSpec, State,
    address::DocumentSet,
    budget::{LimitExceeded, Reservation},
};
use fetch_queue::{
    accept::{Draft, Unless, write_all},
    cancel, plans,
    plans::{SetDue, SetStep},
};
use pacer::court::Court;

use crate::{
    Control,
    plans::{Advanced, docket_of, menu_of},
};
use shares::{PricedDocument, Shares};
use summary::{Summary, nothing_on_docket};

/// So many steps are made at once.
const AT_ONCE: usize = 100;

/// What ends a request whose owner may not call any more.
const SHUT_OUT: &str = "Cancelled: its owner may not use this service any more, so the rest was not fetched. What was \
     fetched before is stored.";

/// What is known of a request for several documents.
struct Known {
    set: DocumentSet,
    docket: Option<DocketId>,
    stored: StoredSet,
    steps: Vec<SetStep>,
    /// What may still be spent on it; none without a limit.
    left: Option<Cents>,
}

/// What becomes of it.
enum Next {
    /// These are made, for which this is said.
    Make(Vec<NewStep>, String),
    /// A docket that is needed could not be had.
    AsItsStep(FetchId),
    /// It was cancelled.
    Cancel(FetchId),
    /// Everything was tried.
    End(Summary),
    /// It cannot go on.
    Fail(Failure),
}

/// A step that is to be made.
struct NewStep {
    spec: RequestSpec,
    reservation: Reservation,
}

impl Control {
    /// Has a request for several documents go on of which no step is under way, and says where it is now; none if
    /// somebody else was first.
    ///
    /// # Errors
    /// When the database cannot answer; the same may be asked again.
    pub async fn advance_set(&self, due: &SetDue) -> Result<Option<Advanced>, Error> {
        let Some(request) = self.queue.request(due.request).await? else {
            return Ok(None);
        };
        let mut transaction = self.db.begin().await?;
        if !plans::lock(&mut transaction, due.request, due.request).await?
            || !plans::open_steps(&mut transaction, due.request)
                .await?
                .is_empty()
        {
            return Ok(None);
        }
        let state = match &due.set {
            None => {
                plans::fail(&mut transaction, due.request, &Failure::Internal).await?;
                Some(State::Failed)
            }
            Some(set) => {
                let known = self.known(&mut transaction, &request, set).await?;
                let next = self.next_of_set(&request, &known).await?;
                self.carry_out(&mut transaction, &request, &known, next)
                    .await?
            }
        };
        transaction.commit().await?;
        Ok(state.map(|state| Advanced {
            request: due.request,
            court: request.spec.target_court,
            state,
        }))
    }

    async fn known(
        &self,
        connection: &mut Connection,
        request: &FetchRequest,
        set: &DocumentSet,
    ) -> Result<Known, Error> {
        let steps = plans::steps_of_set(connection, request.id).await?;
        let mut bought = steps.iter().rev().filter(|step| step.state == State::Done);
        let docket = match bought.find_map(|step| step.docket) {
            Some(docket) => Some(docket),
            None => {
                let found = self.library.whereabouts(&set.first()).await?;
                found.docket.map(|docket| docket.id)
            }
        };
        let stored = match docket {
            Some(docket) => self.library.documents_of(docket, &set.entries).await?,
            None => StoredSet::default(),
        };
        let (_, limit) = plans::limits_of_set(connection, request.id).await?;
        let committed = budgets::committed_to(connection, request.id).await?;
        Ok(Known {
            set: set.clone(),
            docket,
            stored,
            steps,
            left: limit.map(|limit| Cents((limit.0 - committed.0).max(0))),
        })
    }

    async fn next_of_set(&self, request: &FetchRequest, known: &Known) -> Result<Next, Error> {
        let of_docket = known.steps_of(FetchKind::Docket).last();
        match of_docket {
            Some(step) if step.state == State::Failed => return Ok(Next::AsItsStep(step.step)),
            Some(step) if step.state != State::Done => return Ok(Next::Cancel(step.step)),
            _ => {}
        }
        if of_docket.is_none()
            && let Some(span) = known.missing()
        {
            return Ok(known.docket_step(&request.spec, span));
        }
        if known.docket.is_none() {
            return Ok(Next::Fail(nothing_on_docket(&known.set)));
        }
        let menus = known.menu_steps(&request.spec);
        if !menus.is_empty() {
            let said = format!(
                "Waits for the attachment menus of {} entries, which are fetched first.",
                menus.len()
            );
            return Ok(Next::Make(menus, said));
        }
        let mut shares = Shares::of(known.left);
        for document in known.not_asked_for() {
            // The next ones are looked at when these have ended.
            if shares.count() == AT_ONCE {
                break;
            }
            let price = self.document_for_price(document).await?;
            shares.offer(&PricedDocument::new(document, price));
        }
        let needs = shares.least();
        let steps: Vec<NewStep> = shares
            .share_out()
            .into_iter()
            .map(|(document, share)| known.document_step(&request.spec, document, share))
            .collect();
        if steps.is_empty() {
            return Ok(Next::End(known.summary(needs)));
        }
        let (count, set) = (steps.len(), &known.set);
        let said = format!("Waits for {count} documents of {set}, each of which is a request.");
        Ok(Next::Make(steps, said))
    }

    async fn carry_out(
        &self,
        connection: &mut Connection,
        request: &FetchRequest,
        known: &Known,
        next: Next,
    ) -> Result<Option<State>, Error> {
        let id = request.id;
        match next {
            Next::Make(steps, said) => self.make(connection, request, known, &steps, &said).await,
            Next::AsItsStep(step) => {
                let said = self.queue.request(step).await?;
                let said = said.map(|step| step.message).unwrap_or_default();
                let message = format!("{said} (From request {step}, a step of this one.)");
                let failed = plans::fail_as(connection, id, step, &message).await?;
                Ok(failed.then_some(State::Failed))
            }
            Next::Cancel(step) => {
                let message = format!("Cancelled because its step, request {step}, was cancelled.");
                cancel::end_as_cancelled(connection, id, &message).await?;
                Ok(Some(State::Cancelled))
            }
            Next::Fail(failure) => {
                plans::fail(connection, id, &failure).await?;
                Ok(Some(State::Failed))
            }
            Next::End(summary) => self.end(connection, id, known.docket, &summary).await,
        }
    }

    async fn end(
        &self,
        connection: &mut Connection,
        id: FetchId,
        docket: Option<DocketId>,
        summary: &Summary,
    ) -> Result<Option<State>, Error> {
        if summary.came > 0 {
            let message = format!("{} {}", Failure::SUCCESS, summary.said);
            plans::gather(connection, id, docket, &message).await?;
            return Ok(Some(State::Done));
        }
        if let Some(step) = summary.failed {
            let failed = plans::fail_as(connection, id, step, &summary.said).await?;
            return Ok(failed.then_some(State::Failed));
        }
        let (_, limit) = plans::limits_of_set(connection, id).await?;
        let failure = match (&summary.needs, limit) {
            (Some(needs), Some(allowed)) => Failure::OverBudget {
                shortfall: LimitExceeded::MaxCost {
                    allowed,
                    needs: *needs,
                },
                before: self.ledger.spent_on(id).await?,
            },
            _ => summary.nothing.clone(),
        };
        plans::fail(connection, id, &failure).await?;
        Ok(Some(State::Failed))
    }

    /// Writes steps down, if what they may cost is set aside for their request, or there is room for it. If there is
    /// none for the documents that are left, it ends with those that came.
    async fn make(
        &self,
        connection: &mut Connection,
        request: &FetchRequest,
        known: &Known,
        steps: &[NewStep],
        said: &str,
    ) -> Result<Option<State>, Error> {
        let (user, id) = (request.spec.user, request.id);
        let needs: Cents = steps.iter().map(|step| step.reservation.reserve).sum();
        let (reserved, _) = plans::limits_of_set(connection, id).await?;
        let limits = budgets::limits_of(connection, user).await?;
        let beyond = Cents((needs.0 - reserved.0).max(0));
        if limits.per_quarter.is_some() && beyond > Cents(0) {
            let usage = budgets::locked_usage(connection, user).await?;
            if let Err(shortfall) = limits.check_quarter(beyond, usage) {
                let before = self.ledger.spent_on(id).await?;
                if steps.iter().all(|step| step.spec.kind == FetchKind::Pdf) {
                    let summary = known.without_room(shortfall, before);
                    return self.end(connection, id, known.docket, &summary).await;
                }
                plans::fail(connection, id, &Failure::OverBudget { shortfall, before }).await?;
                return Ok(Some(State::Failed));
            }
        }
        let drafts: Result<Vec<Draft>, Error> = steps
            .iter()
            .map(|step| Draft::new(&step.spec, None, step.reservation, Unless::Nothing))
            .collect();
        let written = write_all(connection, &drafts?).await?;
        let made: Option<Vec<FetchId>> = written
            .into_iter()
            .map(|written| Some(written?.request.id))
            .collect();
        let Some(made) = made else {
            cancel::end_as_cancelled(connection, id, SHUT_OUT).await?;
            return Ok(Some(State::Cancelled));
        };
        plans::add_steps(connection, id, &made, needs).await?;
        plans::say(connection, id, said).await?;
        fetch_queue::notify::wake(connection, &request.spec.target_court).await?;
        Ok(Some(State::Accepted))
    }
}

impl Known {
    fn steps_of(&self, kind: FetchKind) -> impl Iterator<Item = &SetStep> {
        let steps = self.steps.iter();
        steps.filter(move |step| step.kind == kind.number())
    }

    fn step_for(&self, kind: FetchKind, document: DocumentId) -> Option<&SetStep> {
        let mut steps = self.steps_of(kind);
        steps.find(|step| step.document == Some(document))
    }

    /// The numbers that the stored docket does not tell of: the lowest and the highest.
    fn missing(&self) -> Option<(i32, i32)> {
        self.set.entries.span_without(&self.stored.entries)
    }

    /// The docket, as far as it is missing.
    fn docket_step(&self, spec: &RequestSpec, (first, last): (i32, i32)) -> Next {
        let court = Court::by_cl_id(&self.set.court);
        let is_appellate = court.is_some_and(Court::is_appellate);
        let mut step = held_no_more(docket_of(spec, &self.set.first(), is_appellate));
        step.docket = step.docket.or(self.docket);
        if !is_appellate {
            step.options.number_start = Some(first);
            step.options.number_end = Some(last);
        }
        let most = Cents(i32::try_from(pacer::price::CAP_CENTS).unwrap_or(i32::MAX));
        if let Some(left) = self.left.filter(|left| *left < most) {
            let shortfall = LimitExceeded::MaxCost {
                allowed: left,
                needs: most,
            };
            let before = Cents(0);
            return Next::Fail(Failure::OverBudget { shortfall, before });
        }
        let reservation = Reservation {
            reserve: most,
            max_cost: self.left,
        };
        let step = NewStep {
            spec: step,
            reservation,
        };
        let said = format!(
            "Waits for the docket, as far as it tells of {}, which is fetched first.",
            self.set
        );
        Next::Make(vec![step], said)
    }

    /// The menus that may tell of attachments, and were not asked for yet.
    fn menu_steps(&self, spec: &RequestSpec) -> Vec<NewStep> {
        if !self.set.attachments {
            return Vec::new();
        }
        let documents = self.stored.without_menu().into_iter();
        documents
            .filter(|it| self.step_for(FetchKind::Attachments, it.id).is_none())
            .take(AT_ONCE)
            .map(|it| NewStep {
                spec: menu_of(spec, it.id),
                reservation: Reservation::default(),
            })
            .collect()
    }

    /// Documents that are wanted, can be had, and were not asked for yet.
    fn not_asked_for(&self) -> Vec<DocumentId> {
        let wanted = self.stored.wanted(self.set.attachments).into_iter();
        wanted
            .filter(|it| it.can_be_asked_for && !it.is_available)
            .filter(|it| self.step_for(FetchKind::Pdf, it.id).is_none())
            .map(|it| it.id)
            .collect()
    }

    fn document_step(&self, spec: &RequestSpec, document: DocumentId, share: Cents) -> NewStep {
        NewStep {
            spec: RequestSpec {
                kind: FetchKind::Pdf,
                document: Some(document),
                ..held_no_more(spec.clone())
            },
            reservation: Reservation {
                reserve: share,
                max_cost: self.left.map(|_| share),
            },
        }
    }
}

/// What holds for the request is not what holds for its steps.
fn held_no_more(spec: RequestSpec) -> RequestSpec {
    RequestSpec {
        not_before: None,
        ..spec
    }
}
