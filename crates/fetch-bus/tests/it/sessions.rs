//! Sealed sessions, in a server that forgets.

use async_nats::jetstream;
use chrono::{TimeDelta, Utc};
use fetch_bus::{DeadSession, Error, PacerSession, Role, SessionSealingKey};
use fetch_model::UserId;
use secrecy::ExposeSecret;

use crate::{connect, within};

fn session(minutes: i64) -> PacerSession {
    PacerSession {
        token: "canary-token".into(),
        client_code: "matter-7".to_owned(),
        user: UserId(3),
        account_digest: "account".to_owned(),
        login_digest: "login".to_owned(),
        expires_at: Utc::now() + TimeDelta::minutes(minutes),
    }
}

#[tokio::test]
async fn a_session_is_kept_sealed_and_forgotten_on_demand() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Login).await;
    let key = SessionSealingKey::generate();
    let sessions = bus.sessions(key.clone());
    let name = key.session_key(UserId(3), "jan", "matter-7");
    assert!(sessions.get(&name).await.unwrap().is_none());
    sessions.put(&name, &session(30)).await.unwrap();
    let kept = sessions.get(&name).await.unwrap().unwrap();
    assert_eq!(kept.token.expose_secret(), "canary-token");
    assert_eq!(
        (kept.user, kept.client_code.as_str()),
        (UserId(3), "matter-7")
    );
    assert!(!format!("{kept:?} {sessions:?}").contains("canary"));

    let client = testkit::observe(&server, Role::Login).await.unwrap();
    let bucket = jetstream::new(client)
        .get_key_value("PACER_SESSIONS")
        .await
        .unwrap();
    let raw = bucket.get(&name).await.unwrap().unwrap();
    assert!(!raw.windows(6).any(|bytes| bytes == b"canary"));
    let elsewhere = bus.sessions(SessionSealingKey::generate());
    assert!(matches!(
        elsewhere.get(&name).await,
        Err(Error::Sealed { .. })
    ));
    // Moved under another name, it does not open: it cannot serve another user.
    bucket.put("somebody-else", raw).await.unwrap();
    assert!(matches!(
        sessions.get("somebody-else").await,
        Err(Error::Sealed { .. })
    ));

    let death = |expires_at| DeadSession {
        session_key: name.clone(),
        login_digest: "login".to_owned(),
        expires_at,
        court: "nysd".to_owned(),
    };
    // News of an older session that lay there does not end this one.
    let older = kept.expires_at - TimeDelta::minutes(1);
    sessions.forget(&death(older)).await.unwrap();
    assert!(sessions.get(&name).await.unwrap().is_some());
    sessions.forget(&death(kept.expires_at)).await.unwrap();
    assert!(sessions.get(&name).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_that_has_run_out_or_runs_too_long_is_none() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let sessions = connect(&server, Role::Login)
        .await
        .sessions(SessionSealingKey::generate());
    for minutes in [-1, 61] {
        sessions.put("name", &session(minutes)).await.unwrap();
        assert!(sessions.get("name").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_wiped_server_has_no_sessions_and_takes_new_ones() {
    let Some(mut server) = testkit::nats().await else {
        return;
    };
    let sessions = connect(&server, Role::Login)
        .await
        .sessions(SessionSealingKey::generate());
    sessions.put("name", &session(30)).await.unwrap();
    server.wipe().await.unwrap();
    let again = async {
        // The connection may still be on its way back.
        loop {
            if let Ok(found) = sessions.get("name").await {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    assert!(within(again).await.is_none());
    sessions.put("name", &session(30)).await.unwrap();
    assert!(sessions.get("name").await.unwrap().is_some());
}
