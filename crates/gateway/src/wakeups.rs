//! Wakes the dispatcher of the same process.
//!
//! A `NOTIFY` in every accepting transaction would do the same for all gateways, but Postgres lets
//! such transactions commit one after the other only. A call that is lost with its process costs
//! the second until any dispatcher looks at all courts anyway.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;

/// Courts at which something was accepted. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Wakeups(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    courts: Mutex<BTreeSet<String>>,
    called: Notify,
}

impl Wakeups {
    /// Says that there is new work at a court.
    pub fn call(&self, court: &str) {
        let mut courts = self.0.courts.lock().unwrap_or_else(PoisonError::into_inner);
        if !courts.contains(court) {
            courts.insert(court.to_owned());
            self.0.called.notify_one();
        }
    }

    /// Waits for a call, and takes all that have come: a court that was called for ten times is
    /// looked at once. Nothing is lost when the future is dropped.
    pub async fn next(&self) -> BTreeSet<String> {
        loop {
            let courts = {
                let mut courts = self.0.courts.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *courts)
            };
            if !courts.is_empty() {
                return courts;
            }
            self.0.called.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_court_that_is_called_for_twice_is_looked_at_once() {
        let wakeups = Wakeups::default();
        for court in ["nysd", "cand", "nysd"] {
            wakeups.call(court);
        }
        let courts = wakeups.next().await;
        assert_eq!(courts, BTreeSet::from(["cand".into(), "nysd".into()]));
        wakeups.call("nysd");
        assert_eq!(wakeups.next().await, BTreeSet::from(["nysd".into()]));
    }

    #[tokio::test]
    async fn who_waits_is_woken() {
        let wakeups = Wakeups::default();
        let waiting = tokio::spawn({
            let wakeups = wakeups.clone();
            async move { wakeups.next().await }
        });
        tokio::task::yield_now().await;
        wakeups.call("cand");
        assert_eq!(waiting.await.unwrap(), BTreeSet::from(["cand".into()]));
    }
}
