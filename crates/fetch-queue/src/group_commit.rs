//! Accepting many requests at once: whoever comes while a statement is under way goes with the next.
//!
//! A request that comes alone is written at once, by itself. Under load one statement and one
//! commit serve all that have come meanwhile, and nobody waits on purpose for others to come.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::oneshot, time};
use tracing::warn;

use crate::{
    Error, Queue,
    accept::{self, Draft, write},
};

/// Statements under way at once. A second one is made up while the first is being committed.
const WRITERS: usize = 2;

/// Requests that one statement writes.
const MOST: usize = 64;

type Written = Result<Option<accept::Written>, Error>;

/// Who waits to be written. All clones are one.
#[derive(Debug, Clone, Default)]
pub(crate) struct GroupCommit(Arc<Mutex<Line>>);

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Waiting>,
    writers: usize,
    tickets: u64,
}

#[derive(Debug)]
struct Waiting {
    ticket: u64,
    draft: Draft,
    answer: oneshot::Sender<Written>,
}

/// One of those who write. It leaves when nobody waits; should it end otherwise, another may come.
struct Writer {
    queue: GroupCommit,
    has_left: bool,
}

impl GroupCommit {
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place, and says whether a writer is wanted.
    fn join(&self, draft: Draft, answer: oneshot::Sender<Written>) -> (u64, Option<Writer>) {
        let queue = &mut *self.lock();
        queue.tickets += 1;
        let ticket = queue.tickets;
        queue.waiting.push_back(Waiting {
            ticket,
            draft,
            answer,
        });
        let writer = (queue.writers < WRITERS).then(|| {
            queue.writers += 1;
            Writer {
                queue: self.clone(),
                has_left: false,
            }
        });
        (ticket, writer)
    }

    /// Gives a place back; false if its turn has come already.
    fn leave(&self, ticket: u64) -> bool {
        let waiting = &mut self.lock().waiting;
        let before = waiting.len();
        waiting.retain(|it| it.ticket != ticket);
        waiting.len() < before
    }
}

impl Writer {
    /// The next group, of those who still wait for an answer.
    fn next_group(&mut self) -> Vec<Waiting> {
        let queue = &mut *self.queue.lock();
        queue.waiting.retain(|it| !it.answer.is_closed());
        let size = queue.waiting.len().min(MOST);
        if size == 0 {
            queue.writers -= 1;
            self.has_left = true;
        }
        queue.waiting.drain(..size).collect()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.has_left {
            self.queue.lock().writers -= 1;
        }
    }
}

impl Queue {
    /// Writes a request down, together with whoever comes at the same time. `None` if it may not
    /// be written.
    ///
    /// # Errors
    /// [`Error::Stalled`] when nothing was written; [`Error::Unconfirmed`] when that is not known.
    pub async fn write_in_group(&self, draft: Draft) -> Written {
        let (answer, mut answered) = oneshot::channel();
        let (ticket, writer) = self.group_commit.join(draft, answer);
        if let Some(writer) = writer {
            tokio::spawn(self.clone().write_groups(writer));
        }
        // Those before may be waiting for a commit that hangs.
        let answer = match time::timeout(self.db.commit_wait(), &mut answered).await {
            Ok(answer) => answer,
            Err(_) if self.group_commit.leave(ticket) => return Err(Error::Stalled),
            Err(_) => answered.await,
        };
        answer.unwrap_or(Err(Error::Unconfirmed))
    }

    async fn write_groups(self, mut writer: Writer) {
        loop {
            let group = writer.next_group();
            if group.is_empty() {
                return;
            }
            let drafts: Vec<&Draft> = group.iter().map(|it| &it.draft).collect();
            match self.write_group(&drafts).await {
                Ok(written) => answer(group, written.into_iter().map(Ok)),
                Err(Error::Unconfirmed) => answer(group, std::iter::repeat_with(unconfirmed)),
                Err(Error::Stalled) => answer(group, std::iter::repeat_with(stalled)),
                Err(error) if group.len() == 1 => answer(group, [Err(error)]),
                // Something is wrong with one of them. Which one it is shows when each goes alone.
                Err(_) => {
                    for it in group {
                        let written = self.write_group(&[&it.draft]).await;
                        let written = written.map(|mut written| written.pop().flatten());
                        answer([it], [written]);
                    }
                }
            }
        }
    }

    async fn write_group(&self, drafts: &[&Draft]) -> Result<Vec<Option<accept::Written>>, Error> {
        let _turn = self.db.turn_to_write().await?;
        let mut connection = self.db.acquire().await.map_err(|error| {
            let error = &error as &dyn std::error::Error;
            warn!(error, "nothing could be written");
            Error::Stalled
        })?;
        self.db.confirmed(write(&mut connection, drafts)).await
    }
}

fn answer(group: impl IntoIterator<Item = Waiting>, written: impl IntoIterator<Item = Written>) {
    for (it, written) in group.into_iter().zip(written) {
        // Who has hung up meanwhile is not told.
        let _ = it.answer.send(written);
    }
}

fn unconfirmed() -> Written {
    Err(Error::Unconfirmed)
}

fn stalled() -> Written {
    Err(Error::Stalled)
}
