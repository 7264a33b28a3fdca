//! Addresses that send invalid tokens.
//!
//! Each of them has to be looked up, which costs its sender nothing. So they are counted, and from an
//! address that has sent too many nothing more is looked up for a while.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{Limiter, Rates};
use crate::dialect::ApiError;

/// Those whose time is over are forgotten when there are so many.
const FORGET_AT: usize = 4096;

/// Counts wrong tokens by address.
#[derive(Debug)]
pub(super) struct WrongTokens {
    limiter: Limiter<IpAddr>,
    shut_until: Mutex<HashMap<IpAddr, Instant>>,
}

impl WrongTokens {
    pub fn new(rates: &Rates) -> WrongTokens {
        WrongTokens {
            limiter: Limiter::new(rates),
            shut_until: Mutex::default(),
        }
    }

    /// Whether a token that may be invalid is looked up.
    ///
    /// # Errors
    /// 429 when there were too many wrong ones from there.
    pub fn check(&self, from: IpAddr) -> Result<(), ApiError> {
        let shut_until = self.shut_until.lock();
        let shut_until = shut_until.unwrap_or_else(PoisonError::into_inner);
        let left = shut_until
            .get(&from)
            .map(|until| until.saturating_duration_since(Instant::now()));
        match left {
            Some(left) if !left.is_zero() => Err(ApiError::throttled(
                "Too many invalid tokens were sent from your address.",
                left,
            )),
            _ => Ok(()),
        }
    }

    /// Counts a wrong one.
    pub fn count(&self, from: IpAddr) {
        let Err(ApiError::Throttled { seconds, .. }) = self.limiter.count(&from) else {
            return;
        };
        let now = Instant::now();
        let shut_until = self.shut_until.lock();
        let mut shut_until = shut_until.unwrap_or_else(PoisonError::into_inner);
        if shut_until.len() >= FORGET_AT {
            shut_until.retain(|_, until| *until > now);
        }
        shut_until.insert(from, now + Duration::from_secs(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_sends_too_many_is_shut_out_alone() {
        let wrong = WrongTokens::new(&"3/hour".parse().unwrap());
        let [first, second] = [[192, 0, 2, 1], [192, 0, 2, 2]].map(IpAddr::from);
        for _ in 0..4 {
            assert!(wrong.check(first).is_ok());
            wrong.count(first);
        }
        let refused = wrong.check(first).unwrap_err();
        let ApiError::Throttled { seconds, .. } = refused else {
            panic!("{refused:?}");
        };
        assert!((1190..=1200).contains(&seconds), "{seconds}");
        assert!(wrong.check(second).is_ok());
    }
}
