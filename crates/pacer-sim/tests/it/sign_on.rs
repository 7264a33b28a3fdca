use pacer_sim::{Config, DEMO_PASSWORD};
use serde_json::{Value, json};

use crate::harness::{Court, between};

async fn check(login: Value, result: &str, text: &str, token_length: usize) {
    let court = Court::usual().await;
    let answer = court.sign_on(login.clone()).await;
    assert_eq!(answer["loginResult"], result, "{login}");
    let description = answer["errorDescription"].as_str().unwrap();
    assert!(
        description.contains(text) && description.is_empty() == text.is_empty(),
        "{description}"
    );
    assert_eq!(answer["nextGenCSO"].as_str().unwrap().len(), token_length);
}

#[tokio::test]
async fn the_sign_on_answers_with_the_codes_of_the_real_one() {
    let login = |name: &str| json!({"loginId": name, "password": DEMO_PASSWORD, "redactFlag": "1"});
    check(login("demo"), "0", "", 128).await;
    check(
        login("demo-firm"),
        "0",
        "A required Client Code was not entered",
        128,
    )
    .await;
    check(
        login("demo-disabled"),
        "0",
        "your current account has been disabled",
        128,
    )
    .await;
    check(login("demo-filer"), "0", "", 128).await;
    check(
        json!({"loginId": "demo-filer", "password": DEMO_PASSWORD}),
        "1",
        "All filers must redact",
        0,
    )
    .await;
    check(
        json!({"loginId": "demo", "password": "wrong"}),
        "13",
        "Invalid username, password",
        0,
    )
    .await;
    check(login("nobody"), "13", "Invalid username, password", 0).await;
    check(login("demo-refused"), "5", "may not log in", 0).await;
}

#[tokio::test]
async fn the_answer_is_xml_for_who_asks_for_xml() {
    let court = Court::usual().await;
    let request = court
        .client
        .post(format!("{}/services/cso-auth", court.base))
        .header("accept", "application/xml")
        .json(&json!({"loginId": "demo", "password": DEMO_PASSWORD}));
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/xml");
    let xml = response.text().await.unwrap();
    assert!(xml.contains("<CsoAuth>") && xml.contains("<loginResult>0</loginResult>"));
    assert_eq!(between(&xml, "<nextGenCSO>", "</nextGenCSO>").len(), 128);
}

#[tokio::test]
async fn attempts_are_listed_with_their_times_and_results() {
    let court = Court::usual().await;
    court.reader("demo").await;
    court
        .sign_on(json!({"loginId": "demo", "password": "wrong"}))
        .await;
    let demo = account(&court, "demo").await;
    let attempts = demo["attempts"].as_array().unwrap();
    let results: Vec<&Value> = attempts.iter().map(|attempt| &attempt["result"]).collect();
    assert_eq!(results, ["0", "13"]);
    assert!(attempts[0]["time"].is_string() && demo["smallest_gap_ms"].is_u64());
    let reset = court
        .client
        .delete(format!("{}/admin/accounts", court.base));
    assert_eq!(reset.send().await.unwrap().status(), 204);
    assert_eq!(account(&court, "demo").await["succeeded"], 0);
}

async fn account(court: &Court, login: &str) -> Value {
    let accounts = court.admin("accounts").await;
    let accounts = accounts["accounts"].as_array().unwrap();
    let found = accounts.iter().find(|account| account["login"] == login);
    found.unwrap().clone()
}

#[tokio::test]
async fn an_account_may_lose_its_first_page_after_each_login() {
    let court = Court::usual().await;
    let path = "/okwd/cgi-bin/possible_case_numbers.pl?5:16-cv-00432";
    for _ in 0..2 {
        let reader = court.reader("demo-lost").await;
        assert!(reader.page(path).await.contains("Not logged in."));
        assert!(reader.page(path).await.contains("<case "));
    }
    // What is posted is not lost: a client could not tell whether it was billed.
    let id = court.simulator.world.stubs("okwd")[0].id;
    let page = court
        .reader("demo-lost")
        .await
        .docket("okwd", id, &[])
        .await;
    assert!(page.contains("CIVIL DOCKET FOR CASE"));
}

#[tokio::test]
async fn a_court_shows_the_login_page_that_it_is_told_to() {
    let court = Court::usual().await;
    let path = format!("{}/okwd/cgi-bin/DktRpt.pl?1", court.base);
    for (setting, sign) in [
        ("current-gen", "name=\"GetPass\""),
        ("next-gen", "csologin/login.jsf?pscCourtId="),
    ] {
        court
            .put("courts/okwd/settings", json!({"login_page": setting}))
            .await;
        let page = court.client.get(&path).send().await.unwrap();
        let page = page.text().await.unwrap();
        assert!(page.contains(sign), "{setting}: {page}");
    }
}

