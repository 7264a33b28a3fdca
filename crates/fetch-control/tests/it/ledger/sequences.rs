//! "Never where money is in doubt", over sequences of what attempts, sweepers, owners and operators
//! do to one request, on the real store.

use std::{sync::Arc, time::Duration};

use fetch_ledger::{
    doubts::Settlement,
    purchases::{Intent, NewPurchase},
};
use fetch_model::{Cents, Failure, FetchId, FetchKind, FetchRequest, OnDoubt, PurchaseId, State};
use fetch_queue::{Counts, Ending, Replay};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use tokio::task::JoinSet;

use super::house::{House, docket};

/// What may happen to a request next. What is impossible in its state does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The answer to the purchase is lost.
    Lost,
    /// A page that nobody knows comes, without a receipt.
    Unrecognised,
    /// The court breaks down before anything is billed.
    Unbilled,
    /// The same, and the attempts have run out.
    UnbilledAtLast,
    /// The court says no.
    Refused,
    /// It is bought and kept, and our reader does not understand it.
    Unread,
    /// It is bought, kept and saved.
    Done,
    /// The worker dies while it buys.
    Crash,
    /// The same, and the attempts have run out.
    CrashAtLast,
    /// It is not its turn.
    Snooze,
    /// The court lets nobody in for too long.
    CourtCloses,
    /// A worker that was given up for dead comes home.
    ComesHome,
    Cancel,
    Replay,
    SettledAsBilled,
    SettledAsNotBilled,
}

const STEPS: [Step; 16] = [
    Step::Lost,
    Step::Unrecognised,
    Step::Unbilled,
    Step::UnbilledAtLast,
    Step::Refused,
    Step::Unread,
    Step::Done,
    Step::Crash,
    Step::CrashAtLast,
    Step::Snooze,
    Step::CourtCloses,
    Step::ComesHome,
    Step::Cancel,
    Step::Replay,
    Step::SettledAsBilled,
    Step::SettledAsNotBilled,
];

