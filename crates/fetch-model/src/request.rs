//! A fetch request: what a client asked for, and what we know about its progress.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{Cents, DocketId, DocumentId, Failure, Fence, FetchId, State, UserId};

/// What is to be fetched. The numbers are those of the RECAP Fetch API (`request_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum FetchKind {
    /// A docket report, billed.
    Docket = 1,
    /// A document, billed.
    Pdf = 2,
    /// The menu of an entry's attachments, free.
    Attachments = 3,
}

impl FetchKind {
    /// All kinds.
    pub const ALL: [FetchKind; 3] = [FetchKind::Docket, FetchKind::Pdf, FetchKind::Attachments];

    /// The kind with this `request_type`.
    #[must_use]
    pub fn from_number(number: i16) -> Option<FetchKind> {
        FetchKind::ALL
            .into_iter()
            .find(|kind| kind.number() == number)
    }

    /// The `request_type` of the API.
    #[must_use]
    pub fn number(self) -> i16 {
        self as i16
    }

    /// The token used in subjects.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            FetchKind::Docket => "docket",
            FetchKind::Pdf => "pdf",
            FetchKind::Attachments => "attachments",
        }
    }

    /// The service that does it, as it is called where it runs.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            FetchKind::Docket | FetchKind::Attachments => "docket-fetcher",
            FetchKind::Pdf => "pdf-fetcher",
        }
    }
}

/// Which of a court's two queues a request is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Lane {
    /// Somebody is waiting for it.
    Interactive = 0,
    /// May wait for the night.
    Bulk = 1,
}

impl Lane {
    /// The word of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Lane::Interactive => "interactive",
            Lane::Bulk => "bulk",
        }
    }

    /// The lane of this name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Lane> {
        let mut lanes = [Lane::Interactive, Lane::Bulk].into_iter();
        lanes.find(|lane| lane.as_str() == word)
    }
}

/// What to do when it is unknown whether a purchase was billed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDoubt {
    /// End the request and say so.
    Stop,
    /// Buy once more, flagged in the ledger.
    #[default]
    OnceMore,
}

impl OnDoubt {
    /// The word under which the policy is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            OnDoubt::Stop => "stop",
            OnDoubt::OnceMore => "once_more",
        }
    }

    /// The policy stored as `word`; an unknown word means the careful one.
    #[must_use]
    pub fn from_word(word: &str) -> OnDoubt {
        if word == "once_more" {
            OnDoubt::OnceMore
        } else {
            OnDoubt::Stop
        }
    }
}

/// The options of a docket report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DocketOptions {
    /// Only entries filed on or after.
    pub date_start: Option<NaiveDate>,
    /// Only entries filed on or before.
    pub date_end: Option<NaiveDate>,
    /// Only entries numbered at or above; unnumbered ones vanish.
    pub number_start: Option<i32>,
    /// Only entries numbered at or below; unnumbered ones vanish.
    pub number_end: Option<i32>,
    /// Buy the parties and their counsel.
    pub show_parties_and_counsel: bool,
    /// Include those that are out of the case.
    pub show_terminated_parties: bool,
    /// Include member cases, which can be expensive.
    pub show_list_of_member_cases: bool,
}

/// A request that has passed every check and is about to be written down.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestSpec {
    /// Whose it is.
    pub user: UserId,
    /// What to fetch.
    pub kind: FetchKind,
    /// The court as sent, echoed.
    pub court: Option<String>,
    /// The docket as sent, echoed.
    pub docket: Option<DocketId>,
    /// The document as sent, echoed.
    pub document: Option<DocumentId>,
    /// The case id as sent, or empty.
    pub pacer_case_id: String,
    /// The docket number as sent, or empty.
    pub docket_number: String,
    /// The options of a docket report.
    pub options: DocketOptions,
    /// A docket that is held is not bought again if the court says that nothing was filed since.
    pub skip_if_unchanged: bool,
    /// The court that will be asked (CourtListener's id).
    pub target_court: String,
    /// Where the sealed session lies.
    pub session_key: String,
    /// The PACER account that is billed, as a keyed digest of its username. The limits per account
    /// count by it, for all client codes together.
    pub account_digest: String,
    /// The client code that the purchase is booked on.
    pub client_code: String,
    /// Interactive or bulk.
    pub lane: Lane,
    /// What to do in doubt about money.
    pub on_doubt: OnDoubt,
    /// The W3C trace context of the accepting call.
    pub traceparent: Option<String>,
    /// Do not start earlier. For a request that waits for another attempt, when that is due.
    pub not_before: Option<DateTime<Utc>>,
}

/// A stored request.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchRequest {
    /// Its number.
    pub id: FetchId,
    /// What was asked.
    pub spec: RequestSpec,
    /// Where it is.
    pub state: State,
    /// What is said to the client.
    pub message: String,
    /// Why it failed, when it did.
    pub failure: Option<Failure>,
    /// Attempts that counted.
    pub attempts: i32,
    /// The token of the present attempt.
    pub fence: Fence,
    /// What PACER charged for it, as far as known.
    pub cost: Cents,
    /// When it was accepted.
    pub date_created: DateTime<Utc>,
    /// When it last changed.
    pub date_modified: DateTime<Utc>,
    /// When it ended.
    pub date_completed: Option<DateTime<Utc>>,
}

impl FetchRequest {
    /// The number that a client sees.
    #[must_use]
    pub fn public_status(&self) -> crate::PublicStatus {
        self.state.public(self.failure.as_ref(), self.attempts)
    }
}
