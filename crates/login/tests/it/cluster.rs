//! Logins of accounts that nobody has seen before, by two replicas on three servers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fetch_bus::{LoginKeyPair, LoginOutcome, LoginSharedKey, Logins, Role, SessionSealingKey};
use fetch_model::UserId;
use futures_util::future::join_all;
use login::{Keeper, PaceConfig, Secrets, TotpSecrets};
use pacer_client::Courts;
use rustix::process::{Pid, Signal, kill_process};
use testkit::{TestCluster, TestRecords};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{RIGHT, WRONG, courts_config, credentials, sign_on::SignOn};

const ACCOUNTS: usize = 32;

/// How many of each account ask at the same time.
const AT_ONCE: usize = 4;

/// The buckets in which sessions are kept for others.
const BUCKETS: [&str; 2] = ["KV_PACER_LOGINS", "KV_PACER_SESSIONS"];

/// How long after the first request a server is lost.
const AFTER: Duration = Duration::from_millis(30);

/// A login that takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A round that nobody measures.
const WARM: usize = usize::MAX;

struct City {
    cluster: TestCluster,
    _records: TestRecords,
    sign_on: SignOn,
    logins: Logins,
}

impl City {
    async fn found() -> Option<City> {
        let cluster = testkit::nats_cluster().await?;
        let records = testkit::login_records(&cluster.config(Role::Gateway)).await?;
        let sign_on = SignOn::start(RIGHT).await;
        let (keys, shared) = (LoginKeyPair::generate(), LoginSharedKey::generate());
        let sealing = SessionSealingKey::generate();
        for _ in 0..2 {
            let config = cluster.config(Role::Login);
            let bus = fetch_bus::connect(Role::Login, &config).await.unwrap();
            let secrets = Secrets {
                sessions: sealing.clone(),
                login: keys.clone(),
                totp: TotpSecrets::default(),
            };
            let courts = Courts::new(&courts_config(&sign_on)).unwrap();
            let keeper = Arc::new(Keeper::new(courts, &bus, secrets, PaceConfig::default()));
            let (keys, shared) = (keys.clone(), shared.clone());
            tokio::spawn(async move {
                let forever = CancellationToken::new();
                bus.serve_login(keys, shared, keeper, forever).await
            });
        }
        let config = cluster.config(Role::Gateway);
        let gateway = fetch_bus::connect(Role::Gateway, &config).await.unwrap();
        let city = City {
            cluster,
            _records: records,
            sign_on,
            logins: gateway.logins(shared),
        };
        // As with gateways that have been there for a while, connections to the database stand.
        city.first_requests(WARM).await;
        Some(city)
    }

    /// All at once; gives how long each took, from the shortest to the longest.
    async fn first_requests(&self, round: usize) -> Vec<Duration> {
        let asks = (0..ACCOUNTS * AT_ONCE).map(|number| async move {
            let username = format!("account-{round}-{}", number % ACCOUNTS);
            let user = UserId(i64::try_from(number).unwrap());
            let began = Instant::now();
            let asked = self.logins.log_in(user, credentials(&username, RIGHT));
            let outcome = timeout(PATIENCE, asked).await.unwrap().unwrap();
            let accepted = matches!(outcome, LoginOutcome::LoggedIn { .. });
            assert!(accepted, "{username}: {outcome:?}");
            began.elapsed()
        });
        let mut took = join_all(asks).await;
        took.sort_unstable();
        took
    }
}

fn rounds() -> usize {
    let rounds = std::env::var("PACER_FETCH_CLUSTER_ROUNDS").ok();
    rounds.and_then(|text| text.parse().ok()).unwrap_or(2)
}

