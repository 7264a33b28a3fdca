//! Accepting a request together with what has to be fetched for it.

use fetch_db::{Connection, Error};
use fetch_model::{
    RequestSpec, TokenId,
    address::{DocumentAddress, DocumentSet},
    budget::Reservation,
};
use fetch_queue::{
    accept::{Draft, Unless, Written, write_one},
    plans,
    repeats::Mark,
};

use super::Acceptance;
use crate::{Control, plans as steps};

/// What a request has to wait for.
#[derive(Debug, Clone, PartialEq)]
pub enum OnTheWay {
    /// For a step, before its document is known.
    Step(Box<FirstStep>),
    /// For all of these documents, each of which is fetched by a request of its own.
    Set(DocumentSet),
}

/// What has to be fetched before the document of a request is known.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstStep {
    /// As a request of its own.
    pub spec: RequestSpec,
    /// What is set aside for it.
    pub reservation: Reservation,
    /// How the document is looked for then.
    pub address: DocumentAddress,
}

impl OnTheWay {
    /// The step that is written down with the request.
    #[must_use]
    pub fn first(&self) -> Option<&FirstStep> {
        match self {
            OnTheWay::Step(first) => Some(first),
            OnTheWay::Set(_) => None,
        }
    }
}

impl Control {
    /// The same for a request that waits for others. What is written down with it is, or neither is, and
    /// what both may cost together has to fit.
    ///
    /// # Errors
    /// As [`Control::accept_once`].
    pub async fn accept_with_step(
        &self,
        new: &RequestSpec,
        way: &OnTheWay,
        token: Option<TokenId>,
        reservation: Reservation,
        mark: Option<&Mark>,
    ) -> Result<Acceptance, Error> {
        self.accept_alone(new, Some(way), token, reservation, mark)
            .await
    }
}

/// Writes a request down that waits for others.
pub(super) async fn write_on_the_way(
    connection: &mut Connection,
    new: &RequestSpec,
    way: &OnTheWay,
    token: Option<TokenId>,
    reservation: Reservation,
) -> Result<Option<Written>, Error> {
    match way {
        OnTheWay::Step(first) => write_with_step(connection, new, first, token, reservation).await,
        OnTheWay::Set(set) => {
            let Some(mut written) = write_held(connection, new, token, reservation).await? else {
                return Ok(None);
            };
            let id = written.request.id;
            plans::begin_set(connection, id, set, new.not_before).await?;
            written.request.message = format!(
                "Waits for the documents of {set}, each of which is fetched by a request of its own."
            );
            plans::say(connection, id, &written.request.message).await?;
            Ok(Some(written))
        }
    }
}

/// Writes down a request that waits for its first step, and the step before it.
async fn write_with_step(
    connection: &mut Connection,
    new: &RequestSpec,
    first: &FirstStep,
    token: Option<TokenId>,
    reservation: Reservation,
) -> Result<Option<Written>, Error> {
    let draft = Draft::new(&first.spec, token, first.reservation, Unless::Nothing)?;
    let Some(step) = write_one(connection, &draft).await? else {
        return Ok(None);
    };
    let Some(mut written) = write_held(connection, new, token, reservation).await? else {
        return Ok(None);
    };
    let id = written.request.id;
    plans::begin(connection, id, &first.address, new.not_before).await?;
    written.request.message = steps::waits_for(first.spec.kind, step.request.id);
    plans::wait_for(connection, id, step.request.id, &written.request.message).await?;
    written.others_wait |= step.others_wait;
    Ok(Some(written))
}

/// Writes down a request that stays out of the queue.
async fn write_held(
    connection: &mut Connection,
    new: &RequestSpec,
    token: Option<TokenId>,
    reservation: Reservation,
) -> Result<Option<Written>, Error> {
    let held = RequestSpec {
        not_before: Some(plans::held_until()),
        ..new.clone()
    };
    let draft = Draft::new(&held, token, reservation, Unless::Nothing)?;
    let written = write_one(connection, &draft).await?;
    Ok(written.map(|mut written| {
        written.request.spec.not_before = new.not_before;
        written
    }))
}
