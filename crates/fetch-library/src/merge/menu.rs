//! Attachment menus.

use std::borrow::Cow;

use fetch_model::{DocketId, DocumentId, kept_page::Menu};
use pacer::page::{
    appellate_attachment_page::AppellateAttachmentPage, attachment_page::AttachmentPage,
};
use sqlx::PgConnection;

use super::{
    appeal, attachments, docket_fields, documents,
    documents::{ATTACHMENT, EntryLayout, MAIN, Wanted},
};
use crate::{Error, Library, request_changes::RequestChanges};

/// What became of an attachment menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergedMenu {
    /// Its documents are stored.
    Merged {
        /// The docket of the entry.
        docket: DocketId,
        /// The entry whose menu it is (`docket_entry`).
        entry: i64,
        /// Documents that the entry did not have before.
        documents_new: usize,
        /// Documents that were there and are different now.
        documents_changed: usize,
    },
    /// No stored document is the one that the menu is of.
    DocumentNotFound,
    /// Several stored entries of the case have the document that the menu is of.
    TooManyDocuments,
}

/// An entry that has a document of the menu.
pub(crate) struct Place {
    pub(crate) docket: i64,
    entry: i64,
    document_number: String,
}

impl Library {
    /// Merges an attachment menu that was fetched for `document` into the entry it belongs to:
    /// the one with the menu's main document, within the court, and within the case if the menu
    /// names it. Of several, the one in the docket of `document` is taken, and there its own.
    pub async fn merge_attachment_page(
        &self,
        document: DocumentId,
        page: &AttachmentPage,
    ) -> Result<MergedMenu, Error> {
        self.merge_listed(document, page, EntryLayout::MainAndAttachments)
            .await
    }

    /// The same for a menu of an appellate court, which lists all documents of an entry alike:
    /// the one that the docket links to becomes the attachment that it is.
    pub async fn merge_appellate_attachment_page(
        &self,
        document: DocumentId,
        page: &AppellateAttachmentPage,
    ) -> Result<MergedMenu, Error> {
        self.merge_listed(
            document,
            &appeal::as_menu(page),
            EntryLayout::OneOrAttachments,
        )
        .await
    }

    /// The same for a menu of either kind of court.
    pub async fn merge_menu(&self, document: DocumentId, page: &Menu) -> Result<MergedMenu, Error> {
        match page {
            Menu::District(page) => self.merge_attachment_page(document, page).await,
            Menu::Appellate(page) => self.merge_appellate_attachment_page(document, page).await,
        }
    }

    async fn merge_listed(
        &self,
        document: DocumentId,
        page: &AttachmentPage,
        layout: EntryLayout,
    ) -> Result<MergedMenu, Error> {
        let mut transaction = self.db.begin().await?;
        let merged = match find_place(&mut transaction, document, page).await? {
            Ok(place) => merge_into(&mut transaction, &place, page, layout).await?,
            Err(nowhere) => nowhere,
        };
        if let MergedMenu::Merged {
            documents_new,
            documents_changed,
            ..
        } = merged
        {
            let changes = RequestChanges {
                documents_new,
                documents_changed,
                ..RequestChanges::default()
            };
            self.note(&mut transaction, changes).await?;
        }
        transaction.commit().await?;
        Ok(merged)
    }
}

/// A menu whichever court it is of, with what its entry may have.
pub(crate) fn listed(menu: &Menu) -> (Cow<'_, AttachmentPage>, EntryLayout) {
    match menu {
        Menu::District(page) => (Cow::Borrowed(page), EntryLayout::MainAndAttachments),
        Menu::Appellate(page) => (
            Cow::Owned(appeal::as_menu(page)),
            EntryLayout::OneOrAttachments,
        ),
    }
}

/// Finds the entry that a menu belongs to, and locks its docket until the transaction ends; or says
/// why there is none.
pub(crate) async fn find_place(
    connection: &mut PgConnection,
    document: DocumentId,
    page: &AttachmentPage,
) -> Result<Result<Place, MergedMenu>, Error> {
    let Some(asked) = place_of(connection, document.0).await? else {
        return Ok(Err(MergedMenu::DocumentNotFound));
    };
    let places = places(connection, &asked, page).await?;
    match choose(places, &asked) {
        Ok(Some(place)) => {
            lock(connection, place.docket).await?;
            Ok(Ok(place))
        }
        Ok(None) => Ok(Err(MergedMenu::DocumentNotFound)),
        Err(TooMany) => Ok(Err(MergedMenu::TooManyDocuments)),
    }
}

