//! What runs in a worker process: everything is opened first, then nothing can be opened any more,
//! then requests are served until they end.
//!
//! The process holds no credentials and nothing that must outlive it, so it may die at any page.
//! Its parent notices, and goes on with another.

mod inherited;

use std::fs::File;
use std::io;
use std::sync::mpsc;
use std::thread;

use hayro::hayro_syntax::Pdf;

use crate::channel::{Received, RequestReceiver};
use crate::confine::{self, Confinement};
use crate::engine::OpenDocument;
use crate::limits::Limits;
use crate::open::{self, Refusal};
use crate::reader::reread;
use crate::recognise::{LazyRecogniser, StartRecogniser};
use crate::wire::{self, Answer, Request};

/// Stack of the thread that reads: nesting in a file costs stack.
const STACK_BYTES: usize = 64 << 20;

/// Serves requests that come over the socket on standard input until it closes, and recognises with
/// what `recogniser` starts; without one, pages that need it fail.
///
/// # Errors
/// When the process was started without `OMP_THREAD_LIMIT=1`, when limits cannot be set, or when
/// the first message is not [`Request::Start`].
pub fn run(recogniser: Option<StartRecogniser>) -> io::Result<()> {
    if std::env::var("OMP_THREAD_LIMIT").as_deref() != Ok("1") {
        return Err(io::Error::other("a worker needs OMP_THREAD_LIMIT=1"));
    }
    inherited::close_all_but_standard();
    let mut input = RequestReceiver::on_standard_input()?;
    let Some((
        Request::Start {
            limits,
            recognises,
            recogniser_data,
        },
        _,
    )) = input.receive()?
    else {
        return Err(io::Error::other("a worker is told its limits first"));
    };
    confine::limit_resources(&limits)?;
    let mut recogniser = LazyRecogniser::new(recogniser.filter(|_| recognises), recogniser_data);
    if recognises {
        recogniser.make_ready();
    }
    let files = confine::forbid_files()?;
    let (requests, queue) = mpsc::channel();
    let memory_bytes = limits.worker_memory_bytes;
    // Started now, because the list of system calls has none that starts anything; and waited for,
    // because a thread makes some that are not on it until it runs.
    let (here, is_here) = mpsc::channel();
    thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            // Whoever started it waits.
            let _ = here.send(());
            serve(&queue, &limits, recogniser);
        })?;
    is_here.recv().map_err(io::Error::other)?;
    let system_calls = confine::allow_only_reading();
    answer(&Answer::Ready(Confinement {
        memory_bytes,
        system_calls,
        files,
    }))?;
    // This thread only listens, so that a parent's death ends a worker that is stuck in a page.
    while let Ok(Some(received)) = input.receive() {
        if requests.send(received).is_err() {
            break;
        }
    }
    std::process::exit(0)
}

fn serve(queue: &mpsc::Receiver<Received>, limits: &Limits, mut recogniser: LazyRecogniser) {
    let mut served = Ok(());
    while served.is_ok() {
        let Ok((request, document)) = queue.recv() else {
            break;
        };
        let document = document.ok_or_else(|| io::Error::other("a request brings its document"));
        served = document
            .and_then(|document| handle(request, document, limits, &mut recogniser))
            .and_then(|()| answer(&Answer::Finished));
    }
    // The parent no longer listens.
    std::process::exit(0)
}

fn handle(
    request: Request,
    file: File,
    limits: &Limits,
    recogniser: &mut LazyRecogniser,
) -> io::Result<()> {
    match request {
        Request::Start { .. } => Err(io::Error::other("limits are told once")),
        Request::Plan { pages } => with_document(file, limits, |document| {
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
        Request::Recognise { pages } => with_document(file, limits, |document| {
            pages.into_iter().try_for_each(|number| {
                answer(&Answer::Read(document.recognise(number, recogniser)))
            })
        }),
        Request::Reread { pages } => match open::load(file, limits) {
            Err(refusal) => answer(&Answer::Refused(refusal)),
            Ok(bytes) => reread(&bytes, &pages, limits)
                .into_iter()
                .try_for_each(|mut page| {
                    page.cut_to(limits.page_text_bytes);
                    answer(&Answer::Read(page))
                }),
        },
    }
}

fn with_document(
    file: File,
    limits: &Limits,
    work: impl FnOnce(&mut OpenDocument<'_>) -> io::Result<()>,
) -> io::Result<()> {
    match opened(file, limits) {
        Err(refusal) => answer(&Answer::Refused(refusal)),
        Ok((pdf, truncated)) => {
            let mut document = OpenDocument::new(&pdf, limits);
            let pages = document.page_count();
            answer(&Answer::Opened { pages, truncated })?;
            work(&mut document)
        }
    }
}

fn opened(file: File, limits: &Limits) -> Result<(Pdf, bool), Refusal> {
    let bytes = open::load(file, limits)?;
    let truncated = open::is_truncated(&bytes);
    Ok((open::open(bytes, limits)?, truncated))
}

fn answer(answer: &Answer) -> io::Result<()> {
    wire::send(&mut io::stdout().lock(), answer)
}
