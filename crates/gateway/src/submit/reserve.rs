//! What is set aside for a submission.

use fetch_model::{UserId, budget::Reservation};
use pacer::quote::Quote;

use super::Intake;
use crate::{
    dialect::{ApiError, submission::Submission},
    quote,
};

impl Intake {
    /// What is set aside for a submission, if it fits under every limit as things stand.
    pub(crate) async fn allow(
        &self,
        user: UserId,
        submission: &Submission,
        quote: &Quote,
    ) -> Result<Reservation, ApiError> {
        let control = &self.api.control;
        let (estimate, budgets) = (quote::estimate(quote), &self.api.guard.budgets);
        let (mut limits, remembered) = budgets.known(control, user).await?;
        let reservation = match limits.reserve(estimate, submission.max_cost) {
            Err(_) if remembered => {
                limits = budgets.present(control, user).await?;
                limits.reserve(estimate, submission.max_cost)?
            }
            reservation => reservation?,
        };
        if limits.per_quarter.is_some() {
            limits.check_quarter(reservation.reserve, control.ledger.usage(user).await?)?;
        }
        Ok(reservation)
    }
}
