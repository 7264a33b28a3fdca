//! The keeper against a sign-on of a test's own and a real message server.

mod cluster;
mod faults;
mod sign_on;

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use fetch_bus::{
    Bus, Credentials, DeadSession, LoginHandler, LoginKeyPair, LoginOutcome, LoginRecord,
    LoginSharedKey, LoginWarning, OpenLogin, OpenedLogin, RecordKeeper, RefusalKind, Role,
    SessionSealingKey, Sessions, WarningKind, wire::RecordRequest,
};
use fetch_model::UserId;
use futures_util::{FutureExt, StreamExt, future::join_all};
use login::{AccountLimits, Config, Keeper, PaceConfig, Secrets, TotpSecrets};
use pacer_client::{Courts, CourtsConfig};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::fmt::MakeWriter;

use sign_on::SignOn;
use testkit::{DatabaseKeeper, TestNats, TestRecords};

const RIGHT: &str = "canary-password-right";
const WRONG: &str = "canary-password-wrong";

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

struct House {
    server: TestNats,
    records: TestRecords,
    sign_on: SignOn,
    bus: Bus,
    secrets: Secrets,
    pace: PaceConfig,
    keeper: Arc<Keeper>,
}

impl House {
    async fn open(pace: PaceConfig) -> Option<House> {
        House::open_by(pace, |keeper| keeper).await
    }

    /// One whose gateway does something else with what it is asked for.
    async fn open_by<K: RecordKeeper>(
        pace: PaceConfig,
        made: impl FnOnce(DatabaseKeeper) -> K,
    ) -> Option<House> {
        let server = testkit::nats().await?;
        let gateway = server.config(Role::Gateway);
        let records = testkit::login_records_by(&gateway, made).await?;
        let sign_on = SignOn::start(RIGHT).await;
        let bus = login_bus(&server).await;
        let list = "coded:JBSWY3DPEHPK3PXP".into();
        let secrets = Secrets {
            sessions: SessionSealingKey::generate(),
            login: LoginKeyPair::generate(),
            totp: TotpSecrets::parse(&list).unwrap(),
        };
        let courts = Courts::new(&courts_config(&sign_on)).unwrap();
        let keeper = Arc::new(Keeper::new(courts, &bus, secrets.clone(), pace));
        Some(House {
            server,
            records,
            sign_on,
            bus,
            secrets,
            pace,
            keeper,
        })
    }

    /// A keeper as another process would have it: the same keys, and nothing else in common.
    async fn replica(&self) -> Keeper {
        let bus = login_bus(&self.server).await;
        let courts = Courts::new(&courts_config(&self.sign_on)).unwrap();
        Keeper::new(courts, &bus, self.secrets.clone(), self.pace)
    }

    /// Waits until the message server, which has lost its memory, has what the login service needs.
    async fn until_bus_is_back(&self) {
        let back = testkit::until("the message server is back", PATIENCE, async || {
            Ok(self.bus.probe().await)
        });
        back.await.unwrap();
    }

    fn sessions(&self) -> Sessions {
        self.bus.sessions(self.secrets.sessions.clone())
    }

    async fn log_in(&self, user: i64, username: &str, password: &str) -> LoginOutcome {
        within(
            self.keeper
                .log_in(UserId(user), credentials(username, password)),
        )
        .await
    }
}

/// Whether a gateway is asked to write a record whose key begins like this.
fn is_write(question: &RecordRequest, key: &str) -> bool {
    question.write.is_some() && question.key.starts_with(key)
}

/// Waits for something that must happen.
async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it did not happen in time")
}

async fn login_bus(server: &TestNats) -> Bus {
    within(fetch_bus::connect(Role::Login, &server.config(Role::Login)))
        .await
        .unwrap()
}

fn courts_config(sign_on: &SignOn) -> CourtsConfig {
    CourtsConfig {
        cso_url: sign_on.url(),
        ..CourtsConfig::default()
    }
}

fn credentials(username: &str, password: &str) -> Credentials {
    Credentials {
        username: username.into(),
        password: password.into(),
        client_code: String::new(),
        otp_code: None,
    }
}

fn no_gap() -> PaceConfig {
    PaceConfig {
        min_gap: Duration::ZERO,
        ..PaceConfig::default()
    }
}

#[track_caller]
fn logged_in(outcome: LoginOutcome) -> (String, String) {
    match outcome {
        LoginOutcome::LoggedIn {
            session_key,
            account_digest,
            ..
        } => (session_key, account_digest),
        other => panic!("{other:?}"),
    }
}

