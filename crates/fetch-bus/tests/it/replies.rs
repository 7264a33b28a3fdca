//! Whoever asks chooses where the answer goes, and the server carries it there with its own rights.
//! So everything that a kind of process may say is said here with the answer wanted where that kind
//! may say nothing.

use std::{sync::Arc, time::Duration};

use async_nats::{Client, Subscriber, jetstream};
use chrono::Utc;
use dev_stack::Nats;
use fetch_bus::{
    Credentials, DeadSession, LoginHandler, LoginKeyPair, LoginOutcome, LoginSharedKey, OpenLogin,
    Role, SealedSession, wire,
};
use fetch_model::UserId;
use futures_util::{StreamExt, stream};
use prost::Message as _;
use serde_json::{Value, json};
use testkit::TestRecords;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::{connect, keep_records, permissions::Intruder, within};

/// Streams, and whose they are.
const STREAMS: [(Role, &str); 5] = [
    (Role::Gateway, "FETCH_JOBS"),
    (Role::Gateway, "FETCH_EVENTS"),
    (Role::Login, "KV_PACER_SESSIONS"),
    (Role::Login, "KV_LOGIN_KEYS"),
    (Role::Login, "KV_PACER_LOGINS"),
];

const BUCKETS: [&str; 3] = ["PACER_SESSIONS", "LOGIN_KEYS", "PACER_LOGINS"];

/// How long an answer may be on its way.
const SETTLED: Duration = Duration::from_millis(500);

/// Logs nobody in, and knows of no session.
struct Deaf;

impl LoginHandler for Deaf {
    async fn log_in(&self, _user: UserId, _credentials: Credentials) -> LoginOutcome {
        LoginOutcome::Unreachable {
            text: String::new(),
        }
    }

    async fn lend(&self, _key: &str) -> Option<SealedSession> {
        None
    }

    async fn learn(&self, _login: String, _open: OpenLogin) {}

    async fn forget(&self, _death: &DeadSession) {}
}

async fn observe(server: &Nats, role: Role) -> Client {
    testkit::observe(server, role).await.unwrap()
}

