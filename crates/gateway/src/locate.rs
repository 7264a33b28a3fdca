//! What a request means that names a docket or a document as people do: the address out of a browser, the
//! number of an entry, the court's own id (`docs/API.md#ask-by-address`).
//!
//! What is stored is found, and the request becomes an ordinary one. What is not is told as the address under
//! which it is looked for once the docket, or the menu of its entry, is there.

mod set;

use fetch_library::{
    read::DocketFacts,
    whereabouts::{Place, StoredDocket},
};
use fetch_model::{
    DocumentId, FetchKind,
    address::{DocumentAddress, DocumentName},
    fields::FieldId,
};
use pacer::{
    address::{self, Address, CaseName},
    court::Court,
    ids::PacerDocId,
};

use crate::{
    dialect::{
        ApiError,
        submission::{ReferencedRows, Submission},
    },
    submit::Intake,
};
pub(crate) use set::SetWay;

/// A submission in the fields of the contract.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    /// The fields, with those that the address stands for.
    pub submission: Submission,
    /// What is known about the rows that they name.
    pub known: ReferencedRows,
    /// What its address led to, if it had one.
    pub way: Option<Way>,
    /// The documents that it is for, if these are several.
    pub set: Option<SetWay>,
}

/// From an address to a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Way {
    /// The address.
    pub address: DocumentAddress,
    /// The stored docket of its case.
    pub docket: Option<StoredDocket>,
    /// The document, once it is known.
    pub document: Option<DocumentId>,
    /// What has to be fetched before the document is known; none if it is.
    pub missing: Option<Missing>,
}

impl Located {
    /// Whether it names all that it is for by rows and numbers, as one of the contract does.
    pub fn is_complete(&self) -> bool {
        self.set.is_none() && self.missing().is_none()
    }

    /// What has to be fetched before the document is known, if anything has.
    pub fn missing(&self) -> Option<(&Way, Missing)> {
        let way = self.way.as_ref()?;
        Some((way, way.missing?))
    }
}

impl Way {
    /// Whether the case can be asked for by the court's own id of it.
    pub fn knows_case_id(&self) -> bool {
        let stored = self.docket.as_ref();
        !self.address.pacer_case_id.is_empty()
            || stored.is_some_and(|docket| docket.pacer_case_id.is_some())
    }

    /// What is fetched first, in the words of steps; the menu after the docket only if there is one.
    pub fn fetched_first(&self) -> Vec<&'static str> {
        match self.missing {
            None => Vec::new(),
            Some(Missing::Docket) if self.address.name.may_be_attachment() => {
                vec!["docket_report", "attachment_page"]
            }
            Some(Missing::Docket) => vec!["docket_report"],
            Some(Missing::Menu(_)) => vec!["attachment_page"],
        }
    }
}

/// What has to be fetched before a document is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The docket of its case, or more of it.
    Docket,
    /// The menu of its entry, by the entry's main document.
    Menu(DocumentId),
}

impl Intake {
    /// Says in the fields of the contract what a submission means. One without an address is left as it is.
    ///
    /// # Errors
    /// 400 for an address that is not understood, or that contradicts the other fields.
    pub(crate) async fn locate(
        &self,
        submission: Submission,
        known: ReferencedRows,
    ) -> Result<Located, ApiError> {
        let mut located = Located {
            submission,
            known,
            way: None,
            set: None,
        };
        let sent = &located.submission;
        let pasted = match sent.address.url.as_str() {
            "" => None,
            _ if !sent.needs_address() => None,
            url => Some(pasted(url, sent)?),
        };
        if let Some(pasted) = &pasted {
            located.submission.court = pasted.court.cl_id.clone();
        }
        if located.submission.kind == FetchKind::Docket {
            if let Some(pasted) = pasted {
                self.name_case(&mut located, &pasted).await?;
            }
            return Ok(located);
        }
        if located.submission.needs_address()
            && let Some(address) = document_address(&located, pasted.as_ref())?
        {
            match set::of(&located.submission, &address)? {
                Some(set) => self.find_set(&mut located, set).await?,
                None => self.find(&mut located, address).await?,
            }
        }
        Ok(located)
    }

