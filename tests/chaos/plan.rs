//! How large a storm is.

use std::{ops::Range, time::Duration};

use fetch_model::OnDoubt;

/// The part of the things that is asked for when an outage begins, so that work waits for whoever
/// is away and for whoever is not.
pub const SHARE_OF_OUTAGE: f64 = 0.15;

/// Things that are bought in the long storm.
pub const THINGS: usize = 1000;

/// The size of a storm, and what has to happen in it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Decides what is done when. The same seed gives the same plan, not the same run: the
    /// processes race as they like.
    pub seed: u64,
    /// Courts that take part.
    pub courts: usize,
    /// Dockets to buy.
    pub dockets: usize,
    /// Documents to buy.
    pub documents: usize,
    /// Entries of every docket; about half of them have a document with text.
    pub entries: usize,
    /// Users, each with an account of its own; six or a multiple of it.
    pub users: usize,
    /// How many users ask for a thing at the same moment: for the first, the second, and so on in
    /// turn. An odd number of them, since dockets and documents are by turns.
    pub askers: &'static [usize],
    /// Processes of each kind of fetcher.
    pub fetchers: usize,
    /// Kills at points, at least.
    pub point_kills: u32,
    /// Kills at any moment.
    pub random_kills: u32,
    /// Processes that are frozen and go on.
    pub freezes: u32,
    /// How long a frozen process sleeps, in seconds.
    pub freeze_seconds: Range<f64>,
    /// Whether processes freeze only where money moves, and not at any moment.
    pub freezes_while_buying: bool,
    /// Answers of courts that go wrong.
    pub faults: u32,
    /// Restarts of NATS with what it had kept.
    pub nats_restarts: u32,
    /// Restarts of NATS with nothing.
    pub nats_wipes: u32,
    /// Crashes of Postgres.
    pub postgres_crashes: u32,
    /// Losses of the Postgres that takes writes, after which its synchronous standby is promoted.
    pub fail_overs: u32,
    /// Outages of all processes of a kind: the first of `pdf-fetcher`, frozen; the second of
    /// `docket-fetcher`, stopped.
    pub kinds_away: u32,
    /// Freezes of a gateway in the middle of a sweep.
    pub sweepers_frozen: u32,
    /// How long such an outage lasts. From a minute on, it is measured what goes on meanwhile.
    pub away_for: Duration,
    /// Whether half of the processes have clocks that are five seconds off.
    pub skewed: bool,
    /// What every request says about money in doubt; `None` for both by turns.
    pub on_doubt: Option<OnDoubt>,
    /// Which points are armed.
    pub points: &'static [kill_point::Point],
    /// Mean time between two deeds of the storm.
    pub pace: Duration,
    /// When the storm ends, whatever has happened.
    pub storm_within: Duration,
    /// When every request must be final after it.
    pub calm_within: Duration,
}

impl Plan {
    /// How many users ask for the thing of this number.
    pub fn asking(&self, number: usize) -> usize {
        self.askers[number % self.askers.len()]
    }

    /// The long one, for so many things, of which there are usually a thousand: every point, at
    /// least a hundred kills.
    pub fn long(seed: u64, things: usize) -> Plan {
        let one_in = |number: usize| u32::try_from(things / number).unwrap_or(u32::MAX);
        Plan {
            seed,
            courts: (things / 50).clamp(4, 20),
            dockets: things / 2,
            documents: things / 2,
            entries: 80,
            users: 24,
            askers: &[1, 2, 1, 3, 1],
            fetchers: 3,
            point_kills: one_in(10),
            random_kills: one_in(50),
            freezes: one_in(50),
            freeze_seconds: 0.5..22.0,
            freezes_while_buying: false,
            faults: one_in(25),
            nats_restarts: one_in(500).max(1),
            nats_wipes: one_in(500).max(1),
            postgres_crashes: 2,
            fail_overs: 2,
            kinds_away: 2,
            sweepers_frozen: 1,
            away_for: Duration::from_secs(90),
            skewed: true,
            on_doubt: None,
            points: &kill_point::Point::ALL,
            pace: Duration::from_millis(800),
            storm_within: Duration::from_secs(900),
            calm_within: Duration::from_secs(600),
        }
    }

    /// Freezes only, each longer than a lease, where money moves: whoever wakes must not send
    /// what somebody else may have sent meanwhile, and must bring home what it paid for.
    pub fn freezes(seed: u64) -> Plan {
        Plan {
            courts: 10,
            dockets: 150,
            documents: 150,
            users: 6,
            fetchers: 4,
            point_kills: 0,
            random_kills: 0,
            freezes: 24,
            freeze_seconds: 16.5..22.0,
            freezes_while_buying: true,
            faults: 0,
            nats_restarts: 0,
            nats_wipes: 0,
            postgres_crashes: 0,
            fail_overs: 0,
            kinds_away: 0,
            sweepers_frozen: 0,
            on_doubt: Some(OnDoubt::OnceMore),
            points: &[],
            storm_within: Duration::from_secs(240),
            ..Plan::long(seed, THINGS)
        }
    }

    /// A short one, for every day.
    pub fn short(seed: u64) -> Plan {
        Plan {
            courts: 4,
            dockets: 24,
            documents: 16,
            entries: 40,
            users: 6,
            fetchers: 2,
            point_kills: 10,
            random_kills: 2,
            freezes: 2,
            faults: 2,
            nats_restarts: 0,
            nats_wipes: 1,
            postgres_crashes: 1,
            fail_overs: 1,
            kinds_away: 1,
            sweepers_frozen: 1,
            away_for: Duration::from_secs(5),
            skewed: false,
            pace: Duration::from_millis(250),
            storm_within: Duration::from_secs(25),
            calm_within: Duration::from_secs(120),
            ..Plan::long(seed, THINGS)
        }
    }
}
