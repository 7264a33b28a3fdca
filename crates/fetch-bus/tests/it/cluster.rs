//! What is kept by three servers together.

use std::time::Duration;

use async_nats::jetstream::{self, kv, stream::StorageType};
use chrono::{TimeDelta, Utc};
use fetch_bus::{Credentials, KeptRefusal, LoginKeyPair, LoginRecords, RefusalKind, Role};
use testkit::TestCluster;
use tokio::time::Instant;

use crate::within;

/// What may be lost beside an election: an eighth of it, and a few requests on a busy machine.
const BESIDE: Duration = Duration::from_secs(2);

fn credentials() -> Credentials {
    Credentials {
        username: "jan".into(),
        password: "canary-wrong".into(),
        client_code: String::new(),
        otp_code: None,
    }
}

async fn replica(cluster: &TestCluster) -> LoginRecords {
    let config = cluster.config(Role::Login);
    let bus = within(fetch_bus::connect(Role::Login, &config)).await;
    bus.unwrap().login_records()
}

/// Something that PACER refused, and that is refused for a minute.
fn refusal() -> KeptRefusal {
    let seal = LoginKeyPair::generate().seal_of_attempt(&credentials());
    let until = Utc::now() + TimeDelta::minutes(1);
    KeptRefusal::seal(&seal, RefusalKind::Credentials, "No.", until).unwrap()
}

#[tokio::test]
async fn what_one_replica_has_kept_the_other_reads_at_once() {
    let Some(cluster) = testkit::nats_cluster().await else {
        return;
    };
    let replicas = [
        replica(&cluster).await,
        replica(&cluster).await,
        replica(&cluster).await,
    ];
    for round in 0..100 {
        let name = format!("account-{}", round % 20);
        let kept = refusal();
        let written = replicas[round % 3].keep_refusal(&name, &kept, Utc::now());
        written.await.unwrap();
        for replica in &replicas {
            let read = replica.refusals(&name).await.unwrap();
            let last = read.last().map(|last| last.until.timestamp_millis());
            assert_eq!(last, Some(kept.until.timestamp_millis()));
            assert_eq!(read.len(), round / 20 + 1);
        }
    }
}

/// Of two writes that race, servers call the loser by one of two codes.
#[tokio::test]
async fn what_many_keep_at_once_is_all_kept() {
    let Some(cluster) = testkit::nats_cluster().await else {
        return;
    };
    let replicas = [
        replica(&cluster).await,
        replica(&cluster).await,
        replica(&cluster).await,
    ];
    for round in 0..20 {
        let name = format!("account-{round}");
        let writers = (0..12).map(|number| {
            let (replica, name) = (&replicas[number % replicas.len()], &name);
            async move { replica.keep_refusal(name, &refusal(), Utc::now()).await }
        });
        let kept = within(futures_util::future::join_all(writers)).await;
        assert!(kept.iter().all(Result::is_ok), "{kept:?}");
        assert_eq!(replicas[0].refusals(&name).await.unwrap().len(), 12);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_while_a_leader_is_lost_waits_for_the_election_and_no_longer() {
    let Some(mut cluster) = testkit::nats_cluster().await else {
        return;
    };
    let records = replica(&cluster).await;
    let lost = within(cluster.leader_of("KV_PACER_LOGINS", None)).await;
    cluster.server(lost).kill();
    let began = Instant::now();
    let elected = async {
        within(cluster.leader_of("KV_PACER_LOGINS", Some(lost))).await;
        began.elapsed()
    };
    let kept = async {
        let kept = refusal();
        let keeping = records.keep_refusal("jan", &kept, Utc::now());
        within(keeping).await.unwrap();
        began.elapsed()
    };
    let (elected, kept) = tokio::join!(elected, kept);
    assert!(
        kept < elected + BESIDE,
        "there was a leader after {elected:?}, and it was kept after {kept:?}"
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
    for name in ["PACER_LOGINS", "PACER_SESSIONS", "LOGIN_KEYS"] {
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