/// Those after which nobody knows.
const DOUBTS: [Step; 4] = [
    Step::Lost,
    Step::Unrecognised,
    Step::Crash,
    Step::CrashAtLast,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_is_never_hidden_and_never_bought_again_unasked() {
    let Some(house) = House::new().await else {
        return;
    };
    let house = Arc::new(house);
    let mut all: Vec<(OnDoubt, Vec<Step>)> = Vec::new();
    for policy in [OnDoubt::Stop, OnDoubt::OnceMore] {
        for doubt in DOUBTS {
            for second in STEPS {
                for third in [
                    Step::UnbilledAtLast,
                    Step::Refused,
                    Step::CourtCloses,
                    Step::Replay,
                ] {
                    all.push((policy, vec![doubt, second, third, Step::Replay, Step::Lost]));
                }
            }
        }
    }
    let mut dice = StdRng::seed_from_u64(20_261_129);
    for _ in 0..300 {
        let policy = [OnDoubt::Stop, OnDoubt::OnceMore][dice.random_range(0..2)];
        let length = dice.random_range(3..12);
        let steps = (0..length).map(|_| *STEPS.choose(&mut dice).unwrap());
        all.push((policy, steps.collect()));
    }
    let mut tasks = JoinSet::new();
    let all = Arc::new(all);
    for lane in 0..8 {
        let (house, all) = (house.clone(), all.clone());
        tasks.spawn(async move {
            for (policy, steps) in all.iter().skip(lane).step_by(8) {
                live(&house, *policy, steps).await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

/// Lives through the steps, and looks at the promise after each.
async fn live(house: &House, policy: OnDoubt, steps: &[Step]) {
    let id = house.accept_with(FetchKind::Docket, None, policy).await;
    let life = RetentionStatus { house, id, policy };
    for (number, step) in steps.iter().enumerate() {
        life.step(*step).await;
        life.check(&steps[..=number]).await;
    }
}

struct RetentionStatus<'a> {
    house: &'a House,
    id: FetchId,
    policy: OnDoubt,
}

/// What an attempt may do about money.
enum Purchase {
    /// It has begun one; it is flagged.
    Begun(NewPurchase, PurchaseId, bool),
    /// It has what it wants.
    Kept,
    /// It must not.
    InDoubt,
}

/// A line of the ledger: state, whether it is flagged, whether it is settled.
type Line = (String, bool, bool);

impl RetentionStatus<'_> {
    async fn request(&self) -> FetchRequest {
        self.house.request(self.id).await
    }

    async fn lines(&self) -> Vec<Line> {
        sqlx::query_as(
            "select state, flagged, settled_at is not null from purchases where request_id = $1
             order by id",
        )
        .bind(self.id.0)
        .fetch_all(&self.house.pool)
        .await
        .unwrap()
    }

    async fn check(&self, steps: &[Step]) {
        let (request, lines) = (self.request().await, self.lines().await);
        let context = format!("{:?} {steps:?}: {request:?} {lines:?}", self.policy);
        let doubts = lines.iter().filter(|line| is_open(line)).count();
        if doubts > 0 && request.state.is_final() {
            assert!(
                request.message.contains("PACER may have charged"),
                "{context}"
            );
            let is_said = matches!(request.failure, Some(Failure::MoneyInDoubt { .. }));
            assert!(is_said || request.state != State::Failed, "{context}");
        }
        // What may have been billed without the ledger calling it perhaps the second time.
        let billed = lines
            .iter()
            .filter(|(state, flagged, _)| state != "void" && !flagged);
        assert!(billed.count() <= 1, "bought again unasked: {context}");
        let times = lines.iter().filter(|(state, ..)| state != "void").count();
        let most = match self.policy {
            OnDoubt::Stop => 1,
            OnDoubt::OnceMore => 2,
        };
        assert!(times <= most, "bought {times} times: {context}");
    }

    async fn step(&self, step: Step) {
        match step {
            Step::Cancel => {
                let cancelled = self.house.store.cancel(self.house.user, self.id).await;
                cancelled.unwrap();
            }
            Step::Replay => self.replay().await,
            Step::ComesHome => self.come_home().await,
            Step::SettledAsBilled => {
                let (cents, pages) = (Cents(300), None);
                self.settle(Settlement::Billed { cents, pages }).await;
            }
            Step::SettledAsNotBilled => self.settle(Settlement::NotBilled).await,
            Step::CourtCloses => self.court_closes().await,
            _ if self.is_queued().await => self.attempt(step).await,
            _ => {}
        }
    }

    async fn is_queued(&self) -> bool {
        matches!(self.request().await.state, State::Accepted | State::Waiting)
    }

    async fn replay(&self) {
        let (before, lines) = (self.request().await, self.lines().await);
        let replayed = self.house.store.replay(self.id).await.unwrap();
        if replayed == Replay::Queued {
            let is_captured = lines.iter().any(|(state, ..)| state == "captured");
            let may_be_billed = lines.iter().any(|line| is_open(line) || line.0 == "doubt");
            let harmless = !lines.iter().any(is_open) && (is_captured || !may_be_billed);
            assert!(harmless, "replayed: {before:?} {lines:?}");
        }
    }

    async fn settle(&self, settlement: Settlement) {
        let doubt = "select min(id) from purchases where request_id = $1 and state = 'doubt'
                     and settled_at is null";
        let doubt: Option<i64> = self.one(doubt).await;
        if let Some(doubt) = doubt {
            let settled = self
                .house
                .store
                .settle_doubt(PurchaseId(doubt), settlement, "p. 4");
            settled.await.unwrap();
        }
    }

    async fn come_home(&self) {
        let lost = "select min(id) from purchases where request_id = $1
                    and state in ('intent', 'doubt') and settled_at is null";
        let lost: Option<i64> = self.one(lost).await;
        if let Some(lost) = lost {
            let mut new = self.purchase(&self.request().await);
            // The token of a worker that is given up for dead is an old one.
            new.fence.0 -= 1;
            self.house.keep(PurchaseId(lost), &new).await;
        }
    }

    async fn one<T>(&self, sql: &'static str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        let query = sqlx::query_scalar(sql).bind(self.id.0);
        query.fetch_one(&self.house.pool).await.unwrap()
    }

    async fn court_closes(&self) {
        let snoozed = "update fetch_requests set snoozes = 500 where id = $1
                       and state in ('accepted', 'waiting')";
        let snoozed = sqlx::query(snoozed).bind(self.id.0);
        snoozed.execute(&self.house.pool).await.unwrap();
        self.house.sweep().await;
    }

    /// One attempt by the rules of `fetch-purchase`, and what becomes of it.
    async fn attempt(&self, step: Step) {
        if matches!(step, Step::UnbilledAtLast | Step::CrashAtLast) {
            let last = "update fetch_requests set attempts = 5 where id = $1";
            let last = sqlx::query(last).bind(self.id.0);
            last.execute(&self.house.pool).await.unwrap();
        }
        let request = self.house.claim(self.id).await;
        let ending = match step {
            Step::Refused => Ending::Failed(Failure::CaseNotFound),
            Step::Snooze => waiting(false),
            _ => match self.begin(&request).await {
                Purchase::InDoubt => Ending::Failed(Failure::MONEY_IN_DOUBT),
                Purchase::Kept => kept(step),
                Purchase::Begun(new, intent, flagged) => {
                    let ending = self.buy(step, &new, intent, flagged).await;
                    let Some(ending) = ending else { return };
                    ending
                }
            },
        };
        self.house.end(&request, ending).await;
    }

    fn purchase(&self, request: &FetchRequest) -> NewPurchase {
        let mut new = docket(request);
        new.item_key = format!("docket/cand/{}/", self.id);
        new
    }

    async fn begin(&self, request: &FetchRequest) -> Purchase {
        let store = &self.house.store;
        let mut new = self.purchase(request);
        let kept = store.ledger.captured_for(self.id, "docket/").await.unwrap();
        if kept.is_some() {
            return Purchase::Kept;
        }
        if let Some(open) = store.ledger.open_intent(self.id).await.unwrap() {
            store
                .ledger
                .doubt_purchase(open.id, "it never came back")
                .await
                .unwrap();
        }
        let doubts = store.ledger.doubts(self.id).await.unwrap();
        new.flagged = match (doubts, self.policy) {
            (0, _) => false,
            (1, OnDoubt::OnceMore) => true,
            _ => return Purchase::InDoubt,
        };
        let flagged = new.flagged;
        match self.house.begin(&new).await {
            Intent::Granted(intent) => Purchase::Begun(new, intent, flagged),
            Intent::Held => Purchase::Kept,
            other => panic!("{other:?}"),
        }
    }

    /// Buys; none if the worker dies of it.
    async fn buy(
        &self,
        step: Step,
        new: &NewPurchase,
        intent: PurchaseId,
        flagged: bool,
    ) -> Option<Ending> {
        let store = &self.house.store;
        match step {
            Step::Lost => {
                store.ledger.doubt_purchase(intent, "lost").await.unwrap();
                Some(match (self.policy, flagged) {
                    (OnDoubt::OnceMore, false) => waiting(true),
                    _ => Ending::Failed(Failure::MONEY_IN_DOUBT),
                })
            }
            Step::Unrecognised => {
                store
                    .ledger
                    .doubt_purchase(intent, "unknown")
                    .await
                    .unwrap();
                Some(Ending::Failed(unread()))
            }
            Step::Unbilled => {
                store
                    .ledger
                    .void_purchase(intent, "HTTP 503")
                    .await
                    .unwrap();
                Some(waiting(true))
            }
            Step::UnbilledAtLast => {
                store
                    .ledger
                    .void_purchase(intent, "HTTP 503")
                    .await
                    .unwrap();
                let court = "cand".to_owned();
                Some(Ending::Failed(Failure::BlockedByCourt { court }))
            }
            Step::Crash | Step::CrashAtLast => {
                let dead = "update fetch_requests
                            set lease_until = now() - interval '1 minute' where id = $1";
                let dead = sqlx::query(dead).bind(self.id.0);
                dead.execute(&self.house.pool).await.unwrap();
                self.house.sweep().await;
                None
            }
            _ => {
                self.house.keep(intent, new).await;
                Some(kept(step))
            }
        }
    }
}

/// Whether it is unknown what became of it.
fn is_open((state, _, is_settled): &Line) -> bool {
    state == "intent" || state == "doubt" && !is_settled
}

fn unread() -> Failure {
    let reason = "The court's page is not a docket.".to_owned();
    Failure::DocketNotRecognised { reason }
}

/// What becomes of an attempt that has its bytes.
fn kept(step: Step) -> Ending {
    match step {
        Step::Unread | Step::Unrecognised => Ending::Failed(unread()),
        Step::Done => Ending::Done {
            docket: None,
            message: Failure::SUCCESS.to_owned(),
        },
        Step::UnbilledAtLast | Step::CrashAtLast => Ending::Failed(Failure::Internal),
        _ => waiting(true),
    }
}

fn waiting(counts: bool) -> Ending {
    let counts = match counts {
        true => Counts::Attempt,
        false => Counts::CourtsPause,
    };
    Ending::Waiting {
        wait: Duration::ZERO,
        message: "Later.".to_owned(),
        counts,
    }
}