fn wrong_password() -> LoginOutcome {
    let text = "Invalid username/password: Invalid username or password".to_owned();
    LoginOutcome::Refused {
        kind: RefusalKind::Credentials,
        text,
        retry_after_seconds: None,
    }
}

#[tokio::test]
async fn a_refused_password_is_not_tried_again() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    assert_eq!(house.log_in(1, "jan", WRONG).await, wrong_password());
    assert_eq!(house.log_in(1, "jan", WRONG).await, wrong_password());
    assert_eq!(house.sign_on.calls(), 1);
    // The right one is another matter.
    logged_in(house.log_in(1, "jan", RIGHT).await);
    assert_eq!(house.sign_on.calls(), 2);
}

/// Whoever was told what PACER refused needs no message server to know it.
#[tokio::test]
async fn nor_is_it_once_the_message_server_has_forgotten_it() {
    let Some(mut house) = House::open(no_gap()).await else {
        return;
    };
    assert_eq!(house.log_in(1, "jan", WRONG).await, wrong_password());
    house.server.wipe().await.unwrap();
    house.until_bus_is_back().await;
    assert_eq!(house.log_in(1, "jan", WRONG).await, wrong_password());
    assert_eq!(house.sign_on.calls(), 1);
    logged_in(house.log_in(1, "jan", RIGHT).await);
}

#[tokio::test]
async fn fifty_logins_at_once_are_one() {
    let Some(house) = House::open(PaceConfig::default()).await else {
        return;
    };
    let logins = (0..50).map(|_| house.log_in(1, "jan", RIGHT));
    let keys: Vec<_> = join_all(logins).await.into_iter().map(logged_in).collect();
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert_eq!(house.sign_on.calls(), 1);
    let session = house.sessions().get(&keys[0].0).await.unwrap().unwrap();
    assert_eq!(session.token.expose_secret(), "canary-token-1");
}

#[tokio::test]
async fn a_second_account_has_a_session_of_its_own() {
    let Some(house) = House::open(PaceConfig::default()).await else {
        return;
    };
    let (first, first_account) = logged_in(house.log_in(1, "jan", RIGHT).await);
    let (second, second_account) = logged_in(house.log_in(1, "ada", RIGHT).await);
    assert_ne!(first, second);
    assert_ne!(first_account, second_account);
    let sessions = house.sessions();
    let (first, second) = (
        sessions.get(&first).await.unwrap().unwrap(),
        sessions.get(&second).await.unwrap().unwrap(),
    );
    assert_ne!(first.token.expose_secret(), second.token.expose_secret());
    assert_eq!(house.sign_on.calls(), 2);
}

#[tokio::test]
async fn two_users_of_one_account_share_a_login_and_not_a_seal() {
    let Some(house) = House::open(PaceConfig::default()).await else {
        return;
    };
    let (first, account) = logged_in(house.log_in(1, "jan", RIGHT).await);
    let (second, same_account) = logged_in(house.log_in(2, "jan", RIGHT).await);
    assert_ne!(first, second);
    assert_eq!(account, same_account);
    assert_eq!(house.sign_on.calls(), 1);
    assert_eq!(
        house.sessions().get(&second).await.unwrap().unwrap().user,
        UserId(2)
    );
}

#[tokio::test]
async fn client_codes_of_one_username_are_one_account_with_a_session_each() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let log_in = async |code: &str| {
        let typed = Credentials {
            client_code: code.to_owned(),
            ..credentials("jan", RIGHT)
        };
        logged_in(within(house.keeper.log_in(UserId(1), typed)).await)
    };
    let (first, account) = log_in("matter-1").await;
    let (second, same_account) = log_in("matter-2").await;
    assert_ne!(first, second);
    assert_eq!(account, same_account);
    assert_eq!(house.sign_on.calls(), 2, "PACER books on the code");
    let sessions = house.sessions();
    let dead = sessions.get(&first).await.unwrap().unwrap();
    let alive = sessions.get(&second).await.unwrap().unwrap();
    assert_eq!(
        (&*dead.client_code, &*alive.client_code),
        ("matter-1", "matter-2")
    );
    assert_ne!(dead.token.expose_secret(), alive.token.expose_secret());

    // The end of one is not the end of the other.
    let death = DeadSession {
        session_key: first,
        login_digest: dead.login_digest.clone(),
        expires_at: dead.expires_at,
        court: "nysd".to_owned(),
    };
    house.keeper.forget(&death).await;
    log_in("matter-2").await;
    assert_eq!(house.sign_on.calls(), 2);
    log_in("matter-1").await;
    assert_eq!(house.sign_on.calls(), 3);
}

