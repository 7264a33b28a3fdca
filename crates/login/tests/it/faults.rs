//! Logins while gateways and their database fail in the midst of keeping what is known of them: no turn, no
//! attempt and no try may count twice, or be lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use fetch_bus::{
    AttemptEnd, Credentials, LoginHandler, LoginOutcome, NewRecord, Read, RecordKeeper,
    RefusalKind, Role, Writing,
};
use fetch_model::UserId;
use futures_util::future::{join, join_all};
use login::{Keeper, PaceConfig};
use testkit::{DatabaseKeeper, Fault, FaultyKeeper};
use tokio::sync::Notify;

use crate::{House, RIGHT, WRONG, credentials, logged_in, no_gap, within, wrong_password};

const ACCOUNTS: i64 = 6;

/// Each fault, again and again.
fn in_turn() -> impl Fn(&str) -> Fault {
    let count = AtomicUsize::new(0);
    move |_| match count.fetch_add(1, Ordering::SeqCst) % 6 {
        0 => Fault::AnswerLost,
        1 => Fault::MadeLate,
        2 => Fault::Unconfirmed,
        3 => Fault::NotMade,
        _ => Fault::None,
    }
}

/// Each fault at one of two gateways, and then the other one or the same is asked again.
#[tokio::test]
async fn whatever_becomes_of_answers_each_account_is_logged_in_once_and_each_try_counts_once() {
    let house = House::open_by(no_gap(), |keeper| FaultyKeeper::new(keeper, in_turn())).await;
    let Some(mut house) = house else {
        return;
    };
    let gateway = house.server.config(Role::Gateway);
    house.records.also_by(&gateway, |keeper| keeper).await;
    let other = house.replica().await;
    let keepers: [&Keeper; 2] = [&house.keeper, &other];
    let visits = (0..ACCOUNTS).flat_map(|account| {
        keepers.map(|keeper| async move {
            let user = UserId(account % 2);
            let right = credentials(&format!("account-{account}"), RIGHT);
            let wrong = credentials(&format!("guessed-{account}"), WRONG);
            let (right, wrong) = join(keeper.log_in(user, right), keeper.log_in(user, wrong)).await;
            logged_in(right);
            assert_eq!(wrong, wrong_password());
        })
    });
    within(join_all(visits)).await;
    for keeper in keepers {
        within(keeper.finish()).await;
    }
    assert_eq!(
        house.sign_on.calls(),
        usize::try_from(2 * ACCOUNTS).unwrap()
    );
    let records = house.bus.login_records();
    for account in 0..ACCOUNTS {
        for (name, end) in [
            ("account", AttemptEnd::LoggedIn),
            ("guessed", AttemptEnd::Refused),
        ] {
            let name = format!("{name}-{account}");
            let digest = house.secrets.sessions.username_digest(&name);
            let record = records.read(&digest).await.unwrap().record;
            assert_eq!(record.holder, None, "{name}");
            let ends: Vec<_> = record.attempts.iter().map(|attempt| attempt.end).collect();
            assert_eq!(ends, [end], "{name}");
        }
    }
    for user in 0..2 {
        let tries = records.tries(UserId(user)).await.unwrap();
        let refused = usize::try_from(ACCOUNTS / 2).unwrap();
        assert_eq!((tries.refused.len(), tries.under_way.len()), (refused, 0));
    }
}

/// As when the database fails over to one that knew nothing of the turn yet.
#[tokio::test]
async fn who_has_lost_the_turn_with_the_database_does_not_ask_pacer() {
    let names = AtomicUsize::new(0);
    let (forgetting, has_forgotten) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (asked_for, is_forgotten) = (forgetting.clone(), has_forgotten.clone());
    // The turn is written down, and then that PACER is asked, which cannot be.
    let fault = move |key: &str| {
        let is_name = key.starts_with("name.");
        if !is_name || names.fetch_add(1, Ordering::SeqCst) == 0 {
            return Fault::None;
        }
        asked_for.notify_one();
        match is_forgotten.load(Ordering::SeqCst) {
            true => Fault::None,
            false => Fault::NotMade,
        }
    };
    let house = House::open_by(no_gap(), |keeper| FaultyKeeper::new(keeper, fault)).await;
    let Some(house) = house else {
        return;
    };
    let forgetting = async {
        forgetting.notified().await;
        house.records.lose().await;
        has_forgotten.store(true, Ordering::SeqCst);
    };
    let (told, ()) = join(house.log_in(1, "jan", RIGHT), forgetting).await;
    assert!(matches!(told, LoginOutcome::Unreachable { .. }), "{told:?}");
    assert_eq!(house.sign_on.calls(), 0);
    // It is nobody's turn, so nobody waits.
    logged_in(house.log_in(1, "jan", RIGHT).await);
    assert_eq!(house.sign_on.calls(), 1);
}