/// A server with everything on it, and a login service and a gateway that answer, as long as what is given
/// back lives.
async fn furnished(server: &Nats) -> Option<TestRecords> {
    let records = keep_records(server).await?;
    let gateway = connect(server, Role::Gateway).await;
    let login = connect(server, Role::Login).await;
    let (keys, shared) = (LoginKeyPair::generate(), LoginSharedKey::generate());
    tokio::spawn(async move {
        let _gateway = gateway;
        let forever = CancellationToken::new();
        login
            .serve_login(keys, shared, Arc::new(Deaf), forever)
            .await
    });
    // Furnished, and its public key in the bucket: from now on nothing changes by itself.
    let keys = jetstream::new(observe(server, Role::Login).await);
    let keys = keys.get_key_value("LOGIN_KEYS").await.unwrap();
    let published = async {
        while keys.get("current").await.unwrap().is_none() {
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(published).await;
    Some(records)
}

/// Fails when a stream is gone, and gives how often each bucket of others than this role was written.
async fn writes(server: &Nats, role: Role) -> Vec<(&'static str, u64)> {
    let mut writes = Vec::new();
    for (owner, name) in STREAMS {
        let context = jetstream::new(observe(server, owner).await);
        let stream = context.get_stream(name).await;
        let stream = stream.unwrap_or_else(|error| panic!("{name} is gone: {error}"));
        if name.starts_with("KV_") && role != owner {
            writes.push((name, stream.cached_info().state.last_sequence));
        }
    }
    writes
}

/// Whether a subject of the table covers this one.
fn covers(pattern: &str, subject: &str) -> bool {
    let (mut pattern, mut subject) = (pattern.split('.'), subject.split('.'));
    loop {
        match (pattern.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some(ours), Some(theirs)) if ours == "*" || ours == theirs => {}
            _ => return false,
        }
    }
}

/// Where a process of this kind can do harm and must not.
fn foreign_subjects(role: Role) -> Vec<String> {
    let streams = STREAMS.iter().filter(|(owner, _)| *owner != role);
    let verbs = ["DELETE", "PURGE", "UPDATE"];
    let apis =
        streams.flat_map(|(_, name)| verbs.map(|verb| format!("$JS.API.STREAM.{verb}.{name}")));
    let keys = BUCKETS.iter().map(|bucket| format!("$KV.{bucket}.user.3"));
    let inboxes = Role::ALL.into_iter().filter(|&other| other != role);
    let inboxes = inboxes.map(|other| format!("{}.guess", other.inbox()));
    let said = [
        "pacer.login",
        "pacer.login.key",
        "pacer.login.records",
        "pacer.login.opened",
        "pacer.session.lend",
        "pacer.session.forget",
        "fetch.event.pdf.cancelled.nysd",
        "fetch.event.docket.failed.nysd",
        "fetch.job.docket.all.nysd.1",
        "fetch.job.pdf.all.nysd.1",
        "fetch.job.pages.1",
    ]
    .map(str::to_owned);
    let own = role.publishes();
    apis.chain(keys)
        .chain(inboxes)
        .chain(said)
        .filter(|subject| !own.iter().any(|own| covers(own, subject)))
        .collect()
}

/// What can be said by the words of the table.
fn spoken(permitted: &str) -> String {
    let ack = permitted.starts_with("$JS.ACK");
    let rest = if ack {
        "1.1.1.1764400000000000000.0"
    } else {
        "all.nysd.1"
    };
    permitted.replace('*', "1").replace('>', rest)
}

/// What servers and login have an answer for.
fn payloads() -> Vec<Vec<u8>> {
    let death = wire::SessionDeath {
        session_key: "name".to_owned(),
        login_digest: "login".to_owned(),
        expires_at_ms: Utc::now().timestamp_millis(),
        court: "nysd".to_owned(),
    };
    let read = ["$KV.PACER_SESSIONS.name", "$KV.LOGIN_KEYS.current"];
    let read = read.map(|key| json!({ "last_by_subj": key }).to_string().into_bytes());
    let record = wire::RecordRequest {
        key: "name".to_owned(),
        wait_ms: 2_000,
        ..wire::RecordRequest::default()
    };
    let new = wire::record_request::NewRecord {
        key: "nonce.0".to_owned(),
        value: b"mark".to_vec(),
    };
    let create = wire::RecordRequest {
        create: Some(wire::record_request::Create {
            records: vec![new],
            life_seconds: 60,
        }),
        ..record.clone()
    };
    let next = json!({ "batch": 1, "no_wait": true }).to_string();
    let mut payloads = vec![
        Vec::new(),
        b"+ACK".to_vec(),
        next.into_bytes(),
        death.encode_to_vec(),
        record.encode_to_vec(),
    ];
    payloads.extend(read);
    payloads.push(create.encode_to_vec());
    payloads
}

/// Everybody who could hear something in an account that is not this role's.
async fn listeners(server: &Nats, role: Role, subjects: &[String]) -> Vec<Subscriber> {
    let mut listeners = Vec::new();
    for other in Role::ALL.into_iter().filter(|&other| other != role) {
        let observer = observe(server, other).await;
        for subject in subjects {
            listeners.push(observer.subscribe(subject.clone()).await.unwrap());
        }
        observer.flush().await.unwrap();
        // A question that the server has answered comes after the subscriptions.
        let _ = observer.request("nobody.answers", "".into()).await;
    }
    listeners
}

#[tokio::test]
async fn no_answer_goes_where_whoever_asked_may_say_nothing() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = furnished(&server).await else {
        return;
    };
    for role in Role::ALL {
        let subjects = foreign_subjects(role);
        let listeners = listeners(&server, role, &subjects).await;
        let before = writes(&server, role).await;
        let intruder = Intruder::with_key_of(&server, role).await;
        for permitted in role.publishes() {
            let question = spoken(&permitted);
            for wanted_at in &subjects {
                for payload in payloads() {
                    let (question, wanted_at) = (question.clone(), wanted_at.clone());
                    let asked =
                        intruder
                            .client
                            .publish_with_reply(question, wanted_at, payload.into());
                    asked.await.unwrap();
                }
            }
        }
        // Everything was said once the server answers this; answers may be on their way.
        let _ = within(intruder.client.request("nobody.answers", "".into())).await;
        let mut heard = stream::select_all(listeners);
        let heard = time::timeout(SETTLED, heard.next()).await;
        assert!(heard.is_err(), "{role:?}: {heard:?}");
        assert_eq!(writes(&server, role).await, before, "{role:?}");
    }
}