#[tokio::test]
async fn a_session_is_lent_only_to_who_knows_the_password() {
    let Some(house) = House::open(PaceConfig::default()).await else {
        return;
    };
    logged_in(house.log_in(1, "jan", RIGHT).await);
    let refused = house.log_in(2, "jan", WRONG).await;
    // Not even PACER is asked: one minute has not passed.
    assert!(
        matches!(
            &refused,
            LoginOutcome::Refused {
                kind: RefusalKind::TooManyLogins,
                retry_after_seconds: Some(50..=60),
                ..
            }
        ),
        "{refused:?}"
    );
    assert_eq!(house.sign_on.calls(), 1);
    logged_in(house.log_in(1, "jan", RIGHT).await);
}

#[tokio::test]
async fn a_session_that_a_court_refused_is_replaced() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let (key, _) = logged_in(house.log_in(1, "jan", RIGHT).await);
    assert!(house.keeper.lend(&key).await.is_some());
    let sessions = house.sessions();
    let dead = sessions.get(&key).await.unwrap().unwrap();
    let death = DeadSession {
        session_key: key.clone(),
        login_digest: dead.login_digest.clone(),
        expires_at: dead.expires_at,
        court: "nysd".to_owned(),
    };
    house.keeper.forget(&death).await;
    logged_in(house.log_in(1, "jan", RIGHT).await);
    assert_eq!(house.sign_on.calls(), 2);
    let session = sessions.get(&key).await.unwrap().unwrap();
    assert_eq!(session.token.expose_secret(), "canary-token-2");
    // Late news of the first session does not end the second.
    house.keeper.forget(&death).await;
    logged_in(house.log_in(1, "jan", RIGHT).await);
    assert_eq!(house.sign_on.calls(), 2);
}

/// Its page may only look like a login page, or be meant to have the session end everywhere.
#[tokio::test]
async fn a_lone_court_ends_no_session_and_two_do() {
    let Some(house) = House::open(PaceConfig::default()).await else {
        return;
    };
    let (key, _) = logged_in(house.log_in(1, "jan", RIGHT).await);
    let sessions = house.sessions();
    let session = sessions.get(&key).await.unwrap().unwrap();
    let said_by = |court: &str| DeadSession {
        session_key: key.clone(),
        login_digest: session.login_digest.clone(),
        expires_at: session.expires_at,
        court: court.to_owned(),
    };
    for _ in 0..3 {
        house.keeper.forget(&said_by("nysd")).await;
    }
    assert!(house.keeper.lend(&key).await.is_some());
    assert!(sessions.get(&key).await.unwrap().is_some());
    // PACER may not be asked for another within the minute, and so nobody is turned away.
    logged_in(house.log_in(1, "jan", RIGHT).await);
    assert_eq!(house.sign_on.calls(), 1);
    // Whoever does not know the password is, now as before.
    let guessed = house.log_in(2, "jan", WRONG).await;
    assert!(
        matches!(guessed, LoginOutcome::Refused { .. }),
        "{guessed:?}"
    );

    house.keeper.forget(&said_by("cand")).await;
    assert!(house.keeper.lend(&key).await.is_none());
    assert!(sessions.get(&key).await.unwrap().is_none());
    let refused = house.log_in(1, "jan", RIGHT).await;
    assert!(
        matches!(refused, LoginOutcome::Refused { .. }),
        "{refused:?}"
    );
    assert_eq!(house.sign_on.calls(), 1);
}

/// Else it would use up the logins that PACER may be asked for, one a minute, and then nobody's session could
/// be renewed.
#[tokio::test]
async fn a_court_that_refuses_each_session_has_two_more_opened_and_no_others() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let (key, _) = logged_in(house.log_in(1, "jan", RIGHT).await);
    let refused_by = async |court: &str| {
        let session = house.sessions().get(&key).await.unwrap().unwrap();
        let death = DeadSession {
            session_key: key.clone(),
            login_digest: session.login_digest,
            expires_at: session.expires_at,
            court: court.to_owned(),
        };
        house.keeper.forget(&death).await;
        logged_in(house.log_in(1, "jan", RIGHT).await);
        house.sign_on.calls()
    };
    // Two may die in a row.
    assert_eq!(refused_by("nysd").await, 2);
    assert_eq!(refused_by("nysd").await, 3);
    for _ in 0..3 {
        assert_eq!(refused_by("nysd").await, 3);
    }
    // Another one, which has not said so yet, is believed.
    assert_eq!(refused_by("cand").await, 4);
    for _ in 0..3 {
        assert_eq!(refused_by("nysd").await, 4);
    }
}

