use pacer_sim::{Config, Fault};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::Court;

const PATH: &str = "/okwd/cgi-bin/possible_case_numbers.pl?16-00432";

#[tokio::test]
async fn a_status_is_answered_as_often_as_ordered() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    court.order_fault(json!({"court": "okwd", "times": 2, "kind": "status", "status": 503, "retry_after": "7"})).await;
    let first = reader.get(PATH).await;
    assert_eq!(
        (first.status().as_u16(), &first.headers()["retry-after"]),
        (503, &"7".parse().unwrap())
    );
    assert_eq!(reader.get(PATH).await.status(), 503);
    assert_eq!(reader.get(PATH).await.status(), 200);
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let court = Court::usual().await;
    let order = async |fault: &str| {
        let request = court
            .client
            .post(format!("{}/admin/faults", court.base))
            .body(fault.to_owned());
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(order(r#"{"kind": "status", "status": 42}"#).await, 400);
    assert_eq!(order(r#"{"kind": "earthquake"}"#).await, 400);
    assert_eq!(order(r#"{"kind": "reset", "cort": "okwd"}"#).await, 400);
    assert_eq!(order(r#"{"kind": "reset", "times": 1}"#).await, 201);
    assert_eq!(court.admin("faults").await["faults"][0]["kind"], "reset");
}

#[tokio::test]
async fn a_reset_after_the_sale_leaves_a_charge_and_one_before_does_not() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id.to_string();
    for (kind, sales) in [("reset_before", 0), ("reset", 1)] {
        court
            .order_fault(json!({"path": "DktRpt", "method": "POST", "kind": kind}))
            .await;
        let form = reqwest::multipart::Form::new()
            .text("all_case_ids", id.clone())
            .text("case_num", " ");
        let request = court
            .client
            .post(format!("{}/okwd/cgi-bin/DktRpt.pl?1-L_1_0-1", court.base))
            .multipart(form);
        let error = request
            .header("cookie", &reader.cookies)
            .send()
            .await
            .unwrap_err();
        assert!(!error.is_timeout(), "{error}");
        assert_eq!(court.sales(), sales, "{kind}");
    }
}

#[tokio::test]
async fn a_truncated_answer_breaks_off() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    court.order_fault(json!({"kind": "truncate"})).await;
    let response = reader.get(PATH).await;
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn a_spurious_login_page_comes_once() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    court.order_fault(json!({"kind": "login_page"})).await;
    assert!(!reader.page(PATH).await.contains("<case "));
    assert!(reader.page(PATH).await.contains("<case "));
}

#[tokio::test]
async fn the_sign_on_has_faults_too() {
    let court = Court::usual().await;
    court
        .order_fault(json!({"court": "cso", "kind": "status", "status": 500}))
        .await;
    let url = format!("{}/services/cso-auth", court.base);
    assert_eq!(court.client.post(&url).send().await.unwrap().status(), 500);
    court.reader("demo").await;
}

/// What a docket request meets with when this goes wrong, and how many sales that makes.
async fn met(fault: serde_json::Value) -> (u16, String, usize) {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id.to_string();
    court.order_fault(fault).await;
    let fields = [("all_case_ids", id.as_str()), ("case_num", " ")];
    let response = reader
        .post("/okwd/cgi-bin/DktRpt.pl?1-L_1_0-1", &fields)
        .await;
    let status = response.status().as_u16();
    (status, response.text().await.unwrap(), court.sales())
}

#[tokio::test]
async fn every_page_that_a_court_may_show_instead_can_be_ordered() {
    let notice = |name: &str| json!({"kind": "notice", "notice": name});
    for (fault, status, text) in [
        (json!({"kind": "xml"}), 200, "blocked"),
        (json!({"kind": "maintenance"}), 200, "being maintained"),
        (json!({"kind": "excessive_usage"}), 200, "excessive usage"),
        (
            json!({"kind": "no_privileges"}),
            200,
            "This user has no access privileges defined.",
        ),
        (json!({"kind": "unknown_html"}), 200, "nobody has seen"),
        (
            json!({"kind": "status", "status": 408}),
            408,
            "Server timeout waiting for the HTTP request from the client.",
        ),
        (json!({"kind": "status", "status": 502}), 502, "Bad Gateway"),
        (notice("case_not_found"), 200, "Case not found."),
        (notice("no_such_page_id"), 200, "The page ID does not exist"),
        (notice("incomplete_request"), 200, "Incomplete request."),
        (notice("submitted_twice"), 200, "Submission already made"),
        (notice("no_pdf"), 200, "Unable to create PDF file."),
    ] {
        let (met, page, sales) = met(fault.clone()).await;
        assert!(met == status && page.contains(text), "{fault}: {page}");
        assert_eq!(sales, 0, "{fault}");
    }
}

#[tokio::test]
async fn a_session_can_end_in_the_middle_of_a_job() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    court
        .order_fault(json!({"nth": 2, "kind": "expire_session"}))
        .await;
    assert!(reader.page(PATH).await.contains("<case "));
    assert!(reader.page(PATH).await.contains("Not logged in."));
    assert!(reader.page(PATH).await.contains("Not logged in."));
    court.reader("demo").await;
}

#[tokio::test]
async fn a_document_can_come_as_text_in_a_page_or_cost_twice_the_clicks() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let case = court.simulator.world.stubs("okwd")[0].id;
    let truth = court.simulator.documents("okwd", case, false).remove(0);
    let id = truth.pacer_doc_id.replacen("1490", "1491", 1);
    court.order_fault(json!({"kind": "price_page"})).await;
    let again = reader.buy("okwd", &id, case).await.text().await.unwrap();
    assert!(again.contains("click on the 'View Document' button"));
    assert_eq!(court.sales(), 0);
    court.order_fault(json!({"kind": "pdf_as_html"})).await;
    let text = reader.buy("okwd", &id, case).await.text().await.unwrap();
    assert!(text.contains("pdf:Producer"));
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn a_slow_body_comes_whole_in_the_end() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let usual = reader.page(PATH).await;
    court
        .order_fault(json!({"kind": "slow_body", "ms": 300}))
        .await;
    let before = std::time::Instant::now();
    assert_eq!(reader.page(PATH).await, usual);
    assert!(before.elapsed() >= std::time::Duration::from_millis(250));
}

#[tokio::test]
async fn faults_can_be_ordered_by_the_list_and_for_one_account() {
    let court = Court::usual().await;
    let (demo, firm) = (court.reader("demo").await, court.reader("demo-firm").await);
    let steps = json!([{"kind": "pass"}, {"kind": "status", "status": 404}]);
    court
        .order_fault(json!([
            {"account": "demo-firm", "kind": "status", "status": 503},
            {"court": "okwd", "kind": "script", "steps": steps},
        ]))
        .await;
    assert_eq!(demo.get(PATH).await.status(), 200);
    assert_eq!(firm.get(PATH).await.status(), 503);
    assert_eq!(firm.get(PATH).await.status(), 404);
    assert_eq!(demo.get(PATH).await.status(), 200);
    assert_eq!(court.admin("faults").await["faults"], json!([]));
}

#[tokio::test]
async fn a_simulator_can_begin_with_faults() {
    let faults =
        vec![Fault::read(r#"{"court": "okwd", "kind": "status", "status": 503}"#).unwrap()];
    let court = Court::open(Config {
        faults,
        ..Config::default()
    })
    .await;
    let reader = court.reader("demo").await;
    assert_eq!(reader.get(PATH).await.status(), 503);
    assert_eq!(reader.get(PATH).await.status(), 200);
}

#[tokio::test]
async fn a_connection_outlives_a_fault_that_meets_a_long_form() {
    let court = Court::usual().await;
    court
        .order_fault(json!({"court": "okwd", "method": "POST", "kind": "maintenance"}))
        .await;
    let host = court.base.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(host).await.unwrap();
    let form = "x".repeat(900_000);
    let post = format!(
        "POST /okwd/cgi-bin/DktRpt.pl?1-L_1_0-1 HTTP/1.1\r\nHost: sim\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let get = "GET /okwd/cgi-bin/login.pl HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n";
    connection.write_all(post.as_bytes()).await.unwrap();
    connection.write_all(get.as_bytes()).await.unwrap();
    let mut answers = String::new();
    connection.read_to_string(&mut answers).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 2, "{answers}");
}
