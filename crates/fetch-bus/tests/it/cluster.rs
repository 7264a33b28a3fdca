//! What is kept by three servers together.

use std::time::Duration;

use async_nats::jetstream::{self, kv, stream::StorageType};
use fetch_bus::{LoginRecord, Role};
use tokio::time::Instant;

use crate::within;

/// What may be lost beside an election: an eighth of it, and a few requests on a busy machine.
const BESIDE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn what_one_replica_has_written_the_other_reads_at_once() {
    let Some(cluster) = testkit::nats_cluster().await else {
        return;
    };
    let config = cluster.config(Role::Login);
    let mut replicas = Vec::new();
    for _ in 0..4 {
        let bus = within(fetch_bus::connect(Role::Login, &config)).await;
        replicas.push(bus.unwrap().login_records());
    }
    // Each writes over what the one before it wrote, which only somebody who reads it can.
    for round in 0..200 {
        let name = format!("account-{}", round % 20);
        for (number, replica) in replicas.iter().enumerate() {
            let found = replica.read(&name).await.unwrap();
            let record = LoginRecord {
                holder: Some(format!("{round}.{number}")),
                ..LoginRecord::default()
            };
            let written = replica.write(&name, &record, found.revision).await.unwrap();
            let revision = written.expect("nobody else has written");
            let read = replica.read_back(&name, revision).await.unwrap();
            assert_eq!((read.revision, read.record), (revision, record));
        }
    }
}

#[tokio::test]
async fn of_many_writers_at_once_one_is_told_that_it_was_first_and_nobody_of_trouble() {
    let Some(cluster) = testkit::nats_cluster().await else {
        return;
    };
    let config = cluster.config(Role::Login);
    let mut replicas = Vec::new();
    for _ in 0..3 {
        let bus = within(fetch_bus::connect(Role::Login, &config)).await;
        replicas.push(bus.unwrap().login_records());
    }
    for round in 0..50 {
        let name = format!("account-{round}");
        let writers = (0..12).map(|number| {
            let (replica, name) = (&replicas[number % replicas.len()], &name);
            async move {
                let record = LoginRecord {
                    holder: Some(number.to_string()),
                    ..LoginRecord::default()
                };
                replica.write(name, &record, 0).await.unwrap().is_some()
            }
        });
        let first = futures_util::future::join_all(writers).await;
        assert_eq!(first.iter().filter(|first| **first).count(), 1, "{first:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_while_a_leader_is_lost_waits_for_the_election_and_no_longer() {
    let Some(mut cluster) = testkit::nats_cluster().await else {
        return;
    };
    let config = cluster.config(Role::Login);
    let bus = within(fetch_bus::connect(Role::Login, &config)).await;
    let records = bus.unwrap().login_records();
    let before = LoginRecord::default();
    let revision = records.write("jan", &before, 0).await.unwrap().unwrap();
    let lost = within(cluster.leader_of("KV_PACER_LOGINS", None)).await;
    cluster.server(lost).kill();
    let began = Instant::now();
    let elected = async {
        within(cluster.leader_of("KV_PACER_LOGINS", Some(lost))).await;
        began.elapsed()
    };
    let written = async {
        let record = LoginRecord {
            holder: Some("one".to_owned()),
            ..before.clone()
        };
        let written = within(records.write("jan", &record, revision)).await;
        assert!(written.unwrap().is_some());
        began.elapsed()
    };
    let (elected, written) = tokio::join!(elected, written);
    assert!(
        written < elected + BESIDE,
        "there was a leader after {elected:?}, and it was written after {written:?}"
    );
}

#[tokio::test]
async fn a_bucket_of_the_version_before_is_mended_in_place() {
    let Some(mut cluster) = testkit::nats_cluster().await else {
        return;
    };
    let client = testkit::observe(cluster.server(0), Role::Login)
        .await
        .unwrap();
    let before = jetstream::new(client);
    let bucket = kv::Config {
        bucket: "PACER_LOGINS".to_owned(),
        storage: StorageType::Memory,
        history: 1,
        max_age: std::time::Duration::from_secs(2 * 60 * 60),
        max_value_size: 64 * 1024,
        max_bytes: 32 * 1024 * 1024,
        num_replicas: 1,
        ..kv::Config::default()
    };
    let bucket = before.create_key_value(bucket).await.unwrap();
    bucket.put("kept", "as it was".into()).await.unwrap();
    let config = cluster.config(Role::Login);
    within(fetch_bus::connect(Role::Login, &config))
        .await
        .unwrap();
    for name in [
        "PACER_LOGINS",
        "PACER_SESSIONS",
        "LOGIN_KEYS",
        "LOGIN_NONCES",
    ] {
        let stream = before.get_stream(format!("KV_{name}")).await.unwrap();
        let found = &stream.cached_info().config;
        assert_eq!(
            (found.allow_direct, found.num_replicas),
            (false, 3),
            "{name}"
        );
    }
    let kept = before.get_key_value("PACER_LOGINS").await.unwrap();
    let kept = kept.get("kept").await.unwrap();
    assert_eq!(kept.as_deref(), Some(&b"as it was"[..]));
}