#[tokio::test]
async fn what_the_sign_on_answers_is_put_into_known_words() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let outcome = house.log_in(1, "down", RIGHT).await;
    let text = "Unable connect to PACER site: '503: Service Unavailable'".to_owned();
    assert_eq!(
        outcome,
        LoginOutcome::Refused {
            kind: RefusalKind::SiteDown,
            text,
            retry_after_seconds: None,
        }
    );
    let outcome = house.log_in(1, "tokenless", RIGHT).await;
    let text = "Did not get NextGenCSO cookie when attempting PACER login.".to_owned();
    assert_eq!(
        outcome,
        LoginOutcome::Refused {
            kind: RefusalKind::NoSession,
            text,
            retry_after_seconds: None,
        }
    );
    let outcome = house.log_in(1, "warned", RIGHT).await;
    let LoginOutcome::LoggedIn { warning, .. } = &outcome else {
        panic!("{outcome:?}")
    };
    let expected = LoginWarning {
        kind: WarningKind::ClientCodeRequired,
        text: "A required Client Code was not entered".to_owned(),
    };
    assert_eq!(warning.as_ref(), Some(&expected));
    // A warning is said again to whoever gets the same session, wherever.
    assert_eq!(house.log_in(1, "warned", RIGHT).await, outcome);
    let replica = house.replica().await;
    let again = replica.log_in(UserId(1), credentials("warned", RIGHT));
    assert_eq!(within(again).await, outcome);
    let outcome = house.log_in(1, "disabled", RIGHT).await;
    assert!(
        matches!(
            &outcome,
            LoginOutcome::LoggedIn { warning: Some(warning), .. }
                if warning.kind == WarningKind::AccountDisabled
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn every_refusal_has_a_sentence_of_its_own() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    for (username, expected, words) in [
        ("filer", RefusalKind::Redaction, "redaction notice"),
        (
            "strange",
            RefusalKind::NoSession,
            "with the code 77: Out of order",
        ),
    ] {
        let outcome = house.log_in(1, username, RIGHT).await;
        let LoginOutcome::Refused { kind, text, .. } = &outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(*kind, expected);
        assert!(text.contains(words), "{text}");
        // Asking PACER the same again would bring nothing else.
        assert_eq!(house.log_in(1, username, RIGHT).await, outcome);
    }
    assert_eq!(house.sign_on.calls(), 2);
}

#[tokio::test]
async fn a_one_time_code_is_sent_or_made() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let coded = |code: &str| Credentials {
        otp_code: Some(code.into()),
        ..credentials("jan", RIGHT)
    };
    let outcome = house.keeper.log_in(UserId(1), coded("canary-otp")).await;
    logged_in(outcome);
    assert_eq!(house.sign_on.last_code().as_deref(), Some("canary-otp"));
    // It proved the password, and no second code is needed for the session there is.
    logged_in(house.log_in(1, "jan", RIGHT).await);
    assert_eq!(house.sign_on.calls(), 1);

    logged_in(house.log_in(1, "coded", RIGHT).await);
    let made = house.sign_on.last_code().unwrap();
    assert!(
        made.len() == 6 && made.bytes().all(|byte| byte.is_ascii_digit()),
        "{made}"
    );
}

