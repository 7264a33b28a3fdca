//! How often users call. It is counted in memory, and written down once a minute for all who did.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use fetch_control::Control;
use fetch_model::UserId;
use tokio_util::sync::CancellationToken;

use super::once_a_minute;
use crate::dispatch;

/// Calls that were let in and are not written down yet.
#[derive(Debug, Default)]
pub struct Calls(Mutex<HashMap<UserId, u32>>);

impl Calls {
    /// Counts a call.
    pub(super) fn count(&self, user: UserId) {
        self.add(user, 1);
    }

    /// Writes down how often users have called, until `stop`, and then once more.
    pub async fn note(&self, control: &Control, stop: CancellationToken) {
        once_a_minute(stop, || self.write(control)).await;
    }

    /// Writes down what was counted. What cannot be written is kept for the next time.
    pub async fn write(&self, control: &Control) {
        let counted = mem::take(&mut *self.counted());
        if counted.is_empty() {
            return;
        }
        let calls: Vec<(UserId, u32)> = counted.into_iter().collect();
        if let Err(error) = control.ledger.add_calls(&calls).await {
            dispatch::log(&error);
            for (user, calls) in calls {
                self.add(user, calls);
            }
        }
    }

    fn add(&self, user: UserId, calls: u32) {
        let mut counted = self.counted();
        let sum = counted.entry(user).or_default();
        *sum = sum.saturating_add(calls);
    }

    fn counted(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
