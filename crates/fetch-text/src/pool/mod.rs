//! Worker processes: started, fed, limited, and replaced when they die.
//!
//! A file that kills a worker costs that file one page, not the service. Pages are answered one
//! by one, so when a worker dies the first unanswered page is the suspect: it is tried once more
//! alone, and if it kills again it alone is failed, and the rest goes on in a fresh worker.

mod config;
mod patience;
mod process;
mod progress;
mod terms;

pub use config::{Program, WorkerConfig};

use std::collections::HashMap;
use std::fs::File;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};
use std::time::Instant;

use futures_util::future::try_join_all;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::choice::Reason;
use crate::confine::Confinement;
use crate::document::{DocumentText, PageSource, PageText};
use crate::limits::Limits;
use crate::open::{self, Refusal};
use crate::plan::{DocumentPlan, PagePlan, file_problems};
use crate::wire::{Answer, Request};

use process::{Death, Process};
use progress::Progress;

/// Pages that are recognised by one request.
pub const PAGES_PER_REQUEST: usize = 8;

/// Why a document was not read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is not one that can be read. Final: another try ends the same way.
    #[error("the document cannot be read")]
    Refused(#[from] Refusal),
    /// No worker could be started. The file is not to blame; try later.
    #[error("no worker could be started")]
    NoWorker(#[source] std::io::Error),
}

/// Reads documents in worker processes. Cheap to share by reference; dropping it ends the idle
/// workers, dropping a read's future ends the worker that served it.
#[derive(Debug)]
pub struct WorkerPool {
    config: WorkerConfig,
    slots: Semaphore,
    /// Those that read text layers, and those that recognise.
    idle: Mutex<[Vec<Process>; 2]>,
    /// Whether it was said what workers may not do.
    said: Once,
}

/// How far the reading of a document has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// All pages were passed over.
    Planned {
        /// Number of the document's pages.
        pages: usize,
        /// Those of them that must be recognised.
        to_recognise: usize,
    },
    /// One page was recognised, or failed.
    Recognised,
}

/// A worker and the right to have one.
struct Slot<'pool> {
    process: Process,
    shelf: usize,
    _permit: SemaphorePermit<'pool>,
}

impl WorkerPool {
    /// A pool that starts its workers when they are first needed.
    pub fn new(config: WorkerConfig) -> Self {
        Self {
            slots: Semaphore::new(config.workers.get()),
            config,
            idle: Mutex::default(),
            said: Once::new(),
        }
    }

    /// How many workers it runs at the same time.
    pub fn workers(&self) -> NonZeroUsize {
        self.config.workers
    }

