//! What the replicas of the login service share.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{
    AttemptEnd, Credentials, DeadSession, Error, KeptRefusal, LoginAttempt, LoginKeyPair,
    LoginRecord, OpenLogin, OpenedLogin, RefusalKind, Role, SessionSealingKey, TryId, UserTries,
};
use fetch_model::UserId;
use futures_util::{FutureExt, StreamExt};
use secrecy::ExposeSecret;

use crate::{connect, keep_records, within};

fn credentials(password: &str) -> Credentials {
    Credentials {
        username: "jan".into(),
        password: password.into(),
        client_code: String::new(),
        otp_code: None,
    }
}

#[tokio::test]
async fn of_two_writers_one_is_told_of_the_other() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let records = connect(&server, Role::Login).await.login_records();
    let empty = records.read("jan").await.unwrap();
    assert_eq!(
        (empty.revision, &empty.record),
        (0, &LoginRecord::default())
    );
    // The database's clock, which is this machine's.
    assert!((Utc::now() - empty.at).abs() < TimeDelta::seconds(30));
    let held = |holder: &str| LoginRecord {
        holder: Some(holder.to_owned()),
        ..LoginRecord::default()
    };
    let first = records.write("jan", &held("one"), 0).await.unwrap();
    let first = first.unwrap();
    assert!(first.at >= empty.at);
    let second = records.write("jan", &held("two"), 0).await.unwrap();
    assert_eq!(second, None);
    let read = records.read("jan").await.unwrap();
    assert_eq!((read.revision, read.record), (first.revision, held("one")));

    let waiting = records.changed("jan", first.revision, Duration::from_secs(20));
    let record = LoginRecord {
        holder: None,
        doubted: true,
        attempts: [
            AttemptEnd::Open,
            AttemptEnd::NoSession,
            AttemptEnd::Refused,
            AttemptEnd::LoggedIn,
        ]
        .map(|end| LoginAttempt {
            at: DateTime::from_timestamp_millis(1_800_000_000_123).unwrap(),
            user: UserId(3),
            end,
        })
        .to_vec(),
    };
    let writing = records.write("jan", &record, first.revision);
    let (changed, written) = within(async { tokio::join!(waiting, writing) }).await;
    assert!(changed.unwrap());
    let revision = written.unwrap().unwrap().revision;
    let read = records.read("jan").await.unwrap();
    assert_eq!((read.revision, read.record), (revision, record));
    let nothing_comes = records.changed("jan", revision, Duration::from_millis(50));
    assert!(!nothing_comes.await.unwrap());
}

/// An answer may be lost with a message server: then the same is asked again.
#[tokio::test]
async fn a_write_whose_answer_was_lost_counts_as_made_and_anothers_does_not() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let records = connect(&server, Role::Login).await.login_records();
    let held = |holder: &str| LoginRecord {
        holder: Some(holder.to_owned()),
        ..LoginRecord::default()
    };
    let made = records.write("jan", &held("one"), 0).await.unwrap();
    let again = records.write("jan", &held("one"), 0).await.unwrap();
    let revision = made.unwrap().revision;
    assert_eq!(again.unwrap().revision, revision);
    // What was there before is not what was written, though it is the same.
    let same = records.write("jan", &held("one"), revision).await.unwrap();
    assert!(same.unwrap().revision > revision);
    let late = records.write("jan", &held("two"), revision).await.unwrap();
    assert_eq!(late, None);
}

#[tokio::test]
async fn where_no_gateway_is_there_it_is_waited_for() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let records = connect(&server, Role::Login).await.login_records();
    let reading = tokio::spawn(async move { records.read("jan").await.unwrap().revision });
    let Some(_records) = keep_records(&server).await else {
        return reading.abort();
    };
    assert_eq!(within(reading).await.unwrap(), 0);
}

#[tokio::test]
async fn where_the_database_of_a_gateway_is_away_it_is_waited_for() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(kept) = keep_records(&server).await else {
        return;
    };
    kept.go_away().await;
    let mut asked = testkit::asked_for_records(&server).await;
    let records = connect(&server, Role::Login).await.login_records();
    let reading = tokio::spawn(async move { records.read("jan").await.unwrap().revision });
    // It is asked again, so it was told no.
    for _ in 0..2 {
        within(asked.next()).await.unwrap();
    }
    assert!(!reading.is_finished());
    kept.come_back().await;
    assert_eq!(within(reading).await.unwrap(), 0);
}

