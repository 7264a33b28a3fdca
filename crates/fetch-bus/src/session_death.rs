//! What is believed of courts that turn a session away.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use prost::Message;

use crate::wire;

/// So many courts prove that a session is dead. One alone may be broken, or in the hands of somebody who
/// would have it end everywhere.
const PROOF: usize = 2;

/// A court turned a session away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDeath {
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

/// The courts that turned one session away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnedAway {
    expires_at: DateTime<Utc>,
    by: BTreeSet<String>,
}

impl SessionDeath {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let message = wire::SessionDeath {
            session_key: self.session_key.clone(),
            login_digest: self.login_digest.clone(),
            expires_at_ms: self.expires_at.timestamp_millis(),
            court: self.court.clone(),
        };
        message.encode_to_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<SessionDeath> {
        let message = wire::SessionDeath::decode(bytes).ok()?;
        Some(SessionDeath {
            session_key: message.session_key,
            login_digest: message.login_digest,
            expires_at: DateTime::from_timestamp_millis(message.expires_at_ms)?,
            court: message.court,
        })
    }
}

impl TurnedAway {
    /// What is known when this is heard, beside what was known before. Of two sessions it is the later one
    /// that counts.
    #[must_use]
    pub fn with(before: Option<TurnedAway>, death: &SessionDeath) -> TurnedAway {
        let mut known = match before {
            Some(known) if known.expires_at > death.expires_at => return known,
            Some(known) if known.expires_at == death.expires_at => known,
            _ => TurnedAway {
                expires_at: death.expires_at,
                by: BTreeSet::new(),
            },
        };
        known.by.insert(death.court.clone());
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
        self.by.len() >= PROOF
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

    fn death(court: &str, expires_at: DateTime<Utc>) -> SessionDeath {
        SessionDeath {
            session_key: "key".to_owned(),
            login_digest: "login".to_owned(),
            expires_at,
            court: court.to_owned(),
        }
    }

    #[test]
    fn one_court_proves_nothing_however_often_it_says_so() {
        let ends = Utc::now();
        let once = TurnedAway::with(None, &death("nysd", ends));
        let twice = TurnedAway::with(Some(once), &death("nysd", ends));
        assert!(!twice.is_proved());
        assert!(twice.is_dead_at("nysd") && !twice.is_dead_at("cand"));
        let proved = TurnedAway::with(Some(twice), &death("cand", ends));
        assert!(proved.is_proved() && proved.is_dead_at("okwd"));
    }

    #[test]
    fn what_was_said_of_one_session_is_not_said_of_the_next() {
        let ends = Utc::now();
        let later = ends + TimeDelta::minutes(1);
        let old = TurnedAway::with(None, &death("nysd", ends));
        let new = TurnedAway::with(Some(old), &death("cand", later));
        assert!(new.is_of(later) && !new.is_proved() && !new.is_dead_at("nysd"));
        let still = TurnedAway::with(Some(new.clone()), &death("nysd", ends));
        assert_eq!(still, new);
    }
}
