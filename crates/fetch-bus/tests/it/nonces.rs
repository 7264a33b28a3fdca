//! Sealed logins that come at the same time: their nonces are written together, and each of them is served once.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_nats::{Client, Message};
use fetch_bus::{
    LoginKeyPair, LoginOutcome, LoginSharedKey, Logins, NewRecord, Read, RecordKeeper, Role,
    Writing,
    wire::{
        LoginReply, RecordReply, RecordRequest, TaggedLoginReply, login_reply::Outcome,
        record_reply, record_request,
    },
};
use fetch_model::UserId;
use futures_util::{Stream, StreamExt, future::join_all};
use prost::Message as _;
use testkit::{DatabaseKeeper, Fault, FaultyKeeper, TestRecords};
use tokio::sync::watch;

use crate::{
    connect, keep_records,
    logins::{Door, accepted, almighty, credentials, log_in, serve},
    within,
};

const LOGINS: usize = 200;

/// A login service that answers, and somebody who hears and may say everything that a gateway does.
struct House {
    server: testkit::TestNats,
    records: TestRecords,
    keys: LoginKeyPair,
    shared: LoginSharedKey,
    doors: Vec<Arc<Door>>,
    logins: Logins,
    recorder: Client,
}

impl House {
    /// With no login service yet, that no gateway knows of.
    async fn open<K: RecordKeeper>(made: impl FnOnce(DatabaseKeeper) -> K) -> Option<House> {
        let server = testkit::nats().await?;
        let gateway = server.config(Role::Gateway);
        let records = within(testkit::login_records_by(&gateway, made)).await?;
        let shared = LoginSharedKey::generate();
        Some(House {
            logins: connect(&server, Role::Gateway).await.logins(shared.clone()),
            recorder: almighty(&server).await,
            keys: LoginKeyPair::generate(),
            doors: Vec::new(),
            shared,
            records,
            server,
        })
    }

    async fn replica(&mut self) {
        let door = Arc::<Door>::default();
        serve(&self.server, self.keys.clone(), &self.shared, &door).await;
        self.doors.push(door);
    }

    fn came(&self) -> usize {
        let came = self
            .doors
            .iter()
            .map(|door| door.came.load(Ordering::SeqCst));
        came.sum()
    }

    async fn many(&self, count: usize) -> Vec<LoginOutcome> {
        let asking = (0..count).map(|_| {
            let asked = self.logins.log_in(UserId(3), credentials("canary-right"));
            async { asked.await.unwrap() }
        });
        within(join_all(asking)).await
    }

    /// A sealed login that nobody has served: there was no login service when it was sent.
    async fn recorded(&self) -> Message {
        let (stop, serving) = serve(
            &self.server,
            self.keys.clone(),
            &self.shared,
            &Arc::default(),
        )
        .await;
        assert_eq!(log_in(&self.logins, "canary-right").await, accepted());
        stop.cancel();
        within(serving).await.unwrap();
        let mut heard = self.recorder.subscribe("pacer.login").await.unwrap();
        let _ = within(self.recorder.request("nobody.answers", "".into())).await;
        tokio::select! {
            outcome = self.many(1) => panic!("{outcome:?}"),
            recorded = within(heard.next()) => recorded.unwrap(),
        }
    }

    /// Sends a recorded login so many times at once; says how often it was served. Otherwise it is said to be
    /// processed already.
    async fn replay(&self, recorded: &Message, times: usize) -> usize {
        let asking = (0..times).map(|_| {
            let asked = self
                .recorder
                .request("pacer.login", recorded.payload.clone());
            async { asked.await.unwrap() }
        });
        let answers = within(join_all(asking)).await;
        let outcomes = answers.into_iter().map(|answer| {
            let answer = TaggedLoginReply::decode(answer.payload).unwrap();
            LoginReply::decode(&*answer.reply).unwrap().outcome.unwrap()
        });
        let served = outcomes.filter(|outcome| match outcome {
            Outcome::LoggedIn(_) => true,
            Outcome::Unreachable(told) if told.text.contains("already processed") => false,
            other => panic!("{other:?}"),
        });
        served.count()
    }

