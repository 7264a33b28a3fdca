//! What the replicas of the login service share.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use fetch_bus::{
    AttemptEnd, Credentials, DeadSession, KeptRefusal, LoginAttempt, LoginKeyPair, LoginRecord,
    OpenLogin, OpenedLogin, RefusalKind, Role, SessionSealingKey, TryId, UserTries,
};
use fetch_model::UserId;
use secrecy::ExposeSecret;

use crate::{connect, within};

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
    let records = connect(&server, Role::Login).await.login_records();
    let empty = records.read("jan").await.unwrap();
    assert_eq!(
        (empty.revision, &empty.record),
        (0, &LoginRecord::default())
    );
    let held = |holder: &str| LoginRecord {
        holder: Some(holder.to_owned()),
        ..LoginRecord::default()
    };
    let written = records.write("jan", &held("one"), 0).await.unwrap();
    let first = records.read_back("jan", written.unwrap()).await.unwrap();
    assert_eq!(first.record, held("one"));
    assert!(
        records
            .write("jan", &held("two"), 0)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(records.read("jan").await.unwrap(), first);
    // The server's clock, which is this machine's.
    assert!((Utc::now() - first.at).abs() < TimeDelta::seconds(30));

    let waiting = records.changed("jan", first.revision, Duration::from_secs(20));
    let writing = async {
        let keys = LoginKeyPair::generate();
        let refusal = KeptRefusal::seal(
            &keys.seal_of_attempt(&credentials("canary-wrong")),
            RefusalKind::Redaction,
            "No.",
            first.at,
        );
        let record = LoginRecord {
            holder: None,
            attempts: vec![LoginAttempt {
                at: Utc::now(),
                user: UserId(3),
                end: AttemptEnd::Refused,
            }],
            refusals: vec![refusal.unwrap()],
        };
        records.write("jan", &record, first.revision).await.unwrap();
        keys
    };
    let (changed, keys) = within(async { tokio::join!(waiting, writing) }).await;
    assert!(changed.unwrap());
    let read = records.read("jan").await.unwrap().record;
    assert_eq!(read.attempts[0].end, AttemptEnd::Refused);
    assert_eq!((read.attempts[0].user, read.holder), (UserId(3), None));
    let refusals = read.refusals;
    let told = |password| refusals[0].open(&keys.seal_of_attempt(&credentials(password)));
    assert_eq!(
        told("canary-wrong"),
        Some((RefusalKind::Redaction, "No.".to_owned()))
    );
    assert_eq!(told("canary-right"), None);
    let now = records.read("jan").await.unwrap().revision;
    let nothing_comes = records.changed("jan", now, Duration::from_millis(50));
    assert!(!nothing_comes.await.unwrap());
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
    let replicas = [
        connect(&server, Role::Login).await.login_records(),
        connect(&server, Role::Login).await.login_records(),
    ];
    let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let notes = (0..20).map(|number| {
        let replica = &replicas[number % 2];
        replica.change_tries(UserId(1), move |tries| match number % 4 {
            0 => tries.under_way.push((TryId::generate(), at)),
            _ => tries.refused.push(at),
        })
    });
    let noted = within(futures_util::future::join_all(notes)).await;
    assert!(noted.into_iter().all(|noted| noted.is_ok()));
    for replica in &replicas {
        let tries = replica.tries(UserId(1)).await.unwrap();
        assert_eq!((tries.refused.len(), tries.under_way.len()), (15, 5));
        assert_eq!(
            replica.tries(UserId(2)).await.unwrap(),
            UserTries::default()
        );
    }
}