    /// The case of a docket request whose address was pasted: where that names a document alone, the case that
    /// has it.
    async fn name_case(&self, located: &mut Located, pasted: &Address) -> Result<(), ApiError> {
        let submission = &mut located.submission;
        match (&pasted.case, &pasted.document) {
            (Some(CaseName::Id(id)), _) => submission.pacer_case_id = id.to_string(),
            (Some(CaseName::Number(number)), _) => submission.docket_number = number.to_string(),
            (None, Some(address::DocumentName::Id(id))) => {
                let control = &self.api.control;
                let court = submission.court.clone().unwrap_or_default();
                let docket = control.library.docket_of_document(&court, id.as_str());
                let docket = docket.await?.ok_or_else(|| url_error(NO_CASE_IN_URL))?;
                submission.docket = Some(docket);
                located.known.docket = control.library.docket_facts(docket).await?;
            }
            (None, _) => return Err(url_error(NO_CASE_IN_URL)),
        }
        Ok(())
    }

    /// Looks for the document of an address.
    async fn find(&self, located: &mut Located, address: DocumentAddress) -> Result<(), ApiError> {
        let library = &self.api.control.library;
        let found = library.whereabouts(&address).await?;
        let missing = match found.place {
            Place::Stored(id) => {
                located.submission.document = Some(id);
                located.known.document = library.document_facts(id).await?;
                None
            }
            // The menu is what was asked for.
            Place::BehindMenu(id) if located.submission.kind == FetchKind::Attachments => {
                located.submission.document = Some(id);
                located.known.document = library.document_facts(id).await?;
                None
            }
            Place::BehindMenu(id) => Some(Missing::Menu(id)),
            Place::Several(ids) => return Err(ApiError::NonField(several(&address.name, &ids))),
            Place::Nowhere if !address.has_case() => {
                return Err(ApiError::NonField(NO_CASE.to_owned()));
            }
            Place::Nowhere => Some(Missing::Docket),
        };
        located.submission.court = Some(address.court.clone());
        located.way = Some(Way {
            address,
            docket: found.docket,
            document: located.submission.document,
            missing,
        });
        Ok(())
    }
}

/// What was pasted, if it agrees with the court that was named.
fn pasted(url: &str, submission: &Submission) -> Result<Address, ApiError> {
    let pasted = Address::parse(url).map_err(|error| url_error(error.to_string()))?;
    let court = pasted.court.cl_id.as_deref().unwrap_or_default();
    match submission.court.as_deref() {
        Some(sent) if sent != court => {
            let text = format!("This address is of the court {court}, but 'court' is {sent}.");
            Err(url_error(text))
        }
        _ => Ok(pasted),
    }
}

fn url_error(text: impl Into<String>) -> ApiError {
    ApiError::field(FieldId::Url.name(), text)
}

/// The address of a document in all that was sent; none if nothing of it names one.
fn document_address(
    located: &Located,
    pasted: Option<&Address>,
) -> Result<Option<DocumentAddress>, ApiError> {
    let sent = &located.submission;
    let Some(name) = name_of(sent, pasted)? else {
        return Ok(None);
    };
    let stored = located.known.docket.as_ref();
    let stored = stored.filter(|_| sent.docket.is_some());
    if let (Some(stored), Some(court)) = (stored, sent.court.as_ref())
        && stored.court != *court
    {
        let text = format!("The docket is in {}, not in {court}.", stored.court);
        return Err(ApiError::field(FieldId::Docket.name(), text));
    }
    let Some(court) = court_of(sent, stored) else {
        let text = "Send 'court' with 'pacer_doc_id' or 'entry_number', or a 'docket'.";
        return Err(ApiError::NonField(text.to_owned()));
    };
    let mut address = DocumentAddress {
        court,
        docket: sent.docket,
        pacer_case_id: sent.pacer_case_id.clone(),
        docket_number: sent.docket_number.clone(),
        name,
    };
    if let (FetchKind::Attachments, DocumentName::Place { attachment, .. }) =
        (sent.kind, &mut address.name)
    {
        // The menu is that of the entry.
        *attachment = None;
    }
    match pasted.and_then(|pasted| pasted.case.as_ref()) {
        Some(_) if address.has_case() => {}
        Some(CaseName::Id(id)) => address.pacer_case_id = id.to_string(),
        Some(CaseName::Number(number)) => address.docket_number = number.to_string(),
        None => {}
    }
    let named_by_place = matches!(address.name, DocumentName::Place { .. });
    if named_by_place && !address.has_case() {
        let text = "Send 'docket_number', 'pacer_case_id' or 'docket' with 'entry_number': every case has such an entry.";
        return Err(ApiError::NonField(text.to_owned()));
    }
    Ok(Some(address))
}