    /// Returns when the one replica that there is has begun with all logins that were sent before.
    async fn until_begun(&self) {
        // It takes logins first.
        within(self.recorder.request("pacer.login.key", "".into()))
            .await
            .unwrap();
    }
}

/// Keeps nonces once it is open.
struct Gate {
    keeper: DatabaseKeeper,
    is_open: watch::Receiver<bool>,
}

impl RecordKeeper for Gate {
    type Error = <DatabaseKeeper as RecordKeeper>::Error;

    fn may_pass(error: &Self::Error) -> bool {
        DatabaseKeeper::may_pass(error)
    }

    async fn read(&self, key: &str) -> Result<Read, Self::Error> {
        self.keeper.read(key).await
    }

    async fn write(
        &self,
        key: &str,
        value: &[u8],
        over: u64,
        life: Duration,
    ) -> Result<Option<Writing>, Self::Error> {
        self.keeper.write(key, value, over, life).await
    }

    async fn create(
        &self,
        records: &[NewRecord],
        life: Duration,
    ) -> Result<Vec<bool>, Self::Error> {
        let _ = self.is_open.clone().wait_for(|is_open| *is_open).await;
        self.keeper.create(records, life).await
    }
}

/// The nonces that were asked for in one question.
fn nonces(question: RecordRequest) -> Vec<String> {
    let create = question.create.expect("it is asked for nonces only");
    create.records.into_iter().map(|new| new.key).collect()
}

/// The next so many different questions: one may be asked again.
async fn next_questions(
    asked: &mut (impl Stream<Item = RecordRequest> + Unpin),
    are_enough: impl Fn(&BTreeSet<Vec<String>>) -> bool,
) -> BTreeSet<Vec<String>> {
    let mut questions = BTreeSet::new();
    while !are_enough(&questions) {
        questions.insert(nonces(within(asked.next()).await.unwrap()));
    }
    questions
}

#[tokio::test]
async fn logins_that_come_at_the_same_time_are_few_questions() {
    let (open, is_open) = watch::channel(true);
    let Some(mut house) = House::open(|keeper| Gate { keeper, is_open }).await else {
        return;
    };
    house.replica().await;
    assert_eq!(log_in(&house.logins, "canary-right").await, accepted());
    open.send_replace(false);
    let mut asked = testkit::asked_for_records(&house.server).await;
    let mut sent = house.recorder.subscribe("pacer.login").await.unwrap();
    let _ = within(house.recorder.request("nobody.answers", "".into())).await;
    let opening = async {
        within(sent.by_ref().take(LOGINS).count()).await;
        house.until_begun().await;
        open.send_replace(true);
    };
    let (outcomes, ()) = tokio::join!(house.many(LOGINS), opening);
    assert!(
        outcomes.iter().all(|outcome| *outcome == accepted()),
        "{outcomes:?}"
    );
    assert_eq!(house.came(), LOGINS + 1);
    let all = |questions: &BTreeSet<Vec<String>>| questions.iter().flatten().count() == LOGINS;
    let questions = next_questions(&mut asked, all).await;
    assert!(questions.len() < 10, "{} questions", questions.len());
    assert!(questions.iter().all(|nonces| nonces.len() <= 64));
}

#[tokio::test]
async fn of_two_copies_in_one_question_one_is_served() {
    let (open, is_open) = watch::channel(true);
    let Some(mut house) = House::open(|keeper| Gate { keeper, is_open }).await else {
        return;
    };
    let recorded = house.recorded().await;
    house.replica().await;
    assert_eq!(log_in(&house.logins, "canary-right").await, accepted());
    open.send_replace(false);
    let mut asked = testkit::asked_for_records(&house.server).await;
    // As many as are on their way at once, so that what comes then goes together.
    let mut before = Vec::new();
    for _ in 0..2 {
        let logins = house.logins.clone();
        let asking = async move { logins.log_in(UserId(3), credentials("canary-right")).await };
        before.push(tokio::spawn(asking));
        next_questions(&mut asked, |questions| questions.len() == before.len()).await;
    }
    let opening = async {
        house.until_begun().await;
        open.send_replace(true);
    };
    let (served, ()) = tokio::join!(house.replay(&recorded, 2), opening);
    assert_eq!(served, 1);
    for login in before {
        assert_eq!(within(login).await.unwrap().unwrap(), accepted());
    }
    assert_eq!(house.came(), 4);
    let is_both = |nonces: &Vec<String>| nonces.len() == 2 && nonces[0] == nonces[1];
    let both = |questions: &BTreeSet<Vec<String>>| questions.iter().any(is_both);
    next_questions(&mut asked, both).await;
}

