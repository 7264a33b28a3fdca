//! Limits per account: how often it may call, and how many calls at once.
//!
//! Every process counts for itself: behind two gateways an account has twice as much. What is to
//! hold over all of them (money, courts, logins) is counted in the database. Start at [`Guard`].

mod budgets;
mod calls;
mod in_flight;
mod rate;
mod seen_state;
mod tokens;
mod wrong;

use std::{net::IpAddr, time::Duration};

use axum::{
    http::{Extensions, HeaderMap},
    response::Response,
};
use fetch_control::Control;
use fetch_ledger::tokens::Holder;
use fetch_model::UserId;
use fetch_runtime::{
    FromEnv, Settings,
    listener::{Proxies, hold_until_sent, network_of},
};
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::{
    dialect::ApiError,
    forwarded::{Origin, origin},
};

pub use budgets::Budgets;
pub use calls::Calls;
pub use in_flight::{InFlight, Permit, Who};
pub use rate::{Limiter, Rates, Used};
pub use tokens::Tokens;

use wrong::WrongTokens;

/// Between two notes of what was counted.
const NOTE_EVERY: Duration = Duration::from_secs(60);

/// What a caller may take, unless set otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How often one account may call what has to do with requests, all methods together.
    pub fetch: Rates,
    /// How often one account may call the other read endpoints, all together.
    pub read: Rates,
    /// How often one account may ask how much it has used.
    pub usage: Rates,
    /// How often one address may call without an account, and how many wrong tokens it may send.
    pub anonymous: Rates,
    /// How many calls of one account may be under way.
    pub in_flight: usize,
    /// How many watches one account may have open, over gRPC and as events over HTTP.
    pub watched: usize,
    /// How long the body of a call may take.
    pub body_within: Duration,
    /// Who is believed about who calls, and where.
    pub proxies: Proxies,
}

/// What calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Requests: submitting, listing, asking how they fare, cancelling, prices, spending.
    Fetch,
    /// What was bought.
    Read,
    /// How much was used: who has used up the rest can still ask.
    Usage,
}

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 3] = [Scope::Fetch, Scope::Read, Scope::Usage];

    /// The contract's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Fetch => "fetch",
            Scope::Read => "user",
            Scope::Usage => "api_usage",
        }
    }
}

/// Counts what callers take.
#[derive(Debug)]
pub struct Guard {
    fetch: Limiter<UserId>,
    read: Limiter<UserId>,
    usage: Limiter<UserId>,
    anonymous: Limiter<IpAddr>,
    wrong_tokens: WrongTokens,
    in_flight: InFlight,
    watched: InFlight,
    batches: InFlight,
    /// Who is believed about who calls, and where.
    pub proxies: Proxies,
    /// How long the body of a call may take.
    pub body_within: Duration,
    /// Whose tokens are.
    pub tokens: Tokens,
    /// How often users call.
    pub calls: Calls,
    /// What users may spend.
    pub budgets: Budgets,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            fetch: rate::DEFAULT_FETCH.parse().expect("the default is a rate"),
            read: rate::DEFAULT_READ.parse().expect("the default is a rate"),
            usage: rate::DEFAULT_USAGE.parse().expect("the default is a rate"),
            anonymous: rate::DEFAULT_ANONYMOUS
                .parse()
                .expect("the default is a rate"),
            in_flight: 256,
            watched: 256,
            body_within: Duration::from_secs(30),
            proxies: Proxies::default(),
        }
    }
}

impl Limits {
    /// No limit.
    #[must_use]
    pub fn unmetered() -> Limits {
        Limits {
            fetch: Rates::none(),
            read: Rates::none(),
            usage: Rates::none(),
            anonymous: Rates::none(),
            ..Limits::default()
        }
    }
}

impl FromEnv for Limits {
    fn from_env(settings: &mut Settings) -> Limits {
        let default = Limits::default();
        let mut rates = |name, default| settings.parsed(name, default, str::parse);
        let fetch = rates("RATE_FETCH", default.fetch);
        let read = rates("RATE_READ", default.read);
        let anonymous = rates("RATE_ANONYMOUS", default.anonymous);
        Limits {
            fetch,
            read,
            usage: default.usage,
            anonymous,
            in_flight: settings.number("IN_FLIGHT_PER_USER", default.in_flight, 1..=100_000),
            watched: settings.number("WATCHED_PER_USER", default.watched, 1..=100_000),
            body_within: settings.duration_ms("BODY_TIMEOUT_MS", default.body_within),
            // Whoever listens has asked for the setting.
            proxies: default.proxies,
        }
    }
}

impl Guard {
    /// A guard that has counted nothing yet.
    #[must_use]
    pub fn new(limits: &Limits) -> Guard {
        Guard {
            fetch: Limiter::new(&limits.fetch),
            read: Limiter::new(&limits.read),
            usage: Limiter::new(&limits.usage),
            anonymous: Limiter::new(&limits.anonymous),
            wrong_tokens: WrongTokens::new(&limits.anonymous),
            in_flight: InFlight::new("calls", limits.in_flight),
            watched: InFlight::new("watches and streams of events", limits.watched),
            batches: InFlight::new("batch", 1),
            proxies: limits.proxies.clone(),
            body_within: limits.body_within,
            tokens: Tokens::default(),
            calls: Calls::default(),
            budgets: Budgets::default(),
        }
    }