#[tokio::test]
async fn two_replicas_log_an_account_in_once() {
    let Some(house) = House::open(PaceConfig::default()).await else {
        return;
    };
    let other = house.replica().await;
    let mut asked = testkit::asked_for_records(&house.server).await;
    house.sign_on.hold(true);
    let here = (0..20).map(|_| house.keeper.log_in(UserId(1), credentials("slow", RIGHT)));
    let there = (0..20).map(|_| other.log_in(UserId(2), credentials("slow", RIGHT)));
    // PACER takes longer than the turn is confirmed in, so that it is seen to be kept: what is written
    // once it is asked are confirmations, but for what was written before and is heard late.
    let answered = async {
        while house.sign_on.calls() == 0 {
            tokio::task::yield_now().await;
        }
        while asked.next().now_or_never().is_some() {}
        for _ in 0..2 {
            while !is_write(&asked.next().await.unwrap(), "name.") {}
        }
        assert_eq!(house.sign_on.calls(), 1);
        house.sign_on.hold(false);
    };
    let all = async { tokio::join!(join_all(here), join_all(there), answered) };
    let (here, there, ()) = within(all).await;
    let here: Vec<_> = here.into_iter().map(logged_in).collect();
    let there: Vec<_> = there.into_iter().map(logged_in).collect();
    assert_eq!(house.sign_on.calls(), 1);
    assert!(here.iter().all(|session| *session == here[0]));
    assert!(there.iter().all(|session| *session == there[0]));
    assert_ne!(here[0].0, there[0].0, "two users have two seals");
    let session = house.sessions().get(&there[0].0).await.unwrap().unwrap();
    assert_eq!(session.token.expose_secret(), "canary-token-1");
}

/// A database that can be read and takes no writes silences whoever is asking PACER.
#[tokio::test]
async fn who_is_taken_for_dead_and_lives_keeps_the_turn() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let records = house.bus.login_records();
    let name = house.secrets.sessions.username_digest("jan");
    let held = LoginRecord {
        holder: Some("another".to_owned()),
        ..LoginRecord::default()
    };
    let mut over = 0;
    let keeper = house.keeper.clone();
    let mut waiting = None;
    for _ in 0..2 {
        let alive = records.write(&name, &held, over).await.unwrap().unwrap();
        waiting.get_or_insert_with(|| {
            let keeper = keeper.clone();
            tokio::spawn(async move { keeper.log_in(UserId(1), credentials("jan", RIGHT)).await })
        });
        let doubted = records.changed(&name, alive.revision, Duration::from_secs(30));
        assert!(doubted.await.unwrap());
        let doubted = records.read(&name).await.unwrap();
        assert_eq!(doubted.record.holder, held.holder);
        assert!(doubted.record.doubted);
        over = doubted.revision;
    }
    assert_eq!(house.sign_on.calls(), 0);
    let free = records.write(&name, &LoginRecord::default(), over).await;
    assert!(free.unwrap().is_some());
    logged_in(within(waiting.unwrap()).await.unwrap());
}

/// Whoever can say something in the name of a replica must not have a session that is none lent for ever.
#[tokio::test]
async fn news_of_a_session_that_lives_too_long_is_ignored() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let typed = credentials("jan", RIGHT);
    let owner = house.secrets.login.seal_of_account(&typed);
    let login = house.secrets.sessions.login_digest("jan", "");
    let told = OpenedLogin {
        token: "canary-told".into(),
        warning: None,
    };
    for (minutes, calls) in [(60, 0), (120, 1)] {
        let ends = Utc::now() + TimeDelta::minutes(minutes);
        let open = OpenLogin::seal(&owner, &told, ends).unwrap();
        let replica = house.replica().await;
        replica.learn(login.clone(), open).await;
        logged_in(within(replica.log_in(UserId(minutes), typed.clone())).await);
        assert_eq!(house.sign_on.calls(), calls);
    }
}

#[tokio::test]
async fn limits_and_refusals_hold_in_all_replicas() {
    let Some(house) = House::open(PaceConfig::default()).await else {
        return;
    };
    let other = house.replica().await;
    assert_eq!(house.log_in(1, "jan", WRONG).await, wrong_password());
    let again = other.log_in(UserId(1), credentials("jan", WRONG));
    assert_eq!(within(again).await, wrong_password());
    assert_eq!(house.sign_on.calls(), 1);
    // A person may correct what was mistyped at once.
    let right = other.log_in(UserId(1), credentials("jan", RIGHT));
    logged_in(within(right).await);
    // After a login that went well there is a gap, and a wrong password opens no session.
    for keeper in [&*house.keeper, &other] {
        let wrong = Credentials {
            client_code: "matter-8".to_owned(),
            ..credentials("jan", RIGHT)
        };
        let refused = within(keeper.log_in(UserId(1), wrong)).await;
        assert!(
            matches!(
                &refused,
                LoginOutcome::Refused {
                    kind: RefusalKind::TooManyLogins,
                    ..
                }
            ),
            "{refused:?}"
        );
    }
    assert_eq!(house.sign_on.calls(), 2);
    logged_in(house.log_in(1, "jan", RIGHT).await);
}

