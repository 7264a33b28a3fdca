//! An attachment menu: free, kept like everything else that a court sends.

use fetch_model::{Failure, JobError};
use pacer::{
    form,
    ids::PacerDocId,
    page::{
        PageError,
        appellate_attachment_page::{self, AppellateAttachmentPage},
        attachment_page::{self, AttachmentPage},
        verdict::{self, CourtAnswer},
    },
};
use pacer_client::Answer;
use tracing::debug;

use crate::{Conversation, appellate, conversation::Ask};

/// A menu, by the software of its court.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Menu {
    /// Of a district or bankruptcy court.
    District(AttachmentPage),
    /// Of an appellate court, where all documents of an entry are listed alike.
    Appellate(AppellateAttachmentPage),
}

/// Fetches and reads the menu of the entry that a document belongs to.
///
/// # Errors
/// See [`JobError`]; a page that is no menu is kept and refused.
pub async fn fetch(
    conversation: &Conversation<'_>,
    document: &PacerDocId,
) -> Result<Menu, JobError> {
    appellate::refuse_acms_document(conversation, document)?;
    let menu = document.canonical();
    let answer = answer(conversation, &menu).await?;
    keep(conversation, &menu, &answer).await?;
    match read(conversation, &answer) {
        Ok(Some(page)) => Ok(page),
        Ok(None) => Err(Failure::MenuNotRecognised.into()),
        Err(error) => {
            debug!(%error, "what came is no attachment menu");
            Err(Failure::MenuNotRecognised.into())
        }
    }
}

/// What the court shows for the entry, past the page on which an appellate court doubts where the
/// link is from.
async fn answer(conversation: &Conversation<'_>, menu: &PacerDocId) -> Result<Answer, JobError> {
    let court = conversation.court;
    if !court.is_appellate() {
        let ask = Ask::Get(form::document_path(menu));
        return conversation.ask(&ask, row_of).await;
    }
    let ask = Ask::Get(form::appellate_menu_path(court, menu));
    let answer = conversation.ask(&ask, row_of).await?;
    let Some(form) = verdict::outside_link(&answer.body) else {
        return Ok(answer);
    };
    let path = conversation.path_of(&answer, &form.action)?;
    let ask = Ask::PostUrlencoded(path, form.fields);
    conversation.ask(&ask, row_of).await
}

fn read(conversation: &Conversation<'_>, answer: &Answer) -> Result<Option<Menu>, PageError> {
    let (page, court) = (&answer.body, conversation.court);
    let id = court.id.as_str();
    if court.is_appellate() {
        return Ok(appellate_attachment_page::parse(page, id)?.map(Menu::Appellate));
    }
    Ok(attachment_page::parse(page, id)?.map(Menu::District))
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
