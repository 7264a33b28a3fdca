//! How many calls of one account are in progress.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fetch_model::UserId;

use crate::dialect::ApiError;

/// Calls that are under way, by account.
#[derive(Debug)]
pub struct InFlight {
    most: usize,
    counts: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// A call that is under way as long as this value lives.
#[derive(Debug)]
pub struct Permit {
    user: UserId,
    counts: Arc<Mutex<HashMap<UserId, usize>>>,
}

impl InFlight {
    /// At most so many of each account.
    #[must_use]
    pub fn new(most: usize) -> InFlight {
        InFlight {
            most,
            counts: Arc::default(),
        }
    }

    /// One more.
    ///
    /// # Errors
    /// 429 when there are too many.
    pub fn begin(&self, user: UserId) -> Result<Permit, ApiError> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(user).or_default();
        if *count >= self.most {
            let what = format!("At most {} calls may be in progress at once.", self.most);
            return Err(ApiError::throttled(&what, Duration::from_secs(1)));
        }
        *count += 1;
        Ok(Permit {
            user,
            counts: self.counts.clone(),
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_own_places_and_gives_them_back() {
        let in_flight = InFlight::new(2);
        let (ann, ben) = (UserId(1), UserId(2));
        let first = in_flight.begin(ann).unwrap();
        let _second = in_flight.begin(ann).unwrap();
        let refused = in_flight.begin(ann).unwrap_err();
        assert_eq!(refused.status().as_u16(), 429);
        let _bens = in_flight.begin(ben).unwrap();
        drop(first);
        assert!(in_flight.begin(ann).is_ok());
        drop(in_flight.begin(ann));
        assert_eq!(in_flight.counts.lock().unwrap().len(), 2);
    }
}
