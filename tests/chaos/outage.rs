//! Outages that last: a kind of worker that is away altogether, and a gateway that freezes in the
//! middle of a sweep.

use std::time::{Duration, Instant};

use anyhow::ensure;
use sqlx::PgConnection;
use testkit::{Signal, Stack};
use tokio::time;

/// From this length on, an outage is long enough to see what goes on meanwhile.
const TELLING: Duration = Duration::from_secs(60);

/// How long a claim may stay expired: others take over within half a minute.
const OVERDUE: Duration = Duration::from_secs(35);

/// How long it is tried to catch a gateway in the middle of a sweep.
const CATCH_WITHIN: Duration = Duration::from_secs(60);

/// How long a statement may take that was sent just before a freeze.
const SENT_BEFORE: Duration = Duration::from_millis(200);

/// What is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// Every `pdf-fetcher`, frozen: to NATS and Postgres they are there.
    DocumentBuyers,
    /// Every `docket-fetcher`, stopped in good order.
    DocketBuyers,
    /// A gateway, frozen in the middle of a sweep.
    Sweeper,
}

/// An outage under way.
#[derive(Debug)]
pub struct Outage {
    away: Away,
    /// The processes that are away.
    pub names: Vec<String>,
    /// When they come back.
    pub ends: Instant,
    /// When it is looked how far the others are: after a third.
    looks: Instant,
    lasts: Duration,
    seen: Option<Seen>,
}

/// How far the work of those is who are not away.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
struct Seen {
    /// Requests that could be worked on, or are.
    open: i64,
    /// Requests that have ended.
    ended: i64,
}

impl Outage {
    /// Sends them away. `names` are those of all services.
    ///
    /// # Errors
    /// When they do not go.
    pub async fn begin(
        stack: &mut Stack,
        names: &[String],
        away: Away,
        lasts: Duration,
    ) -> anyhow::Result<Outage> {
        let of_kind = |kind: &str| -> Vec<String> {
            let are = names.iter().filter(|name| name.starts_with(kind));
            are.cloned().collect()
        };
        let names = match away {
            Away::DocumentBuyers => {
                let names = of_kind("pdf-fetcher");
                for name in &names {
                    // It may just have died; then it is away as well.
                    let _ = stack.signal(name, Signal::Stop);
                }
                names
            }
            Away::DocketBuyers => {
                let names = of_kind("docket-fetcher");
                for name in &names {
                    stack.inner().stop_one(name).await?;
                }
                names
            }
            Away::Sweeper => {
                let name = freeze_in_a_sweep(stack, &of_kind("gateway")).await?;
                vec![name]
            }
        };
        let begun = Instant::now();
        Ok(Outage {
            away,
            names,
            ends: begun + lasts,
            looks: begun + lasts / 3,
            lasts,
            seen: None,
        })
    }

    /// Whether it is being watched what goes on meanwhile.
    pub fn is_watched(&self) -> bool {
        self.seen.is_some()
    }

