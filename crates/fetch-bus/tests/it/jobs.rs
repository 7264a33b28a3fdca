//! Jobs and announcements, while the server is killed and wiped.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use async_nats::jetstream;
use dev_stack::Nats;
use fetch_bus::{
    Bus, Disposition, Error, Job, JobHandler, JobKind, RequestEvent, Role, WorkerConfig,
};
use fetch_model::{Fence, FetchId, FetchKind, State, UserId};
use futures_util::StreamExt;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time,
};
use tokio_util::sync::CancellationToken;

use crate::{connect, within};

/// Says which job it has, waits for leave to end it, and answers as it was told.
struct Worker {
    started: mpsc::UnboundedSender<Job>,
    leave: Semaphore,
    panic_once: AtomicBool,
    later_once: AtomicBool,
    ended: AtomicI64,
}

impl JobHandler for Worker {
    async fn handle(&self, job: Job) -> Disposition {
        self.started.send(job).unwrap();
        self.leave.acquire().await.unwrap().forget();
        assert!(
            !self.panic_once.swap(false, Ordering::SeqCst),
            "as the test wants"
        );
        if self.later_once.swap(false, Ordering::SeqCst) {
            return Disposition::RetryIn(Duration::from_millis(100));
        }
        self.ended.fetch_add(1, Ordering::SeqCst);
        Disposition::Ack
    }
}

struct Running {
    worker: Arc<Worker>,
    started: mpsc::UnboundedReceiver<Job>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), Error>>,
}

impl Running {
    async fn next(&mut self) -> FetchId {
        within(self.started.recv()).await.unwrap().request
    }

    async fn stop(self) -> i64 {
        self.stop.cancel();
        within(self.task).await.unwrap().unwrap();
        self.worker.ended.load(Ordering::SeqCst)
    }
}

/// A worker with a connection of its own, as whoever does this kind of work.
async fn work(server: &Nats, kind: JobKind, slots: usize, leave: usize) -> Running {
    let role = match kind {
        JobKind::Docket | JobKind::Attachments => Role::DocketFetcher,
        JobKind::Pdf => Role::PdfFetcher,
        JobKind::Ocr | JobKind::Pages => Role::Ocr,
    };
    let bus = connect(server, role).await;
    let (sender, started) = mpsc::unbounded_channel();
    let worker = Arc::new(Worker {
        started: sender,
        leave: Semaphore::new(leave),
        panic_once: AtomicBool::new(false),
        later_once: AtomicBool::new(false),
        ended: AtomicI64::new(0),
    });
    let stop = CancellationToken::new();
    let config = WorkerConfig {
        kind,
        slots,
        time_limit: Duration::from_secs(60),
    };
    let task = tokio::spawn({
        let (worker, stop) = (worker.clone(), stop.clone());
        async move { bus.work(config, worker, stop).await }
    });
    Running {
        worker,
        started,
        stop,
        task,
    }
}

fn job(id: i64) -> Job {
    Job {
        request: FetchId(id),
        attempts: 0,
        fence: Fence(1),
    }
}

/// As the dispatcher and the sweeper do: again and again, until it is taken.
async fn publish(bus: &Bus, id: i64) {
    let publishing = async {
        while bus
            .publish_job(JobKind::Docket, "nysd", &job(id), None)
            .await
            .is_err()
        {
            time::sleep(Duration::from_millis(50)).await;
        }
    };
    within(publishing).await;
}

async fn consumer(server: &Nats) -> jetstream::consumer::Info {
    let client = testkit::observe(server, Role::Gateway).await.unwrap();
    let stream = jetstream::new(client)
        .get_stream("FETCH_JOBS")
        .await
        .unwrap();
    stream.consumer_info("docket-all").await.unwrap()
}

/// Waits until the server has seen `unanswered` deliveries without an answer.
async fn until_unanswered(server: &Nats, unanswered: usize) {
    let waiting = async {
        while consumer(server).await.num_ack_pending != unanswered {
            time::sleep(Duration::from_millis(50)).await;
        }
    };
    within(waiting).await;
}

#[tokio::test]
async fn a_job_is_handled_once_even_if_published_twice() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let mut running = work(&server, JobKind::Docket, 4, usize::MAX >> 4).await;
    publish(&bus, 1).await;
    publish(&bus, 1).await;
    publish(&bus, 2).await;
    let mut seen = [running.next().await, running.next().await];
    seen.sort();
    assert_eq!(seen, [FetchId(1), FetchId(2)]);
    until_unanswered(&server, 0).await;
    assert_eq!(consumer(&server).await.num_pending, 0);
    assert_eq!(running.stop().await, 2);
}

