//! What a worker is told to work on, and what it answers.

use std::{future::Future, time::Duration};

use fetch_model::{Fence, FetchId, FetchKind};
use prost::Message;

use crate::{Error, wire};

/// The kinds of work. Each has its own consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Buy and read a docket report.
    Docket,
    /// Fetch and read an attachment menu.
    Attachments,
    /// Buy a document.
    Pdf,
    /// Look at a stored document, or put its text together.
    Ocr,
    /// Recognise pages of a stored document.
    Pages,
}

impl JobKind {
    /// All kinds.
    pub const ALL: [JobKind; 5] = [
        JobKind::Docket,
        JobKind::Attachments,
        JobKind::Pdf,
        JobKind::Ocr,
        JobKind::Pages,
    ];

    /// The token used in subjects.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            JobKind::Docket => "docket",
            JobKind::Attachments => "attachments",
            JobKind::Pdf => "pdf",
            JobKind::Ocr => "ocr",
            JobKind::Pages => "pages",
        }
    }
}

impl From<FetchKind> for JobKind {
    fn from(kind: FetchKind) -> JobKind {
        match kind {
            FetchKind::Docket => JobKind::Docket,
            FetchKind::Pdf => JobKind::Pdf,
            FetchKind::Attachments => JobKind::Attachments,
        }
    }
}

/// A request that may be worked on now. Only a hint: the row must be claimed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Job {
    /// Which request.
    pub request: FetchId,
    /// Attempts that counted before this one.
    pub attempts: i32,
    /// The token under which it was released.
    pub fence: Fence,
}

impl Job {
    /// What the stream takes for the same message within its window.
    pub(crate) fn message_id(&self) -> String {
        format!("{}.{}", self.request, self.fence)
    }

    pub(crate) fn encode(&self) -> bytes::Bytes {
        let Job {
            request,
            attempts,
            fence,
        } = *self;
        wire::Job {
            request_id: request.0,
            attempts,
            fence: fence.0,
        }
        .encode_to_vec()
        .into()
    }

    pub(crate) fn decode(payload: &[u8]) -> Result<Job, Error> {
        let job = wire::Job::decode(payload).map_err(|_| Error::Malformed { what: "a job" })?;
        Ok(Job {
            request: FetchId(job.request_id),
            attempts: job.attempts,
            fence: Fence(job.fence),
        })
    }
}

/// How a worker answers a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Nothing is left to do with this message; the row says the rest.
    Ack,
    /// Deliver it again after a while.
    RetryIn(Duration),
}

/// Does the work of one kind.
pub trait JobHandler: Send + Sync + 'static {
    /// Works on `job`, inside a span that continues the trace of the request.
    ///
    /// A panic or an overrun of the time limit counts as [`Disposition::RetryIn`].
    fn handle(&self, job: Job) -> impl Future<Output = Disposition> + Send;
}
