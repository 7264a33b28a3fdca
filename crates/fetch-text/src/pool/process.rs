//! One worker process and the pipes to it.

use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::BufReader;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::patience::Patience;
use super::terms::Terms;
use super::{Program, WorkerConfig};
use crate::channel::RequestSender;
use crate::choice::{Choice, Reason};
use crate::confine::Confinement;
use crate::document::PageSource;
use crate::limits::Limits;
use crate::open::Refusal;
use crate::wire::{self, Answer, Request};

/// A worker says that it is ready within this time, even on a busy machine.
const START_TIME: Duration = Duration::from_secs(30);

/// How a worker ended before its work did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    /// It took longer than allowed and was killed.
    TooSlow,
    /// It ended by itself: out of memory or stack, or talking nonsense.
    Broke,
    /// The system ended it, because it asked for something that is forbidden to it.
    Forbidden,
}

impl Death {
    /// What a page that did it says.
    pub(super) fn reason(self) -> Reason {
        match self {
            Self::TooSlow => Reason::TimeLimit,
            Self::Broke => Reason::ResourceLimit,
            Self::Forbidden => Reason::ForbiddenCall,
        }
    }

    /// What a file that did it on opening says.
    pub(super) fn refusal(self) -> Refusal {
        match self {
            Self::TooSlow => Refusal::TimeLimit,
            Self::Broke => Refusal::ResourceLimit,
            Self::Forbidden => Refusal::ForbiddenCall,
        }
    }
}

/// A running worker. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    requests: RequestSender,
    answers: BufReader<ChildStdout>,
    confinement: Confinement,
    limits: Limits,
    pages: u32,
    used: bool,
    doubtful: bool,
}

impl Process {
    /// Starts a worker and waits until its limits are in force. One that `recognises` has its
    /// recogniser ready then.
    ///
    /// # Errors
    /// When it cannot be started, or is not confined where it has to be.
    pub(super) async fn start(
        program: &Program,
        config: &WorkerConfig,
        recognises: bool,
    ) -> io::Result<Self> {
        let (mut requests, standard_input) = RequestSender::pair()?;
        let mut child = Command::new(&program.path)
            .args(&program.arguments)
            // Nothing of ours is inherited: no credentials, no settings.
            .env_clear()
            // Read by the recogniser's runtime before main: threads of its own make it slower.
            .env("OMP_THREAD_LIMIT", "1")
            .env("LC_ALL", "C")
            // One heap that grows in large steps: the second one, of the thread that reads, would
            // be asked for page by page, and each time past the filter of system calls.
            .env("MALLOC_ARENA_MAX", "1")
            .env("MALLOC_TOP_PAD_", "4194304")
            .env("MALLOC_TRIM_THRESHOLD_", "268435456")
            .current_dir("/")
            .stdin(standard_input)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let answers = child.stdout.take();
        let answers = answers.ok_or_else(|| io::Error::other("the worker has no pipe"))?;
        let mut answers = BufReader::new(answers);
        let start = Request::Start {
            limits: config.limits.clone(),
            recognises,
            recogniser_data: config.recogniser_data.clone(),
        };
        let greeting = greet(&mut requests, &mut answers, &start);
        let confinement = timeout(START_TIME, greeting).await??;
        if config.require_confinement && !confinement.is_enforced() {
            return Err(io::Error::other(format!(
                "workers are not confined: {confinement}"
            )));
        }
        Ok(Self {
            child,
            requests,
            answers,
            confinement,
            limits: config.limits.clone(),
            pages: 0,
            used: false,
            doubtful: false,
        })
    }

    /// What is enforced on it.
    pub(super) fn confinement(&self) -> &Confinement {
        &self.confinement
    }

    /// Ends it and waits until it is gone.
    pub(super) async fn end(mut self) {
        // An error here means that it is gone already.
        let _ = self.child.kill().await;
    }

    /// Pages that it has answered.
    pub(super) fn pages(&self) -> u32 {
        self.pages
    }

    /// Whether it has served a request.
    pub(super) fn was_used(&self) -> bool {
        self.used
    }

    /// Whether a reader broke in it, so that its state is not to be trusted.
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// Asks one thing of a document and hands every answer but the last to `take`.
    ///
    /// # Errors
    /// How the worker died; it is then dead indeed.
    pub(super) async fn ask(
        &mut self,
        request: &Request,
        document: &File,
        time: Duration,
        mut take: impl FnMut(Answer),
    ) -> Result<(), Death> {
        self.used = true;
        let patience = Patience::new(self.child.id(), time);
        let exchange = self.exchange(request, document, &mut take);
        let death = match patience.wait(exchange).await {
            Some(Ok(())) => return Ok(()),
            Some(Err(_)) => Death::Broke,
            None => Death::TooSlow,
        };
        // An error here means that it is gone already.
        let _ = self.child.kill().await;
        Err(match self.child.wait().await {
            Ok(status) if was_forbidden(status) => Death::Forbidden,
            _ => death,
        })
    }

    async fn exchange(
        &mut self,
        request: &Request,
        document: &File,
        take: &mut impl FnMut(Answer),
    ) -> io::Result<()> {
        self.requests.send(request, Some(document)).await?;
        let limits = self.limits.clone();
        let mut terms = Terms::new(request, &limits);
        loop {
            let answer = wire::receive_async(&mut self.answers).await?;
            terms.check(&answer)?;
            self.note(&answer);
            if answer == Answer::Finished {
                return Ok(());
            }
            take(answer);
        }
    }

    fn note(&mut self, answer: &Answer) {
        match answer {
            Answer::Planned(page) => {
                self.pages += 1;
                self.doubtful |= matches!(page.choice, Choice::Failed(_));
            }
            Answer::Read(page) => {
                self.pages += 1;
                self.doubtful |= page.source == PageSource::Failed;
            }
            _ => {}
        }
    }
}

async fn greet(
    requests: &mut RequestSender,
    answers: &mut BufReader<ChildStdout>,
    start: &Request,
) -> io::Result<Confinement> {
    requests.send(start, None).await?;
    match wire::receive_async(answers).await? {
        Answer::Ready(confinement) => Ok(confinement),
        _ => Err(io::Error::other("the worker did not say that it is ready")),
    }
}

/// Whether the system ended a process for a system call that is not on its list.
fn was_forbidden(status: ExitStatus) -> bool {
    status.signal() == Some(Signal::SYS.as_raw())
}
