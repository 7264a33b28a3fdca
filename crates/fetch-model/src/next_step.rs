//! What the owner of a request can do about it, for people, and when sending it again may help, for
//! programs.

use crate::{Failure, FetchKind, FetchRequest, State};

/// What can be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextStep {
    /// For the owner of the request, as a sentence.
    pub text: &'static str,
    /// Whether the same request may succeed if it is sent again, and nothing else is done.
    pub resend: Resend,
}

/// Whether the same request may succeed if it is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// At any time.
    Now,
    /// As soon as we ask its court again: it is the court that did not answer.
    OnceItsCourtIsAsked,
    /// Not by itself, or nobody knows when; or it may cost money twice.
    No,
}

/// To whoever waits for a login.
const LOG_IN: &str = "Log in again with the same PACER account and client code, at recap-fetch/login/ or \
    with any new request.";

impl FetchRequest {
    /// What its owner can do; none while there is nothing to do but wait, and after a good end.
    #[must_use]
    pub fn next_step(&self) -> Option<&'static str> {
        let failure = self.failure.as_ref()?;
        Some(match self.waits_for_login() {
            true => LOG_IN,
            false => failure.next_step().text,
        })
    }

    /// Whether it waits for its owner to log in. It has a failure then, with which it ends if nobody does.
    #[must_use]
    pub fn waits_for_login(&self) -> bool {
        self.failure.is_some() && self.state == State::Waiting
    }
}

impl Failure {
    /// What the owner of a request that ended so can do.
    #[must_use]
    pub fn next_step(&self) -> NextStep {
        use Resend::{No, Now, OnceItsCourtIsAsked};
        let (text, resend) = match self {
            Failure::BlockedByCourt { .. } => (
                "Send the request again later: the court did not answer, or turned us away.",
                OnceItsCourtIsAsked,
            ),
            Failure::SessionGone { .. }
            | Failure::SessionRefused { .. }
            | Failure::NoLogin { .. } => {
                ("Send the request again, which logs the account in.", Now)
            }
            Failure::DocketNetwork { .. }
            | Failure::AppealNetwork { .. }
            | Failure::PdfNetwork
            | Failure::MenuNetwork => (
                "Send the request again: the court's answer did not arrive.",
                OnceItsCourtIsAsked,
            ),
            Failure::CaseNotFound => (
                "Check the court and the number. If they are right, the case is sealed or was removed.",
                No,
            ),
            Failure::NumberUnknown => ("Check the court and the docket number.", No),
            Failure::CaseSealed => (
                "Nothing can be bought as long as the court has the case under seal.",
                No,
            ),
            Failure::CaseAmbiguous { .. } => (
                "Send the request again with one of the pacer_case_id values of the message.",
                No,
            ),
            Failure::CaseIdUnknown => (
                "Send the request again with a docket_number or a pacer_case_id.",
                No,
            ),
            Failure::DocketNotRecognised { .. }
            | Failure::AppealNotBought { .. }
            | Failure::MenuNotRecognised => (
                "Tell the operator of this service: the page was kept and can be read again, which buys \
                 nothing.",
                No,
            ),
            Failure::DocketRefused { .. }
            | Failure::AppealRefused { .. }
            | Failure::DocumentRefused { .. }
            | Failure::MenuRefused { .. } => (
                "See in the message what the court says, and send another request if that allows one.",
                No,
            ),
            Failure::OtherCase { .. } => (
                "Check the pacer_case_id and your PACER billing history: this may have been charged.",
                No,
            ),
            Failure::NotSupported { .. } => ("See in the message what is not supported.", No),
            Failure::MissingDocId { .. } => (
                "Request the docket first: the document may get its pacer_doc_id from it.",
                No,
            ),
            Failure::PartOfAttachmentPage => (
                "Request the attachment page (request_type 3) first, then the attachment that you want.",
                No,
            ),
            Failure::NoMenu => (
                "Request the document itself (request_type 2): the court shows no attachment page.",
                No,
            ),
            Failure::SoleDocument => (
                "Request the document itself (request_type 2), which costs nothing more.",
                No,
            ),
            Failure::MenuWithoutDocket => {
                ("Request the docket first, then the attachment page.", No)
            }
            Failure::MenuAmbiguous => (
                "Tell the operator of this service: the attachment page fits several stored documents.",
                No,
            ),
            Failure::NotOnDocket { .. } => (
                "Look at the stored docket: check the numbers, or name an attachment by entry_number and \
                 attachment_number.",
                No,
            ),
            Failure::MoneyInDoubt { .. } => (
                "Check your PACER billing history, then send a new request.",
                No,
            ),
            Failure::OverBudget { .. } => (
                "Allow more, with max_cost_cents or by the operator of this service, and send the request \
                 again.",
                No,
            ),
            Failure::TooLarge { .. } => (
                "Send the request again for fewer entries, by dates or entry numbers.",
                No,
            ),
            Failure::NoWorker { kind } => (no_worker(*kind), No),
            Failure::PutOff { .. } => (
                "Tell the operator of this service what the message says, then send the request again.",
                No,
            ),
            Failure::Internal => (
                "Send the request again. If it fails again, tell the operator of this service.",
                Now,
            ),
        };
        NextStep { text, resend }
    }
}