/// What PACER says then is good, and lent to others.
#[tokio::test]
async fn a_login_outlives_a_database_that_forgets_its_turn() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let other = house.replica().await;
    house.sign_on.hold(true);
    let forgetting = async {
        while house.sign_on.calls() == 0 {
            tokio::task::yield_now().await;
        }
        house.records.lose().await;
        house.sign_on.hold(false);
    };
    let (outcome, ()) = join(house.log_in(1, "jan", RIGHT), forgetting).await;
    logged_in(outcome);
    house.keeper.finish().await;
    logged_in(within(other.log_in(UserId(2), credentials("jan", RIGHT))).await);
    assert_eq!(house.sign_on.calls(), 1);
}

/// Whoever asked may have had a session of PACER: that is an attempt, which counts for the same user.
#[tokio::test]
async fn what_a_replica_asked_before_it_died_counts() {
    let one_an_hour = PaceConfig {
        max_per_hour: 1,
        ..no_gap()
    };
    let Some(house) = House::open(one_an_hour).await else {
        return;
    };
    let other = house.replica().await;
    house.sign_on.hold(true);
    let dying = other.log_in(UserId(1), credentials("jan", RIGHT));
    tokio::select! {
        outcome = dying => panic!("{outcome:?}"),
        () = async { while house.sign_on.calls() == 0 { tokio::task::yield_now().await } } => {}
    }
    house.sign_on.hold(false);
    let told = house.log_in(1, "jan", RIGHT).await;
    assert!(is_too_many(&told), "{told:?}");
    assert_eq!(house.sign_on.calls(), 1);
    // That this try is over may be written after its answer.
    within(house.keeper.finish()).await;
    let tries = house.bus.login_records().tries(UserId(1)).await.unwrap();
    assert_eq!(tries.under_way.len(), 1, "what came of it is not known yet");
}

fn is_too_many(outcome: &LoginOutcome) -> bool {
    let kind = RefusalKind::TooManyLogins;
    matches!(outcome, LoginOutcome::Refused { kind: why, .. } if *why == kind)
}

/// Keeps records by a clock that is wrong.
struct OtherClock {
    keeper: DatabaseKeeper,
    ahead: TimeDelta,
}

impl RecordKeeper for OtherClock {
    type Error = <DatabaseKeeper as RecordKeeper>::Error;

    fn may_pass(error: &Self::Error) -> bool {
        DatabaseKeeper::may_pass(error)
    }

    async fn read(&self, key: &str) -> Result<Read, Self::Error> {
        let Read { record, at } = self.keeper.read(key).await?;
        let at = at + self.ahead;
        Ok(Read { record, at })
    }

    async fn write(
        &self,
        key: &str,
        value: &[u8],
        over: u64,
        life: Duration,
    ) -> Result<Option<Writing>, Self::Error> {
        let written = self.keeper.write(key, value, over, life).await?;
        Ok(written.map(|Writing { revision, at }| {
            let at = at + self.ahead;
            Writing { revision, at }
        }))
    }

    async fn create(
        &self,
        records: &[NewRecord],
        life: Duration,
    ) -> Result<Vec<bool>, Self::Error> {
        self.keeper.create(records, life).await
    }
}

/// The clocks of replicas may differ by as much: all limits go by the one of the database.
#[tokio::test]
async fn limits_hold_however_wrong_the_clock_of_a_replica_is() {
    for hours in [-3, 3] {
        let few = PaceConfig {
            max_refused_per_hour: 2,
            ..PaceConfig::default()
        };
        let ahead = TimeDelta::hours(hours);
        let house = House::open_by(few, |keeper| OtherClock { keeper, ahead }).await;
        let Some(house) = house else {
            return;
        };
        logged_in(house.log_in(1, "jan", RIGHT).await);
        let fresh = house.replica().await;
        let other_code = Credentials {
            client_code: "matter-8".to_owned(),
            ..credentials("jan", RIGHT)
        };
        let soon = within(fresh.log_in(UserId(2), other_code)).await;
        let LoginOutcome::Refused {
            kind: RefusalKind::TooManyLogins,
            retry_after_seconds: Some(30..=60),
            ..
        } = soon
        else {
            panic!("{hours}: {soon:?}");
        };
        for account in ["one", "two"] {
            assert_eq!(house.log_in(3, account, WRONG).await, wrong_password());
        }
        let third = within(fresh.log_in(UserId(3), credentials("three", WRONG))).await;
        let LoginOutcome::Refused {
            kind: RefusalKind::TooManyLogins,
            retry_after_seconds: Some(3_500..=3_600),
            ..
        } = third
        else {
            panic!("{hours}: {third:?}");
        };
        assert_eq!(house.sign_on.calls(), 3);
    }
}
