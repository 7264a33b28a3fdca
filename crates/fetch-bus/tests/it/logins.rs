//! Logins, from the sealing to the answer.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_nats::{
    Client, ConnectOptions, Message,
    jetstream::{self, stream},
};
use chrono::{DateTime, TimeDelta, Utc};
use dev_stack::{Nats, proxy::Proxy};
use fetch_bus::{
    BusConfig, Credentials, DeadSession, Error, LoginHandler, LoginKeyPair, LoginOutcome,
    LoginSharedKey, LoginWarning, Logins, OpenLogin, OpenedLogin, PacerSession, RefusalKind, Role,
    SealedSession, SessionLife, SessionSealingKey, WarningKind,
    wire::{self, login_reply::Outcome},
};
use fetch_model::UserId;
use futures_util::{FutureExt, StreamExt};
use prost::Message as _;
use secrecy::ExposeSecret;
use testkit::{Fault, FaultyKeeper};
use tokio::{task::JoinHandle, time};
use tokio_util::sync::CancellationToken;

use crate::{connect, keep_records, within};

/// Lets one password in, lends one session, and counts who came.
#[derive(Default)]
pub struct Door {
    lends: Mutex<Option<SealedSession>>,
    learned: Mutex<Vec<(String, OpenLogin)>>,
    pub came: AtomicUsize,
}

impl LoginHandler for Door {
    async fn log_in(&self, user: UserId, credentials: Credentials) -> LoginOutcome {
        let came_before = self.came.fetch_add(1, Ordering::SeqCst);
        match credentials.password.expose_secret() {
            // The first one is not answered.
            "canary-lost" if came_before == 0 => std::future::pending().await,
            "canary-right" | "canary-lost" => LoginOutcome::LoggedIn {
                session_key: format!("{user} {}", credentials.client_code),
                account_digest: credentials.username.expose_secret().to_owned(),
                life: Some(life()),
                warning: credentials.otp_code.map(|code| LoginWarning {
                    kind: WarningKind::ClientCodeRequired,
                    text: code.expose_secret().to_owned(),
                }),
            },
            "canary-panic" => panic!("as the test wants"),
            _ => LoginOutcome::Refused {
                kind: RefusalKind::Credentials,
                text: "No.".to_owned(),
                retry_after_seconds: Some(7),
            },
        }
    }

    async fn lend(&self, key: &str) -> Option<SealedSession> {
        self.lends.lock().unwrap().clone().filter(|_| key == "name")
    }

    async fn learn(&self, login: String, open: OpenLogin) {
        self.learned.lock().unwrap().push((login, open));
    }

    async fn forget(&self, _death: &DeadSession) {
        self.lends.lock().unwrap().take();
    }
}

/// A replica of the login service, with a connection of its own.
pub async fn serve(
    server: &Nats,
    keys: LoginKeyPair,
    shared: &LoginSharedKey,
    door: &Arc<Door>,
) -> (CancellationToken, JoinHandle<()>) {
    let bus = connect(server, Role::Login).await;
    let stop = CancellationToken::new();
    let (shared, door, until) = (shared.clone(), door.clone(), stop.clone());
    let serving = async move { bus.serve_login(keys, shared, door, until).await.unwrap() };
    (stop, tokio::spawn(serving))
}

pub fn credentials(password: &str) -> Credentials {
    Credentials {
        username: "jan".into(),
        password: password.into(),
        client_code: "matter-7".to_owned(),
        otp_code: Some("123456".into()),
    }
}

