//! Whether a request is begun before its session ends.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use fetch_bus::SessionLife;
use fetch_model::{Lane, UserId};
use fetch_queue::{accept::Written, place::Place};
use moka::future::Cache;
use tracing::warn;

use super::Intake;

/// Interactive work that has no more turns of its own before it is begun long before a session ends.
const SOON: f64 = 10.0;

/// How long a look at a line is believed.
const BELIEVED_FOR: Duration = Duration::from_secs(60);

/// The most lines that are remembered.
const REMEMBERED: u64 = 100_000;

/// How long the work of a user waits at a court. To look costs as much as many requests wait there, and with
/// each request of a thousand it would be looked again.
#[derive(Debug, Clone)]
pub(super) struct Lines(Cache<(UserId, String, String, Lane), Look>);

impl Default for Lines {
    fn default() -> Lines {
        let cache = Cache::builder()
            .max_capacity(REMEMBERED)
            .time_to_live(BELIEVED_FOR);
        Lines(cache.build())
    }
}

/// A look at a line from one place in it.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// How many turns of the same user came before that.
    behind: f64,
    /// How long it is until that place is begun.
    wait: Duration,
}

impl Look {
    /// How long whoever stands at another place of the line waits. `None` if that is too far from here to be told.
    fn at(self, behind: f64) -> Option<Duration> {
        // The first one waits as well, for what is under way.
        let share = (behind + 1.0) / (self.behind + 1.0);
        (0.5..=2.0)
            .contains(&share)
            .then(|| self.wait.mul_f64(share))
    }
}

impl Intake {
    /// Whether a request will be begun after its session has ended, as far as that can be told.
    pub(super) async fn outlives(&self, written: &Written, life: Option<SessionLife>) -> bool {
        let Some(life) = life else {
            return false;
        };
        let asked = &written.request.spec;
        let is_soon =
            asked.lane == Lane::Interactive && asked.not_before.is_none() && written.behind <= SOON;
        if is_soon {
            return false;
        }
        let wait = match asked.not_before {
            Some(_) => self.place_of(written).await.and_then(|place| place.wait),
            None => self.wait_in_line(written).await,
        };
        let begun = wait.and_then(|wait| TimeDelta::from_std(wait).ok());
        begun.is_some_and(|wait| Utc::now() + wait > life.ends)
    }

    async fn wait_in_line(&self, written: &Written) -> Option<Duration> {
        let (asked, behind) = (&written.request.spec, written.behind);
        let (court, account) = (asked.target_court.clone(), asked.account_digest.clone());
        let line = (asked.user, court, account, asked.lane);
        if let Some(wait) = self
            .lines
            .0
            .get(&line)
            .await
            .and_then(|look| look.at(behind))
        {
            return Some(wait);
        }
        let place = self.place_of(written).await?;
        // What waits for more than its turn says nothing of the others.
        if let (Some(wait), None) = (place.wait, place.waits_for) {
            self.lines.0.insert(line, Look { behind, wait }).await;
        }
        place.wait
    }

    async fn place_of(&self, written: &Written) -> Option<Place> {
        let (user, id) = (written.request.spec.user, written.request.id);
        match self.api.control.queue.place_of(user, id).await {
            Ok(place) => place,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "could not estimate when a request will start");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_look_tells_for_places_near_it() {
        let look = Look {
            behind: 9.0,
            wait: Duration::from_secs(600),
        };
        assert_eq!(look.at(9.0), Some(Duration::from_secs(600)));
        assert_eq!(look.at(19.0), Some(Duration::from_secs(1200)));
        assert_eq!(look.at(4.0), Some(Duration::from_secs(300)));
        assert_eq!(look.at(20.0), None);
        assert_eq!(look.at(3.0), None);
    }
}
