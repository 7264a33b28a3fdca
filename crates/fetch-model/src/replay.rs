//! Which failures an operator may try again.

use crate::Failure;

/// What the ledger says of trying a request again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Money {
    /// Nothing stands against it.
    Clear,
    /// It is not known whether a purchase for it was billed.
    InDoubt,
    /// The answer to a purchase for it was lost, and PACER did bill it.
    Billed,
}

impl Money {
    /// Of what the ledger has: a purchase whose end is not known, and one that was billed without
    /// bringing anything.
    #[must_use]
    pub fn of(in_doubt: bool, billed: bool) -> Money {
        match (in_doubt, billed) {
            (true, _) => Money::InDoubt,
            (false, true) => Money::Billed,
            (false, false) => Money::Clear,
        }
    }
}

impl Failure {
    /// Whether the same request may succeed once its cause is gone: a court that is back, a
    /// session that was renewed, a reader that was mended. What was bought for it is kept, so
    /// trying again buys nothing twice.
    ///
    /// Not so where the court has answered, since what it said is kept and would be read again,
    /// or where the request itself is wrong. Where money is in doubt it depends on how the last
    /// try ended, and first of all on the ledger, which the store asks: nothing is tried again as
    /// long as it is in doubt, or when it turned out that money had moved.
    #[must_use]
    pub fn may_be_replayed(&self) -> bool {
        match self {
            Failure::BlockedByCourt { .. }
            | Failure::SessionGone { .. }
            | Failure::SessionRefused { .. }
            | Failure::NoLogin { .. }
            | Failure::DocketNetwork { .. }
            | Failure::DocketNotRecognised { .. }
            | Failure::AppealNetwork { .. }
            | Failure::AppealNotBought { .. }
            | Failure::PdfNetwork
            | Failure::MenuNetwork
            | Failure::MenuNotRecognised
            | Failure::NoWorker { .. }
            | Failure::PutOff { .. }
            | Failure::Internal => true,
            Failure::CaseNotFound
            | Failure::NumberUnknown
            | Failure::CaseSealed
            | Failure::CaseAmbiguous { .. }
            | Failure::CaseIdUnknown
            | Failure::DocketRefused { .. }
            | Failure::AppealRefused { .. }
            | Failure::NoMenu
            // A replay would read the same kept page again.
            | Failure::OtherCase { .. }
            | Failure::NotSupported { .. }
            | Failure::MissingDocId { .. }
            | Failure::DocumentRefused { .. }
            | Failure::PartOfAttachmentPage
            | Failure::MenuRefused { .. }
            | Failure::SoleDocument
            | Failure::MenuWithoutDocket
            | Failure::MenuAmbiguous
            | Failure::NotOnDocket { .. }
            | Failure::TooLarge { .. }
            // A new request says what it may cost.
            | Failure::OverBudget { .. } => false,
            Failure::MoneyInDoubt { after } => {
                after.as_deref().is_none_or(Failure::may_be_replayed)
            }
        }
    }

    /// Whether our parser did not understand the page. A replay parses the stored page again.
    #[must_use]
    pub fn is_about_reading(&self) -> bool {
        matches!(
            self,
            Failure::DocketNotRecognised { .. }
                | Failure::AppealNotBought { .. }
                | Failure::MenuNotRecognised
        )
    }

    /// Whether it says what came, by the reader of that time: read again, the same page may be found
    /// to be what was asked for. Not so where it ends by a limit, by the session, by money or by
    /// us, whatever came.
    #[must_use]
    pub fn is_about_the_page(&self) -> bool {
        match self {
            Failure::CaseNotFound
            | Failure::CaseSealed
            | Failure::DocketNotRecognised { .. }
            | Failure::DocketRefused { .. }
            | Failure::OtherCase { .. }
            | Failure::AppealNotBought { .. }
            | Failure::AppealRefused { .. }
            | Failure::MenuNotRecognised
            | Failure::NoMenu
            | Failure::MenuWithoutDocket
            | Failure::MenuAmbiguous => true,
            Failure::MoneyInDoubt { after } => {
                after.as_deref().is_some_and(Failure::is_about_the_page)
            }
            Failure::BlockedByCourt { .. }
            | Failure::SessionGone { .. }
            | Failure::SessionRefused { .. }
            | Failure::NoLogin { .. }
            | Failure::DocketNetwork { .. }
            | Failure::NotOnDocket { .. }
            | Failure::NumberUnknown
            | Failure::CaseAmbiguous { .. }
            | Failure::CaseIdUnknown
            | Failure::NotSupported { .. }
            | Failure::AppealNetwork { .. }
            | Failure::MissingDocId { .. }
            | Failure::PdfNetwork
            | Failure::DocumentRefused { .. }
            | Failure::PartOfAttachmentPage
            | Failure::MenuNetwork
            | Failure::SoleDocument
            | Failure::MenuRefused { .. }
            | Failure::OverBudget { .. }
            | Failure::TooLarge { .. }
            | Failure::NoWorker { .. }
            | Failure::PutOff { .. }
            | Failure::Internal => false,
        }
    }

    /// The codes of failures that are about a page, those of a doubt about money included.
    pub const CODES_ABOUT_A_PAGE: [&'static str; 12] = [
        "appeal_not_bought",
        "appeal_refused",
        "case_not_found",
        "case_sealed",
        "docket_not_recognised",
        "docket_refused",
        "menu_ambiguous",
        "menu_not_recognised",
        "menu_without_docket",
        "money_in_doubt",
        "no_menu",
        "other_case",
    ];

    /// Whether the cause is that the account's session had ended.
    #[must_use]
    pub fn is_about_the_session(&self) -> bool {
        match self {
            Failure::SessionGone { .. }
            | Failure::SessionRefused { .. }
            | Failure::NoLogin { .. } => true,
            Failure::MoneyInDoubt { after: Some(after) } => after.is_about_the_session(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FetchId;

    #[test]
    fn codes_about_a_page_are_those_of_the_failures_that_are() {
        let reason = String::new;
        let request = FetchId(1);
        let about_pages = [
            Failure::AppealNotBought {
                request,
                reason: reason(),
            },
            Failure::AppealRefused {
                request,
                reason: reason(),
            },
            Failure::CaseNotFound,
            Failure::CaseSealed,
            Failure::DocketNotRecognised { reason: reason() },
            Failure::DocketRefused { reason: reason() },
            Failure::MenuAmbiguous,
            Failure::MenuNotRecognised,
            Failure::MenuWithoutDocket,
            Failure::MoneyInDoubt {
                after: Some(Box::new(Failure::NoMenu)),
            },
            Failure::NoMenu,
            Failure::OtherCase {
                wanted: reason(),
                came: reason(),
            },
        ];
        let codes = about_pages.map(|failure| {
            assert!(failure.is_about_the_page(), "{failure:?}");
            let stored = serde_json::to_value(&failure).unwrap();
            stored["code"].as_str().unwrap().to_owned()
        });
        assert_eq!(codes, Failure::CODES_ABOUT_A_PAGE);
    }
}
