//! Why a request ended badly: a short closed list, stored, sent and documented.
//!
//! The sentences are a contract: clients of the RECAP Fetch API match them, so where that
//! service has a sentence for a case, it is kept word for word.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Cents, DocumentId, FetchId, FetchKind, PublicStatus, UserId, budget::LimitExceeded};

/// Why a request ended badly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Failure {
    /// The court's site did not answer, or turned us away, until attempts ran out.
    #[error("Blocked by court: {court}")]
    BlockedByCourt {
        /// The court as the client names it.
        court: String,
    },
    /// The session ended before the work could begin; its owner has to log in again.
    #[error("{}", session_gone(*kind, *user))]
    SessionGone {
        /// What was to be fetched.
        kind: FetchKind,
        /// Whose session it was.
        user: UserId,
    },
    /// The court ended the session while we worked.
    #[error("{}", session_refused(*kind, *request, *document))]
    SessionRefused {
        /// What was to be fetched.
        kind: FetchKind,
        /// The request.
        request: FetchId,
        /// The document, if one was asked for.
        document: Option<DocumentId>,
    },
    /// The session ended, and its owner did not log in again in time.
    #[error(
        "{after} Nobody logged in again with the same PACER account and client code in time. Please \
         send the request again."
    )]
    NoLogin {
        /// How the session ended.
        after: Box<Failure>,
    },
    /// The lookup of a case number, or the docket report, could not be had over the network.
    #[error("Network error getting pacer_case_id for fq: {request}.")]
    DocketNetwork {
        /// The request.
        request: FetchId,
    },
    /// The court knows no such case, or hides it.
    #[error("Cannot find case by docket number (perhaps it's sealed?)")]
    CaseNotFound,
    /// The court's lookup has no case with the number. The sentence of the service that we stand in
    /// for comes first, since clients match it.
    #[error(
        "Cannot find case by docket number (perhaps it's sealed?) The court knows no case with \
         that number."
    )]
    NumberUnknown,
    /// The court says that the case is sealed.
    #[error(
        "Cannot find case by docket number (perhaps it's sealed?) The court says that it is sealed."
    )]
    CaseSealed,
    /// The number fits several cases; nothing was spent.
    #[error("Unable to parse pacer_case_id for docket. The number matches several cases; send the \
             request again with one of these pacer_case_id values: {}", candidates.join("; "))]
    CaseAmbiguous {
        /// One line per case: id, number, title.
        candidates: Vec<String>,
    },
    /// Neither the request nor the store nor the court gave a case id.
    #[error("Unable to determine pacer_case_id for docket.")]
    CaseIdUnknown,
    /// Our parser does not understand the page that came in place of a docket. The stored page may
    /// be parsed again once the parser is fixed.
    #[error("Unable to parse pacer_case_id for docket. {reason}")]
    DocketNotRecognised {
        /// What came instead, for people.
        reason: String,
    },
    /// The court refuses the docket and gives a reason. The message is the same, for compatibility.
    #[error("Unable to parse pacer_case_id for docket. {reason}")]
    DocketRefused {
        /// What the court says, for people.
        reason: String,
    },
    /// The court answered with the docket of another case. Page and bill are kept, and nothing of
    /// it is stored under the case that was asked for.
    #[error(
        "The court sent the docket of another case: {came} instead of {wanted}. It was not stored, \
         but PACER may have charged for it."
    )]
    OtherCase {
        /// What was asked for, by its number or else its id.
        wanted: String,
        /// What came.
        came: String,
    },
    /// Nothing can be bought there yet.
    #[error("Unable to purchase docket for fq: {request}. {reason}")]
    NotSupported {
        /// The request.
        request: FetchId,
        /// What is missing.
        reason: String,
    },
    /// The docket of an appellate court could not be had over the network.
    #[error("Network error while purchasing docket for fq: {request}.")]
    AppealNetwork {
        /// The request.
        request: FetchId,
    },
    /// Our parser does not understand what came in place of an appellate docket.
    #[error("Unable to purchase docket for fq: {request}. {reason}")]
    AppealNotBought {
        /// The request.
        request: FetchId,
        /// What came instead, for people.
        reason: String,
    },
    /// An appellate court refuses the docket and gives a reason.
    #[error("Unable to purchase docket for fq: {request}. {reason}")]
    AppealRefused {
        /// The request.
        request: FetchId,
        /// What the court says, for people.
        reason: String,
    },
    /// The stored document has no `pacer_doc_id`.
    #[error("{}", missing_doc_id(*kind, *document))]
    MissingDocId {
        /// A PDF or an attachment menu.
        kind: FetchKind,
        /// The document.
        document: DocumentId,
    },
    /// The document could not be had over the network.
    #[error("Failed to get PDF from network.")]
    PdfNetwork,
    /// The court refused the document for the reason given.
    #[error("{reason}: court_id='{court}', rd_pk={document}")]
    DocumentRefused {
        /// What the court's page says, in the words of the contract; embeds the page's URL only.
        reason: String,
        /// The court as the client names it.
        court: String,
        /// The document.
        document: DocumentId,
    },
    /// A menu of attachments came instead of a document.
    #[error(
        "This PACER document is part of an attachment page. Our system currently lacks the \
         metadata for this attachment. Please purchase the attachment page and try again."
    )]
    PartOfAttachmentPage,
    /// The attachment menu could not be had over the network.
    #[error("Failed to get attachment page from network.")]
    MenuNetwork,
    /// Our parser does not understand the page that came in place of a menu.
    #[error("Not a valid attachment page upload")]
    MenuNotRecognised,
    /// The court showed a price or a refusal instead of a menu. The message is the same, for
    /// compatibility.
    #[error("Not a valid attachment page upload")]
    NoMenu,
    /// The entry has no menu: its court sent the one document that it has, and may have charged it.
    #[error(
        "Not a valid attachment page upload. The entry has no attachments: the court sent its only \
         document instead and charged for it. The document was kept, and requesting it costs \
         nothing more."
    )]
    SoleDocument,
    /// The court does not show the menu, for this reason.
    #[error("Unable to get attachment page: {reason}")]
    MenuRefused {
        /// What the court says.
        reason: String,
    },
    /// The document that the menu belongs to is not in the store.
    #[error("Could not find docket to associate with attachment metadata")]
    MenuWithoutDocket,
    /// The document that the menu belongs to is in the store several times.
    #[error("Too many documents found when attempting to associate attachment data")]
    MenuAmbiguous,
    /// What was fetched on the way tells of no such document, or of several.
    #[error("{}", not_on_docket(what, several))]
    NotOnDocket {
        /// What was asked for: `attachment 2 of entry 12`.
        what: String,
        /// Documents that fit, if there are several.
        several: Vec<DocumentId>,
    },
    /// A purchase began, and after a crash or a broken connection it is unknown whether it was
    /// billed. Nothing is bought again unless the request allows it.
    ///
    /// Whatever else ends a request while the ledger is in doubt about it, this is what is said:
    /// the database sees to it (`tell_of_money_in_doubt` in the migrations).
    #[error("{}{}", IN_DOUBT, how_it_ended(after.as_deref()))]
    MoneyInDoubt {
        /// How the last try ended, if that was another one than the one whose answer was lost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Box<Failure>>,
    },
    /// It costs more than the caller or the operator allows, and was not bought.
    #[error("{shortfall} {}", not_bought(*before))]
    OverBudget {
        /// The limit that is exceeded.
        shortfall: LimitExceeded,
        /// What was bought for the request before, such as the docket on the way to a document.
        #[serde(default, skip_serializing_if = "is_nothing")]
        before: Cents,
    },
    /// The answer was larger than any limit allows.
    #[error(
        "The court's answer is larger than the limit of {limit_bytes} bytes. Narrow the request by \
         dates or entry numbers."
    )]
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: u64,
    },
    /// No worker for this kind of request was running.
    #[error(
        "No {} was running for a day, so this request could not go on. Please tell the operator of \
         this service, then send it again.",
        kind.service()
    )]
    NoWorker {
        /// What was to be fetched.
        kind: FetchKind,
    },
    /// A problem that was not the court's held the request up for a day.
    #[error("Gave up after trying for a day. The last obstacle: {reason}")]
    PutOff {
        /// The last obstacle, for people.
        reason: String,
    },
    /// Our own fault.
    #[error("An internal error ended this request. It was not your fault; please try again.")]
    Internal,
}

