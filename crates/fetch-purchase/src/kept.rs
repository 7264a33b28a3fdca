//! What is kept already, and how more is kept.

use bytes::Bytes;
use fetch_db::blobs::BlobRef;
use fetch_ledger::captures::{Capture, NewCapture, UNRECOGNISED};
use fetch_model::{AttemptError, FetchRequest};
use pacer::page::answer;

use crate::{
    Conversation,
    purchase::{Item, PurchaseResult},
    response::{CourtResponse, HEAD},
};

impl Conversation<'_> {
    /// What an earlier attempt at this very request brought home, under a key that starts with
    /// `prefix`; with the part of the key that follows.
    pub(crate) async fn captured_before(
        &self,
        prefix: &str,
    ) -> Result<Option<(String, PurchaseResult)>, AttemptError> {
        let stores = &self.purchases.stores;
        let request = &self.attempt.request;
        let Some((key, capture)) = stores.ledger.captured_for(request.id, prefix).await? else {
            return Ok(None);
        };
        let body = self.content(&capture).await?;
        if !stores
            .queue
            .mark_captured(request.id, request.fence)
            .await?
        {
            return Err(AttemptError::Lost);
        }
        self.attempt
            .step("resumed", "bought by an earlier attempt")
            .await?;
        let rest = key[prefix.len()..]
            .split('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        Ok(Some((
            rest,
            PurchaseResult {
                capture,
                body,
                paid_now: false,
            },
        )))
    }

    /// Keeps a page that nobody knows, for whoever mends the reader.
    pub(crate) async fn keep_unrecognised(
        &self,
        response: &CourtResponse,
    ) -> Result<(), AttemptError> {
        let request = &self.attempt.request;
        let stores = &self.purchases.stores;
        let blob = response.put(&stores.db.blobs).await?;
        let new = self.capture_of(response, format!("{UNRECOGNISED}{}", request.id), blob);
        stores.ledger.keep_unrecognised(&new).await?;
        self.attempt.step("unrecognised", &new.sha256).await
    }

    /// What is to be remembered of an answer that is in the blob store already.
    pub(crate) fn capture_of(
        &self,
        response: &CourtResponse,
        item_key: String,
        blob: BlobRef,
    ) -> NewCapture {
        capture_of(&self.attempt.request, response, item_key, blob)
    }

    /// What we have already is not bought.
    pub(crate) async fn held(&self, item: &Item) -> Result<Option<PurchaseResult>, AttemptError> {
        let stores = &self.purchases.stores;
        let request = self.attempt.request.id;
        let Some(capture) = stores.ledger.kept(request, &item.key, &item.enough).await? else {
            return Ok(None);
        };
        let detail = "the same bytes are stored already; nothing is bought";
        self.take(capture, detail).await.map(Some)
    }

    /// Whether what we have already will do.
    pub(crate) async fn is_held(&self, item: &Item) -> Result<bool, AttemptError> {
        let stores = &self.purchases.stores;
        let request = self.attempt.request.id;
        let kept = stores.ledger.kept(request, &item.key, &item.enough).await?;
        Ok(kept.is_some())
    }

    /// What [`PurchaseResult::body`] is of bytes that are kept.
    async fn content(&self, capture: &Capture) -> Result<Bytes, AttemptError> {
        let blobs = &self.purchases.stores.db.blobs;
        let head = blobs.head(&capture.sha256, HEAD).await?;
        match answer::begins_a_pdf(&head) {
            true => Ok(head),
            false => Ok(blobs.get(&capture.sha256).await?),
        }
    }

    /// Takes bytes that are kept for what this request asks for.
    pub(crate) async fn take(
        &self,
        capture: Capture,
        why: &str,
    ) -> Result<PurchaseResult, AttemptError> {
        let stores = &self.purchases.stores;
        let request = &self.attempt.request;
        let body = self.content(&capture).await?;
        if !stores
            .queue
            .mark_captured(request.id, request.fence)
            .await?
        {
            return Err(AttemptError::Lost);
        }
        self.attempt.step("held", why).await?;
        Ok(PurchaseResult {
            capture,
            body,
            paid_now: false,
        })
    }
}

/// What is to be remembered of an answer that came for `request` and is in the blob store already.
pub(crate) fn capture_of(
    request: &FetchRequest,
    response: &CourtResponse,
    item_key: String,
    blob: BlobRef,
) -> NewCapture {
    NewCapture {
        request: request.id,
        court: request.spec.target_court.clone(),
        item_key,
        url: response.url.to_string(),
        media_type: response.media_type.clone(),
        sha256: blob.sha256,
        byte_count: blob.byte_count,
        in_vain: false,
    }
}
