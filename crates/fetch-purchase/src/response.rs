//! What a court answered: a page in memory, or a large document in the store's staging area.
//!
//! The beginning of an answer tells what it is. A page is needed whole, and has a limit of its own;
//! of a document nobody needs more than its beginning, so a large one never is in memory.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use fetch_db::{
    Blobs,
    blobs::{BlobRef, Staged},
};
use pacer::page::answer;
use pacer_client::{Body, SendError};
use url::Url;

/// What fits in here is taken into memory, whatever it is.
const SMALL: usize = 1 << 20;

/// What is kept in memory of a document that is larger. Readers find the header of a PDF in the
/// first kilobyte.
pub(crate) const HEAD: usize = 4 << 10;

/// An answer that has arrived.
#[derive(Debug, Clone)]
pub(crate) struct CourtResponse {
    /// The HTTP status.
    pub status: u16,
    /// What was asked.
    pub url: Url,
    /// The content type as sent, with its parameters; empty if there was none.
    pub media_type: String,
    /// How long the court asks us to wait.
    pub retry_after: Option<Duration>,
    /// Where it redirects to, as sent.
    pub location: Option<String>,
    /// The content; of a large document its beginning.
    pub body: Bytes,
    /// A large document.
    pub file: Option<Arc<Staged>>,
}

impl CourtResponse {
    /// Takes an answer in, to its end. `page_bytes` is the most that a page may have.
    pub(crate) async fn arriving(
        response: pacer_client::Answer,
        blobs: &Blobs,
        page_bytes: u64,
    ) -> Result<CourtResponse, SendError> {
        let mut content = response.body;
        let head = content.next_of(SMALL).await?;
        let (body, file) = if head.len() >= SMALL && answer::begins_a_pdf(&head) {
            let start = Bytes::copy_from_slice(&head[..HEAD]);
            let file = staged(blobs, head, content).await?;
            (start, Some(Arc::new(file)))
        } else {
            (content.rest(head, page_bytes).await?, None)
        };
        Ok(CourtResponse {
            status: response.status,
            url: response.url,
            media_type: response.media_type,
            retry_after: response.retry_after,
            location: response.location,
            body,
            file,
        })
    }

    /// Puts the content into the store.
    pub(crate) async fn put(&self, blobs: &Blobs) -> Result<BlobRef, fetch_db::Error> {
        match &self.file {
            Some(file) => blobs.put_staged(file.clone()).await,
            None => blobs.put(self.body.clone(), &self.media_type).await,
        }
    }
}

/// Writes a document to the staging area while it comes. One that breaks off leaves nothing there.
async fn staged(blobs: &Blobs, head: Bytes, mut rest: Body) -> Result<Staged, SendError> {
    let mut staging = blobs.stage().await.map_err(broken)?;
    staging = staging.write(&head).await.map_err(broken)?;
    drop(head);
    while let Some(piece) = rest.next().await? {
        staging = staging.write(&piece).await.map_err(broken)?;
    }
    staging.finish().await.map_err(broken)
}

/// The answer came, and was lost here.
fn broken(error: fetch_db::Error) -> SendError {
    SendError::Broken {
        source: error.into(),
    }
}
