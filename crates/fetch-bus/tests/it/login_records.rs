//! What the replicas of the login service share.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use fetch_bus::{
    Credentials, KeptRefusal, LoginAttempt, LoginKeyPair, LoginRecord, OpenLogin, OpenedLogin,
    RefusalKind, SessionDeath, SessionSealingKey,
};
use secrecy::ExposeSecret;

use crate::{
    connect,
    nats::{Server, within},
};

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
    let Some(server) = Server::start().await else {
        return;
    };
    let records = connect(&server).await.login_records();
    let empty = records.read("jan").await.unwrap();
    assert_eq!(
        (empty.revision, &empty.record),
        (0, &LoginRecord::default())
    );
    let held = |holder: &str| LoginRecord {
        holder: Some(holder.to_owned()),
        ..LoginRecord::default()
    };
    let first = records
        .write("jan", &held("one"), 0)
        .await
        .unwrap()
        .unwrap();
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
                refused: true,
            }],
            refusals: vec![refusal.unwrap()],
        };
        records.write("jan", &record, first.revision).await.unwrap();
        keys
    };
    let (changed, keys) = within(async { tokio::join!(waiting, writing) }).await;
    assert!(changed.unwrap());
    let read = records.read("jan").await.unwrap().record;
    assert!(read.attempts[0].refused && read.holder.is_none());
    let told = |password| read.refusals[0].open(&keys.seal_of_attempt(&credentials(password)));
    assert_eq!(
        told("canary-wrong"),
        Some((RefusalKind::Redaction, "No.".to_owned()))
    );
    assert_eq!(told("canary-right"), None);
    let nothing_comes = records.changed("jan", 1_000, Duration::from_millis(50));
    assert!(!nothing_comes.await.unwrap());
}

#[tokio::test]
async fn an_open_login_is_for_who_knows_the_password_and_until_it_is_dead() {
    let Some(server) = Server::start().await else {
        return;
    };
    let bus = connect(&server).await;
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
    let death = |expires_at| SessionDeath {
        session_key: "name".to_owned(),
        login_digest: "account".to_owned(),
        expires_at,
    };
    let older = expires_at - TimeDelta::minutes(1);
    sessions.forget(&death(older)).await.unwrap();
    assert!(records.open_login("account").await.unwrap().is_some());
    sessions.forget(&death(expires_at)).await.unwrap();
    assert!(records.open_login("account").await.unwrap().is_none());
}