    /// Counts a call of an account.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn count(&self, user: UserId, scope: Scope) -> Result<(), ApiError> {
        self.limiter(scope).count(&user)?;
        if scope != Scope::Usage {
            self.calls.count(user);
        }
        Ok(())
    }

    /// How much of each of its rates an account has used, here: others count for themselves.
    #[must_use]
    pub fn used(&self, user: UserId) -> Vec<(Scope, Used)> {
        let of = |scope: Scope| {
            let used = self.limiter(scope).used(&user).into_iter();
            used.map(move |used| (scope, used))
        };
        Scope::ALL.into_iter().flat_map(of).collect()
    }

    fn limiter(&self, scope: Scope) -> &Limiter<UserId> {
        match scope {
            Scope::Fetch => &self.fetch,
            Scope::Read => &self.read,
            Scope::Usage => &self.usage,
        }
    }

    /// Waits until one more of what has to do with requests is allowed, and counts it.
    pub async fn wait_for_turn(&self, user: UserId) {
        while let Err(ApiError::Throttled { seconds, .. }) = self.count(user, Scope::Fetch) {
            time::sleep(Duration::from_secs(seconds)).await;
        }
    }

    /// Counts a call without an account, and notes that it begins: files are taken by link, too, and slowly.
    ///
    /// # Errors
    /// 429 when there were too many from there, or too many are under way.
    pub fn begin_anonymous(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Option<Permit>, ApiError> {
        let Some(network) = self.network(headers, extensions) else {
            return Ok(None);
        };
        self.anonymous.count(&network)?;
        self.in_flight.begin(Who::Network(network)).map(Some)
    }

    /// Whose the token with this digest is; none if it opens nothing. Tokens that were not right
    /// lately are looked up a few at a time, and not for an address that has sent too many wrong ones.
    ///
    /// # Errors
    /// 429 when there were too many wrong ones from there, and when the database does not answer.
    pub async fn holder(
        &self,
        control: &Control,
        digest: &[u8; 32],
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Option<Holder>, ApiError> {
        if self.tokens.was_right(digest) {
            return self.tokens.holder(control, digest).await;
        }
        let network = self.network(headers, extensions);
        let check = || network.map_or(Ok(()), |network| self.wrong_tokens.check(network));
        check()?;
        let _turn = self.tokens.turn_of_strangers().await;
        // Others from there may have been wrong meanwhile.
        check()?;
        let holder = self.tokens.holder(control, digest).await?;
        if let (None, Some(network)) = (&holder, network) {
            self.wrong_tokens.count(network);
        }
        Ok(holder)
    }

    /// Notes that a call of an account begins; it is over when the permit is dropped.
    ///
    /// # Errors
    /// 429 when too many are under way.
    pub fn begin(&self, user: UserId) -> Result<Permit, ApiError> {
        self.in_flight.begin(Who::Account(user))
    }

    /// The same for a watch or a stream of events, which may last.
    ///
    /// # Errors
    /// 429 when there are too many.
    pub fn begin_watching(&self, user: UserId) -> Result<Permit, ApiError> {
        self.watched.begin(Who::Account(user))
    }

    /// The same for a batch, which takes as much memory as many other calls.
    ///
    /// # Errors
    /// 429 when one is under way.
    pub fn begin_batch(&self, user: UserId) -> Result<Permit, ApiError> {
        self.batches.begin(Who::Account(user))
    }

    /// Who counts as one caller without an account. Nobody but a test calls without a connection.
    fn network(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
        self.origin(headers, extensions).address.map(network_of)
    }

    /// Who calls, and where.
    pub fn origin(&self, headers: &HeaderMap, extensions: &Extensions) -> Origin {
        origin(&self.proxies, headers, extensions)
    }
}

/// Keeps a permit until an answer is sent: a file that is taken slowly is under way all the while.
pub(crate) fn held(answer: Response, permit: Option<Permit>) -> Response {
    answer.map(|body| match permit {
        Some(permit) => hold_until_sent(body, permit),
        None => body,
    })
}

/// Writes down once a minute what was counted in memory, until `stop`, and then once more.
async fn once_a_minute<F: Future<Output = ()>>(stop: CancellationToken, write: impl Fn() -> F) {
    loop {
        let stopped = tokio::select! {
            () = stop.cancelled() => true,
            () = time::sleep(NOTE_EVERY) => false,
        };
        write().await;
        if stopped {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use fetch_runtime::listener::Peer;

    use super::*;

    #[test]
    fn strangers_of_one_network_share_what_may_be_under_way() {
        let guard = Guard::new(&Limits {
            in_flight: 1,
            ..Limits::unmetered()
        });
        let from = |address: [u8; 4]| {
            let mut extensions = Extensions::new();
            extensions.insert(Peer {
                address: (address, 1).into(),
                encrypted: false,
            });
            guard.begin_anonymous(&HeaderMap::new(), &extensions)
        };
        let download = from([192, 0, 2, 1]).unwrap();
        let refused = from([192, 0, 2, 1]).unwrap_err();
        assert_eq!(refused.status().as_u16(), 429);
        from([198, 51, 100, 1]).unwrap();
        guard.begin(UserId(1)).unwrap();
        drop(download);
        from([192, 0, 2, 1]).unwrap();
    }
}