/// What waits in the stream: of all kinds, and what the consumer of dockets has before it.
async fn waiting(server: &Nats) -> (u64, u64) {
    let client = testkit::observe(server, Role::Gateway).await.unwrap();
    let stream = jetstream::new(client)
        .get_stream("FETCH_JOBS")
        .await
        .unwrap();
    let messages = stream.get_info().await.unwrap().state.messages;
    (messages, consumer(server).await.num_pending)
}

#[tokio::test]
async fn a_request_never_has_more_than_one_message_however_often_it_is_said() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    // 400 released requests that nobody takes, renewed thirty times under a new fence each.
    for fence in 1..=30 {
        for id in 1..=400 {
            let job = Job {
                fence: Fence(fence),
                ..job(id)
            };
            bus.publish_job(JobKind::Docket, "nysd", &job, None)
                .await
                .unwrap();
        }
    }
    assert_eq!(waiting(&server).await, (400, 400));
    // Whoever comes at last is told what was said last.
    let mut running = work(&server, JobKind::Docket, 1, usize::MAX >> 4).await;
    let mut told = Vec::new();
    for _ in 0..400 {
        let job = within(running.started.recv()).await.unwrap();
        told.push((job.request.0, job.fence.0));
    }
    told.sort_unstable();
    let expected: Vec<(i64, i64)> = (1..=400).map(|id| (id, 30)).collect();
    assert_eq!(told, expected);
    until_unanswered(&server, 0).await;
    assert_eq!(running.stop().await, 400);
}

#[tokio::test]
async fn a_message_that_is_replaced_while_it_is_worked_on_hurts_nobody() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let mut first = work(&server, JobKind::Docket, 1, 0).await;
    publish(&bus, 1).await;
    assert_eq!(first.next().await, FetchId(1));
    let renewed = Job {
        fence: Fence(2),
        ..job(1)
    };
    bus.publish_job(JobKind::Docket, "nysd", &renewed, None)
        .await
        .unwrap();
    // One is pending, and it is the new one: nobody waits for an answer to the old one.
    until_unanswered(&server, 0).await;
    assert_eq!(waiting(&server).await, (1, 1));
    let mut second = work(&server, JobKind::Docket, 1, 0).await;
    let taken = within(second.started.recv()).await.unwrap();
    assert_eq!(taken, renewed);
    // The late answer to the old one ends its own delivery and nothing else.
    first.worker.leave.add_permits(9);
    assert_eq!(first.stop().await, 1);
    assert_eq!(consumer(&server).await.num_ack_pending, 1);
    second.worker.leave.add_permits(9);
    until_unanswered(&server, 0).await;
    assert_eq!(waiting(&server).await, (0, 0));
    assert_eq!(second.stop().await, 1);
}

#[tokio::test]
async fn what_was_said_of_a_request_that_ended_is_taken_back() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let mut running = work(&server, JobKind::Docket, 1, 0).await;
    for id in 1..=20 {
        publish(&bus, id).await;
    }
    let taken = running.next().await;
    // One that is worked on and others that wait for a worker.
    for id in [taken.0, 7, 8, 20] {
        bus.forget_job(JobKind::Docket, "nysd", FetchId(id)).await;
    }
    assert_eq!(waiting(&server).await, (16, 16));
    running.worker.leave.add_permits(99);
    let mut rest = Vec::new();
    for _ in 0..16 {
        rest.push(running.next().await.0);
    }
    rest.push(taken.0);
    rest.sort_unstable();
    let expected: Vec<i64> = (1..=19).filter(|id| ![7, 8].contains(id)).collect();
    assert_eq!(rest, expected);
    assert_eq!(running.stop().await, 17);
    assert_eq!(waiting(&server).await, (0, 0));
}

#[tokio::test]
async fn readers_are_woken_by_a_bounded_number_of_messages() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let buses = [
        connect(&server, Role::Gateway).await,
        connect(&server, Role::Gateway).await,
    ];
    for bus in &buses {
        for _ in 0..4 {
            bus.wake_readers(JobKind::Pages, 1_000_000, None)
                .await
                .unwrap();
        }
    }
    let (messages, _) = waiting(&server).await;
    assert!((500..=1000).contains(&messages), "{messages}");
    assert_eq!(buses[0].pending(JobKind::Pages).await.unwrap(), messages);
}

