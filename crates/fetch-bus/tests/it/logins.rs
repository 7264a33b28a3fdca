//! Logins, from the sealing to the answer.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_nats::jetstream::{self, stream};
use chrono::{TimeDelta, Utc};
use fetch_bus::{
    Bus, BusConfig, Credentials, Error, LoginHandler, LoginKeyPair, LoginOutcome, LoginWarning,
    PacerSession, RefusalKind, SealedSession, SessionDeath, SessionSealingKey, WarningKind,
};
use fetch_model::UserId;
use secrecy::ExposeSecret;
use tokio::{task::JoinHandle, time};
use tokio_util::sync::CancellationToken;

use crate::{
    connect,
    nats::{Server, within},
};

/// Lets one password in, and lends one session.
#[derive(Default)]
struct Door {
    lends: Mutex<Option<SealedSession>>,
}

impl LoginHandler for Door {
    async fn log_in(&self, user: UserId, credentials: Credentials) -> LoginOutcome {
        match credentials.password.expose_secret() {
            "canary-right" => LoginOutcome::LoggedIn {
                session_key: format!("{user} {}", credentials.client_code),
                account_digest: credentials.username.expose_secret().to_owned(),
                warning: credentials.otp_code.map(|code| LoginWarning {
                    kind: WarningKind::ClientCodeRequired,
                    text: code.expose_secret().to_owned(),
                }),
            },
            "canary-panic" => panic!("as the test wants"),
            _ => LoginOutcome::Refused {
                kind: RefusalKind::Credentials,
                text: "No.".to_owned(),
            },
        }
    }

    async fn lend(&self, key: &str) -> Option<SealedSession> {
        self.lends.lock().unwrap().clone().filter(|_| key == "name")
    }

    async fn forget(&self, _death: &SessionDeath) {
        self.lends.lock().unwrap().take();
    }
}

fn serve(bus: &Bus, keys: LoginKeyPair, door: &Arc<Door>) -> (CancellationToken, JoinHandle<()>) {
    let stop = CancellationToken::new();
    let (bus, door, until) = (bus.clone(), door.clone(), stop.clone());
    let task = tokio::spawn(async move { bus.serve_login(keys, door, until).await.unwrap() });
    (stop, task)
}

fn credentials(password: &str) -> Credentials {
    Credentials {
        username: "jan".into(),
        password: password.into(),
        client_code: "matter-7".to_owned(),
        otp_code: Some("123456".into()),
    }
}

/// Once the service answers at all.
async fn log_in(bus: &Bus, password: &str) -> LoginOutcome {
    let asking = async {
        loop {
            let outcome = bus.login(UserId(3), credentials(password)).await.unwrap();
            if !matches!(outcome, LoginOutcome::Unreachable { .. }) {
                return outcome;
            }
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(asking).await
}

fn accepted() -> LoginOutcome {
    LoginOutcome::LoggedIn {
        session_key: "3 matter-7".to_owned(),
        account_digest: "jan".to_owned(),
        warning: Some(LoginWarning {
            kind: WarningKind::ClientCodeRequired,
            text: "123456".to_owned(),
        }),
    }
}

#[tokio::test]
async fn credentials_arrive_and_the_answer_comes_back() {
    let Some(server) = Server::start().await else {
        return;
    };
    let bus = connect(&server).await;
    let away = within(bus.login(UserId(3), credentials("canary-right")))
        .await
        .unwrap();
    assert!(matches!(away, LoginOutcome::Unreachable { .. }), "{away:?}");

    let (stop, task) = serve(&bus, LoginKeyPair::generate(), &Arc::default());
    assert_eq!(log_in(&bus, "canary-right").await, accepted());
    let refused = LoginOutcome::Refused {
        kind: RefusalKind::Credentials,
        text: "No.".to_owned(),
    };
    assert_eq!(log_in(&bus, "canary-wrong").await, refused);
    let broken = bus
        .login(UserId(3), credentials("canary-panic"))
        .await
        .unwrap();
    assert!(
        matches!(broken, LoginOutcome::Unreachable { .. }),
        "{broken:?}"
    );

    stop.cancel();
    within(task).await.unwrap();
}

#[tokio::test]
async fn a_service_with_a_new_key_is_understood() {
    let Some(server) = Server::start().await else {
        return;
    };
    let bus = connect(&server).await;
    for _ in 0..2 {
        let (stop, task) = serve(&bus, LoginKeyPair::generate(), &Arc::default());
        assert_eq!(log_in(&bus, "canary-right").await, accepted());
        stop.cancel();
        within(task).await.unwrap();
    }
}

#[tokio::test]
async fn what_the_server_has_lost_is_lent_until_it_is_forgotten() {
    let Some(server) = Server::start().await else {
        return;
    };
    let bus = connect(&server).await;
    let sessions = bus.sessions(SessionSealingKey::generate());
    let session = PacerSession {
        token: "canary-token".into(),
        client_code: String::new(),
        user: UserId(3),
        account_digest: "account".to_owned(),
        login_digest: "login".to_owned(),
        expires_at: Utc::now() + TimeDelta::minutes(30),
    };
    let door = Arc::new(Door::default());
    *door.lends.lock().unwrap() = Some(sessions.seal("name", &session).unwrap());
    let keys = LoginKeyPair::generate();
    let (stop, task) = serve(&bus, keys.clone(), &door);
    // The second replica remembers nothing, and must not answer in the first one's place.
    let (stop_other, other) = serve(&bus, keys, &Arc::default());
    log_in(&bus, "canary-right").await;

    let lent = async {
        loop {
            if let Some(session) = sessions.get("name").await.unwrap() {
                return session;
            }
        }
    };
    let lent = within(lent).await;
    assert_eq!(lent.token.expose_secret(), "canary-token");
    let client = async_nats::connect(server.url()).await.unwrap();
    let bucket = jetstream::new(client)
        .get_key_value("PACER_SESSIONS")
        .await
        .unwrap();
    assert!(
        bucket.get("name").await.unwrap().is_some(),
        "it is kept again"
    );

    let death = SessionDeath {
        session_key: "name".to_owned(),
        login_digest: "login".to_owned(),
        expires_at: lent.expires_at,
    };
    sessions.forget(&death).await.unwrap();
    let gone = async { while sessions.get("name").await.unwrap().is_some() {} };
    within(gone).await;
    assert!(door.lends.lock().unwrap().is_none());
    stop.cancel();
    stop_other.cancel();
    within(task).await.unwrap();
    within(other).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_would_store_logins_is_refused() {
    let Some(server) = Server::start().await else {
        return;
    };
    let client = async_nats::connect(server.url()).await.unwrap();
    let wide = stream::Config {
        name: "WIDE".to_owned(),
        subjects: vec!["pacer.>".to_owned()],
        ..stream::Config::default()
    };
    jetstream::new(client).create_stream(wide).await.unwrap();
    let config = BusConfig {
        url: server.url(),
        allow_old_server: false,
    };
    let refused = within(fetch_bus::connect("test", &config)).await;
    assert!(
        matches!(refused, Err(Error::Misconfigured { .. })),
        "{refused:?}"
    );
}