#[tokio::test]
async fn of_many_copies_at_two_replicas_at_once_one_is_served() {
    let Some(mut house) = House::open(|keeper| keeper).await else {
        return;
    };
    let recorded = house.recorded().await;
    for _ in 0..2 {
        house.replica().await;
    }
    let copies = async {
        // There is somebody to answer them.
        log_in(&house.logins, "canary-right").await;
        house.replay(&recorded, LOGINS).await
    };
    assert_eq!(within(copies).await, 1);
    assert_eq!(house.came(), 2);
}

/// A nonce that was written, and nobody heard of it, is its login's all the same.
#[tokio::test]
async fn whatever_becomes_of_answers_each_of_many_is_served_once() {
    let count = AtomicUsize::new(0);
    let fault = move |_: &str| match count.fetch_add(1, Ordering::SeqCst) % 5 {
        0 => Fault::AnswerLost,
        1 => Fault::Unconfirmed,
        2 => Fault::MadeLate,
        3 => Fault::NotMade,
        _ => Fault::None,
    };
    let Some(mut house) = House::open(|keeper| FaultyKeeper::new(keeper, fault)).await else {
        return;
    };
    house.replica().await;
    assert_eq!(log_in(&house.logins, "canary-right").await, accepted());
    let mut sent = house.recorder.subscribe("pacer.login").await.unwrap();
    let outcomes = house.many(LOGINS).await;
    assert!(
        outcomes.iter().all(|outcome| *outcome == accepted()),
        "{outcomes:?}"
    );
    assert_eq!(house.came(), LOGINS + 1);
    let recorded = within(sent.next()).await.unwrap();
    assert_eq!(house.replay(&recorded, 3).await, 0);
}

#[tokio::test]
async fn a_nonce_that_cannot_be_kept_is_no_other_logins_trouble() {
    let Some(mut house) = House::open(|keeper| keeper).await else {
        return;
    };
    house.replica().await;
    assert_eq!(log_in(&house.logins, "canary-right").await, accepted());
    house.records.refuse_a_fourth_of_the_nonces().await;
    let outcomes = house.many(LOGINS).await;
    let served = outcomes
        .iter()
        .filter(|outcome| **outcome == accepted())
        .count();
    assert_eq!(house.records.count().await, served + 1);
    assert_eq!(house.came(), served + 1);
    // A fourth of the nonces cannot be kept, by chance more or less of these.
    assert!((LOGINS / 2..LOGINS).contains(&served), "{served}");
}

/// Whoever takes login over may ask for what he likes.
#[tokio::test]
async fn a_question_for_more_records_than_there_may_be_is_refused() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let Some(records) = keep_records(&server).await else {
        return;
    };
    let login = testkit::observe(&server, Role::Login).await.unwrap();
    let ask = async |count: usize| {
        let new = (0..count).map(|number| record_request::NewRecord {
            key: format!("nonce.{count}.{number}"),
            value: b"mark".to_vec(),
        });
        let create = record_request::Create {
            records: new.collect(),
            life_seconds: 60,
        };
        let question = RecordRequest {
            create: Some(create),
            wait_ms: 2_000,
            ..RecordRequest::default()
        };
        let asked = login.request("pacer.login.records", question.encode_to_vec().into());
        let answer = within(asked).await.unwrap();
        RecordReply::decode(answer.payload)
            .unwrap()
            .outcome
            .unwrap()
    };
    let created = record_reply::Created {
        is_there: vec![true; 64],
    };
    assert_eq!(ask(64).await, record_reply::Outcome::Created(created));
    let refused = record_reply::Outcome::Refused(record_reply::Nothing {});
    assert_eq!(ask(65).await, refused);
    assert_eq!(records.count().await, 64);
}
