//! All that is looked up and checked before anybody is logged in.

use chrono::Utc;
use fetch_model::{Cents, UserId};

use super::{Intake, Reserved};
use crate::{
    dialect::{
        ApiError, Source, checks,
        submission::{self, ReferencedRows, Submission},
    },
    locate::Located,
    quote::{self, Price},
};

/// A submission that may be accepted, once somebody is logged in.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    /// What it means, in the fields of the contract.
    pub located: Located,
    /// The court that will be asked.
    pub court: String,
    /// What it costs.
    pub price: Price,
    /// What is set aside for it.
    pub reserved: Reserved,
}

impl Prepared {
    /// The most that it will cost, with all that is fetched first.
    pub fn at_most(&self) -> Option<Cents> {
        quote::estimate(&self.price.whole()).at_most
    }
}

impl Intake {
    /// Finds the rows that a body names.
    pub(crate) async fn known(&self, fields: &dyn Source) -> Result<ReferencedRows, ApiError> {
        let (docket, document) = submission::ids_named(fields);
        let control = &self.api.control;
        let mut known = ReferencedRows {
            docket: match docket {
                Some(id) => control.library.docket_facts(id).await?,
                None => None,
            },
            document: match document {
                Some(id) => control.library.document_facts(id).await?,
                None => None,
            },
            first_id: None,
            now: Utc::now(),
        };
        let has_no_docket = docket.is_some() && known.docket.is_none();
        if has_no_docket || (document.is_some() && known.document.is_none()) {
            known.first_id = Some(control.db.first_id().await?);
        }
        Ok(known)
    }

    /// All that is checked before anybody is logged in. What cannot fit is not worth a login; whether it does
    /// fit is decided with the row.
    pub(super) async fn prepare(
        &self,
        user: UserId,
        submission: &Submission,
        known: &ReferencedRows,
    ) -> Result<Prepared, ApiError> {
        let prepared = self.prepare_one_of_many(user, submission, known).await?;
        self.check_quarter(user, prepared.reserved.whole().reserve)
            .await?;
        Ok(prepared)
    }

    /// The same but for what the quarter of its user has left, which is checked for all of them.
    pub(super) async fn prepare_one_of_many(
        &self,
        user: UserId,
        submission: &Submission,
        known: &ReferencedRows,
    ) -> Result<Prepared, ApiError> {
        let located = self.locate(submission.clone(), known.clone()).await?;
        let court = match located.is_complete() {
            true => checks::check(&located.submission, &located.known),
            false => checks::check_on_the_way(&located.submission, &located.known),
        };
        let court = court.map_err(ApiError::NonField)?.0;
        let price = quote::price(&self.api.control, &located, &court).await?;
        let reserved = self.reserve(user, &located, &price).await?;
        Ok(Prepared {
            located,
            court,
            price,
            reserved,
        })
    }
}