fn court_of(sent: &Submission, stored: Option<&DocketFacts>) -> Option<String> {
    let stored = stored.map(|docket| docket.court.clone());
    stored.or_else(|| sent.court.clone())
}

/// What names the document: once.
fn name_of(sent: &Submission, pasted: Option<&Address>) -> Result<Option<DocumentName>, ApiError> {
    let by_url = pasted.and_then(|pasted| {
        let name = pasted.document.as_ref()?;
        Some(in_our_words(name, pasted.sequence))
    });
    let by_id = match sent.address.pacer_doc_id.as_str() {
        "" => None,
        id => Some(doc_id(id, sent.court.as_deref())?),
    };
    let entries = sent.address.entry_number.as_ref();
    // Of several the first stands for all.
    let entry = entries.and_then(|entries| entries.iter().next());
    let by_place = entry.map(|entry| DocumentName::Place {
        entry,
        attachment: sent.address.attachment_number,
    });
    if by_place.is_none() && sent.address.attachments {
        let text = "Send 'entry_number' with it.";
        return Err(ApiError::field(FieldId::Attachments.name(), text));
    }
    if by_place.is_none() && sent.address.attachment_number.is_some() {
        let text = "Send 'entry_number' with it.";
        return Err(ApiError::field(FieldId::AttachmentNumber.name(), text));
    }
    let mut names = [by_url, by_id, by_place].into_iter().flatten();
    let (first, second) = (names.next(), names.next());
    if second.is_some() {
        return Err(ApiError::NonField(NAMED_TWICE.to_owned()));
    }
    if first.is_none() && pasted.is_some() {
        return Err(url_error(NO_DOCUMENT_IN_URL));
    }
    Ok(first)
}

fn in_our_words(name: &address::DocumentName, sequence: Option<u32>) -> DocumentName {
    let signed = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    match name {
        address::DocumentName::Id(id) => DocumentName::Id {
            pacer_doc_id: id.to_string(),
            sequence: sequence.map(signed),
        },
        address::DocumentName::Number { entry, attachment } => DocumentName::Place {
            entry: signed(*entry),
            attachment: attachment.map(signed),
        },
    }
}

fn doc_id(id: &str, court: Option<&str>) -> Result<DocumentName, ApiError> {
    let wrong = |text: String| ApiError::field(FieldId::PacerDocId.name(), text);
    let parsed = PacerDocId::parse(id).map_err(|error| wrong(format!("{error}.")))?;
    let court = court.and_then(Court::by_cl_id);
    if let Some(court) = court.filter(|court| court.doc_id_prefix.is_some())
        && !court.owns_document(&parsed)
    {
        let text = format!("'{id}' does not begin like the documents of this court.");
        return Err(wrong(text));
    }
    Ok(DocumentName::Id {
        pacer_doc_id: parsed.canonical().into(),
        sequence: None,
    })
}

fn several(name: &DocumentName, ids: &[DocumentId]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!(
        "Several documents are {name}. Send one of these as 'recap_document', or an \
         'attachment_number': {}.",
        ids.join(", ")
    )
}

const NO_CASE_IN_URL: &str = "This address names a document, but not its case, and no stored docket \
    has it. Send 'court' and 'docket_number'.";
const NO_DOCUMENT_IN_URL: &str = "This is the address of a docket. Send 'entry_number' with it to name \
    a document, or request_type 1 for the docket.";
const NAMED_TWICE: &str =
    "Name the document once: by 'url', by 'pacer_doc_id' or by 'entry_number'.";
const NO_CASE: &str = "No stored docket has this document, and nothing says of which case it is. Send \
    'docket_number' or 'pacer_case_id' with it; then the docket is fetched first.";
