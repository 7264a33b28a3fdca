//! When a session counts as dead after courts rejected it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use prost::Message;

use crate::wire;

/// So many courts prove that a session is dead. One alone may be broken, or in the hands of somebody who
/// would have it end everywhere.
const PROOF: usize = 2;

/// Of so many sessions within an hour a court is believed that they are dead. Each new one is a login, and
/// PACER may be asked for few.
const BELIEVED_OF: usize = 2;

/// A court rejected a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadSession {
    /// Where it lies.
    pub session_key: String,
    /// Which login it came from: see [`crate::SessionSealingKey::login_digest`].
    pub login_digest: String,
    /// Which one: the keys stay the same from one login to the next, and news of an old session
    /// must not end the one that has come after it.
    pub expires_at: DateTime<Utc>,
    /// Who says so (CourtListener's id). Empty from fetchers of the version before.
    pub court: String,
}

/// The courts that turned one session away, and what is remembered of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnedAway {
    expires_at: DateTime<Utc>,
    by: BTreeSet<String>,
    /// Those of them that are believed.
    believed: BTreeSet<String>,
    /// When courts were believed, of this session and of those before it.
    when: BTreeMap<String, Vec<DateTime<Utc>>>,
}

impl DeadSession {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let message = wire::SessionDeath {
            session_key: self.session_key.clone(),
            login_digest: self.login_digest.clone(),
            expires_at_ms: self.expires_at.timestamp_millis(),
            court: self.court.clone(),
        };
        message.encode_to_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<DeadSession> {
        let message = wire::SessionDeath::decode(bytes).ok()?;
        Some(DeadSession {
            session_key: message.session_key,
            login_digest: message.login_digest,
            expires_at: DateTime::from_timestamp_millis(message.expires_at_ms)?,
            court: message.court,
        })
    }
}

impl TurnedAway {
    /// What is known when this is heard, `now`, beside what was known before. Of two sessions it is the later
    /// one that counts. A court that turns one away after the other is believed of two within an hour.
    #[must_use]
    pub fn with(before: Option<TurnedAway>, death: &DeadSession, now: DateTime<Utc>) -> TurnedAway {
        let mut known = match before {
            Some(known) if known.expires_at > death.expires_at => return known,
            Some(known) if known.expires_at == death.expires_at => known,
            last => TurnedAway {
                expires_at: death.expires_at,
                by: BTreeSet::new(),
                believed: BTreeSet::new(),
                when: last.map(|last| last.when).unwrap_or_default(),
            },
        };
        let court = &death.court;
        let when = known.when.entry(court.clone()).or_default();
        when.retain(|at| now - *at < TimeDelta::hours(1));
        if !known.believed.contains(court) && when.len() < BELIEVED_OF {
            when.push(now);
            known.believed.insert(court.clone());
        }
        known.by.insert(court.clone());
        known
    }

    /// Whether this is about the session that ends then.
    #[must_use]
    pub fn is_of(&self, expires_at: DateTime<Utc>) -> bool {
        self.expires_at == expires_at
    }

    /// Whether the session is dead for everybody.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.believed.len() >= PROOF
    }

    /// Whether the next login opens another session.
    #[must_use]
    pub fn asks_for_another(&self) -> bool {
        !self.believed.is_empty()
    }

    /// Whether this court need not be asked with the session again.
    #[must_use]
    pub fn is_dead_at(&self, court: &str) -> bool {
        self.is_proved() || self.by.contains(court)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn death(court: &str, expires_at: DateTime<Utc>) -> DeadSession {
        DeadSession {
            session_key: "key".to_owned(),
            login_digest: "login".to_owned(),
            expires_at,
            court: court.to_owned(),
        }
    }

    fn with(before: Option<TurnedAway>, death: &DeadSession) -> TurnedAway {
        TurnedAway::with(before, death, Utc::now())
    }

    #[test]
    fn one_court_proves_nothing_however_often_it_says_so() {
        let ends = Utc::now();
        let once = with(None, &death("nysd", ends));
        let twice = with(Some(once), &death("nysd", ends));
        assert!(!twice.is_proved());
        assert!(twice.is_dead_at("nysd") && !twice.is_dead_at("cand"));
        let proved = with(Some(twice), &death("cand", ends));
        assert!(proved.is_proved() && proved.is_dead_at("okwd"));
    }

    #[test]
    fn what_was_said_of_one_session_is_not_said_of_the_next() {
        let ends = Utc::now();
        let later = ends + TimeDelta::minutes(1);
        let old = with(None, &death("nysd", ends));
        let new = with(Some(old), &death("cand", later));
        assert!(new.is_of(later) && !new.is_proved() && !new.is_dead_at("nysd"));
        let still = with(Some(new.clone()), &death("nysd", ends));
        assert_eq!(still, new);
    }

    #[test]
    fn a_court_that_refuses_one_session_after_the_other_is_believed_of_two_an_hour() {
        let start = Utc::now();
        let at = |minutes| start + TimeDelta::minutes(minutes);
        let refuse = |known, court, ends, minutes| {
            TurnedAway::with(known, &death(court, at(ends)), at(minutes))
        };
        let first = refuse(None, "nysd", 58, 1);
        assert!(first.asks_for_another());
        let second = refuse(Some(first), "nysd", 60, 3);
        assert!(second.asks_for_another());
        let third = refuse(Some(second), "nysd", 62, 5);
        assert!(third.is_dead_at("nysd") && !third.asks_for_another());
        // Others are, and with it prove nothing.
        let other = refuse(Some(third.clone()), "cand", 62, 6);
        assert!(other.asks_for_another() && !other.is_proved());
        // Nor is it of the same one later, until the first is an hour ago.
        let still = refuse(Some(third), "nysd", 62, 60);
        assert!(!still.asks_for_another());
        let later = refuse(Some(still), "nysd", 62, 61);
        assert!(later.asks_for_another());
        let fourth = refuse(Some(later), "nysd", 120, 62);
        assert!(!fourth.asks_for_another());
    }
}
