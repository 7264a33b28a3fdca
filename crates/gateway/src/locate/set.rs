//! Several documents in one request: a range or a list of entries, perhaps with all attachments
//! (`docs/API.md#several-documents`).

use fetch_library::{sets::StoredSet, whereabouts::StoredDocket};
use fetch_model::{
    FetchKind,
    address::{DocumentAddress, DocumentName, DocumentSet},
    fields::FieldId,
};

use super::{Intake, Located};
use crate::dialect::{ApiError, submission::Submission};

/// From numbers of entries to documents.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SetWay {
    /// What was asked for.
    pub set: DocumentSet,
    /// The stored docket of its case.
    pub docket: Option<StoredDocket>,
    /// What is stored of it.
    pub stored: StoredSet,
}

impl SetWay {
    /// Whether the docket has to be fetched, since it does not tell of all of them.
    pub fn needs_docket(&self) -> bool {
        self.set
            .entries
            .span_without(&self.stored.entries)
            .is_some()
    }

    /// How many of them nothing is stored of.
    pub fn unseen(&self) -> usize {
        self.set.entries.count() - self.stored.entries.len()
    }

    /// How many menus may tell of attachments that nobody has seen.
    pub fn menus(&self) -> usize {
        match self.set.attachments {
            true => self.stored.without_menu().len() + self.unseen(),
            false => 0,
        }
    }

    /// What is fetched first, in the words of steps.
    pub fn fetched_first(&self) -> Vec<&'static str> {
        let mut first = Vec::new();
        if self.needs_docket() {
            first.push("docket_report");
        }
        if self.menus() > 0 {
            first.push("attachment_page");
        }
        first
    }
}

/// Several documents, if that is what was asked for.
pub(super) fn of(
    sent: &Submission,
    address: &DocumentAddress,
) -> Result<Option<DocumentSet>, ApiError> {
    let asked = &sent.address;
    let Some(entries) = asked.entry_number.as_ref() else {
        return Ok(None);
    };
    if entries.single().is_some() && !asked.attachments {
        return Ok(None);
    }
    if !matches!(address.name, DocumentName::Place { .. }) {
        return Ok(None);
    }
    let refuse = |field: FieldId, text: &str| Err(ApiError::field(field.name(), text));
    if sent.kind != FetchKind::Pdf {
        let field = match asked.attachments {
            true => FieldId::Attachments,
            false => FieldId::EntryNumber,
        };
        return refuse(
            field,
            "Several documents can be fetched with request_type 2 only.",
        );
    }
    if asked.attachment_number.is_some() {
        let text = "Send it with a single entry_number, and without 'attachments'.";
        return refuse(FieldId::AttachmentNumber, text);
    }
    if asked.attachments && sent.max_cost.is_none() {
        let text = "Send 'max_cost_cents' with 'attachments': how many there are is known only once the menus are read.";
        return refuse(FieldId::MaxCostCents, text);
    }
    Ok(Some(DocumentSet {
        court: address.court.clone(),
        docket: address.docket,
        pacer_case_id: address.pacer_case_id.clone(),
        docket_number: address.docket_number.clone(),
        entries: entries.clone(),
        attachments: asked.attachments,
    }))
}

impl Intake {
    /// Looks for the documents.
    pub(super) async fn find_set(
        &self,
        located: &mut Located,
        mut set: DocumentSet,
    ) -> Result<(), ApiError> {
        let library = &self.api.control.library;
        let docket = library.whereabouts(&set.first()).await?.docket;
        let stored = match &docket {
            Some(docket) => library.documents_of(docket.id, &set.entries).await?,
            None => StoredSet::default(),
        };
        set.docket = set.docket.or(docket.as_ref().map(|docket| docket.id));
        located.submission.court = Some(set.court.clone());
        located.set = Some(SetWay {
            set,
            docket,
            stored,
        });
        Ok(())
    }
}