#[tokio::test]
async fn a_stream_of_the_version_before_is_mended_in_place() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let client = testkit::observe(&server, Role::Gateway).await.unwrap();
    let before = jetstream::new(client);
    let stream = before
        .create_stream(jetstream::stream::Config {
            name: "FETCH_JOBS".to_owned(),
            subjects: vec!["fetch.job.>".to_owned()],
            retention: jetstream::stream::RetentionPolicy::WorkQueue,
            discard: jetstream::stream::DiscardPolicy::New,
            max_messages: 100_000,
            max_message_size: 64 * 1024,
            max_age: Duration::from_secs(24 * 60 * 60),
            duplicate_window: Duration::from_secs(120),
            allow_direct: true,
            ..Default::default()
        })
        .await
        .unwrap();
    stream
        .create_consumer(jetstream::consumer::pull::Config {
            durable_name: Some("ocr".to_owned()),
            filter_subject: "fetch.job.ocr".to_owned(),
            ack_wait: Duration::from_secs(30),
            max_deliver: -1,
            max_ack_pending: 10_000,
            max_waiting: 2_048,
            ..Default::default()
        })
        .await
        .unwrap();
    let bus = connect(&server, Role::Gateway).await;
    publish(&bus, 1).await;
    publish(&bus, 2).await;
    let renewed = Job {
        fence: Fence(2),
        ..job(1)
    };
    bus.publish_job(JobKind::Docket, "nysd", &renewed, None)
        .await
        .unwrap();
    bus.wake_readers(JobKind::Ocr, 3, None).await.unwrap();
    assert_eq!(waiting(&server).await, (5, 2));
    assert_eq!(bus.pending(JobKind::Ocr).await.unwrap(), 3);
}

#[tokio::test]
async fn events_are_kept_for_as_long_as_was_said_last() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let days = |days: u64| Some(Duration::from_secs(days * 24 * 60 * 60));
    let kept = async || {
        let jetstream = jetstream::new(testkit::observe(&server, Role::Gateway).await.unwrap());
        let stream = jetstream.get_stream("FETCH_EVENTS").await.unwrap();
        Some(stream.cached_info().config.max_age)
    };
    let first = connect(&server, Role::Gateway).await;
    assert_eq!(kept().await, days(1), "until somebody says it");
    first.keep_events_for(days(30)).await.unwrap();
    assert_eq!(kept().await, days(30));
    // A gateway that starts forgets nothing before it has been told how long.
    let second = connect(&server, Role::Gateway).await;
    assert_eq!(kept().await, days(30));
    second.keep_events_for(None).await.unwrap();
    assert_eq!(kept().await, days(0), "for good");
}

#[tokio::test]
async fn kinds_do_not_mix() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let mut pdfs = work(&server, JobKind::Pdf, 1, 9).await;
    let mut texts = work(&server, JobKind::Ocr, 1, 9).await;
    publish(&bus, 1).await;
    bus.publish_job(JobKind::Pdf, "nysd", &job(2), None)
        .await
        .unwrap();
    bus.publish_job(JobKind::Ocr, "nysd", &job(2), None)
        .await
        .unwrap();
    assert_eq!(pdfs.next().await, FetchId(2));
    assert_eq!(texts.next().await, FetchId(2));
    assert_eq!((pdfs.stop().await, texts.stop().await), (1, 1));
    assert_eq!(consumer(&server).await.num_pending, 1);
}

#[tokio::test]
async fn nothing_is_taken_ahead_of_a_free_slot() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let mut busy = work(&server, JobKind::Docket, 2, 0).await;
    for id in 1..=5 {
        publish(&bus, id).await;
    }
    busy.next().await;
    busy.next().await;
    // A second replica gets the other three while the first is busy.
    let mut free = work(&server, JobKind::Docket, 3, 0).await;
    for _ in 0..3 {
        free.next().await;
    }
    assert_eq!(consumer(&server).await.num_ack_pending, 5);
    busy.worker.leave.add_permits(9);
    free.worker.leave.add_permits(9);
    until_unanswered(&server, 0).await;
    assert_eq!((busy.stop().await, free.stop().await), (2, 3));
}

#[tokio::test]
async fn a_panic_ends_one_job_and_not_the_worker() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let mut running = work(&server, JobKind::Docket, 1, 9).await;
    running.worker.panic_once.store(true, Ordering::SeqCst);
    publish(&bus, 1).await;
    assert_eq!(running.next().await, FetchId(1));
    publish(&bus, 2).await;
    assert_eq!(running.next().await, FetchId(2));
    // What panicked comes again.
    assert_eq!(running.next().await, FetchId(1));
    assert_eq!(running.stop().await, 2);
}

#[tokio::test]
async fn a_job_that_is_put_off_comes_again() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let mut running = work(&server, JobKind::Docket, 1, 9).await;
    running.worker.later_once.store(true, Ordering::SeqCst);
    publish(&bus, 1).await;
    assert_eq!(
        (running.next().await, running.next().await),
        (FetchId(1), FetchId(1))
    );
    assert_eq!(running.stop().await, 1);
}

