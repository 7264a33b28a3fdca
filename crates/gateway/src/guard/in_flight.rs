//! How many calls of one account, or of one network without one, are in progress.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fetch_model::UserId;

use crate::dialect::ApiError;

/// Who counts as one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// An account.
    Account(UserId),
    /// All without one who call from there.
    Network(IpAddr),
}

/// Calls that are under way, by caller.
#[derive(Debug)]
pub struct InFlight {
    /// What they are called.
    what: &'static str,
    most: usize,
    counts: Arc<Mutex<HashMap<Who, usize>>>,
}

/// A call that is under way as long as this value lives.
#[derive(Debug)]
pub struct Permit {
    who: Who,
    counts: Arc<Mutex<HashMap<Who, usize>>>,
}

impl InFlight {
    /// At most so many of each caller.
    #[must_use]
    pub fn new(what: &'static str, most: usize) -> InFlight {
        InFlight {
            what,
            most,
            counts: Arc::default(),
        }
    }

    /// One more.
    ///
    /// # Errors
    /// 429 when there are too many.
    pub fn begin(&self, who: Who) -> Result<Permit, ApiError> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(who).or_default();
        if *count >= self.most {
            let (most, what) = (self.most, self.what);
            let what = format!("At most {most} {what} may be in progress at once.");
            return Err(ApiError::throttled(&what, Duration::from_secs(1)));
        }
        *count += 1;
        Ok(Permit {
            who,
            counts: self.counts.clone(),
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_own_places_and_gives_them_back() {
        let in_flight = InFlight::new("calls", 2);
        let (ann, ben) = (Who::Account(UserId(1)), Who::Account(UserId(2)));
        let first = in_flight.begin(ann).unwrap();
        let _second = in_flight.begin(ann).unwrap();
        let refused = in_flight.begin(ann).unwrap_err();
        assert_eq!(refused.status().as_u16(), 429);
        let _bens = in_flight.begin(ben).unwrap();
        let _strangers = in_flight
            .begin(Who::Network([192, 0, 2, 1].into()))
            .unwrap();
        drop(first);
        assert!(in_flight.begin(ann).is_ok());
        drop(in_flight.begin(ann));
        assert_eq!(in_flight.counts.lock().unwrap().len(), 3);
    }
}
