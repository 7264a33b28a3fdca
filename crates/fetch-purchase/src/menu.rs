//! An attachment menu: free, kept like everything else that a court sends.

use fetch_model::{Failure, JobError};
use pacer::{
    form,
    ids::PacerDocId,
    page::{
        attachment_page::{self, AttachmentPage},
        verdict::{self, CourtAnswer},
    },
};
use pacer_client::Answer;
use tracing::debug;

use crate::{Conversation, conversation::Ask};

/// Fetches and reads the menu of the entry that a document belongs to.
///
/// # Errors
/// See [`JobError`]; a page that is no menu is kept and refused.
pub async fn fetch(
    conversation: &Conversation<'_>,
    document: &PacerDocId,
) -> Result<AttachmentPage, JobError> {
    if conversation.court.is_appellate() {
        return Err(Failure::MenuNotRecognised.into());
    }
    let menu = document.canonical();
    let ask = Ask::Get(form::document_path(&menu));
    let answer = conversation.ask(&ask, row_of).await?;
    keep(conversation, &menu, &answer).await?;
    match attachment_page::parse(&answer.body, conversation.court.id.as_str()) {
        Ok(Some(page)) => Ok(page),
        Ok(None) => Err(Failure::MenuNotRecognised.into()),
        Err(error) => {
            debug!(%error, "what came is no attachment menu");
            Err(Failure::MenuNotRecognised.into())
        }
    }
}

async fn keep(
    conversation: &Conversation<'_>,
    menu: &PacerDocId,
    answer: &Answer,
) -> Result<(), JobError> {
    let request = &conversation.attempt.request;
    let store = &conversation.purchases.store;
    let blob = store
        .blobs
        .put(answer.body.clone(), &answer.media_type)
        .await?;
    let item_key = format!("menu/{}/{menu}", request.asked.target_court);
    let new = conversation.capture_of(answer, item_key, blob);
    store.keep_free(request.fence, &new).await?;
    conversation
        .attempt
        .step("captured", "free of charge")
        .await
}

fn row_of(answer: &Answer) -> CourtAnswer {
    verdict::menu_answer(Some(&answer.media_type), &answer.body).row()
}