/// It would be so for ever, and whoever wants to log in would wait for half a minute each time.
#[tokio::test]
async fn what_the_database_of_a_gateway_refuses_is_not_asked_for_again() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(kept) = keep_records(&server).await else {
        return;
    };
    kept.take_away().await;
    let mut asked = testkit::asked_for_records(&server).await;
    let records = connect(&server, Role::Login).await.login_records();
    let read = within(records.read("jan")).await;
    assert!(matches!(read, Err(Error::RecordRefused)), "{read:?}");
    within(asked.next()).await.unwrap();
    assert!(asked.next().now_or_never().is_none());
}

#[tokio::test]
async fn what_was_refused_is_known_to_who_tries_the_same_until_its_time_is_over() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let records = connect(&server, Role::Login).await.login_records();
    let keys = LoginKeyPair::generate();
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let keep = async |password: &str, now: DateTime<Utc>| {
        let seal = keys.seal_of_attempt(&credentials(password));
        let until = now + TimeDelta::minutes(10);
        let refusal = KeptRefusal::seal(&seal, RefusalKind::Redaction, password, until);
        let kept = records.keep_refusal("jan", refusal.as_ref().unwrap(), now);
        kept.await.unwrap();
    };
    let told = async |password: &str| {
        let refusals = records.refusals("jan").await.unwrap();
        let seal = keys.seal_of_attempt(&credentials(password));
        refusals.iter().find_map(|refusal| refusal.open(&seal))
    };
    assert_eq!(told("canary-wrong").await, None);
    keep("canary-wrong", now).await;
    keep("canary-other", now + TimeDelta::minutes(9)).await;
    for known in ["canary-wrong", "canary-other"] {
        let said = (RefusalKind::Redaction, known.to_owned());
        assert_eq!(told(known).await, Some(said));
    }
    assert_eq!(told("canary-right").await, None);
    keep("canary-third", now + TimeDelta::minutes(11)).await;
    assert_eq!(told("canary-wrong").await, None);
    assert!(told("canary-other").await.is_some());
    // Nobody else's.
    assert!(records.refusals("ada").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_open_login_is_for_who_knows_the_password_and_until_it_is_dead() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Login).await;
    let records = bus.login_records();
    let keys = LoginKeyPair::generate();
    let right = keys.seal_of_account(&credentials("canary-right"));
    let expires_at = chrono::DateTime::from_timestamp_millis(1_900_000_000_000).unwrap();
    let opened = OpenedLogin {
        token: "canary-token".into(),
        warning: None,
    };
    let login = OpenLogin::seal(&right, &opened, expires_at).unwrap();
    assert!(records.open_login("account").await.unwrap().is_none());
    records.keep_open("account", &login).await.unwrap();
    let kept = records.open_login("account").await.unwrap().unwrap();
    assert_eq!(kept, login);
    let token = kept.open(&right).unwrap().token;
    assert_eq!(token.expose_secret(), "canary-token");
    let wrong = keys.seal_of_account(&credentials("canary-wrong"));
    assert!(kept.open(&wrong).is_none());

    let sessions = bus.sessions(SessionSealingKey::generate());
    let death = |expires_at| DeadSession {
        session_key: "name".to_owned(),
        login_digest: "account".to_owned(),
        expires_at,
        court: "nysd".to_owned(),
    };
    let older = expires_at - TimeDelta::minutes(1);
    sessions.forget(&death(older)).await.unwrap();
    assert!(records.open_login("account").await.unwrap().is_some());
    sessions.forget(&death(expires_at)).await.unwrap();
    assert!(records.open_login("account").await.unwrap().is_none());
}

#[tokio::test]
async fn what_one_user_tries_is_remembered_by_all_replicas_and_held_against_nobody_else() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let replicas = [
        connect(&server, Role::Login).await.login_records(),
        connect(&server, Role::Login).await.login_records(),
    ];
    let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    // What is written, and not heard to be, may be asked for again.
    let notes = (0..20).map(|number| {
        let (replica, id) = (&replicas[number % 2], TryId::generate());
        let at = at + TimeDelta::seconds(i64::try_from(number).unwrap());
        replica.change_tries(UserId(1), move |tries, _| match number % 4 {
            0 if tries.under_way.contains(&(id, at)) => {}
            0 => tries.under_way.push((id, at)),
            _ if tries.refused.contains(&at) => {}
            _ => tries.refused.push(at),
        })
    });
    let noted = within(futures_util::future::join_all(notes)).await;
    for noted in noted {
        noted.unwrap();
    }
    for replica in &replicas {
        let tries = replica.tries(UserId(1)).await.unwrap();
        assert_eq!((tries.refused.len(), tries.under_way.len()), (15, 5));
        assert_eq!(
            replica.tries(UserId(2)).await.unwrap(),
            UserTries::default()
        );
    }
}