/// PACER's limits hold whatever becomes of the message server, and nothing is left of the sessions.
#[tokio::test]
async fn the_pace_survives_the_loss_of_the_servers_memory() {
    let Some(mut house) = House::open(PaceConfig::default()).await else {
        return;
    };
    logged_in(house.log_in(1, "jan", RIGHT).await);
    let fresh = house.replica().await;
    house.server.wipe().await.unwrap();
    house.until_bus_is_back().await;
    // One that knows of no session.
    let outcome = within(fresh.log_in(UserId(2), credentials("jan", RIGHT))).await;
    let LoginOutcome::Refused {
        kind: RefusalKind::TooManyLogins,
        retry_after_seconds: Some(50..=60),
        ..
    } = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!(house.sign_on.calls(), 1);
}

#[tokio::test]
async fn what_a_stranger_tries_in_vain_locks_out_the_stranger_and_not_the_owner() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    // Before there is a session, and beside the one there is. Ten logins of the account are passed
    // on, counting the one that went well, and the rest are not.
    for (stranger, calls) in [(2, 10), (3, 20)] {
        for number in 0..15 {
            let guess = format!("{WRONG}-{stranger}-{number}");
            let outcome = house.log_in(stranger, "jan", &guess).await;
            assert!(matches!(outcome, LoginOutcome::Refused { .. }));
        }
        assert_eq!(house.sign_on.calls(), calls);
        logged_in(house.log_in(1, "jan", RIGHT).await);
    }
    assert_eq!(house.sign_on.calls(), 20);
    // Who has guessed too often is not let in even with the right one, where there is no session.
    let own = Credentials {
        client_code: "another".to_owned(),
        ..credentials("jan", RIGHT)
    };
    let outcome = within(house.keeper.log_in(UserId(2), own)).await;
    let too_many = |outcome: &LoginOutcome| {
        matches!(
            outcome,
            LoginOutcome::Refused {
                kind: RefusalKind::TooManyLogins,
                ..
            }
        )
    };
    assert!(too_many(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn who_is_over_the_limit_is_not_told_what_opens_the_session_of_another() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    logged_in(house.log_in(1, "jan", RIGHT).await);
    let is_stopped = |outcome: &LoginOutcome| {
        let kind = RefusalKind::TooManyLogins;
        matches!(outcome, LoginOutcome::Refused { kind: why, .. } if *why == kind)
    };
    let limit = no_gap().max_refused_per_hour;
    for number in 0..limit {
        let outcome = house.log_in(2, &format!("somebody-{number}"), WRONG).await;
        assert!(!is_stopped(&outcome), "{number}: {outcome:?}");
    }
    for guess in [WRONG, RIGHT, RIGHT] {
        let outcome = house.log_in(2, "jan", guess).await;
        assert!(is_stopped(&outcome), "{outcome:?}");
    }
    logged_in(house.log_in(1, "jan", RIGHT).await);
}

/// PACER is not asked within a minute of a login, and whoever guesses meanwhile could see by the answer which
/// password is the right one.
#[tokio::test]
async fn who_guesses_at_a_session_while_pacer_may_not_be_asked_is_stopped() {
    let Some(house) = House::open(PaceConfig::default()).await else {
        return;
    };
    logged_in(house.log_in(1, "jan", RIGHT).await);
    let other = house.replica().await;
    for number in 0..PaceConfig::default().max_refused_per_hour {
        let guess = credentials("jan", &format!("{WRONG}-{number}"));
        let outcome = house_of(&house, number, &other).log_in(UserId(2), guess);
        let outcome = within(outcome).await;
        assert!(
            matches!(outcome, LoginOutcome::Refused { .. }),
            "{outcome:?}"
        );
    }
    // The first of each replica learns that the user is over the limit.
    for _ in 0..2 {
        for keeper in [&*house.keeper, &other] {
            let guess = credentials("jan", &format!("{WRONG}-late"));
            within(keeper.log_in(UserId(2), guess)).await;
        }
    }
    for keeper in [&*house.keeper, &other] {
        let outcome = within(keeper.log_in(UserId(2), credentials("jan", RIGHT))).await;
        assert!(
            matches!(outcome, LoginOutcome::Refused { .. }),
            "{outcome:?}"
        );
    }
    assert_eq!(house.sign_on.calls(), 1);
    logged_in(house.log_in(1, "jan", RIGHT).await);
}

#[tokio::test]
async fn who_tries_account_after_account_is_stopped_in_all_replicas() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let other = house.replica().await;
    let limit = no_gap().max_refused_per_hour;
    logged_in(house.log_in(9, "own", RIGHT).await);
    // At once, as a program does it; then one after another, here and there.
    let (here, there) = (&house, &other);
    let sprayed = (0..limit - 4).map(|number| async move {
        let typed = credentials(&format!("somebody-{number}"), WRONG);
        let keeper = house_of(here, number, there);
        keeper.log_in(UserId(9), typed).await
    });
    let _ = within(join_all(sprayed)).await;
    for number in 0..10 {
        let typed = credentials(&format!("other-{number}"), WRONG);
        let keeper = house_of(&house, number, &other);
        let outcome = within(keeper.log_in(UserId(9), typed)).await;
        let stopped = matches!(
            outcome,
            LoginOutcome::Refused {
                kind: RefusalKind::TooManyLogins,
                ..
            }
        );
        assert_eq!(stopped, number >= 4, "{number}: {outcome:?}");
    }
    assert_eq!(house.sign_on.calls(), 1 + limit);
    // What is open stays open, to the same user as to others, and others are not held back.
    logged_in(house.log_in(9, "own", RIGHT).await);
    logged_in(within(other.log_in(UserId(3), credentials("fresh", RIGHT))).await);
}

