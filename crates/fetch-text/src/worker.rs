//! What runs in a worker process: limits first, then requests until its input closes.
//!
//! The process holds no credentials and nothing that must outlive it, so it may die at any page.
//! Its parent notices, and goes on with another.

use std::io::{self, BufReader};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use hayro::hayro_syntax::Pdf;

use crate::confine::confine;
use crate::engine::OpenDocument;
use crate::limits::Limits;
use crate::open::{self, Refusal};
use crate::reader::reread;
use crate::recognise::{LazyRecogniser, StartRecogniser};
use crate::wire::{self, Answer, Request};

/// Stack of the thread that reads: nesting in a file costs stack.
const STACK_BYTES: usize = 64 << 20;

/// Serves requests on standard input until it closes, and recognises with what `recogniser`
/// starts; without one, pages that need it fail.
///
/// # Errors
/// When the process was started without `OMP_THREAD_LIMIT=1`, when limits cannot be set, or when
/// the first message is not [`Request::Start`].
pub fn run(recogniser: Option<StartRecogniser>) -> io::Result<()> {
    if std::env::var("OMP_THREAD_LIMIT").as_deref() != Ok("1") {
        return Err(io::Error::other("a worker needs OMP_THREAD_LIMIT=1"));
    }
    let mut input = BufReader::new(io::stdin());
    let Some(Request::Start {
        limits,
        recogniser_data,
    }) = wire::receive(&mut input)?
    else {
        return Err(io::Error::other("a worker is told its limits first"));
    };
    let confinement = confine(&limits)?;
    let (requests, queue) = mpsc::channel();
    let recogniser = LazyRecogniser::new(recogniser, recogniser_data);
    answer(&Answer::Ready(confinement))?;
    thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || serve(&queue, &limits, recogniser))?;
    // This thread only listens, so that a parent's death ends a worker that is stuck in a page.
    while let Ok(Some(request)) = wire::receive(&mut input) {
        if requests.send(request).is_err() {
            break;
        }
    }
    std::process::exit(0)
}

fn serve(queue: &mpsc::Receiver<Request>, limits: &Limits, mut recogniser: LazyRecogniser) {
    let mut served = Ok(());
    while served.is_ok() {
        let Ok(request) = queue.recv() else { break };
        served = handle(request, limits, &mut recogniser).and_then(|()| answer(&Answer::Finished));
    }
    // The parent no longer listens.
    std::process::exit(0)
}

fn handle(request: Request, limits: &Limits, recogniser: &mut LazyRecogniser) -> io::Result<()> {
    match request {
        Request::Start { .. } => Err(io::Error::other("limits are told once")),
        Request::Plan { path, pages } => with_document(&path, limits, |document| {
            let all = 1..=document.page_count();
            let pages = if pages.is_empty() {
                all.collect()
            } else {
                pages
            };
            pages
                .into_iter()
                .try_for_each(|number| answer(&Answer::Planned(document.plan(number))))
        }),
        Request::Recognise { path, pages } => with_document(&path, limits, |document| {
            pages.into_iter().try_for_each(|number| {
                answer(&Answer::Read(document.recognise(number, recogniser)))
            })
        }),
        Request::Reread { path, pages } => match open::load(&path, limits) {
            Err(refusal) => answer(&Answer::Refused(refusal)),
            Ok(bytes) => reread(&bytes, &pages).into_iter().try_for_each(|mut page| {
                page.cut_to(limits.page_text_bytes);
                answer(&Answer::Read(page))
            }),
        },
    }
}

fn with_document(
    path: &Path,
    limits: &Limits,
    work: impl FnOnce(&mut OpenDocument<'_>) -> io::Result<()>,
) -> io::Result<()> {
    match opened(path, limits) {
        Err(refusal) => answer(&Answer::Refused(refusal)),
        Ok((pdf, truncated)) => {
            let mut document = OpenDocument::new(&pdf, limits);
            let pages = document.page_count();
            answer(&Answer::Opened { pages, truncated })?;
            work(&mut document)
        }
    }
}

fn opened(path: &Path, limits: &Limits) -> Result<(Pdf, bool), Refusal> {
    let bytes = open::load(path, limits)?;
    let truncated = open::is_truncated(&bytes);
    Ok((open::open(bytes, limits)?, truncated))
}

fn answer(answer: &Answer) -> io::Result<()> {
    wire::send(&mut io::stdout().lock(), answer)
}
