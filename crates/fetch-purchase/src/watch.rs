//! Whether what is bought can be kept: nothing is bought while it cannot.
//!
//! The place where the bytes go is looked at every few seconds, and at once when something could
//! not be written. The last look is asked before every intent, so that a store that breaks is
//! noticed by nobody's purchase.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use fetch_db::{Blobs, Error};
use fetch_model::AttemptError;
use tokio::{
    sync::Notify,
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A store that has not answered by then cannot be written, for whatever reason.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Between two sweeps of what killed processes have left unfinished.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// What is older than this is nobody's answer any more.
const UNUSED_FOR: Duration = Duration::from_secs(24 * 3600);

/// How long a request waits before it is tried again.
const COME_BACK: Duration = Duration::from_secs(15);

/// What is known about the place where the bytes go.
#[derive(Debug, Clone)]
pub(crate) struct StoreWatch(Arc<Known>);

#[derive(Debug)]
struct Known {
    /// Why the last look failed.
    failed: Mutex<Option<String>>,
    /// Purchases whose bytes could not be written so far, whatever a look says.
    unwritten: AtomicUsize,
    look_now: Notify,
}

/// One purchase whose bytes are being written.
pub(crate) struct Writing {
    watch: StoreWatch,
    has_failed: AtomicBool,
}

impl StoreWatch {
    /// Nothing is known yet, and so nothing is bought.
    pub(crate) fn new() -> StoreWatch {
        StoreWatch(Arc::new(Known {
            failed: Mutex::new(Some("not checked yet".to_owned())),
            unwritten: AtomicUsize::new(0),
            look_now: Notify::new(),
        }))
    }

    /// Looks until `stop`. `reserve_bytes` must be free.
    pub(crate) async fn run(self, blobs: Blobs, reserve_bytes: u64, stop: CancellationToken) {
        let mut swept: Option<Instant> = None;
        while !stop.is_cancelled() {
            self.look(&blobs, reserve_bytes).await;
            if self.trouble().is_none() && swept.is_none_or(|at| at.elapsed() > SWEEP_EVERY) {
                swept = Some(Instant::now());
                if let Err(error) = blobs.sweep_staging(UNUSED_FOR).await {
                    let error = &error as &dyn std::error::Error;
                    warn!(
                        error,
                        "could not delete files that killed processes left behind"
                    );
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.0.look_now.notified() => {}
                () = time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// One look at a time: a store that hangs would collect them.
    async fn look(&self, blobs: &Blobs, reserve_bytes: u64) {
        let mut look = std::pin::pin!(blobs.probe_writing(reserve_bytes));
        let looked = match time::timeout(ANSWERS_WITHIN, &mut look).await {
            Ok(looked) => looked,
            Err(_) => {
                self.note(Some(format!("no answer within {ANSWERS_WITHIN:?}")));
                look.await
            }
        };
        self.note(looked.err().map(|error| in_words(&error)));
    }

    /// Remembers what a look has shown, and says once what is new.
    fn note(&self, now: Option<String>) {
        let mut failed = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if *failed == now {
            return;
        }
        match &now {
            Some(reason) => warn!(
                reason,
                "cannot write to the document store; nothing is bought until this works again"
            ),
            None => info!("the document store is writable again"),
        }
        *failed = now;
    }

    /// Why nothing can be kept at the moment; none if it can.
    pub(crate) fn trouble(&self) -> Option<String> {
        let failed = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let unwritten = self.0.unwritten.load(Ordering::SeqCst);
        match (&*failed, unwritten) {
            (Some(reason), _) => Some(format!("the document store cannot be written: {reason}")),
            (None, 0) => None,
            (None, count) => Some(format!(
                "the results of {count} purchases cannot be written"
            )),
        }
    }

    /// Gives a request back before anything is bought for it that could not be kept.
    pub(crate) fn check(&self) -> Result<(), AttemptError> {
        match self.trouble() {
            None => Ok(()),
            Some(_) => Err(AttemptError::PutOff {
                wait: COME_BACK,
                reason: "The document store cannot be written to; nothing was bought.".to_owned(),
            }),
        }
    }

    /// The bytes of a purchase are about to be written.
    pub(crate) fn writing(&self) -> Writing {
        Writing {
            watch: self.clone(),
            has_failed: AtomicBool::new(false),
        }
    }
}

impl Writing {
    /// They could not be: until they are, nothing more is bought.
    pub(crate) fn failed(&self, error: &Error) {
        if !self.has_failed.swap(true, Ordering::SeqCst) {
            self.watch.0.unwritten.fetch_add(1, Ordering::SeqCst);
            let error = error as &dyn std::error::Error;
            warn!(
                error,
                "cannot store what was paid for, retrying; nothing more is bought until this works"
            );
        }
        self.watch.0.look_now.notify_one();
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.has_failed.load(Ordering::SeqCst) {
            self.watch.0.unwritten.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// An error of the store with its causes. It names files at most.
fn in_words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words += &format!(": {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn opened() -> (tempfile::TempDir, Blobs, StoreWatch) {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path().join("blobs").to_str().unwrap()).unwrap();
        (folder, blobs, StoreWatch::new())
    }

    #[tokio::test]
    async fn nothing_is_bought_before_the_first_look_and_after_one_that_failed() {
        let (folder, blobs, watch) = opened().await;
        assert!(watch.check().is_err());
        watch.look(&blobs, 0).await;
        assert_eq!(watch.check(), Ok(()));
        let place = folder.path().join("blobs");
        std::fs::rename(&place, folder.path().join("away")).unwrap();
        std::fs::write(&place, "a file").unwrap();
        watch.look(&blobs, 0).await;
        assert!(matches!(watch.check(), Err(AttemptError::PutOff { .. })));
        let trouble = watch.trouble().unwrap();
        assert!(trouble.contains("Not a directory"), "{trouble}");
        std::fs::remove_file(&place).unwrap();
        std::fs::rename(folder.path().join("away"), &place).unwrap();
        watch.look(&blobs, 0).await;
        assert_eq!(watch.check(), Ok(()));
    }

    #[tokio::test]
    async fn bytes_that_cannot_be_written_stop_purchases_whatever_a_look_says() {
        let (_folder, blobs, watch) = opened().await;
        watch.look(&blobs, 0).await;
        let writing = watch.writing();
        writing.failed(&Error::File(std::io::ErrorKind::PermissionDenied.into()));
        writing.failed(&Error::File(std::io::ErrorKind::PermissionDenied.into()));
        watch.look(&blobs, 0).await;
        assert!(watch.check().is_err());
        drop(writing);
        assert_eq!(watch.check(), Ok(()));
    }

    #[tokio::test]
    async fn a_disk_without_the_reserve_is_full() {
        let (_folder, blobs, watch) = opened().await;
        watch.look(&blobs, u64::MAX).await;
        let trouble = watch.trouble().unwrap();
        assert!(trouble.contains("bytes are free"), "{trouble}");
    }
}