#[tokio::test]
async fn a_login_that_is_not_json_is_refused() {
    let court = Court::usual().await;
    let url = format!("{}/services/cso-auth", court.base);
    let body = r#"{"loginId": "demo", "password": "x"}"#;
    let bare = court.client.post(&url).body(body).send().await.unwrap();
    assert_eq!(bare.status(), 415);
    let json = court
        .client
        .post(&url)
        .header("content-type", "application/json");
    let broken = json
        .header("accept", "application/json")
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(broken.status(), 400);
}

#[tokio::test]
async fn without_a_session_there_is_a_login_page_and_nothing_is_sold() {
    let court = Court::usual().await;
    let case = court.simulator.world.stubs("okwd")[0].clone();
    let mut stranger = court.reader("demo").await;
    stranger.cookies = "NextGenCSO=unvalidated".to_owned();
    // Two courts, since they have different login pages.
    let pages = [
        stranger.docket("okwd", case.id, &[]).await,
        stranger
            .docket("canb", court.simulator.world.stubs("canb")[0].id, &[])
            .await,
        stranger.page("/okwd/doc1/14911000000").await,
    ];
    for page in pages {
        assert!(
            !page.contains("/cgi-bin/login.pl?logout") && !page.contains("Cost: "),
            "{page}"
        );
        assert!(
            page.contains("name=\"GetPass\"") || page.contains("csologin/login.jsf?pscCourtId="),
            "{page}"
        );
    }
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn either_cookie_will_do() {
    let court = Court::usual().await;
    let mut reader = court.reader("demo").await;
    reader.cookies = reader.cookies.replace("NextGenCSO", "PacerSession");
    assert!(
        reader
            .page("/okwd/cgi-bin/DktRpt.pl?42100")
            .await
            .contains("/cgi-bin/login.pl?logout")
    );
}

#[tokio::test]
async fn sessions_end_by_logout_by_order_and_by_time() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let lookup = "/okwd/cgi-bin/possible_case_numbers.pl?5:16-cv-00432";
    assert!(reader.page(lookup).await.contains("<case "));
    let token = reader.cookies.trim_start_matches("NextGenCSO=");
    let request = court
        .client
        .post(format!("{}/services/cso-logout", court.base));
    let request = request
        .header("accept", "application/json")
        .json(&json!({"nextGenCSO": token}));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["loginResult"], "0");
    assert!(
        reader
            .page(lookup)
            .await
            .contains("Not logged in.  Please refresh this page.")
    );

    let reader = court.reader("demo").await;
    let expire = court
        .client
        .post(format!("{}/admin/sessions/expire", court.base));
    let expired: Value = expire.send().await.unwrap().json().await.unwrap();
    assert_eq!(expired["expired"], 1);
    assert!(reader.page(lookup).await.contains("Not logged in."));
    let accounts = court.admin("accounts").await;
    let demo = accounts["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|account| account["login"] == "demo")
        .unwrap();
    assert_eq!(
        (&demo["succeeded"], &demo["sessions"]),
        (&json!(2), &json!(0))
    );

    let config = Config {
        session_lifetime: std::time::Duration::ZERO,
        ..Config::default()
    };
    let strict = Court::open(config).await;
    assert!(
        strict
            .reader("demo")
            .await
            .page(lookup)
            .await
            .contains("Not logged in.")
    );
}

#[tokio::test]
async fn a_required_client_code_comes_with_the_login_or_with_a_cookie() {
    let court = Court::usual().await;
    let case = court.simulator.world.stubs("okwd")[0].clone();
    let mut reader = court.reader("demo-firm").await;
    let refused = reader.docket("okwd", case.id, &[]).await;
    assert!(refused.contains("A Client Code is required for PACER search"));
    assert_eq!(court.sales(), 0);
    reader.cookies += "; PacerClientCode=matter-7";
    assert!(
        reader
            .docket("okwd", case.id, &[])
            .await
            .contains("CIVIL DOCKET FOR CASE")
    );
    assert_eq!(court.simulator.ledger.sales()[0].client_code, "matter-7");
}

#[tokio::test]
async fn it_ends_when_told_although_an_answer_hangs() {
    let court = Court::usual().await;
    court
        .order_fault(json!({"court": "okwd", "kind": "hang"}))
        .await;
    let reader = court.reader("demo").await;
    let request = court
        .client
        .get(format!("{}/okwd/", court.base))
        .header("cookie", &reader.cookies);
    let hanging = tokio::spawn(request.send());
    while court
        .simulator
        .traffic
        .report(false)
        .courts
        .get("okwd")
        .is_none_or(|court| court.in_flight == 0)
    {
        tokio::task::yield_now().await;
    }
    drop(reader);
    court.close().await;
    assert!(hanging.await.unwrap().is_err());
}
