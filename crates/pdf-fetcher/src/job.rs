//! A document: buy it, keep it, hand it to the text readers.

use fetch_attempt::{Attempt, Attempts, Outcome};
use fetch_bus::{Disposition, Job, JobHandler, JobKind};
use fetch_db::Blobs;
use fetch_library::{
    Library,
    merge::{NewPdf, StoredDocument},
};
use fetch_model::{AttemptError, DocumentId, Failure, FetchKind};
use fetch_purchase::{Conversation, Fetcher, Purchases, document::DocumentToBuy};
use fetch_runtime::Process;
use kill_point::Point;
use pacer::ids::{PacerCaseId, PacerDocId};

use crate::Config;

/// Fetches documents.
pub struct PdfJob {
    library: Library,
    blobs: Blobs,
    attempts: Attempts,
    purchases: Purchases,
}

/// Runs the service until it is told to stop.
///
/// # Errors
/// When a neighbour that it cannot do without is away at the start.
pub async fn serve(process: Process<Config>) -> anyhow::Result<()> {
    let fetcher = Fetcher::start(&process).await?;
    let job = PdfJob {
        library: Library::new(fetcher.db.clone()),
        blobs: fetcher.db.blobs.clone(),
        attempts: fetcher.attempts.clone(),
        purchases: fetcher.purchases.clone(),
    };
    fetcher.work(JobKind::Pdf, job, process.shutdown()).await?;
    Ok(())
}

impl JobHandler for PdfJob {
    async fn handle(&self, job: Job) -> Disposition {
        self.attempts
            .conduct(&job, async |attempt| self.fetch(attempt).await)
            .await
    }
}

impl PdfJob {
    async fn fetch(&self, attempt: &Attempt) -> Result<Outcome, AttemptError> {
        let id = attempt.request.spec.document.ok_or(Failure::Internal)?;
        let document = self.library.document(id).await?.ok_or(Failure::Internal)?;
        if document.is_available && document.ocr_status.is_some() {
            return Ok(Outcome::Done {
                docket: None,
                message: Failure::ALREADY_AVAILABLE.into(),
            });
        }
        let docket = self.library.docket(document.docket).await?;
        let docket_number = docket.map(|docket| docket.docket_number_raw);
        let wanted = wanted(id, &document, docket_number.unwrap_or_default())?;
        let conversation = Conversation::open(&self.purchases, attempt)?;
        let bought = fetch_purchase::document::buy(&conversation, &wanted).await?;
        let pdf = NewPdf {
            sha256: bought.capture.sha256.clone(),
            // The file is read from where it lies, which also proves that it is what came.
            sha1: self.blobs.sha1(&bought.capture.sha256).await?,
            byte_count: bought.capture.byte_count,
            // The text readers count the pages.
            page_count: None,
        };
        kill_point::reached(Point::BeforeSave);
        let library = self.library.working_for(attempt.request.id);
        library.save_pdf(id, &pdf).await?;
        kill_point::reached(Point::AfterSave);
        attempt
            .step("saved", &format!("{} bytes", bought.capture.byte_count))
            .await?;
        self.attempts.hand_over(attempt).await
    }
}

/// The `document_type` of one of several documents of an entry.
const ATTACHMENT: i16 = 2;

/// What to ask the court for.
fn wanted(
    id: DocumentId,
    document: &StoredDocument,
    docket_number: String,
) -> Result<DocumentToBuy, AttemptError> {
    let missing = Failure::MissingDocId {
        kind: FetchKind::Pdf,
        document: id,
    };
    Ok(DocumentToBuy {
        doc_id: PacerDocId::parse(&document.pacer_doc_id).map_err(|_| missing)?,
        case_id: document
            .pacer_case_id
            .as_deref()
            .and_then(|id| PacerCaseId::parse(id).ok()),
        sequence_number: document
            .pacer_sequence_number
            .map(|number| number.to_string()),
        description: document.description.clone(),
        docket_text: match document.document_type {
            // The words of the entry are about its main document.
            ATTACHMENT => String::new(),
            _ => document.entry_description.clone(),
        },
        is_attachment: document.document_type == ATTACHMENT,
        docket_number,
        document_number: document.document_number.clone(),
    })
}