/// Once the service answers at all.
pub async fn log_in(logins: &Logins, password: &str) -> LoginOutcome {
    let asking = async {
        loop {
            let outcome = logins.log_in(UserId(3), credentials(password));
            let outcome = outcome.await.unwrap();
            if !matches!(outcome, LoginOutcome::Unreachable { .. }) {
                return outcome;
            }
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(asking).await
}

/// In whole milliseconds, as the wire has them.
fn life() -> SessionLife {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    SessionLife {
        ends: at(1_800_000_300),
        renewed_from: at(1_800_000_000),
    }
}

pub fn accepted() -> LoginOutcome {
    LoginOutcome::LoggedIn {
        session_key: "3 matter-7".to_owned(),
        account_digest: "jan".to_owned(),
        life: Some(life()),
        warning: Some(LoginWarning {
            kind: WarningKind::ClientCodeRequired,
            text: "123456".to_owned(),
        }),
    }
}

#[tokio::test]
async fn credentials_arrive_and_the_answer_comes_back() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let shared = LoginSharedKey::generate();
    let logins = connect(&server, Role::Gateway).await.logins(shared.clone());
    let ask = |password| logins.log_in(UserId(3), credentials(password));
    let away = within(ask("canary-right")).await.unwrap();
    assert!(matches!(away, LoginOutcome::Unreachable { .. }), "{away:?}");

    let keys = LoginKeyPair::generate();
    let (stop, task) = serve(&server, keys, &shared, &Arc::default()).await;
    assert_eq!(log_in(&logins, "canary-right").await, accepted());
    let refused = LoginOutcome::Refused {
        kind: RefusalKind::Credentials,
        text: "No.".to_owned(),
        retry_after_seconds: Some(7),
    };
    assert_eq!(log_in(&logins, "canary-wrong").await, refused);
    let broken = ask("canary-panic").await.unwrap();
    assert!(
        matches!(broken, LoginOutcome::Unreachable { .. }),
        "{broken:?}"
    );

    stop.cancel();
    within(task).await.unwrap();
}

/// What login was asked by way of a connection that is lost, it cannot answer by another one.
#[tokio::test]
async fn who_waits_asks_again_at_once_when_login_has_lost_its_connection() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let url = server.url();
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let proxy = Proxy::start(port).await.unwrap();
    let config = BusConfig {
        url: format!("tls://127.0.0.1:{}", proxy.port()),
        ..server.config(Role::Login)
    };
    let login = within(fetch_bus::connect(Role::Login, &config))
        .await
        .unwrap();
    let (keys, shared, door) = (
        LoginKeyPair::generate(),
        LoginSharedKey::generate(),
        Arc::<Door>::default(),
    );
    let (shared_too, answering) = (shared.clone(), door.clone());
    tokio::spawn(async move {
        let forever = CancellationToken::new();
        login
            .serve_login(keys, shared_too, answering, forever)
            .await
    });
    let logins = connect(&server, Role::Gateway).await.logins(shared);
    let asked = time::Instant::now();
    let lose = async {
        while door.came.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        proxy.switch(port);
    };
    let (outcome, ()) = within(async { tokio::join!(log_in(&logins, "canary-lost"), lose) }).await;
    assert_eq!(outcome, accepted());
    // Otherwise it is asked again after this time.
    assert!(
        asked.elapsed() < Duration::from_secs(3),
        "{:?}",
        asked.elapsed()
    );
}

#[tokio::test]
async fn a_service_with_a_new_key_is_understood() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let shared = LoginSharedKey::generate();
    let logins = connect(&server, Role::Gateway).await.logins(shared.clone());
    for _ in 0..2 {
        let keys = LoginKeyPair::generate();
        let (stop, task) = serve(&server, keys, &shared, &Arc::default()).await;
        assert_eq!(log_in(&logins, "canary-right").await, accepted());
        stop.cancel();
        within(task).await.unwrap();
    }
}

#[tokio::test]
async fn what_the_server_has_lost_is_lent_until_it_is_forgotten() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let _furnished = connect(&server, Role::Gateway).await;
    let sealing = SessionSealingKey::generate();
    let sessions = connect(&server, Role::PdfFetcher).await.sessions(sealing);
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
    let shared = LoginSharedKey::generate();
    let (stop, task) = serve(&server, keys.clone(), &shared, &door).await;
    // The second replica remembers nothing, and must not answer in the first one's place.
    let (stop_other, other) = serve(&server, keys, &shared, &Arc::default()).await;

    let lent = async {
        loop {
            if let Some(session) = sessions.get("name").await.unwrap() {
                return session;
            }
        }
    };
    let lent = within(lent).await;
    assert_eq!(lent.token.expose_secret(), "canary-token");
    let client = testkit::observe(&server, Role::Login).await.unwrap();
    let bucket = jetstream::new(client)
        .get_key_value("PACER_SESSIONS")
        .await
        .unwrap();
    assert!(
        bucket.get("name").await.unwrap().is_some(),
        "it is kept again"
    );

    let death = DeadSession {
        session_key: "name".to_owned(),
        login_digest: "login".to_owned(),
        expires_at: lent.expires_at,
        court: "nysd".to_owned(),
    };
    within(sessions.report_dead(&death)).await.unwrap();
    assert!(door.lends.lock().unwrap().is_none());
    stop.cancel();
    stop_other.cancel();
    within(task).await.unwrap();
    within(other).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_would_store_logins_is_refused() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    for role in [Role::Gateway, Role::Login] {
        let client = testkit::observe(&server, role).await.unwrap();
        let wide = stream::Config {
            name: "WIDE".to_owned(),
            subjects: vec!["pacer.>".to_owned()],
            ..stream::Config::default()
        };
        jetstream::new(client).create_stream(wide).await.unwrap();
        let refused = within(fetch_bus::connect(role, &server.config(role))).await;
        assert!(
            matches!(refused, Err(Error::Misconfigured { .. })),
            "{refused:?}"
        );
    }
}