    /// Looks how far the others are, when it is time to; says whether it was.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn look(&mut self, stack: &Stack) -> anyhow::Result<bool> {
        let is_time = self.seen.is_none() && Instant::now() > self.looks;
        if is_time {
            self.seen = Some(self.see(&mut stack.database().await?).await?);
        }
        Ok(is_time)
    }

    /// Lets them come back; says what went on meanwhile, and what promise that breaks.
    ///
    /// # Errors
    /// When they do not come back, or the database cannot be asked.
    pub async fn end(self, stack: &mut Stack) -> anyhow::Result<(String, Option<String>)> {
        let mut database = stack.database().await?;
        let verdict = match self.away {
            Away::Sweeper => self.overdue(&mut database).await?,
            Away::DocumentBuyers | Away::DocketBuyers => self.went_on(&mut database).await?,
        };
        for name in &self.names {
            match self.away {
                Away::DocketBuyers => stack.inner().start_again(name)?,
                Away::DocumentBuyers | Away::Sweeper => {
                    let _ = stack.signal(name, Signal::Continue);
                }
            }
        }
        Ok(verdict)
    }

    async fn see(&self, database: &mut PgConnection) -> anyhow::Result<Seen> {
        let others = match self.away {
            Away::DocketBuyers => 2,
            Away::DocumentBuyers | Away::Sweeper => 1,
        };
        Ok(sqlx::query_as(
            "select count(*) filter (where date_completed is null and state <> 'reading') as open,
                    count(*) filter (where date_completed is not null) as ended
             from fetch_requests where request_type = $1",
        )
        .bind(others)
        .fetch_one(database)
        .await?)
    }

    /// How much of the other kind ended in the last two thirds.
    async fn went_on(
        &self,
        database: &mut PgConnection,
    ) -> anyhow::Result<(String, Option<String>)> {
        let now = self.see(database).await?;
        let then = self.seen.unwrap_or(now);
        let (gone, others) = match self.away {
            Away::DocketBuyers => ("docket-fetcher stopped", "documents"),
            Away::DocumentBuyers | Away::Sweeper => ("pdf-fetcher frozen", "dockets"),
        };
        let ended = now.ended - then.ended;
        let text = format!(
            "every {gone} for {} s: in the last {} s {ended} {others} ended, of {} that were open",
            self.lasts.as_secs(),
            (self.lasts * 2 / 3).as_secs(),
            then.open
        );
        // A few still find a place now and then when those who are away keep the rest.
        let is_broken = self.lasts >= TELLING && ended < then.open / 5;
        Ok((text.clone(), is_broken.then_some(text)))
    }

    /// How long a claim has been expired that nobody has taken back.
    async fn overdue(
        &self,
        database: &mut PgConnection,
    ) -> anyhow::Result<(String, Option<String>)> {
        let seconds: f64 = sqlx::query_scalar(
            "select coalesce(max(extract(epoch from clock_timestamp() - lease_until)), 0)::float8
             from fetch_requests
             where state in ('running', 'captured') and lease_until < clock_timestamp()",
        )
        .fetch_one(database)
        .await?;
        let text = format!(
            "{} frozen in a sweep for {} s: at the end a claim was expired for {seconds:.0} s and \
             nobody had taken it back",
            self.names.join(", "),
            self.lasts.as_secs(),
        );
        let is_broken = self.lasts >= TELLING && seconds > OVERDUE.as_secs_f64();
        Ok((text.clone(), is_broken.then_some(text)))
    }
}

/// Freezes a gateway while it holds the lock of those who sweep, in an open transaction; gives its
/// name.
async fn freeze_in_a_sweep(stack: &mut Stack, gateways: &[String]) -> anyhow::Result<String> {
    let mut database = stack.database().await?;
    let deadline = Instant::now() + CATCH_WITHIN;
    for gateway in gateways.iter().cycle() {
        ensure!(
            Instant::now() < deadline,
            "no gateway was caught in the middle of a sweep"
        );
        // A point that was armed may have killed it, now or while it is looked at below.
        if stack.inner().has_ended(gateway)? {
            stack.inner().start_again(gateway)?;
            continue;
        }
        if stack.signal(gateway, Signal::Stop).is_err() {
            time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        // Twice: what it had sent before it froze is still done for it, and may be the commit.
        if is_held(&mut database).await? {
            time::sleep(SENT_BEFORE).await;
            if is_held(&mut database).await? {
                return Ok(gateway.clone());
            }
        }
        let _ = stack.signal(gateway, Signal::Continue);
        // Time to get on, or it would never come to a sweep.
        time::sleep(Duration::from_millis(7)).await;
    }
    unreachable!("there is always another one")
}

/// Whether somebody holds the lock of those who sweep and does nothing with it.
async fn is_held(database: &mut PgConnection) -> anyhow::Result<bool> {
    let question = "select exists (
            select 1 from pg_locks join pg_stat_activity using (pid)
            where relation = 'gateway_locks'::regclass and granted
              and pg_stat_activity.state = 'idle in transaction')
        and not exists (select from gateway_locks where name = 'sweep' for update skip locked)";
    Ok(sqlx::query_scalar(question).fetch_one(database).await?)
}