#[expect(clippy::print_stdout, reason = "figures for whoever runs it")]
fn tell(what: &str, round: usize, took: &[Duration]) {
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_millis();
    println!(
        "{what} {round}: {} logins, p50 {} ms, p99 {} ms, longest {} ms",
        took.len(),
        at(50),
        at(99),
        at(100)
    );
    // Beside other tests on a busy machine it may take any time. `make bench-logins` insists on a limit.
    if let Ok(most) = std::env::var("PACER_FETCH_LOGINS_P99_MS") {
        let most: u128 = most.parse().expect("a number of milliseconds");
        assert!(at(99) < most, "p99 is not below {most} ms");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn first_requests_of_fresh_accounts_are_all_logged_in_by_a_cluster() {
    let Some(city) = City::found().await else {
        return;
    };
    for round in 0..rounds() {
        let took = city.first_requests(round).await;
        tell("round", round, &took);
        assert_eq!(city.sign_on.calls(), ACCOUNTS * (round + 2));
    }
}

/// Servers that cannot agree on leaders carry questions and news all the same.
#[tokio::test(flavor = "multi_thread")]
async fn they_are_while_there_is_no_leader_of_anything() {
    let Some(mut city) = City::found().await else {
        return;
    };
    for number in 0..2 {
        city.cluster.server(number).kill();
    }
    // Everybody has found the server that is left.
    let found = async {
        loop {
            let asked = city
                .logins
                .log_in(UserId(1), credentials("the first", RIGHT));
            if matches!(asked.await, Ok(LoginOutcome::LoggedIn { .. })) {
                return;
            }
        }
    };
    timeout(PATIENCE, found).await.unwrap();
    for round in 0..rounds() {
        let took = city.first_requests(round).await;
        tell("without leaders", round, &took);
        assert_eq!(city.sign_on.calls(), 1 + ACCOUNTS * (round + 2));
    }
    // What a stranger tries at an account cannot be kept for others, and delays its owner no longer than a moment.
    let log_in = |user, password| {
        city.logins
            .log_in(UserId(user), credentials("own", password))
    };
    let stranger = timeout(PATIENCE, log_in(1001, WRONG))
        .await
        .unwrap()
        .unwrap();
    assert!(
        matches!(stranger, LoginOutcome::Refused { .. }),
        "{stranger:?}"
    );
    let owner = timeout(PATIENCE, log_in(1002, RIGHT))
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(owner, LoginOutcome::LoggedIn { .. }), "{owner:?}");
}

/// As when a machine is lost: those that remain have to choose new leaders.
#[tokio::test(flavor = "multi_thread")]
async fn they_are_while_a_server_is_killed() {
    while_a_server_gets(Signal::KILL, "killed").await;
}

/// As when servers are brought up to date one after the other: it hands over what it leads.
#[tokio::test(flavor = "multi_thread")]
async fn they_are_while_a_server_is_stopped() {
    while_a_server_gets(Signal::TERM, "stopped").await;
}

#[expect(clippy::print_stdout, reason = "figures for whoever runs it")]
async fn while_a_server_gets(signal: Signal, what: &str) {
    let Some(mut city) = City::found().await else {
        return;
    };
    for round in 0..rounds() {
        let number = round % 3;
        let mut led = 0;
        for stream in BUCKETS {
            led += usize::from(city.cluster.leader_of(stream, None).await == number);
        }
        let (took, elected) = {
            let asking = async {
                let took = city.first_requests(round).await;
                (took, Instant::now())
            };
            let lost = async {
                // In the midst of it.
                sleep(AFTER).await;
                send(city.cluster.servers()[number].process_id(), signal);
                let began = Instant::now();
                for stream in BUCKETS {
                    city.cluster.leader_of(stream, Some(number)).await;
                }
                (began, began.elapsed())
            };
            let ((took, answered), (began, elected)) = tokio::join!(asking, lost);
            assert!(answered > began, "it came too late to matter");
            (took, elected)
        };
        println!(
            "the server that is lost led {led} of {} buckets, and there were leaders again after {} ms:",
            BUCKETS.len(),
            elected.as_millis()
        );
        tell(what, round, &took);
        assert_eq!(city.sign_on.calls(), ACCOUNTS * (round + 2));
        city.cluster.server(number).restart().await.unwrap();
    }
}

fn send(process: u32, signal: Signal) {
    let process = Pid::from_raw(process.try_into().unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}
