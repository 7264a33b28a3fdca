//! Whether another service can be reached: known in advance, so that no call has to wait for a refusal.

use std::{future::Future, time::Duration};

use tokio::{
    sync::watch,
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A neighbour that has not answered by then is away.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// What is known about a neighbour. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reach(watch::Receiver<Seen>);

/// The other end of a [`Reach`].
#[derive(Debug)]
pub struct Watcher(watch::Sender<Seen>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    There,
    AwaySince(Instant),
}

/// A neighbour that counts as away until it was seen.
#[must_use]
pub fn unseen() -> (Watcher, Reach) {
    let (sender, receiver) = watch::channel(Seen::AwaySince(Instant::now()));
    (Watcher(sender), Reach(receiver))
}

impl Reach {
    /// A neighbour that nobody watches, and that counts as there.
    #[must_use]
    pub fn unwatched() -> Reach {
        Reach(watch::channel(Seen::There).1)
    }

    /// Whether it is away.
    #[must_use]
    pub fn is_away(&self) -> bool {
        *self.0.borrow() != Seen::There
    }

    /// Waits until it comes or goes; `false` if nobody looks any more.
    pub async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }

    /// For readiness: once the process reports ready, the next call must not be refused.
    ///
    /// # Errors
    /// When it is away, or nobody has seen it yet.
    pub fn probe(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.is_away(),
            "it has not been reached yet, or is unreachable"
        );
        Ok(())
    }

    /// Returns once it has been away for so long without a break.
    pub async fn away_for(&self, patience: Duration) {
        let mut seen = self.0.clone();
        loop {
            let now = *seen.borrow_and_update();
            let changed = match now {
                Seen::There => seen.changed().await,
                Seen::AwaySince(at) => {
                    let left = patience.saturating_sub(at.elapsed());
                    tokio::select! {
                        () = time::sleep(left) => return,
                        changed = seen.changed() => changed,
                    }
                }
            };
            if changed.is_err() {
                // Nobody looks any more.
                return std::future::pending().await;
            }
        }
    }
}

impl Watcher {
    /// Looks, again and again, until `stop`.
    pub async fn watch<F, A>(self, name: &'static str, mut look: F, stop: CancellationToken)
    where
        F: FnMut() -> A,
        A: Future<Output = anyhow::Result<()>>,
    {
        loop {
            let answer = match time::timeout(ANSWER_WITHIN, look()).await {
                Ok(answer) => answer,
                Err(_) => Err(anyhow::anyhow!("no answer within {ANSWER_WITHIN:?}")),
            };
            self.note(name, answer);
            tokio::select! {
                () = stop.cancelled() => return,
                () = time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    fn note(&self, name: &'static str, answer: anyhow::Result<()>) {
        self.0.send_if_modified(|seen| match (&answer, *seen) {
            (Ok(()), Seen::AwaySince(_)) => {
                info!(neighbour = name, "reachable again");
                *seen = Seen::There;
                true
            }
            (Err(error), Seen::There) => {
                let error = format!("{error:#}");
                warn!(neighbour = name, error, "cannot be reached");
                *seen = Seen::AwaySince(Instant::now());
                true
            }
            _ => false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_waits_hears_of_an_absence_and_not_of_a_blink() {
        let (lookout, reach) = unseen();
        assert!(reach.is_away(), "it was not seen yet");
        assert!(reach.probe().is_err(), "and what needs it is not ready");
        lookout.note("it", Ok(()));
        assert!(!reach.is_away());
        assert!(reach.probe().is_ok());
        let second = Duration::from_secs(1);
        let waiting = tokio::spawn({
            let reach = reach.clone();
            async move { reach.away_for(2 * second).await }
        });
        lookout.note("it", Err(anyhow::anyhow!("gone")));
        time::sleep(second).await;
        lookout.note("it", Ok(()));
        time::sleep(5 * second).await;
        assert!(!waiting.is_finished(), "it was away for a second only");
        lookout.note("it", Err(anyhow::anyhow!("gone")));
        let begun = Instant::now();
        waiting.await.unwrap();
        assert_eq!(begun.elapsed(), 2 * second);
        // Whoever asks now has waited long enough.
        reach.away_for(second).await;
        assert_eq!(begun.elapsed(), 2 * second);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_is_away() {
        let (lookout, reach) = unseen();
        lookout.note("it", Ok(()));
        let stop = CancellationToken::new();
        tokio::spawn(lookout.watch("it", std::future::pending, stop.clone()));
        reach.away_for(Duration::ZERO).await;
        assert!(reach.is_away());
        stop.cancel();
    }
}