#[tokio::test]
async fn stopping_waits_for_the_job_under_way_and_takes_no_other() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let mut running = work(&server, JobKind::Docket, 2, 0).await;
    publish(&bus, 1).await;
    running.next().await;
    running.stop.cancel();
    publish(&bus, 2).await;
    assert!(!running.task.is_finished());
    running.worker.leave.add_permits(9);
    assert_eq!(running.stop().await, 1);
    // The other job is there for somebody else, at once.
    let mut other = work(&server, JobKind::Docket, 1, 9).await;
    assert_eq!(other.next().await, FetchId(2));
    assert_eq!(other.stop().await, 1);
}

/// Takes 35 seconds, because the server waits for 30; only where slow tests are wanted.
#[tokio::test]
async fn a_long_job_is_not_given_to_another() {
    if std::env::var_os("PACER_FETCH_SLOW_TESTS").is_none() {
        return;
    }
    let Some(server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let mut running = work(&server, JobKind::Docket, 2, 0).await;
    publish(&bus, 1).await;
    running.next().await;
    let again = time::timeout(Duration::from_secs(35), running.started.recv()).await;
    assert!(again.is_err(), "{again:?}");
    running.worker.leave.add_permits(1);
    assert_eq!(running.stop().await, 1);
}

#[tokio::test]
async fn a_killed_server_keeps_its_jobs() {
    let Some(mut server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    publish(&bus, 1).await;
    server.restart().await.unwrap();
    let mut running = work(&server, JobKind::Docket, 2, 9).await;
    assert_eq!(running.next().await, FetchId(1));
    until_unanswered(&server, 0).await;
    // And once more while the worker is asking.
    server.restart().await.unwrap();
    publish(&bus, 2).await;
    assert_eq!(running.next().await, FetchId(2));
    assert_eq!(running.stop().await, 2);
}

#[tokio::test]
async fn a_wiped_server_is_furnished_again_by_whoever_is_there() {
    let Some(mut server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    let other = connect(&server, Role::Gateway).await;
    let mut heard = other.announcements().await.unwrap();
    let mut running = work(&server, JobKind::Docket, 2, 9).await;
    publish(&bus, 1).await;
    assert_eq!(running.next().await, FetchId(1));
    until_unanswered(&server, 0).await;

    server.wipe().await.unwrap();

    publish(&other, 2).await;
    assert_eq!(running.next().await, FetchId(2));
    assert_eq!(running.stop().await, 2);
    let announcement = announcement();
    let hearing = async {
        // The other connection may still be on its way back.
        let mut ticks = time::interval(Duration::from_millis(200));
        loop {
            tokio::select! {
                heard = heard.next() => return heard.unwrap(),
                _ = ticks.tick() => bus.announce(&announcement).await,
            }
        }
    };
    assert_eq!(within(hearing).await, announcement);
    bus.probe().await.unwrap();
}

#[tokio::test]
async fn a_gateway_furnishes_a_wiped_server_though_nobody_says_a_word() {
    let Some(mut server) = testkit::nats().await else {
        return;
    };
    let _gateway = connect(&server, Role::Gateway).await;
    let running = work(&server, JobKind::Docket, 2, 9).await;
    server.wipe().await.unwrap();
    let observer = testkit::observe(&server, Role::Gateway).await.unwrap();
    let server_side = jetstream::new(observer);
    let furnished = async {
        loop {
            if let Ok(stream) = server_side.get_stream("FETCH_JOBS").await
                && stream.consumer_info("docket-all").await.is_ok()
            {
                return;
            }
            time::sleep(Duration::from_millis(50)).await;
        }
    };
    within(furnished).await;
    assert_eq!(running.stop().await, 0);
}

#[tokio::test]
async fn announcing_to_nobody_does_not_wait() {
    let Some(mut server) = testkit::nats().await else {
        return;
    };
    let bus = connect(&server, Role::Gateway).await;
    server.kill();
    let away = async {
        while bus.probe().await.is_ok() {
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(away).await;
    within(bus.announce(&announcement())).await;
    let sent = bus
        .publish_job(JobKind::Docket, "nysd", &job(1), None)
        .await;
    assert!(matches!(sent, Err(Error::Disconnected)), "{sent:?}");
}

fn announcement() -> RequestEvent {
    RequestEvent {
        request: FetchId(7),
        user: UserId(3),
        kind: FetchKind::Docket,
        court: "nysd".to_owned(),
        state: State::Done,
        status: 2,
        pages: None,
    }
}