fn is_nothing(cents: &Cents) -> bool {
    *cents <= Cents(0)
}

fn not_bought(before: Cents) -> String {
    match is_nothing(&before) {
        true => "Nothing was bought.".to_owned(),
        false => format!("This was not bought. What was fetched before it cost {before}."),
    }
}

impl Failure {
    /// The status number that a client sees.
    #[must_use]
    pub fn public(&self) -> PublicStatus {
        match self {
            Failure::MissingDocId {
                kind: FetchKind::Attachments,
                ..
            } => PublicStatus::NeedsInfo,
            Failure::MissingDocId { .. }
            | Failure::MenuNotRecognised
            | Failure::NoMenu
            | Failure::SoleDocument => PublicStatus::InvalidContent,
            Failure::BlockedByCourt { .. }
            | Failure::SessionGone { .. }
            | Failure::SessionRefused { .. }
            | Failure::NoLogin { .. }
            | Failure::DocketNetwork { .. }
            | Failure::CaseNotFound
            | Failure::NumberUnknown
            | Failure::CaseSealed
            | Failure::CaseAmbiguous { .. }
            | Failure::CaseIdUnknown
            | Failure::DocketNotRecognised { .. }
            | Failure::DocketRefused { .. }
            | Failure::OtherCase { .. }
            | Failure::NotSupported { .. }
            | Failure::AppealNetwork { .. }
            | Failure::AppealNotBought { .. }
            | Failure::AppealRefused { .. }
            | Failure::PdfNetwork
            | Failure::DocumentRefused { .. }
            | Failure::PartOfAttachmentPage
            | Failure::MenuNetwork
            | Failure::MenuRefused { .. }
            | Failure::MenuWithoutDocket
            | Failure::MenuAmbiguous
            | Failure::NotOnDocket { .. }
            | Failure::MoneyInDoubt { .. }
            | Failure::OverBudget { .. }
            | Failure::TooLarge { .. }
            | Failure::NoWorker { .. }
            | Failure::PutOff { .. }
            | Failure::Internal => PublicStatus::Failed,
        }
    }