#[tokio::test]
async fn a_hundred_guesses_at_once_are_as_many_as_the_limit_in_all_replicas() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let other = house.replica().await;
    // PACER is slow: all that are let through are under way before the first is refused.
    house.sign_on.hold(true);
    let limit = no_gap().max_refused_per_hour;
    let guesses = (0..100).map(|number| {
        let typed = credentials(&format!("somebody-{number}"), WRONG);
        let keeper = house_of(&house, number, &other);
        keeper.log_in(UserId(9), typed)
    });
    let answered = async {
        while house.sign_on.calls() < limit {
            tokio::task::yield_now().await;
        }
        house.sign_on.hold(false);
    };
    let _ = within(futures_util::future::join(join_all(guesses), answered)).await;
    assert_eq!(house.sign_on.calls(), limit);
}

#[tokio::test]
async fn what_a_user_tries_at_the_same_time_is_written_down_together() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let mut asked = testkit::asked_for_records(&house.server).await;
    // Three times as many as may be under way.
    let names = (0..3 * no_gap().max_refused_per_hour).map(|number| format!("account-{number}"));
    let names: Vec<String> = names.collect();
    let logins = names.iter().map(|name| house.log_in(1, name, RIGHT));
    join_all(logins).await.into_iter().for_each(|outcome| {
        logged_in(outcome);
    });
    // A question that comes after all others.
    let records = house.bus.login_records();
    records.read("the end").await.unwrap();
    let mut count = 0;
    loop {
        let question = within(asked.next()).await.unwrap();
        if question.key == "name.the end" {
            break;
        }
        count += usize::from(is_write(&question, "user.1"));
    }
    // Each begins and ends.
    assert!(
        count < names.len(),
        "{count} writes for {} logins",
        names.len()
    );
    assert_eq!(house.sign_on.calls(), names.len());
}

/// One that waits for room must not keep the owner out of the account that it wants.
#[tokio::test]
async fn who_waits_for_room_keeps_nobody_from_the_account() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    house.sign_on.hold(true);
    let limit = no_gap().max_refused_per_hour;
    let guesses = (0..=limit).map(|number| {
        let house = &house;
        async move { house.log_in(2, &format!("account-{number}"), WRONG).await }
    });
    let owner = async {
        while house.sign_on.calls() < limit {
            tokio::task::yield_now().await;
        }
        let owners = (0..=limit).map(|number| format!("account-{number}"));
        // Whichever of them the stranger waits for.
        let waited_for = owners.map(|name| {
            let keeper = house.keeper.clone();
            tokio::spawn(async move { keeper.log_in(UserId(1), credentials(&name, RIGHT)).await })
        });
        let waited_for: Vec<_> = waited_for.collect();
        while house.sign_on.calls() == limit {
            tokio::task::yield_now().await;
        }
        house.sign_on.hold(false);
        for owner in waited_for {
            logged_in(owner.await.unwrap());
        }
    };
    within(futures_util::future::join(join_all(guesses), owner)).await;
}