    /// Ends the idle workers and waits until they are gone.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle());
        for process in idle.into_iter().flatten() {
            process.end().await;
        }
    }

    /// Starts a worker, and says what is enforced on it.
    ///
    /// # Errors
    /// [`ReadError::NoWorker`].
    pub async fn confinement(&self) -> Result<Confinement, ReadError> {
        let slot = self.slot(Kind::Recognise).await?;
        let confinement = slot.process.confinement().clone();
        self.give_back(slot);
        Ok(confinement)
    }

    /// Reads a document: a pass over all pages, then recognition of those that need it, spread
    /// over the workers.
    ///
    /// # Errors
    /// [`ReadError::Refused`] when the file has no pages to give, [`ReadError::NoWorker`]. Pages
    /// that fail do not fail the document.
    pub async fn read(&self, path: &Path) -> Result<DocumentText, ReadError> {
        self.read_watched(path, &|_| {}).await
    }

    /// As [`WorkerPool::read`], saying how far it is.
    ///
    /// # Errors
    /// As [`WorkerPool::read`].
    pub async fn read_watched(
        &self,
        path: &Path,
        watch: &(dyn Fn(Step) + Sync),
    ) -> Result<DocumentText, ReadError> {
        let plan = self.plan(path).await?;
        let mut pages: HashMap<u32, PageText> = HashMap::new();
        for page in self.reread(path, &plan.garbled()).await? {
            pages.insert(page.number, page);
        }
        let mut to_recognise = plan.to_recognise();
        to_recognise.retain(|number| !pages.contains_key(number));
        watch(Step::Planned {
            pages: plan.pages.len(),
            to_recognise: to_recognise.len(),
        });
        let requests = to_recognise
            .chunks(self.pages_per_request(to_recognise.len()))
            .map(|chunk| self.recognised_if_possible(path, chunk, watch));
        for page in try_join_all(requests).await?.into_iter().flatten() {
            pages.insert(page.number, page);
        }
        Ok(self.assembled(plan, pages))
    }

    /// Passes over all pages: the text of most, and which must be recognised.
    ///
    /// # Errors
    /// As [`WorkerPool::read`].
    pub async fn plan(&self, path: &Path) -> Result<DocumentPlan, ReadError> {
        let mut progress = Progress::new(None);
        let mut pages: Vec<PagePlan> = Vec::new();
        let mut budget = self.config.limits.document_text_bytes;
        self.drive(path, Kind::Plan, &mut progress, |answer| {
            let Answer::Planned(mut page) = answer else {
                return None;
            };
            page.cut |= crate::document::cut(&mut page.text, budget);
            budget -= page.text.len();
            pages.push(page);
            pages.last().map(|page| page.number)
        })
        .await?;
        let failed = progress.failed.iter();
        pages.extend(failed.map(|(number, reason)| PagePlan::failed(*number, *reason)));
        pages.sort_by_key(|page| page.number);
        let problems = file_problems(progress.truncated, &pages);
        Ok(DocumentPlan { pages, problems })
    }

    /// Recognises pages of a document, in the order given. A page that cannot be recognised
    /// comes back as failed.
    ///
    /// # Errors
    /// As [`WorkerPool::read`].
    pub async fn recognise(&self, path: &Path, pages: &[u32]) -> Result<Vec<PageText>, ReadError> {
        let mut read: Vec<PageText> = Vec::new();
        self.recognise_each(path, pages, |page| read.push(page))
            .await?;
        read.sort_by_key(|page| pages.iter().position(|number| *number == page.number));
        Ok(read)
    }

    /// The same, handing over each page as soon as it is there; pages that cannot be recognised
    /// come last.
    ///
    /// # Errors
    /// As [`WorkerPool::read`].
    pub async fn recognise_each(
        &self,
        path: &Path,
        pages: &[u32],
        mut keep: impl FnMut(PageText),
    ) -> Result<(), ReadError> {
        let mut progress = Progress::new(Some(pages));
        self.drive(path, Kind::Recognise, &mut progress, |answer| {
            let Answer::Read(page) = answer else {
                return None;
            };
            let number = page.number;
            keep(page);
            Some(number)
        })
        .await?;
        for (number, reason) in &progress.failed {
            keep(PageText::failed(*number, *reason, String::new()));
        }
        Ok(())
    }

    /// What a document and a worker may cost.
    pub fn limits(&self) -> &Limits {
        &self.config.limits
    }

    /// Recognises pages, saying when each is there. Where recognisers are another program, that
    /// one may be missing; text layers are read all the same.
    async fn recognised_if_possible(
        &self,
        path: &Path,
        pages: &[u32],
        watch: &(dyn Fn(Step) + Sync),
    ) -> Result<Vec<PageText>, ReadError> {
        let mut read = Vec::new();
        let keep = |page| {
            watch(Step::Recognised);
            read.push(page);
        };
        match self.recognise_each(path, pages, keep).await {
            Err(ReadError::NoWorker(error)) if self.config.recogniser.is_some() => {
                tracing::warn!(%error, "the ocr program did not start");
                let missing = pages
                    .iter()
                    .filter(|number| !read.iter().any(|page: &PageText| page.number == **number));
                let failed: Vec<PageText> = missing
                    .map(|page| PageText::failed(*page, Reason::RecognitionFailed, String::new()))
                    .collect();
                failed.iter().for_each(|_| watch(Step::Recognised));
                read.extend(failed);
                Ok(read)
            }
            result => result.map(|()| read),
        }
    }

    /// Reads garbled pages with the second reader; only those that it reads come back. It may
    /// die of any file, which then is not worth another try.
    ///
    /// # Errors
    /// [`ReadError::NoWorker`].
    pub async fn reread(&self, path: &Path, pages: &[u32]) -> Result<Vec<PageText>, ReadError> {
        if pages.is_empty() {
            return Ok(Vec::new());
        }
        let mut slot = self.slot(Kind::Reread).await?;
        let document = match opened(path).await {
            Ok(document) => document,
            Err(refusal) => {
                self.give_back(slot);
                return Err(refusal.into());
            }
        };
        let request = Kind::Reread.request(pages);
        let time = self.config.limits.open_time;
        let mut read = Vec::new();
        let outcome = slot.process.ask(&request, &document, time, |answer| {
            if let Answer::Read(page) = answer {
                read.push(page);
            }
        });
        match outcome.await {
            Ok(()) => self.give_back(slot),
            Err(death) => say_of_death(death, "the second reader took its worker along"),
        }
        Ok(read)
    }

    /// Asks workers until every page is answered or failed. `take` keeps an answer and says which
    /// page it settles.
    async fn drive(
        &self,
        path: &Path,
        kind: Kind,
        progress: &mut Progress,
        mut take: impl FnMut(Answer) -> Option<u32>,
    ) -> Result<(), ReadError> {
        while let Some(pages) = progress.next_request() {
            let mut slot = self.slot(kind).await?;
            let was_used = slot.process.was_used();
            let time = kind.time(&self.config.limits, pages.len());
            let document = match opened(path).await {
                Ok(document) => document,
                Err(refusal) => {
                    self.give_back(slot);
                    return Err(refusal.into());
                }
            };
            let request = kind.request(&pages);
            let started = Instant::now();
            let mut refusal = None;
            let outcome = slot
                .process
                .ask(&request, &document, time, |answer| match answer {
                    Answer::Refused(refused) => refusal = Some(refused),
                    Answer::Opened { pages, truncated } => progress.opened(pages, truncated),
                    page => {
                        if let Some(number) = take(page) {
                            progress.settle(number);
                        }
                    }
                });
            let outcome = outcome.await;
            if let Some(refused) = refusal {
                self.give_back(slot);
                return Err(refused.into());
            }
            match outcome {
                Ok(()) => {
                    progress.finished();
                    self.give_back(slot);
                }
                Err(death) => {
                    say_of_death(death, "a worker died of a document");
                    progress.died(death, was_used, started.elapsed(), &self.config.limits)?;
                }
            }
        }
        Ok(())
    }

    /// How many pages to ask for at once, so that every worker has a share to the end.
    fn pages_per_request(&self, pages: usize) -> usize {
        let shares = 4 * self.config.workers.get();
        pages.div_ceil(shares).clamp(1, PAGES_PER_REQUEST)
    }

    /// A worker of our own, fresh or rested, as soon as there may be one.
    async fn slot(&self, kind: Kind) -> Result<Slot<'_>, ReadError> {
        let permit = self.slots.acquire().await;
        let permit = permit.expect("the semaphore is never closed");
        let recognises = matches!(kind, Kind::Recognise);
        let (shelf, program) = match (&self.config.recogniser, recognises) {
            (Some(recogniser), true) => (1, recogniser),
            (None, true) => (1, &self.config.program),
            (_, false) => (0, &self.config.program),
        };
        let rested = self.idle()[shelf].pop();
        let process = match rested {
            Some(process) => process,
            None => Process::start(program, &self.config, recognises)
                .await
                .map_err(ReadError::NoWorker)?,
        };
        self.say_once(process.confinement());
        Ok(Slot {
            process,
            shelf,
            _permit: permit,
        })
    }

    fn say_once(&self, confinement: &Confinement) {
        self.said.call_once(|| match confinement.is_enforced() {
            true => tracing::info!("workers are confined: {confinement}"),
            false => tracing::warn!("workers are confined in part: {confinement}"),
        });
    }

    /// Keeps a worker for the next request, unless it is worn.
    fn give_back(&self, slot: Slot<'_>) {
        if slot.process.pages() < self.config.limits.worker_pages && !slot.process.is_doubtful() {
            self.idle()[slot.shelf].push(slot.process);
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, [Vec<Process>; 2]> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn assembled(&self, plan: DocumentPlan, mut read: HashMap<u32, PageText>) -> DocumentText {
        let mut budget = self.config.limits.document_text_bytes;
        let pages = plan
            .pages
            .into_iter()
            .map(|planned| {
                let mut page = match planned.finished() {
                    Some(page) => page,
                    None => read_page(planned, &mut read),
                };
                page.cut_to(budget);
                budget -= page.text.len();
                page
            })
            .collect();
        DocumentText::new(pages, plan.problems)
    }
}

/// The page that was read; a failed one keeps what its text layer gave.
fn read_page(planned: PagePlan, read: &mut HashMap<u32, PageText>) -> PageText {
    match read.remove(&planned.number) {
        Some(mut page) => {
            if page.source == PageSource::Failed && page.text.is_empty() {
                page.text = planned.text;
            }
            page
        }
        None => PageText::failed(planned.number, Reason::GivenUp, planned.text),
    }
}

/// Opens a document for a worker, which cannot.
async fn opened(path: &Path) -> Result<File, Refusal> {
    let file = tokio::fs::File::open(path).await;
    Ok(file.map_err(open::unreachable)?.into_std().await)
}

/// What breaks a reader is the file's business; what makes it do the forbidden is an operator's.
fn say_of_death(death: Death, what: &str) {
    match death {
        Death::Forbidden => tracing::error!(
            "{what}: it asked the system for something that is forbidden to it; the kernel's audit \
             log may name the call"
        ),
        Death::Broke | Death::TooSlow => tracing::info!(?death, "{what}"),
    }
}

/// What is asked for a document's pages.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Plan,
    Recognise,
    Reread,
}

impl Kind {
    fn request(self, pages: &[u32]) -> Request {
        let pages = pages.to_vec();
        match self {
            Self::Plan => Request::Plan { pages },
            Self::Recognise => Request::Recognise { pages },
            Self::Reread => Request::Reread { pages },
        }
    }

    fn time(self, limits: &Limits, pages: usize) -> std::time::Duration {
        match self {
            Self::Plan | Self::Reread => limits.open_time,
            Self::Recognise => limits.recognise_time(pages),
        }
    }
}