    /// A purchase whose answer was lost or not recognised.
    pub const MONEY_IN_DOUBT: Failure = Failure::MoneyInDoubt { after: None };

    /// The message when the request succeeded.
    pub const SUCCESS: &'static str = "Successfully completed fetch and save.";

    /// The message when the court has nothing that matches the request.
    pub const NOTHING: &'static str =
        "Successfully completed fetch and save. The court has nothing that matches the request.";

    /// The message when another request's purchase served this one too.
    pub const SHARED: &'static str = "Successfully completed fetch and save. Nothing was charged \
        for this request: the same item was bought for another request.";

    /// The message when the request succeeded after the answer to an earlier purchase was lost.
    pub const DOUBTFUL: &'static str = "Successfully completed fetch and save. The answer to an \
        earlier purchase was lost or not understood, so PACER may have charged for this more than once.";

    /// The message when the document was already stored.
    pub const ALREADY_AVAILABLE: &'static str =
        "PDF already marked as 'is_available'. Doing nothing.";

    /// Added to the message when a stored page was parsed again and yielded more.
    pub const READ_AGAIN: &'static str = "The stored page was read again by a newer version of \
        this service; this cost nothing.";

    /// How begins what the owner of a request is told of a settlement; it comes last in what is said.
    pub const SETTLED: &'static str = "It was settled from PACER's statement: ";

    /// The message when a document was bought and no `ocr` service is running to extract its text.
    pub const UNREAD: &'static str = "The document is stored, but its text is missing: no ocr \
        service was running for a day. The text follows once one is.";

    /// The message while the request waits for another attempt.
    #[must_use]
    pub fn retrying(&self) -> String {
        format!("{self} Retrying.")
    }

    /// The message while the request waits for its owner to log in again.
    #[must_use]
    pub fn until_login(&self, by: DateTime<Utc>) -> String {
        let by = by.format("%Y-%m-%d %H:%M");
        format!(
            "{self} To continue, log in again with the same PACER account and client code by {by} \
             UTC, with any new request or at recap-fetch/login/; otherwise this request fails at \
             that time."
        )
    }
}

const IN_DOUBT: &str = "A purchase was begun and its answer was lost or not understood, so PACER may \
    have charged for it. Nothing more is bought for this request; check your PACER billing history, \
    then send a new request.";

fn how_it_ended(after: Option<&Failure>) -> String {
    after.map_or_else(String::new, |after| {
        format!(" The last attempt ended with: {after}")
    })
}

fn session_gone(kind: FetchKind, user: UserId) -> String {
    match kind {
        FetchKind::Docket => {
            format!("Cookie cache expired before task could run for user: {user}")
        }
        FetchKind::Pdf | FetchKind::Attachments => {
            "Unable to find cached cookies. Aborting request.".to_owned()
        }
    }
}

fn session_refused(kind: FetchKind, request: FetchId, document: Option<DocumentId>) -> String {
    match (kind, document) {
        (FetchKind::Pdf, Some(document)) => {
            format!("PacerLoginException while getting document for rd: {document}.")
        }
        (FetchKind::Attachments, _) => {
            "PacerLoginException while getting attachment page".to_owned()
        }
        _ => format!("PacerLoginException while getting pacer_case_id for fq: {request}."),
    }
}