/// Somebody who hears everything that a gateway does and may say anything in its place: what the
/// sealing holds if all else fails.
pub async fn almighty(server: &Nats) -> Client {
    testkit::observe(server, Role::Gateway).await.unwrap()
}

async fn question(client: &Client, request: &Message) -> Option<Message> {
    let asking = async_nats::Request::new()
        .payload(request.payload.clone())
        .timeout(Some(Duration::from_secs(2)));
    client.send_request("pacer.login", asking).await.ok()
}

#[tokio::test]
async fn a_recorded_login_is_served_once_by_all_replicas_together() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let (keys, shared) = (LoginKeyPair::generate(), LoginSharedKey::generate());
    let doors = [Arc::<Door>::default(), Arc::default()];
    for door in &doors {
        serve(&server, keys.clone(), &shared, door).await;
    }
    let came = || doors.iter().map(|door| door.came.load(Ordering::SeqCst));
    let recorder = almighty(&server).await;
    let mut recorded = recorder.subscribe("pacer.login").await.unwrap();
    recorder.flush().await.unwrap();
    let logins = connect(&server, Role::Gateway).await.logins(shared);
    assert_eq!(log_in(&logins, "canary-right").await, accepted());
    let recorded = within(recorded.next()).await.unwrap();
    assert_eq!(came().sum::<usize>(), 1);
    // Often enough for either replica to be asked.
    for _ in 0..20 {
        let answer = question(&recorder, &recorded).await.unwrap();
        let answer = wire::TaggedLoginReply::decode(answer.payload).unwrap();
        let reply = wire::LoginReply::decode(&*answer.reply).unwrap();
        assert!(
            matches!(reply.outcome, Some(Outcome::Unreachable(_))),
            "{reply:?}"
        );
    }
    assert_eq!(came().sum::<usize>(), 1);
}

/// A gateway may die before it says that the nonce is written, or the message with that be lost.
#[tokio::test]
async fn a_login_is_served_once_although_it_is_not_heard_at_first_that_its_nonce_is_new() {
    for fault in [Fault::AnswerLost, Fault::Unconfirmed, Fault::MadeLate] {
        let Some(server) = testkit::nats().await else {
            return;
        };
        let first = AtomicUsize::new(0);
        let at_first = move |_: &str| match first.fetch_add(1, Ordering::SeqCst) {
            0 => fault,
            _ => Fault::None,
        };
        let gateway = server.config(Role::Gateway);
        let made = |keeper| FaultyKeeper::new(keeper, at_first);
        let Some(_records) = within(testkit::login_records_by(&gateway, made)).await else {
            return;
        };
        let (keys, shared) = (LoginKeyPair::generate(), LoginSharedKey::generate());
        let door = Arc::<Door>::default();
        serve(&server, keys, &shared, &door).await;
        let recorder = almighty(&server).await;
        let mut recorded = recorder.subscribe("pacer.login").await.unwrap();
        recorder.flush().await.unwrap();
        let logins = connect(&server, Role::Gateway).await.logins(shared);
        // Said to be seen before, it would be sealed and sent anew.
        assert_eq!(log_in(&logins, "canary-right").await, accepted());
        let sent = within(recorded.next()).await.unwrap();
        assert!(recorded.next().now_or_never().is_none(), "{fault:?}");
        let outcome = replayed(&recorder, &sent).await;
        assert!(matches!(outcome, Outcome::Unreachable(_)), "{outcome:?}");
        assert_eq!(door.came.load(Ordering::SeqCst), 1, "{fault:?}");
    }
}

