//! The status that clients see.

use serde::{Deserialize, Serialize};

/// The status number of the RECAP Fetch API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "i16")]
#[repr(i16)]
pub enum PublicStatus {
    /// Awaiting processing in queue.
    Enqueued = 1,
    /// Item processed successfully.
    Successful = 2,
    /// Item encountered an error while processing.
    Failed = 3,
    /// Item is currently being processed.
    InProgress = 4,
    /// Item failed processing, but will be retried.
    QueuedForRetry = 5,
    /// Item failed validity tests.
    InvalidContent = 6,
    /// There was insufficient metadata to complete the task.
    NeedsInfo = 7,
}

impl PublicStatus {
    /// The status of this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<PublicStatus> {
        let all = [
            PublicStatus::Enqueued,
            PublicStatus::Successful,
            PublicStatus::Failed,
            PublicStatus::InProgress,
            PublicStatus::QueuedForRetry,
            PublicStatus::InvalidContent,
            PublicStatus::NeedsInfo,
        ];
        all.into_iter().find(|status| *status as i16 == number)
    }

    /// Whether nothing more will happen to a request that has it.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            PublicStatus::Successful
            | PublicStatus::Failed
            | PublicStatus::InvalidContent
            | PublicStatus::NeedsInfo => true,
            PublicStatus::Enqueued | PublicStatus::InProgress | PublicStatus::QueuedForRetry => {
                false
            }
        }
    }
}

impl From<PublicStatus> for i16 {
    fn from(status: PublicStatus) -> i16 {
        status as i16
    }
}
