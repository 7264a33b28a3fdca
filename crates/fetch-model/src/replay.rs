//! Which failures an operator may try again.

use crate::Failure;

impl Failure {
    /// Whether the same request may succeed once its cause is gone: a court that is back, a
    /// session that was renewed, a reader that was mended. What was bought for it is kept, so
    /// trying again buys nothing twice.
    ///
    /// Not so where the court has answered, where the request itself is wrong, or where money is
    /// in doubt: that is for its owner to decide.
    #[must_use]
    pub fn may_be_replayed(&self) -> bool {
        match self {
            Failure::BlockedByCourt { .. }
            | Failure::SessionGone { .. }
            | Failure::SessionRefused { .. }
            | Failure::DocketNetwork { .. }
            | Failure::DocketNotRecognised { .. }
            | Failure::AppealNetwork { .. }
            | Failure::AppealNotBought { .. }
            | Failure::PdfNetwork
            | Failure::MenuNetwork
            | Failure::MenuNotRecognised
            | Failure::NoWorker { .. }
            | Failure::Internal => true,
            Failure::CaseNotFound
            | Failure::CaseAmbiguous { .. }
            | Failure::CaseIdUnknown
            | Failure::NotSupported { .. }
            | Failure::MissingDocId { .. }
            | Failure::DocumentRefused { .. }
            | Failure::PartOfAttachmentPage
            | Failure::MenuRefused { .. }
            | Failure::SoleDocument
            | Failure::MenuWithoutDocket
            | Failure::MenuAmbiguous
            | Failure::MoneyInDoubt
            | Failure::TooLarge { .. }
            // A new request says what it may cost.
            | Failure::OverBudget { .. } => false,
        }
    }

    /// Whether it came about because the account's session had ended.
    #[must_use]
    pub fn is_about_the_session(&self) -> bool {
        matches!(
            self,
            Failure::SessionGone { .. } | Failure::SessionRefused { .. }
        )
    }
}
