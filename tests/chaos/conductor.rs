//! The storm: kills, freezes, wipes, crashes, fail-overs, outages and bad answers, by a seeded plan.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use kill_point::{Order, Point};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use testkit::{Signal, Stack};
use tokio::time;

use crate::{
    load::{COURTS, Gate},
    orders::Orders,
    outage::{Away, Outage},
    plan::{Plan, SHARE_OF_OUTAGE},
};

/// Points that are armed at the same time, one at a login aside.
const ARMED_AT_ONCE: usize = 3;

/// The part of the requests that is there when a storm begins.
const HEAD_START: f64 = 0.1;

/// A login that ends badly cannot be repeated for a minute, so there are few to kill.
const LOGIN_KILLS_EACH: u32 = 2;

/// What a process needs to bring home what it paid for, when it wakes.
const TO_COME_HOME: Duration = Duration::from_secs(10);

/// What a storm did.
#[derive(Debug, Default)]
pub struct Damage {
    /// Kills by point.
    pub at_points: BTreeMap<Point, u32>,
    /// Kills at any moment.
    pub at_random: u32,
    /// Freezes, at a point or at any moment.
    pub freezes: u32,
    /// Of these, freezes of a process that had hardly woken: it was silent for longer than a
    /// purchase is waited for.
    pub frozen_again: u32,
    /// Answers of courts that were ordered to go wrong.
    pub faults: u32,
    /// Restarts of NATS.
    pub nats_restarts: u32,
    /// Wipes of NATS.
    pub nats_wipes: u32,
    /// Crashes of Postgres.
    pub postgres_crashes: u32,
    /// Losses of Postgres, after which its standby took over.
    pub fail_overs: u32,
    /// Outages of a whole kind of worker.
    pub kinds_away: u32,
    /// Gateways that were frozen in the middle of a sweep.
    pub sweepers_frozen: u32,
    /// What went on during the outages.
    pub went_on: Vec<String>,
    /// What should have gone on, and did not.
    pub broken: Vec<String>,
}

impl Damage {
    /// Kills in all.
    pub fn kills(&self) -> u32 {
        self.at_points.values().sum::<u32>() + self.at_random
    }

    fn at(&self, point: Point) -> u32 {
        self.at_points.get(&point).copied().unwrap_or_default()
    }
}

/// Conducts the storm.
pub struct Conductor<'a> {
    stack: &'a mut Stack,
    orders: Orders,
    plan: Plan,
    rng: StdRng,
    names: Vec<String>,
    frozen: Vec<(String, Instant)>,
    woken: BTreeMap<String, Instant>,
    outage: Option<Outage>,
    ends: Instant,
    damage: Damage,
    gate: Arc<Gate>,
}

