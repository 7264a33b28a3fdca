use futures_util::future::join_all;

use pacer_sim::Oddity;

use crate::harness::Court;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_is_counted_by_court() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    court
        .order_fault(serde_json::json!({"court": "nysd", "kind": "delay", "ms": 200, "times": 3}))
        .await;
    let lookup = "/nysd/cgi-bin/possible_case_numbers.pl?20-90002";
    join_all((0..3).map(|_| reader.page(lookup))).await;
    for _ in 0..5 {
        reader
            .page("/okwd/cgi-bin/possible_case_numbers.pl?16-00432")
            .await;
    }
    let traffic = court.admin("traffic").await;
    assert_eq!(traffic["courts"]["nysd"]["peak_in_flight"], 3);
    assert_eq!(traffic["courts"]["okwd"]["peak_in_flight"], 1);
    assert_eq!(traffic["courts"]["okwd"]["requests"], 5);
    assert_eq!(traffic["courts"]["okwd"]["in_flight"], 0);
    assert!(traffic["courts"]["okwd"]["smallest_gap_ms"].is_u64());
    assert_eq!(traffic["courts"]["cso"]["requests"], 1);
    let rows = traffic["requests"].as_array().unwrap();
    assert_eq!(rows.len(), 9);
    assert_eq!(
        rows[8]["path"],
        "/cgi-bin/possible_case_numbers.pl?16-00432"
    );
    assert!(rows.is_sorted_by_key(|row| row["at_ms"].as_u64()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_one_of_many_purchases_is_in_the_ledger_once() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let ids: Vec<u64> = court
        .simulator
        .world
        .stubs("mad")
        .iter()
        .filter(|stub| stub.oddity == Oddity::None)
        .take(8)
        .map(|stub| stub.id)
        .collect();
    for _ in 0..5 {
        join_all(ids.iter().map(|id| reader.docket("mad", *id, &[]))).await;
    }
    let sales = court.simulator.ledger.sales();
    assert_eq!(sales.len(), 40);
    assert!(sales.iter().map(|sale| sale.id).eq(1..=40));
    let total = &court.simulator.ledger.totals()[0];
    let sum: u64 = sales.iter().map(|sale| u64::from(sale.cents)).sum();
    assert_eq!(total.cents, sum);
}
