//! Worker processes: started, fed, limited, and replaced when they die.
//!
//! A file that kills a worker costs that file one page, not the service. Pages are answered one
//! by one, so when a worker dies the first unanswered page is the suspect: it is tried once more
//! alone, and if it kills again it alone is failed, and the rest goes on in a fresh worker.

mod process;
mod progress;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use futures_util::future::try_join_all;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::document::{DocumentText, PageSource, PageText};

use crate::limits::Limits;
use crate::open::Refusal;
use crate::plan::{DocumentPlan, PagePlan, file_problems};
use crate::verdict::Reason;
use crate::wire::{Answer, Request};

use process::Process;
use progress::Progress;

/// Pages that are recognised by one request.
pub const PAGES_PER_REQUEST: usize = 8;

/// Which workers to run and what they may cost.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// The program to start.
    pub program: PathBuf,
    /// Arguments that make it a worker.
    pub arguments: Vec<String>,
    /// Workers at the same time; each keeps one core busy.
    pub workers: NonZeroUsize,
    /// What a document and a worker may cost.
    pub limits: Limits,
    /// Where the recogniser's data is; `None` looks where Tesseract does.
    pub recogniser_data: Option<PathBuf>,
}

impl WorkerConfig {
    /// Workers that are this very program run as `ocr worker`, one per core, with the default
    /// limits.
    ///
    /// # Errors
    /// When the system does not tell which program this is.
    pub fn of_this_program() -> std::io::Result<Self> {
        Ok(Self::of_program(std::env::current_exe()?))
    }

    /// Workers that are `program worker`, one per core, with the default limits.
    pub fn of_program(program: PathBuf) -> Self {
        Self {
            program,
            arguments: vec!["worker".to_owned()],
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            limits: Limits::default(),
            recogniser_data: std::env::var_os("TESSDATA_PREFIX").map(PathBuf::from),
        }
    }
}

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
    idle: Mutex<Vec<Process>>,
}

/// A worker and the right to have one.
struct Slot<'pool> {
    process: Process,
    _permit: SemaphorePermit<'pool>,
}

impl WorkerPool {
    /// A pool that starts its workers when they are first needed.
    pub fn new(config: WorkerConfig) -> Self {
        Self {
            slots: Semaphore::new(config.workers.get()),
            config,
            idle: Mutex::default(),
        }
    }

    /// Reads a document: a pass over all pages, then recognition of those that need it, spread
    /// over the workers.
    ///
    /// # Errors
    /// [`ReadError::Refused`] when the file has no pages to give, [`ReadError::NoWorker`]. Pages
    /// that fail do not fail the document.
    pub async fn read(&self, path: &Path) -> Result<DocumentText, ReadError> {
        let plan = self.plan(path).await?;
        let mut pages: HashMap<u32, PageText> = HashMap::new();
        for page in self.reread(path, &plan.garbled()).await? {
            pages.insert(page.number, page);
        }
        let mut to_recognise = plan.to_recognise();
        to_recognise.retain(|number| !pages.contains_key(number));
        let requests = to_recognise
            .chunks(PAGES_PER_REQUEST)
            .map(|chunk| self.recognise(path, chunk));
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
        let problems = file_problems(progress.truncated, pages.first());
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

    /// Reads garbled pages with the second reader; only those that it reads come back. It may
    /// die of any file, which then is not worth another try.
    ///
    /// # Errors
    /// [`ReadError::NoWorker`].
    pub async fn reread(&self, path: &Path, pages: &[u32]) -> Result<Vec<PageText>, ReadError> {
        if pages.is_empty() {
            return Ok(Vec::new());
        }
        let mut slot = self.slot().await?;
        let request = Kind::Reread.request(path, pages);
        let time = self.config.limits.open_time;
        let mut read = Vec::new();
        let outcome = slot.process.ask(&request, time, |answer| {
            if let Answer::Read(page) = answer {
                read.push(page);
            }
        });
        match outcome.await {
            Ok(()) => self.give_back(slot),
            Err(death) => tracing::info!(?death, "the second reader took its worker along"),
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
            let mut slot = self.slot().await?;
            let was_used = slot.process.was_used();
            let time = kind.time(&self.config.limits, pages.len());
            let request = kind.request(path, &pages);
            let mut refusal = None;
            let outcome = slot.process.ask(&request, time, |answer| match answer {
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
                    tracing::info!(?death, "a worker died of a document");
                    progress.died(death, was_used, self.config.limits.worker_deaths)?;
                }
            }
        }
        Ok(())
    }

    /// A worker of our own, fresh or rested, as soon as there may be one.
    async fn slot(&self) -> Result<Slot<'_>, ReadError> {
        let permit = self.slots.acquire().await;
        let permit = permit.expect("the semaphore is never closed");
        let rested = self.idle().pop();
        let process = match rested {
            Some(process) => process,
            None => Process::start(&self.config)
                .await
                .map_err(ReadError::NoWorker)?,
        };
        Ok(Slot {
            process,
            _permit: permit,
        })
    }

    /// Keeps a worker for the next request, unless it is worn.
    fn give_back(&self, slot: Slot<'_>) {
        if slot.process.pages() < self.config.limits.worker_pages && !slot.process.is_doubtful() {
            self.idle().push(slot.process);
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
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

/// What is asked for a document's pages.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Plan,
    Recognise,
    Reread,
}

impl Kind {
    fn request(self, path: &Path, pages: &[u32]) -> Request {
        // Workers run in another directory.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let pages = pages.to_vec();
        match self {
            Self::Plan => Request::Plan { path, pages },
            Self::Recognise => Request::Recognise { path, pages },
            Self::Reread => Request::Reread { path, pages },
        }
    }

    fn time(self, limits: &Limits, pages: usize) -> std::time::Duration {
        match self {
            Self::Plan | Self::Reread => limits.open_time,
            Self::Recognise => limits.recognise_time(pages),
        }
    }
}