impl<'a> Conductor<'a> {
    /// Over this stack, whose services look for their orders in `orders`. Opens `gate` as the
    /// plan is fulfilled, and to the end when the storm is over.
    pub fn new(
        stack: &'a mut Stack,
        orders: Orders,
        plan: &Plan,
        gate: Arc<Gate>,
    ) -> Conductor<'a> {
        let servers = ["postgres", "postgres-standby", "nats", "pacer-sim"];
        let names = stack.inner().processes();
        let names = names
            .into_iter()
            .map(|(name, _)| name.to_owned())
            .filter(|name| !servers.contains(&name.as_str()))
            .collect();
        Conductor {
            stack,
            orders,
            plan: plan.clone(),
            rng: StdRng::seed_from_u64(plan.seed),
            names,
            frozen: Vec::new(),
            woken: BTreeMap::new(),
            outage: None,
            ends: Instant::now(),
            damage: Damage::default(),
            gate,
        }
    }

    /// Storms until all that was planned has happened, or its time is over; then calms down:
    /// everything runs and nothing is armed any more.
    ///
    /// # Errors
    /// When something does not come back.
    pub async fn storm(mut self) -> anyhow::Result<Damage> {
        self.ends = Instant::now() + self.plan.storm_within;
        while !self.is_over() && (!self.is_late() || self.owes_an_enemy()) {
            self.look_after()?;
            self.look_after_the_outage().await?;
            self.gate.open(self.share());
            self.next_deed().await?;
            let pause = self.plan.pace.mul_f64(self.rng.random_range(0.5..1.5));
            time::sleep(pause).await;
        }
        self.calm().await?;
        self.gate.open(1.0);
        Ok(self.damage)
    }

    /// The part of the things that may have been asked for by now, from 0 to 1.
    fn share(&self) -> f64 {
        let outages = |count: u32| f64::from(count) * SHARE_OF_OUTAGE;
        let (plan, damage) = (&self.plan, &self.damage);
        let planned = outages(plan.kinds_away + plan.sweepers_frozen);
        let begun = outages(damage.kinds_away + damage.sweepers_frozen);
        HEAD_START + begun + self.fulfilled() * (1.0 - planned)
    }

    /// The part of the plan that is fulfilled, from 0 to 1.
    fn fulfilled(&self) -> f64 {
        let (plan, damage) = (&self.plan, &self.damage);
        let part = |done: u32, planned: u32| f64::from(done) / f64::from(planned.max(1));
        let kills = match plan.point_kills {
            0 => 1.0,
            planned => part(damage.at_points.values().sum(), planned),
        };
        let freezes = match plan.freezes {
            0 => 1.0,
            planned => part(damage.freezes, planned),
        };
        kills.min(freezes)
    }

    /// Whether the time of the storm is over.
    fn is_late(&self) -> bool {
        Instant::now() >= self.ends
    }

    /// What befalls servers and whole kinds is rare, and every one that was planned comes, late or
    /// not.
    fn owes_an_enemy(&self) -> bool {
        let (plan, damage) = (&self.plan, &self.damage);
        damage.nats_restarts < plan.nats_restarts
            || damage.nats_wipes < plan.nats_wipes
            || damage.postgres_crashes < plan.postgres_crashes
            || damage.fail_overs < plan.fail_overs
            || damage.kinds_away < plan.kinds_away
            || damage.sweepers_frozen < plan.sweepers_frozen
            || self.outage.is_some()
    }

    fn is_over(&self) -> bool {
        let (plan, damage) = (&self.plan, &self.damage);
        damage.at_points.values().sum::<u32>() >= plan.point_kills
            && plan.points.iter().all(|point| damage.at(*point) > 0)
            && damage.at_random >= plan.random_kills
            && damage.freezes >= plan.freezes
            && damage.faults >= plan.faults
            && !self.owes_an_enemy()
    }

    /// Looks what goes on while somebody is away, and ends the outage when its time has come.
    async fn look_after_the_outage(&mut self) -> anyhow::Result<()> {
        let Some(outage) = &mut self.outage else {
            return Ok(());
        };
        if outage.look(self.stack).await? {
            // From here on it is seen what goes on, and nobody else is hurt.
            self.orders.disarm();
            for (name, _) in std::mem::take(&mut self.frozen) {
                self.wake(&name);
            }
            return Ok(());
        }
        if outage.ends <= Instant::now() {
            self.end_the_outage().await?;
        }
        Ok(())
    }

    async fn end_the_outage(&mut self) -> anyhow::Result<()> {
        if let Some(outage) = self.outage.take() {
            let (went_on, broken) = outage.end(self.stack).await?;
            self.damage.went_on.push(went_on);
            self.damage.broken.extend(broken);
        }
        Ok(())
    }

    fn is_away(&self, name: &str) -> bool {
        let away = self.outage.as_ref().map(|outage| &outage.names);
        away.is_some_and(|names| names.iter().any(|away| away == name))
    }

    /// Notes who was hit, starts the dead again and wakes the frozen whose time has come.
    fn look_after(&mut self) -> anyhow::Result<()> {
        for hit in self.orders.hits()? {
            match hit.order {
                Order::Die => *self.damage.at_points.entry(hit.point).or_default() += 1,
                Order::Freeze => {
                    self.damage.freezes += 1;
                    let processes = self.stack.inner().processes();
                    let who = processes.iter().find(|(_, id)| *id == hit.process_id);
                    let Some(name) = who.map(|(name, _)| (*name).to_owned()) else {
                        continue;
                    };
                    let woke = self.woken.get(&name);
                    if woke.is_some_and(|woke| woke.elapsed() < TO_COME_HOME) {
                        self.damage.frozen_again += 1;
                    }
                    self.wake_later(name);
                }
            }
        }
        let now = Instant::now();
        let due: Vec<String> = self
            .frozen
            .extract_if(.., |(_, wakes)| *wakes <= now)
            .map(|(name, _)| name)
            .collect();
        for name in due {
            self.wake(&name);
        }
        for name in self.names.clone() {
            if !self.is_away(&name) && self.stack.inner().has_ended(&name)? {
                self.stack.inner().start_again(&name)?;
            }
        }
        Ok(())
    }

    fn wake_later(&mut self, name: String) {
        let sleeps =
            Duration::from_secs_f64(self.rng.random_range(self.plan.freeze_seconds.clone()));
        self.frozen.push((name, Instant::now() + sleeps));
    }

    fn wake(&mut self, name: &str) {
        // It may have been killed in its sleep.
        let _ = self.stack.signal(name, Signal::Continue);
        self.woken.insert(name.to_owned(), Instant::now());
    }

    /// Does one of the things that are still to be done.
    async fn next_deed(&mut self) -> anyhow::Result<()> {
        if self.outage.as_ref().is_some_and(Outage::is_watched) {
            return Ok(());
        }
        let late = self.is_late();
        if !late {
            self.arm()?;
        }
        let (plan, damage) = (&self.plan, &self.damage);
        let left = |planned: u32, done: u32| planned.saturating_sub(done);
        let in_time = |weight: u32| if late { 0 } else { weight };
        // While somebody is away it is seen what goes on without him: the servers stay then, and
        // there is one outage at a time.
        let alone = |weight: u32| if self.outage.is_some() { 0 } else { weight };
        let deeds = [
            in_time(left(plan.random_kills, damage.at_random)),
            in_time(left(plan.freezes, damage.freezes)),
            in_time(left(plan.faults, damage.faults)),
            alone(left(plan.nats_restarts, damage.nats_restarts)),
            alone(left(plan.nats_wipes, damage.nats_wipes)),
            alone(left(plan.postgres_crashes, damage.postgres_crashes)),
            alone(left(plan.fail_overs, damage.fail_overs)),
            alone(left(plan.kinds_away, damage.kinds_away)),
            alone(left(plan.sweepers_frozen, damage.sweepers_frozen)),
            // Nothing but what is armed.
            in_time(plan.point_kills / 2),
        ];
        let mut chosen = self.rng.random_range(0..deeds.iter().sum::<u32>().max(1));
        let deed = deeds.iter().position(|weight| {
            let is_it = chosen < *weight;
            chosen = chosen.saturating_sub(*weight);
            is_it
        });
        match deed {
            Some(0) => self.kill_somebody(),
            Some(1) => self.freeze_somebody(),
            Some(2) => self.spoil_an_answer().await,
            Some(3) => {
                self.damage.nats_restarts += 1;
                self.stack.inner().restart_nats().await
            }
            Some(4) => {
                self.damage.nats_wipes += 1;
                self.stack.wipe_nats().await
            }
            Some(5) => {
                self.damage.postgres_crashes += 1;
                let down_for = Duration::from_secs_f64(self.rng.random_range(0.0..3.0));
                self.stack.inner().crash_postgres(down_for).await
            }
            Some(6) => self.fail_over().await,
            Some(7) => {
                let kinds = [Away::DocumentBuyers, Away::DocketBuyers];
                let away = kinds[self.damage.kinds_away as usize % kinds.len()];
                self.damage.kinds_away += 1;
                self.send_away(away).await
            }
            Some(8) => {
                self.damage.sweepers_frozen += 1;
                self.send_away(Away::Sweeper).await
            }
            _ => Ok(()),
        }
    }

    /// Loses the Postgres that takes writes; its standby takes over, and gets one of its own.
    async fn fail_over(&mut self) -> anyhow::Result<()> {
        let silent_for = Duration::from_secs_f64(self.rng.random_range(0.0..5.0));
        let pair = self.stack.inner().pair()?;
        // It may have been away itself a moment ago, and could not be trusted with all of it.
        pair.until_followed().await?;
        pair.fail_over(silent_for).await?;
        pair.add_standby().await?;
        self.damage.fail_overs += 1;
        Ok(())
    }

    async fn send_away(&mut self, away: Away) -> anyhow::Result<()> {
        // Everybody else is there, and work waits for those who go.
        for (name, _) in std::mem::take(&mut self.frozen) {
            self.wake(&name);
        }
        self.look_after()?;
        self.gate.open(self.share());
        let outage = Outage::begin(self.stack, &self.names, away, self.plan.away_for).await?;
        if away == Away::Sweeper {
            self.kill_those_who_buy_dockets();
        }
        self.outage = Some(outage);
        Ok(())
    }

    /// So that there are claims which nobody holds any more.
    fn kill_those_who_buy_dockets(&mut self) {
        let buyers = self.names.iter().filter(|name| name.starts_with("docket"));
        for name in buyers.cloned().collect::<Vec<_>>() {
            if self.stack.signal(&name, Signal::Kill).is_ok() {
                self.damage.at_random += 1;
            }
        }
    }

    /// Keeps points armed, those first that were hit least.
    fn arm(&mut self) -> anyhow::Result<()> {
        let points = self.plan.points.iter().copied();
        let is_armed = |point: &Point| self.orders.is_armed(*point);
        let (armed, mut free): (Vec<Point>, Vec<Point>) = points.partition(is_armed);
        if self.damage.at_points.values().sum::<u32>() >= self.plan.point_kills {
            // Enough have died; only what was never met is still waited for.
            free.retain(|point| self.damage.at(*point) == 0);
        }
        free.sort_by_key(|point| self.damage.at(*point));
        // Logins come with what is submitted, and that waits for kills: if logins were among the few that are
        // armed, each would wait for the other.
        let (armed_at_login, armed) = armed
            .into_iter()
            .partition::<Vec<_>, _>(|point| is_login(*point));
        let (logins, mut free): (Vec<Point>, Vec<Point>) =
            free.into_iter().partition(|point| is_login(*point));
        let login = logins
            .first()
            .filter(|login| self.damage.at(**login) < LOGIN_KILLS_EACH);
        if let (Some(login), true) = (login, armed_at_login.is_empty()) {
            self.orders.arm(*login, Order::Die)?;
        }
        let fewest = free.first().map_or(0, |point| self.damage.at(*point));
        free.retain(|point| self.damage.at(*point) <= fewest + 1);
        for _ in armed.len()..ARMED_AT_ONCE {
            let Some(point) = free.choose(&mut self.rng).copied() else {
                break;
            };
            free.retain(|other| *other != point);
            self.orders.arm(point, Order::Die)?;
        }
        Ok(())
    }

    fn somebody(&mut self) -> Option<String> {
        let awake: Vec<&String> = self
            .names
            .iter()
            .filter(|name| !self.frozen.iter().any(|(frozen, _)| frozen == *name))
            .filter(|name| !name.starts_with("login") && !self.is_away(name))
            .collect();
        awake.choose(&mut self.rng).map(|name| (*name).clone())
    }

    fn kill_somebody(&mut self) -> anyhow::Result<()> {
        let Some(name) = self.somebody() else {
            return Ok(());
        };
        // It may be dead already.
        if self.stack.signal(&name, Signal::Kill).is_ok() {
            self.damage.at_random += 1;
        }
        Ok(())
    }

    /// By signal at any moment, or by order where it hurts most: while money moves.
    fn freeze_somebody(&mut self) -> anyhow::Result<()> {
        if self.plan.freezes_while_buying || self.rng.random_bool(0.5) {
            let where_it_hurts = [
                Point::BeforeIntent,
                Point::AfterIntent,
                Point::MidResponse,
                Point::AfterResponse,
            ];
            let point = where_it_hurts[self.rng.random_range(0..where_it_hurts.len())];
            if !self.orders.is_armed(point) {
                self.orders.arm(point, Order::Freeze)?;
            }
            return Ok(());
        }
        let Some(name) = self.somebody() else {
            return Ok(());
        };
        if self.stack.signal(&name, Signal::Stop).is_ok() {
            self.damage.freezes += 1;
            self.wake_later(name);
        }
        Ok(())
    }

    async fn spoil_an_answer(&mut self) -> anyhow::Result<()> {
        let kinds = [
            json!({"kind": "reset"}),
            json!({"kind": "truncate"}),
            json!({"kind": "slow_body", "ms": 3000}),
            json!({"kind": "delay", "ms": 2000}),
            json!({"kind": "reset_before"}),
            json!({"kind": "status", "status": 503}),
        ];
        let mut fault = kinds[self.rng.random_range(0..kinds.len())].clone();
        let court = COURTS[self.rng.random_range(0..self.plan.courts)];
        fault["court"] = court.into();
        fault["times"] = 1.into();
        self.stack.simulator().order_fault(&fault).await?;
        self.damage.faults += 1;
        Ok(())
    }

    async fn calm(&mut self) -> anyhow::Result<()> {
        self.orders.disarm();
        self.end_the_outage().await?;
        self.stack.simulator().cancel_faults().await?;
        for (name, _) in std::mem::take(&mut self.frozen) {
            self.wake(&name);
        }
        self.look_after()?;
        // Whoever froze in the last moment is woken too.
        for (name, _) in std::mem::take(&mut self.frozen) {
            self.wake(&name);
        }
        for name in self.names.clone() {
            ensure!(
                !self.stack.inner().has_ended(&name)?,
                "{name} does not stay alive"
            );
        }
        Ok(())
    }
}

fn is_login(point: Point) -> bool {
    matches!(
        point,
        Point::LoginBeforeSignOn | Point::LoginAfterSignOn | Point::LoginBeforeAnswer
    )
}