/// Merges a menu into that entry.
pub(crate) async fn merge_into(
    connection: &mut PgConnection,
    place: &Place,
    page: &AttachmentPage,
    layout: EntryLayout,
) -> Result<MergedMenu, Error> {
    let stored = documents::of_entry(connection, place.entry).await?;
    let wanted = wanted(place, page, layout);
    let outcome = documents::merge(connection, stored, wanted, layout).await?;
    if outcome.any() {
        docket_fields::touch(connection, place.docket, None).await?;
    }
    Ok(MergedMenu::Merged {
        docket: DocketId(place.docket),
        entry: place.entry,
        documents_new: outcome.new,
        documents_changed: outcome.changed,
    })
}

/// The entry of a document.
async fn place_of(connection: &mut PgConnection, document: i64) -> Result<Option<Place>, Error> {
    Ok(sqlx::query_as!(
        Place,
        "select docket_id as docket, docket_entries.id as entry, document_number
         from recap_documents join docket_entries on docket_entries.id = docket_entry_id
         where recap_documents.id = $1",
        document
    )
    .fetch_optional(connection)
    .await?)
}

/// The entries of the court that have the document the menu is of. A menu without a row for its
/// main document has the id of its first attachment in its place, which may not be stored yet,
/// so the main document of the entry that was asked for counts if any row of the menu is its.
async fn places(
    connection: &mut PgConnection,
    asked: &Place,
    page: &AttachmentPage,
) -> Result<Vec<Place>, Error> {
    let listed = page
        .attachments
        .iter()
        .filter_map(|line| line.pacer_doc_id.clone());
    let names: Vec<String> = page.pacer_doc_id.iter().cloned().chain(listed).collect();
    Ok(sqlx::query_as!(
        Place,
        r#"select distinct on (docket_entries.id) docket_id as docket, docket_entries.id as entry,
                  document_number
           from recap_documents
           join docket_entries on docket_entries.id = docket_entry_id
           join dockets on dockets.id = docket_id
           where court_id = (select court_id from dockets where id = $1)
             and ((pacer_doc_id = $2 and $2 <> '')
                  or (docket_entries.id = $3 and pacer_doc_id <> '' and pacer_doc_id = any($4)))
             and (dockets.id = $1 or $5 = '' or dockets.pacer_case_id = $5)
           order by docket_entries.id, document_type, recap_documents.id"#,
        asked.docket,
        page.pacer_doc_id.as_deref().unwrap_or(""),
        asked.entry,
        &names,
        page.pacer_case_id.as_deref().unwrap_or("")
    )
    .fetch_all(connection)
    .await?)
}

struct TooMany;

/// The one place, or the one that was asked for, or the one in the same docket.
fn choose(mut places: Vec<Place>, asked: &Place) -> Result<Option<Place>, TooMany> {
    if let Some(own) = places.iter().position(|place| place.entry == asked.entry) {
        return Ok(Some(places.swap_remove(own)));
    }
    if places.iter().any(|place| place.docket == asked.docket) {
        places.retain(|place| place.docket == asked.docket);
    }
    if places.len() > 1 {
        Err(TooMany)
    } else {
        Ok(places.pop())
    }
}

async fn lock(connection: &mut PgConnection, docket: i64) -> Result<(), Error> {
    sqlx::query!(
        "select id from dockets where id = $1 for no key update",
        docket
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// The documents of the menu. Its own id and size are those of the main document, unless the
/// first attachment stands in for it. Where entries have attachments only, there is none.
fn wanted(place: &Place, page: &AttachmentPage, layout: EntryLayout) -> Vec<Wanted> {
    let stands_in = page.attachments.iter().any(|line| {
        line.pacer_doc_id == page.pacer_doc_id
            && line.attachment_number.is_some_and(|number| number > 0)
    });
    let mut main = Wanted {
        entry: place.entry,
        document_type: MAIN,
        document_number: place.document_number.clone(),
        attachment_number: None,
        pacer_doc_id: String::new(),
        description: String::new(),
        page_count: None,
        file_size: None,
    };
    if !stands_in {
        main.pacer_doc_id = page.pacer_doc_id.clone().unwrap_or_default();
        main.page_count = page.page_count.and_then(|pages| pages.try_into().ok());
        main.file_size = page.file_size_bytes.and_then(|bytes| bytes.try_into().ok());
    }
    let lines = page.attachments.iter().map(attachments::Listed::from);
    let mut wanted = attachments::wanted(main, lines);
    if layout == EntryLayout::OneOrAttachments {
        wanted.retain(|wanted| wanted.document_type == ATTACHMENT);
    }
    wanted
}
