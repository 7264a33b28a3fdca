//! What gateways keep for the login service.

use std::time::Duration;

use fetch_model::DatabaseRole;
use fetch_queue::login_records::Record;
use futures_util::future::join_all;
use testkit::TestStore;

const LIFE: Duration = Duration::from_secs(60);

/// Makes all records that there are as old as this.
async fn age(store: &TestStore, seconds: f64) {
    let aged = "update login_records set written_at = written_at - make_interval(secs => $1),
                                         expires_at = expires_at - make_interval(secs => $1)";
    let aged = sqlx::query(aged).bind(seconds).execute(&store.pool).await;
    aged.unwrap();
}

async fn rows(store: &TestStore) -> i64 {
    let count = sqlx::query_scalar("select count(*) from login_records");
    count.fetch_one(&store.pool).await.unwrap()
}

#[tokio::test]
async fn a_record_is_written_over_its_own_revision_only() {
    let Some(store) = testkit::store(4).await else {
        return;
    };
    let queue = store.of(DatabaseRole::Gateway).await.queue;
    let write = async |value: &str, over| {
        let written = queue.write_login_record("name.jan", value.as_bytes(), over, LIFE);
        written.await.unwrap()
    };
    let read = async || queue.login_record("name.jan").await.unwrap();
    let (nothing, before) = read().await;
    assert_eq!(nothing, None);
    assert_eq!(write("over what is not there", 7).await, None);
    let first = write("first", 0).await.unwrap();
    assert!(first.at >= before);
    assert_eq!(write("as if there were none", 0).await, None);
    let second = write("second", first.revision).await.unwrap();
    assert!(second.revision > first.revision);
    assert_eq!(write("over the first", first.revision).await, None);
    let (found, now) = read().await;
    let expected = Record {
        value: b"second".to_vec(),
        revision: second.revision,
    };
    assert_eq!(found, Some(expected));
    assert!(now >= second.at);
}

#[tokio::test]
async fn of_many_writers_at_once_exactly_one_wins() {
    let Some(store) = testkit::store(16).await else {
        return;
    };
    let queue = store.of(DatabaseRole::Gateway).await.queue;
    for round in 0..20 {
        let key = format!("name.{round}");
        let mut over = 0;
        // Where there is nothing, over what is dead, and over what lives.
        for step in 0..3 {
            let writers = (0..12).map(|number| {
                let (queue, key) = (&queue, &key);
                let value = format!("{step}.{number}");
                async move {
                    let writing = queue.write_login_record(key, value.as_bytes(), over, LIFE);
                    writing.await.unwrap().map(|written| (value, written))
                }
            });
            let won: Vec<_> = join_all(writers).await.into_iter().flatten().collect();
            let [(value, written)] = &won[..] else {
                panic!("{round}.{step}: {won:?}");
            };
            let found = queue.login_record(&key).await.unwrap().0.unwrap();
            assert_eq!(found.value, value.as_bytes());
            assert_eq!(found.revision, written.revision);
            if step == 0 {
                age(&store, 61.0).await;
            }
            over = if step == 0 { 0 } else { written.revision };
        }
    }
}

#[tokio::test]
async fn records_that_are_created_together_are_each_new_or_not() {
    let Some(store) = testkit::store(4).await else {
        return;
    };
    let queue = store.of(DatabaseRole::Gateway).await.queue;
    let create = async |records: &[(&str, &str)]| {
        let records = records.iter().map(|(key, value)| (*key, value.as_bytes()));
        let records: Vec<(&str, &[u8])> = records.collect();
        queue.create_login_records(&records, LIFE).await.unwrap()
    };
    let first = create(&[("nonce.2", "a"), ("nonce.1", "b"), ("nonce.3", "c")]).await;
    assert_eq!(first, [true, true, true]);
    // Asked again; another's; new; the same as another's key has.
    let again = [
        ("nonce.1", "b"),
        ("nonce.2", "x"),
        ("nonce.4", "d"),
        ("nonce.3", "b"),
    ];
    assert_eq!(create(&again).await, [true, false, true, false]);
    // Two copies in one question: at most one is new, whether or not another is there.
    let copies = create(&[("nonce.5", "e"), ("nonce.5", "f"), ("nonce.1", "g")]).await;
    assert_eq!(copies.iter().filter(|is_there| **is_there).count(), 1);
    assert_eq!(
        create(&[("nonce.5", "h"), ("nonce.5", "i")]).await,
        [false, false]
    );
    assert_eq!(rows(&store).await, 5);
    age(&store, 61.0).await;
    assert_eq!(
        create(&[("nonce.2", "x"), ("nonce.6", "y")]).await,
        [true, true]
    );
    let found = queue.login_record("nonce.2").await.unwrap().0.unwrap();
    assert_eq!(found.value, b"x");
    assert_eq!(create(&[]).await, [false; 0]);
}

