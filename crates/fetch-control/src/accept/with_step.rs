//! Accepting a request together with what has to be fetched first.

use fetch_db::{Connection, Error};
use fetch_model::{RequestSpec, TokenId, address::DocumentAddress, budget::Reservation};
use fetch_queue::{
    accept::{Draft, Unless, Written, write_one},
    plans,
    repeats::Mark,
};

use super::Acceptance;
use crate::{Control, plans as steps};

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

impl Control {
    /// The same for a request that waits for another one, which is written down with it: both or none, and
    /// what both may cost together has to fit.
    ///
    /// # Errors
    /// As [`Control::accept_once`].
    pub async fn accept_with_step(
        &self,
        new: &RequestSpec,
        first: &FirstStep,
        token: Option<TokenId>,
        reservation: Reservation,
        mark: Option<&Mark>,
    ) -> Result<Acceptance, Error> {
        self.accept_alone(new, Some(first), token, reservation, mark)
            .await
    }
}

/// Writes a request down that waits for its first step, and the step before it.
pub(super) async fn write_with_step(
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
    let held = RequestSpec {
        not_before: Some(plans::held_until()),
        ..new.clone()
    };
    let draft = Draft::new(&held, token, reservation, Unless::Nothing)?;
    let Some(mut written) = write_one(connection, &draft).await? else {
        return Ok(None);
    };
    let id = written.request.id;
    written.request.spec.not_before = new.not_before;
    plans::begin(connection, id, &first.address, new.not_before).await?;
    written.request.message = steps::waits_for(first.spec.kind, step.request.id);
    plans::wait_for(connection, id, step.request.id, &written.request.message).await?;
    written.others_wait |= step.others_wait;
    Ok(Some(written))
}