/// Gateways wait so long and no longer; what nobody waits for any more takes no room.
#[tokio::test]
async fn who_waits_too_long_for_room_is_told_so() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let other = house.replica().await;
    let other = other.giving_up_after(Duration::from_secs(1));
    house.sign_on.hold(true);
    let limit = no_gap().max_refused_per_hour;
    let names: Vec<String> = (0..limit)
        .map(|number| format!("account-{number}"))
        .collect();
    let guesses = names.iter().map(|name| house.log_in(2, name, WRONG));
    let late = async {
        while house.sign_on.calls() < limit {
            tokio::task::yield_now().await;
        }
        let told = other.log_in(UserId(2), credentials("one-more", WRONG));
        let told = within(told).await;
        house.sign_on.hold(false);
        told
    };
    let (_, told) = within(futures_util::future::join(join_all(guesses), late)).await;
    assert!(matches!(told, LoginOutcome::Unreachable { .. }), "{told:?}");
    assert_eq!(house.sign_on.calls(), limit);
}

#[tokio::test]
async fn who_has_a_session_waits_for_nobody_who_tries_the_same_username() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let other = house.replica().await;
    logged_in(house.log_in(1, "jan", RIGHT).await);
    house.sign_on.hold(true);
    let owner = async {
        while house.sign_on.calls() < 2 {
            tokio::task::yield_now().await;
        }
        for keeper in [&*house.keeper, &other] {
            logged_in(within(keeper.log_in(UserId(1), credentials("jan", RIGHT))).await);
        }
        house.sign_on.hold(false);
    };
    let guesses = join_all((0..2).map(|number| {
        let typed = credentials("jan", &format!("{WRONG}-{number}"));
        house_of(&house, number, &other).log_in(UserId(2), typed)
    }));
    within(futures_util::future::join(guesses, owner)).await;
    assert!(house.sign_on.calls() > 1);
}

/// One replica or the other.
fn house_of<'a>(house: &'a House, number: usize, other: &'a Keeper) -> &'a Keeper {
    match number % 2 {
        0 => &house.keeper,
        _ => other,
    }
}

#[tokio::test]
async fn who_dies_while_asking_blocks_nobody_for_long() {
    let Some(house) = House::open(no_gap()).await else {
        return;
    };
    let other = house.replica().await;
    house.sign_on.hold(true);
    let dying = other.log_in(UserId(1), credentials("slow", RIGHT));
    // PACER was asked, and the one who asked is gone.
    tokio::select! {
        outcome = dying => panic!("{outcome:?}"),
        () = async { while house.sign_on.calls() == 0 { tokio::task::yield_now().await } } => {}
    }
    house.sign_on.hold(false);
    logged_in(house.log_in(1, "slow", RIGHT).await);
    assert_eq!(house.sign_on.calls(), 2);
}

/// Everything that is logged in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

/// The only test that starts the whole service, and the only one that takes the log.
#[tokio::test]
async fn no_secret_is_ever_logged() {
    let log = Log::default();
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    lines.with_writer(log.clone()).with_ansi(false).init();
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = testkit::login_records(&server.config(Role::Gateway)).await else {
        return;
    };
    let sign_on = SignOn::start(RIGHT).await;
    let shared = LoginSharedKey::generate();
    let config = Config {
        bus: server.config(Role::Login),
        courts: courts_config(&sign_on),
        session_key: SessionSealingKey::generate(),
        login_shared_key: shared.clone(),
        login_key: None,
        pace: no_gap(),
        account_limits: AccountLimits::default(),
        session_life: Duration::from_secs(3480),
        totp_secrets: TotpSecrets::default(),
    };
    let gateway = server.config(Role::Gateway);
    let logins = within(fetch_bus::connect(Role::Gateway, &gateway))
        .await
        .unwrap()
        .logins(shared);
    let stop = CancellationToken::new();
    let process = fetch_runtime::Process::in_place("login", config, stop.clone());
    let serving = tokio::spawn(login::serve(process));
    for password in [RIGHT, WRONG, RIGHT] {
        let typed = || Credentials {
            otp_code: Some("canary-otp".into()),
            ..credentials("canary-jan", password)
        };
        let answered = testkit::until("login answers", PATIENCE, async || {
            Ok(match logins.log_in(UserId(1), typed()).await? {
                LoginOutcome::Unreachable { text } => Err(text),
                _ => Ok(()),
            })
        });
        within(answered).await.unwrap();
    }
    assert_eq!(sign_on.calls(), 2);
    stop.cancel();
    within(serving).await.unwrap().unwrap();

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(
        log.contains("logged an account in"),
        "the log was not taken: {log}"
    );
    if let Some(line) = log.lines().find(|line| line.contains("canary")) {
        panic!("a secret was logged: {line}");
    }
}