/// Each has the same keys in an order of its own, and all wait for each other in one: else two could wait for what
/// the other has.
#[tokio::test]
async fn of_many_who_create_the_same_records_together_each_is_won_by_one() {
    let Some(store) = testkit::store(16).await else {
        return;
    };
    let queue = store.of(DatabaseRole::Gateway).await.queue;
    for round in 0..20 {
        let keys: Vec<String> = (0..40).map(|key| format!("nonce.{round}.{key}")).collect();
        // Where there is nothing, and over what is dead.
        for step in 0..2 {
            let writers = (0..8_usize).map(|number| {
                let value = format!("{step}.{number}");
                let mut keys = keys.clone();
                keys.rotate_left(number * 5);
                if number % 2 == 0 {
                    keys.reverse();
                }
                let queue = &queue;
                async move {
                    let new = keys.iter().map(|key| (key.as_str(), value.as_bytes()));
                    let new: Vec<(&str, &[u8])> = new.collect();
                    let won = queue.create_login_records(&new, LIFE).await.unwrap();
                    let won = keys.iter().zip(won).filter(|(_, won)| *won);
                    won.map(|(key, _)| (key.clone(), value.clone())).collect()
                }
            });
            let won: Vec<Vec<(String, String)>> = join_all(writers).await;
            let won: Vec<(String, String)> = won.into_iter().flatten().collect();
            assert_eq!(won.len(), keys.len(), "{round}.{step}");
            for (key, value) in won {
                let found = queue.login_record(&key).await.unwrap().0.unwrap();
                assert_eq!(found.value, value.as_bytes());
            }
            age(&store, 61.0).await;
        }
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_kept_keeps_those_that_are_created_with_it() {
    let Some(store) = testkit::store(2).await else {
        return;
    };
    let queue = store.of(DatabaseRole::Gateway).await.queue;
    let records: [(&str, &[u8]); 2] = [("nonce.1", b"a"), ("", b"b")];
    let created = queue.create_login_records(&records, LIFE).await;
    assert!(created.is_err_and(|error| error.is_lasting()));
    assert_eq!(rows(&store).await, 0);
}

#[tokio::test]
async fn what_is_expired_is_absent_and_swept() {
    let Some(store) = testkit::store(2).await else {
        return;
    };
    let queue = store.of(DatabaseRole::Gateway).await.queue;
    let write = async |key: &str, over, life| {
        let written = queue.write_login_record(key, b"x", over, life).await;
        written.unwrap()
    };
    let short = write("nonce.1", 0, LIFE).await.unwrap();
    write("nonce.2", 0, LIFE).await.unwrap();
    write("name.jan", 0, 2 * LIFE).await.unwrap();
    assert_eq!(queue.forget_login_records().await.unwrap(), 0);
    age(&store, 61.0).await;
    assert_eq!(queue.login_record("nonce.1").await.unwrap().0, None);
    assert!(queue.login_record("name.jan").await.unwrap().0.is_some());
    assert_eq!(write("nonce.1", short.revision, LIFE).await, None);
    let anew = write("nonce.1", 0, LIFE).await.unwrap();
    assert!(anew.revision > short.revision);
    assert_eq!(rows(&store).await, 3);
    assert_eq!(queue.forget_login_records().await.unwrap(), 1);
    assert_eq!(rows(&store).await, 2);
    for key in ["nonce.1", "name.jan"] {
        assert!(queue.login_record(key).await.unwrap().0.is_some(), "{key}");
    }
}

/// Whoever takes login over may ask for what he likes.
#[tokio::test]
async fn what_is_too_much_for_a_record_is_not_kept() {
    let Some(store) = testkit::store(2).await else {
        return;
    };
    let queue = store.of(DatabaseRole::Gateway).await.queue;
    let most = vec![7; 65_536];
    let fits = queue.write_login_record("user.1", &most, 0, LIFE).await;
    assert!(fits.unwrap().is_some());
    let day = Duration::from_secs(25 * 60 * 60);
    for (key, bytes, life) in [
        ("user.2", 65_537, LIFE),
        ("user.3", 1, day),
        ("", 1, LIFE),
        (&"x".repeat(201), 1, LIFE),
    ] {
        let written = queue
            .write_login_record(key, &vec![7; bytes], 0, life)
            .await;
        assert!(written.is_err(), "{key} {bytes} {life:?}");
    }
    assert_eq!(rows(&store).await, 1);
}