/// As an attacker did: a job that was given is answered for, and the answer to that deletes.
#[tokio::test]
async fn a_job_is_answered_for_and_nothing_else_happens() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = furnished(&server).await else {
        return;
    };
    let ocr = Intruder::with_key_of(&server, Role::Ocr).await.client;
    let next = Role::Ocr.publishes().into_iter();
    let mut next = next.filter(|subject| subject.ends_with("CONSUMER.MSG.NEXT.FETCH_JOBS.pages"));
    let next = next.next_back().unwrap();
    let before = writes(&server, Role::Ocr).await;
    for (number, wanted_at) in foreign_subjects(Role::Ocr).into_iter().enumerate() {
        let job = format!("fetch.job.pages.{number}");
        within(ocr.request(job, "x".into())).await.unwrap();
        let inbox = ocr.new_inbox();
        let mut given = ocr.subscribe(inbox.clone()).await.unwrap();
        let asked = ocr.publish_with_reply(next.clone(), inbox, "1".into());
        asked.await.unwrap();
        let given = within(given.next()).await.unwrap();
        let answer = given.reply.expect("a job wants an answer");
        assert!(answer.starts_with("$JS.ACK."), "{answer}");
        ocr.publish_with_reply(answer.clone(), wanted_at, "+ACK".into())
            .await
            .unwrap();
        // The answer that a worker waits for comes.
        within(ocr.request(answer, "+ACK".into())).await.unwrap();
    }
    assert_eq!(writes(&server, Role::Ocr).await, before);
}

/// The second wall: whoever is in login's account as well gets answers at inboxes only.
#[tokio::test]
async fn login_answers_to_inboxes_only() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = furnished(&server).await else {
        return;
    };
    let insider = observe(&server, Role::Login).await;
    let before = writes(&server, Role::Gateway).await;
    let wanted_at = [
        "$JS.API.STREAM.DELETE.KV_PACER_LOGINS",
        "$KV.PACER_LOGINS.user.3",
    ];
    for wanted_at in wanted_at {
        for (question, payload) in ["pacer.session.forget", "pacer.login.key"]
            .into_iter()
            .flat_map(|question| {
                payloads()
                    .into_iter()
                    .map(move |payload| (question, payload))
            })
        {
            insider
                .publish_with_reply(question, wanted_at, payload.into())
                .await
                .unwrap();
        }
    }
    // It is asked in order, so it has seen all of it when it answers this.
    let death = payloads().swap_remove(3);
    within(insider.request("pacer.login.key", "".into()))
        .await
        .unwrap();
    within(insider.request("pacer.session.forget", death.into()))
        .await
        .unwrap();
    assert_eq!(writes(&server, Role::Gateway).await, before);
}