fn not_on_docket(what: &str, several: &[DocumentId]) -> String {
    if several.is_empty() {
        return format!(
            "There is no {what}: the docket was fetched, as far as it was needed, and does not tell of it. \
             What was bought on the way is stored."
        );
    }
    let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
    format!(
        "Several documents are {what}. What was bought on the way is stored: send one of these as \
         recap_document: {}.",
        ids.join(", ")
    )
}

fn missing_doc_id(kind: FetchKind, document: DocumentId) -> String {
    match kind {
        FetchKind::Attachments => format!(
            "Unable to get attachment page: Unknown pacer_doc_id for RECAP Document object {document}"
        ),
        FetchKind::Pdf | FetchKind::Docket => {
            "Missing 'pacer_doc_id' attribute. Without this attribute we cannot identify the \
             document properly. Missing pacer_doc_id attributes usually indicate that the item may \
             not have a document associated with it, or it may need to be updated via the docket \
             report to acquire a pacer_doc_id. Aborting request."
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_the_contract_are_kept() {
        let check = |failure: Failure, status: PublicStatus, sentence: &str| {
            assert_eq!(failure.to_string(), sentence);
            assert_eq!(failure.public(), status);
            let stored = serde_json::to_value(&failure).unwrap();
            assert_eq!(serde_json::from_value::<Failure>(stored).unwrap(), failure);
        };
        check(
            Failure::BlockedByCourt {
                court: "nysd".into(),
            },
            PublicStatus::Failed,
            "Blocked by court: nysd",
        );
        check(
            Failure::SessionGone {
                kind: FetchKind::Docket,
                user: UserId(7),
            },
            PublicStatus::Failed,
            "Cookie cache expired before task could run for user: 7",
        );
        check(
            Failure::SessionGone {
                kind: FetchKind::Pdf,
                user: UserId(7),
            },
            PublicStatus::Failed,
            "Unable to find cached cookies. Aborting request.",
        );
        check(
            Failure::NoLogin {
                after: Box::new(Failure::SessionGone {
                    kind: FetchKind::Docket,
                    user: UserId(7),
                }),
            },
            PublicStatus::Failed,
            "Cookie cache expired before task could run for user: 7 Nobody logged in again with the \
             same PACER account and client code in time. Please send the request again.",
        );
        check(
            Failure::CaseAmbiguous {
                candidates: vec!["3 (1:20-cv-7 A v. B)".into(), "4 (3:20-cv-7 C v. D)".into()],
            },
            PublicStatus::Failed,
            "Unable to parse pacer_case_id for docket. The number matches several cases; send the \
             request again with one of these pacer_case_id values: 3 (1:20-cv-7 A v. B); 4 (3:20-cv-7 C \
             v. D)",
        );
        check(
            Failure::MissingDocId {
                kind: FetchKind::Attachments,
                document: DocumentId(112),
            },
            PublicStatus::NeedsInfo,
            "Unable to get attachment page: Unknown pacer_doc_id for RECAP Document object 112",
        );
        check(
            Failure::MenuNotRecognised,
            PublicStatus::InvalidContent,
            "Not a valid attachment page upload",
        );
        check(
            Failure::NoMenu,
            PublicStatus::InvalidContent,
            "Not a valid attachment page upload",
        );
        let refused = |reason: &str| Failure::DocketRefused {
            reason: reason.into(),
        };
        check(
            refused("The court is still opening this case; try again tomorrow."),
            PublicStatus::Failed,
            "Unable to parse pacer_case_id for docket. The court is still opening this case; try \
             again tomorrow.",
        );
        check(
            Failure::MoneyInDoubt {
                after: Some(Box::new(Failure::BlockedByCourt {
                    court: "nysd".into(),
                })),
            },
            PublicStatus::Failed,
            "A purchase was begun and its answer was lost or not understood, so PACER may have \
             charged for it. Nothing more is bought for this request; check your PACER billing \
             history, then send a new request. The last attempt ended with: Blocked by court: nysd",
        );
    }

    #[test]
    fn a_doubt_of_an_older_version_is_still_read() {
        let stored = serde_json::json!({"code": "money_in_doubt"});
        let read: Failure = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(read, Failure::MONEY_IN_DOUBT);
        assert_eq!(serde_json::to_value(&read).unwrap(), stored);
    }
}