fn no_worker(kind: FetchKind) -> &'static str {
    match kind {
        FetchKind::Docket | FetchKind::Attachments => {
            "Tell the operator of this service that no docket-fetcher is running, then send the request again."
        }
        FetchKind::Pdf => {
            "Tell the operator of this service that no pdf-fetcher is running, then send the request again."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cents, DocumentId, FetchId, UserId, budget::LimitExceeded};

    /// One of each.
    fn all() -> Vec<Failure> {
        let (request, text) = (FetchId(7), String::new);
        let kinds = FetchKind::ALL.into_iter();
        let mut all: Vec<Failure> = kinds.map(|kind| Failure::NoWorker { kind }).collect();
        all.extend([
            Failure::BlockedByCourt { court: text() },
            Failure::SessionGone {
                kind: FetchKind::Pdf,
                user: UserId(7),
            },
            Failure::SessionRefused {
                kind: FetchKind::Pdf,
                request,
                document: None,
            },
            Failure::NoLogin {
                after: Box::new(Failure::Internal),
            },
            Failure::DocketNetwork { request },
            Failure::CaseNotFound,
            Failure::NumberUnknown,
            Failure::CaseSealed,
            Failure::CaseAmbiguous { candidates: vec![] },
            Failure::CaseIdUnknown,
            Failure::DocketNotRecognised { reason: text() },
            Failure::DocketRefused { reason: text() },
            Failure::OtherCase {
                wanted: text(),
                came: text(),
            },
            Failure::NotSupported {
                request,
                reason: text(),
            },
            Failure::AppealNetwork { request },
            Failure::AppealNotBought {
                request,
                reason: text(),
            },
            Failure::AppealRefused {
                request,
                reason: text(),
            },
            Failure::MissingDocId {
                kind: FetchKind::Pdf,
                document: DocumentId(7),
            },
            Failure::PdfNetwork,
            Failure::DocumentRefused {
                reason: text(),
                court: text(),
                document: DocumentId(7),
            },
            Failure::PartOfAttachmentPage,
            Failure::MenuNetwork,
            Failure::MenuNotRecognised,
            Failure::NoMenu,
            Failure::SoleDocument,
            Failure::MenuRefused { reason: text() },
            Failure::MenuWithoutDocket,
            Failure::MenuAmbiguous,
            Failure::NotOnDocket {
                what: text(),
                several: vec![],
            },
            Failure::MONEY_IN_DOUBT,
            Failure::OverBudget {
                shortfall: LimitExceeded::MaxCost {
                    allowed: Cents(1),
                    needs: Cents(2),
                },
                before: Cents(0),
            },
            Failure::TooLarge { limit_bytes: 7 },
            Failure::PutOff { reason: text() },
            Failure::Internal,
        ]);
        all
    }

    #[test]
    fn every_failure_says_what_to_do_in_a_sentence() {
        for failure in all() {
            let text = failure.next_step().text;
            let begins = text.starts_with(|letter: char| letter.is_ascii_uppercase());
            assert!(begins && text.ends_with('.'), "{failure:?}: {text}");
            assert!(!text.contains("  "), "{text}");
        }
    }

    /// Programs send again what they are told to. So nothing is told so that would be refused or bought twice.
    #[test]
    fn only_what_may_succeed_unchanged_is_said_to_be_worth_sending_again() {
        let worth: Vec<String> = all()
            .into_iter()
            .filter(|failure| failure.next_step().resend != Resend::No)
            .map(|failure| {
                assert!(failure.may_be_replayed(), "{failure:?}");
                assert!(!failure.is_about_the_page(), "{failure:?}");
                let stored = serde_json::to_value(&failure).unwrap();
                stored["code"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(
            worth,
            [
                "blocked_by_court",
                "session_gone",
                "session_refused",
                "no_login",
                "docket_network",
                "appeal_network",
                "pdf_network",
                "menu_network",
                "internal",
            ]
        );
    }
}