/// Answers a question that was recorded, as often as it takes until the service is there.
async fn replayed(recorder: &Client, recorded: &Message) -> Outcome {
    let asking = async {
        loop {
            if let Some(answer) = question(recorder, recorded).await
                && let Ok(answer) = wire::TaggedLoginReply::decode(answer.payload)
            {
                return wire::LoginReply::decode(&*answer.reply).unwrap();
            }
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(asking).await.outcome.unwrap()
}

/// What was served must not be forgotten with the message server's memory.
#[tokio::test]
async fn a_recorded_login_is_not_served_again_when_the_server_has_lost_its_memory() {
    let Some(mut server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let (keys, shared) = (LoginKeyPair::generate(), LoginSharedKey::generate());
    let door = Arc::default();
    serve(&server, keys, &shared, &door).await;
    let recorder = almighty(&server).await;
    let mut recorded = recorder.subscribe("pacer.login").await.unwrap();
    recorder.flush().await.unwrap();
    let logins = connect(&server, Role::Gateway).await.logins(shared);
    assert_eq!(log_in(&logins, "canary-right").await, accepted());
    let recorded = within(recorded.next()).await.unwrap();
    server.wipe().await.unwrap();
    let outcome = replayed(&recorder, &recorded).await;
    let Outcome::Unreachable(refused) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(refused.text.contains("already processed"), "{refused:?}");
    assert_eq!(door.came.load(Ordering::SeqCst), 1);
}

/// Where the servers that keep the bucket of sessions choose a leader, there is no other way.
#[tokio::test]
async fn a_replica_that_has_a_session_tells_the_others() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let keys = LoginKeyPair::generate();
    let door = Arc::<Door>::default();
    serve(&server, keys.clone(), &LoginSharedKey::generate(), &door).await;
    let opened = OpenedLogin {
        token: "canary-token".into(),
        warning: None,
    };
    let seal = keys.seal_of_account(&credentials("canary-right"));
    let open = OpenLogin::seal(&seal, &opened, life().ends).unwrap();
    let other = connect(&server, Role::Login).await.login_records();
    let told = async {
        loop {
            // Told again until it is kept, which is at once here.
            other.keep_open("login", &open).await.unwrap();
            if let Some(learned) = door.learned.lock().unwrap().first() {
                return learned.clone();
            }
        }
    };
    assert_eq!(within(told).await, ("login".to_owned(), open.clone()));
}

#[tokio::test]
async fn what_no_gateway_sealed_is_not_served() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let (keys, shared) = (LoginKeyPair::generate(), LoginSharedKey::generate());
    let door = Arc::default();
    serve(&server, keys.clone(), &shared, &door).await;
    let recorder = almighty(&server).await;
    let mut heard = recorder.subscribe("pacer.login").await.unwrap();
    recorder.flush().await.unwrap();
    // A gateway of somebody else, who knows the public key: it is public.
    let bus = connect(&server, Role::Gateway).await;
    let logins = bus.logins(shared);
    log_in(&logins, "canary-right").await;
    let honest = within(heard.next()).await.unwrap();
    let request = wire::LoginRequest::decode(honest.payload.clone()).unwrap();
    let forged = [
        wire::LoginRequest {
            tag: Vec::new(),
            ..request.clone()
        },
        wire::LoginRequest {
            tag: vec![7; 32],
            ..request.clone()
        },
        wire::LoginRequest {
            key_id: b"another!".to_vec(),
            ..request.clone()
        },
        wire::LoginRequest {
            sealed: [&request.sealed[..], b"x"].concat(),
            ..request
        },
    ];
    for forged in forged {
        let mut message = honest.clone();
        message.payload = forged.encode_to_vec().into();
        assert!(question(&recorder, &message).await.is_none());
    }
    assert_eq!(door.came.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_key_that_login_did_not_make_is_never_sealed_for() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let _furnished = connect(&server, Role::Login).await;
    // In the place of login.
    let impostor = testkit::observe(&server, Role::Login).await.unwrap();
    let buckets = jetstream::new(impostor.clone());
    let bucket = buckets.get_key_value("LOGIN_KEYS").await.unwrap();
    // As the version before published it, and in the form of today.
    let public_key = vec![9; 32];
    let fakes = [
        public_key.clone(),
        wire::LoginKey {
            public_key: public_key.clone(),
            tag: vec![7; 32],
        }
        .encode_to_vec(),
    ];
    let mut questions = impostor.subscribe("pacer.login.key").await.unwrap();
    let mut caught = impostor.subscribe("pacer.login").await.unwrap();
    impostor.flush().await.unwrap();
    let shared = LoginSharedKey::generate();
    let logins = connect(&server, Role::Gateway).await.logins(shared);
    for fake in fakes {
        bucket.put("current", fake.clone().into()).await.unwrap();
        let answering = async {
            while let Some(question) = questions.next().await {
                let inbox = question.reply.unwrap();
                impostor.publish(inbox, fake.clone().into()).await.unwrap();
            }
        };
        let asking = logins.log_in(UserId(3), credentials("canary-right"));
        let outcome = tokio::select! {
            outcome = asking => outcome.unwrap(),
            () = answering => unreachable!("somebody asks"),
        };
        assert!(matches!(outcome, LoginOutcome::Unreachable { .. }));
    }
    impostor.flush().await.unwrap();
    let sealed = time::timeout(Duration::from_millis(200), caught.next()).await;
    assert!(sealed.is_err(), "credentials were sealed for an impostor");
}

#[tokio::test]
async fn an_answer_that_login_did_not_give_is_not_believed() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let (keys, shared) = (LoginKeyPair::generate(), LoginSharedKey::generate());
    let door = Arc::<Door>::default();
    serve(&server, keys, &shared, &door).await;
    let impostor = almighty(&server).await;
    let mut caught = impostor.subscribe("pacer.login").await.unwrap();
    impostor.flush().await.unwrap();
    let logins = connect(&server, Role::Gateway).await.logins(shared);
    let lying = async {
        let reply = wire::LoginReply {
            outcome: Some(Outcome::LoggedIn(wire::login_reply::LoggedIn {
                session_key: "of somebody else".to_owned(),
                ..Default::default()
            })),
        };
        let reply = reply.encode_to_vec();
        let tagged = wire::TaggedLoginReply {
            reply: reply.clone(),
            tag: vec![7; 32],
        };
        while let Some(question) = caught.next().await {
            let inbox = question.reply.unwrap();
            for lie in [reply.clone(), tagged.encode_to_vec()] {
                impostor.publish(inbox.clone(), lie.into()).await.unwrap();
            }
        }
    };
    tokio::select! {
        outcome = log_in(&logins, "canary-right") => assert_eq!(outcome, accepted()),
        () = lying => unreachable!("somebody asks"),
    }
}

#[tokio::test]
async fn what_ocr_has_said_by_the_server_never_reaches_login() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = keep_records(&server).await else {
        return;
    };
    let (keys, shared) = (LoginKeyPair::generate(), LoginSharedKey::generate());
    let door = Arc::<Door>::default();
    serve(&server, keys.clone(), &shared, &door).await;
    let recorder = testkit::observe(&server, Role::Login).await.unwrap();
    let mut heard = recorder.subscribe("pacer.login").await.unwrap();
    recorder.flush().await.unwrap();
    let gateway = connect(&server, Role::Gateway).await;
    // The server itself sends a job wherever whoever takes it wants it, and ocr may say jobs to
    // itself: so it can have anything said anywhere in its own account, by the server.
    let ocr = ConnectOptions::with_nkey(server.users().seed(Role::Ocr).to_owned())
        .add_root_certificates(server.ca().to_owned())
        .custom_inbox_prefix(Role::Ocr.inbox())
        .connect(server.url())
        .await
        .unwrap();
    let forged = wire::LoginRequest::default().encode_to_vec();
    within(ocr.request("fetch.job.ocr.7", forged.into()))
        .await
        .unwrap();
    let take = "jobs.api.CONSUMER.MSG.NEXT.FETCH_JOBS.ocr";
    ocr.publish_with_reply(take, "pacer.login", "1".into())
        .await
        .unwrap();
    // The job is taken, so it was sent.
    within(ocr.request("jobs.api.CONSUMER.INFO.FETCH_JOBS.ocr", "".into()))
        .await
        .unwrap();
    let logins = gateway.logins(shared);
    assert_eq!(log_in(&logins, "canary-right").await, accepted());
    assert_eq!(door.came.load(Ordering::SeqCst), 1);
    let honest = within(heard.next()).await.unwrap();
    let honest = wire::LoginRequest::decode(honest.payload).unwrap();
    assert!(
        !honest.tag.is_empty(),
        "the first to arrive is the gateway's"
    );
}