/// And so does a gateway.
#[tokio::test]
async fn a_gateway_answers_to_inboxes_only() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = furnished(&server).await else {
        return;
    };
    let insider = observe(&server, Role::Gateway).await;
    let wanted_at = "fetch.job.pages.1";
    let mut heard = insider.subscribe(wanted_at).await.unwrap();
    for payload in payloads() {
        let asked = insider.publish_with_reply("pacer.login.records", wanted_at, payload.into());
        asked.await.unwrap();
    }
    // It is asked in order, so it has seen all of it when it answers this.
    let record = payloads().swap_remove(4);
    within(insider.request("pacer.login.records", record.into()))
        .await
        .unwrap();
    let heard = time::timeout(SETTLED, heard.next()).await;
    assert!(heard.is_err(), "{heard:?}");
}

/// Whoever mends streams chooses what they store, where they copy from and where they pass it on.
#[tokio::test]
async fn what_a_gateway_makes_of_its_streams_reaches_nothing_of_others() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(_records) = furnished(&server).await else {
        return;
    };
    let login = jetstream::new(observe(&server, Role::Login).await);
    let sessions = login.get_key_value("PACER_SESSIONS").await.unwrap();
    sessions.put("name", "sealed".into()).await.unwrap();
    let before = writes(&server, Role::Gateway).await;
    let gateway = Intruder::with_key_of(&server, Role::Gateway).await.client;
    let ask = |subject: &'static str, question: Value| {
        let asked = gateway.request(subject, question.to_string().into());
        async move { within(asked).await.unwrap() }
    };
    // What servers refuse, they refuse by themselves; what they take must reach nothing.
    let stream = |changes: Value| {
        let mut stream = json!({
            "name": "FETCH_EVENTS", "subjects": ["fetch.event.>"], "retention": "limits",
            "storage": "file", "discard": "old", "max_age": 0, "num_replicas": 1,
            "allow_direct": true,
        });
        let changes = changes.as_object().unwrap().clone();
        stream.as_object_mut().unwrap().extend(changes);
        stream
    };
    let external = json!({ "api": "logins.api", "deliver": "logins.deliver" });
    for changes in [
        json!({ "sources": [{ "name": "KV_PACER_SESSIONS" }, { "name": "KV_PACER_LOGINS" }] }),
        json!({ "sources": [{ "name": "KV_PACER_SESSIONS", "external": external }] }),
        json!({ "subjects": ["fetch.event.>", "pacer.session.>", "$KV.>", "_R_.>", "_INBOX_login.>"] }),
        json!({ "republish": { "src": "fetch.event.>", "dest": "$KV.PACER_LOGINS.>" } }),
    ] {
        ask("$JS.API.STREAM.UPDATE.FETCH_EVENTS", stream(changes)).await;
        let said = gateway.request("fetch.event.pdf.done.user", "chosen".into());
        within(said).await.unwrap();
        // Somebody asks for a session, and what is caught of that is looked for below.
        let fetcher = Intruder::with_key_of(&server, Role::PdfFetcher)
            .await
            .client;
        let death = payloads().swap_remove(3);
        within(fetcher.request("pacer.session.forget", death.into()))
            .await
            .unwrap();
    }
    let pushed = json!({
        "stream_name": "FETCH_JOBS",
        "config": {
            "durable_name": "pushing", "deliver_subject": "$KV.PACER_LOGINS.user.6",
            "ack_policy": "explicit", "filter_subject": "fetch.job.x.>",
        },
    });
    ask("$JS.API.CONSUMER.DURABLE.CREATE.FETCH_JOBS.pushing", pushed).await;
    within(gateway.request("fetch.job.x.1", "chosen".into()))
        .await
        .unwrap();

    assert_eq!(writes(&server, Role::Gateway).await, before);
    let gateways = jetstream::new(observe(&server, Role::Gateway).await);
    let mut events = gateways.get_stream("FETCH_EVENTS").await.unwrap();
    let last = events.info().await.unwrap().state.last_sequence;
    for sequence in 1..=last {
        if let Ok(stored) = events.get_raw_message(sequence).await {
            assert!(stored.payload != "sealed", "{}", stored.subject);
            assert!(!stored.subject.starts_with("pacer."), "{}", stored.subject);
        }
    }
}
