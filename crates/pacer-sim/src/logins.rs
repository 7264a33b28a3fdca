//! Who tried to log in and when: what shows that a client logs in once and not again and again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// Attempts remembered for each name; counters go on after that.
const MOST_ATTEMPTS: usize = 1000;

/// An hour, over which logins are limited.
const HOUR: Duration = Duration::from_secs(3600);

/// How often somebody logged in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Logins {
    /// Tokens given out.
    pub succeeded: u64,
    /// Attempts without a token.
    pub failed: u64,
    /// Smallest time between two attempts, in milliseconds.
    pub smallest_gap_ms: Option<u64>,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// One attempt to log in.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    /// When it was answered.
    pub time: DateTime<Utc>,
    /// The `loginResult` it got.
    pub result: String,
    #[serde(skip)]
    at: Instant,
}

/// All attempts, by the name that was tried.
#[derive(Debug, Default)]
pub struct LoginBook(HashMap<String, Logins>);

impl LoginBook {
    /// Writes an attempt down.
    pub fn note(&mut self, login: &str, result: &str) {
        let now = Instant::now();
        let logins = self.0.entry(login.to_owned()).or_default();
        match result {
            "0" => logins.succeeded += 1,
            _ => logins.failed += 1,
        }
        if let Some(last) = logins.attempts.last() {
            let gap = now.saturating_duration_since(last.at).as_millis() as u64;
            logins.smallest_gap_ms = Some(logins.smallest_gap_ms.map_or(gap, |old| old.min(gap)));
        }
        if logins.attempts.len() >= MOST_ATTEMPTS {
            logins.attempts.remove(0);
        }
        logins.attempts.push(Attempt {
            time: Utc::now(),
            result: result.to_owned(),
            at: now,
        });
    }

    /// Attempts under this name within the last hour.
    pub fn within_the_hour(&self, login: &str) -> usize {
        let now = Instant::now();
        self.0.get(login).map_or(0, |logins| {
            let recent = |attempt: &&Attempt| now.saturating_duration_since(attempt.at) < HOUR;
            logins.attempts.iter().filter(recent).count()
        })
    }

    /// What is known about a name.
    pub fn of(&self, login: &str) -> Logins {
        self.0.get(login).cloned().unwrap_or_default()
    }

    /// Every name that somebody tried.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Forgets all attempts.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_by_name_and_result() {
        let mut book = LoginBook::default();
        book.note("demo", "0");
        book.note("demo", "13");
        book.note("other", "0");
        let demo = book.of("demo");
        assert_eq!((demo.succeeded, demo.failed), (1, 1));
        assert_eq!(demo.attempts[1].result, "13");
        assert!(demo.smallest_gap_ms.is_some());
        assert_eq!(book.within_the_hour("demo"), 2);
    }
}
