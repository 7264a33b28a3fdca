//! What ACMS refuses: whoever did not come in properly, what may not be seen, what is used up.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::acms::{
    Guest, ORDINARY, come_in, consumed, get, numbered, order_of, sent_to, text, vouched,
};
use crate::harness::Court;

#[tokio::test]
async fn nobody_without_a_login_gets_an_answer_to_carry_back() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for cookies in ["", "NextGenCSO=nobody"] {
        let page = text(get(&court, &sent_to(&court, "ca9").await, cookies).await).await;
        assert!(!page.contains("SAMLResponse") && page.contains("password"));
    }
    // The older cookie of the sign-on is not what the identity provider looks at.
    let older = reader.cookies.replace("NextGenCSO", "PacerSession");
    let page = text(get(&court, &sent_to(&court, "ca9").await, &older).await).await;
    assert!(!page.contains("SAMLResponse"));
    court.simulator.sessions.expire(None);
    let page = text(get(&court, &sent_to(&court, "ca9").await, &reader.cookies).await).await;
    assert!(!page.contains("SAMLResponse"), "the session is dead");
}

#[tokio::test]
async fn a_form_is_believed_once_and_by_who_asked() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let (action, fields) = vouched(&court, "ca9", &sign_on).await;
    let other = action.replace("ca9-showdoc", "ca2-showdoc");
    let relay = (fields[0].0.clone(), "other".to_owned());
    let without = [fields[1].clone()];
    let wrong: [(&str, &[(String, String)]); 3] = [
        (&other, &fields),
        (&action, &[relay, fields[1].clone()]),
        (&action, &without),
    ];
    for (action, sent) in wrong {
        let (_, fresh) = vouched(&court, "ca9", &sign_on).await;
        let sent: Vec<_> = sent
            .iter()
            .map(|(name, value)| match (name.as_str(), value.as_str()) {
                (_, "other") => (name.clone(), value.clone()),
                (name, _) => fresh.iter().find(|field| field.0 == name).unwrap().clone(),
            })
            .collect();
        let cookies = consumed(&court, action, &sent).await;
        assert!(
            cookies.contains("ARRAffinity=") && !cookies.contains("saml2"),
            "{cookies}"
        );
    }
    assert!(consumed(&court, &action, &fields).await.contains("saml2C2"));
    assert!(
        !consumed(&court, &action, &fields).await.contains("saml2"),
        "twice"
    );
}

#[tokio::test]
async fn accounts_that_may_not_search_stay_outside() {
    let court = Court::usual().await;
    for login in ["demo-disabled", "demo-firm"] {
        let sign_on = court.reader(login).await.cookies;
        let (action, fields) = vouched(&court, "ca2", &sign_on).await;
        let cookies = consumed(&court, &action, &fields).await;
        assert!(!cookies.contains("saml2"), "{login}");
    }
}

#[tokio::test]
async fn cookies_are_good_at_one_court_and_only_whole() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let mut guest = Guest::at(&court, "ca9", &sign_on).await;
    court.simulator.ledger.reset();
    guest.at = "ca2";
    assert_eq!(guest.index(ORDINARY).await.status(), 302);
    assert_eq!(
        guest.api_get("GetMergedFile?fileGuid=x").await.status(),
        401
    );
    guest.at = "ca9";
    let whole = guest.cookies.clone();
    guest.cookies = whole.replace("saml2C2", "saml2C3");
    assert_eq!(guest.index(ORDINARY).await.status(), 302);
    // The cookie of the sign-on opens nothing here, and that of the court nothing there.
    guest.cookies = sign_on;
    assert_eq!(guest.index(ORDINARY).await.status(), 302);
    let page = text(get(&court, &sent_to(&court, "ca9").await, &whole).await).await;
    assert!(!page.contains("SAMLResponse"));
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn another_login_or_the_end_of_it_closes_the_door() {
    let court = Court::usual().await;
    let first = court.reader("demo").await.cookies;
    let before = Guest::at(&court, "ca9", &first).await;
    let form = vouched(&court, "ca9", &first).await;
    // Of somebody else it changes nothing.
    court.reader("demo-receipts").await;
    assert_eq!(before.index(ORDINARY).await.status(), 200);

    let second = court.reader("demo").await.cookies;
    assert_eq!(before.index(ORDINARY).await.status(), 302);
    assert_eq!(before.api_get("CaseDetailsByCaseId/x").await.status(), 401);
    assert!(!consumed(&court, &form.0, &form.1).await.contains("saml2"));

    let after = Guest::at(&court, "ca9", &second).await;
    court
        .order_fault(json!({"court": "ca9-showdoc", "kind": "expire_session"}))
        .await;
    assert_eq!(after.index(ORDINARY).await.status(), 302);
}

#[tokio::test]
async fn json_needs_its_token_and_does_not_look_for_numbers_any_more() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let mut guest = Guest::at(&court, "ca2", &sign_on).await;
    let search = "CaseSearch/23-90021?exactMatch=True";
    assert_eq!(guest.api_get(search).await.status(), 404);
    assert_eq!(guest.api_get("DocketEntriesByCaseId/x").await.status(), 405);
    for path in ["CaseDetailsByCaseId/x", "DocketEntriesByCaseId/x"] {
        let posts = path.starts_with("DocketEntries");
        let answer = match posts {
            true => guest.api_post(path, &json!({})).await,
            false => guest.api_get(path).await,
        };
        assert_eq!(answer.status(), 404, "{path}: no such GUID");
    }
    guest.token = "guessed".to_owned();
    assert_eq!(guest.api_get("CaseDetailsByCaseId/x").await.status(), 401);
    assert_eq!(guest.order(&[]).await.status(), 401);
}

#[tokio::test]
async fn a_file_cannot_be_had_before_it_is_done_and_not_twice() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let guest = Guest::at(&court, "ca9", &sign_on).await;
    let docket = guest.docket(ORDINARY).await;
    court.simulator.ledger.reset();
    let document = &docket["docketEntries"][0]["docketEntryDocuments"][0];
    let order: Value = guest.order(&[document]).await.json().await.unwrap();
    let address = order["statusQueryGetUri"].as_str().unwrap();
    let (stem, _) = address.split_once("?code=").unwrap();
    for wrong in [stem.to_owned(), format!("{stem}?code=guess")] {
        assert_eq!(get(&court, &wrong, "").await.status(), 404);
    }
    let early: Value = get(&court, address, "").await.json().await.unwrap();
    assert_eq!(
        (&early["runtimeStatus"], &early["output"]),
        (&json!("Pending"), &Value::Null)
    );
    let id = order["id"].as_str().unwrap();
    let guess = guest.api_get(&format!("GetMergedFile?fileGuid={id}")).await;
    assert_eq!(guess.status(), 404);

    get(&court, address, "").await;
    let done: Value = get(&court, address, "").await.json().await.unwrap();
    let path = format!(
        "GetMergedFile?fileGuid={}",
        done["output"].as_str().unwrap()
    );
    assert_eq!(guest.api_get(&path).await.status(), 200);
    assert_eq!(guest.api_get(&path).await.status(), 404);
    assert_eq!(court.sales(), 1, "asking and fetching cost nothing more");
}

#[tokio::test]
async fn unknown_and_sealed_cases_show_and_cost_nothing() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let guest = Guest::at(&court, "ca9", &sign_on).await;
    court.simulator.ledger.reset();
    for unknown in [
        "",
        "23-90099",
        "00000000-0000-4000-8000-000000000000",
        "20-90003",
    ] {
        assert_eq!(guest.index(unknown).await.status(), 404, "{unknown}");
    }
    let stub = numbered(&court, "ca9", "23-90022");
    let case = court.simulator.world.case(stub);
    let page = text(guest.index("23-90022").await).await;
    assert!(page.contains("\"isCaseSealed\":true") && !page.contains(&case.parties[0].name));
    let world = &court.simulator.world;
    let id = world.acms_case_id(stub).unwrap();
    let who = json!({"csoId": "1", "contactType": "External"});
    let entries = guest
        .api_post(&format!("DocketEntriesByCaseId/{id}"), &who)
        .await;
    let entries: Value = entries.json().await.unwrap();
    assert_eq!(entries["isCaseSealed"], true);
    assert_eq!(entries["matchingDocketEntries"], json!([]));
    let entry = world.acms_entry_id(stub, &case.entries[0]).unwrap();
    let path = format!("DocketEntryDocumentsByDocketId/{entry}");
    assert_eq!(guest.api_post(&path, &json!({})).await.status(), 403);
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn orders_that_are_wrong_or_not_for_the_public_cost_nothing() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let guest = Guest::at(&court, "ca9", &sign_on).await;
    let docket = guest.docket("24-90023").await;
    court.simulator.ledger.reset();
    let document = |entry: usize| &docket["docketEntries"][entry]["docketEntryDocuments"][0];
    for locked in [1, 2] {
        assert_eq!(document(locked)["documentPermission"], "Restricted");
        let together = guest.order(&[document(0), document(locked)]).await;
        assert_eq!(together.status(), StatusCode::FORBIDDEN);
    }
    let good = order_of(&[document(0)]);
    let wrong = [
        ("/mergeScope", json!("Internal")),
        ("/pagination", json!(true)),
        ("/header", Value::Null),
        ("/docketEntryDocuments", json!([])),
        (
            "/docketEntryDocuments/0/acms_documenturl",
            json!("elsewhere"),
        ),
        ("/docketEntryDocuments/0/acms_pagecount", json!(999)),
        (
            "/docketEntryDocuments/0/acms_docketdocumentdetailsid",
            json!("x"),
        ),
    ];
    for (place, value) in wrong {
        let mut order = good.clone();
        *order.pointer_mut(place).unwrap() = value;
        let answer = guest.api_post("MergePDFFiles", &order).await;
        assert_eq!(answer.status(), 400, "{place}");
    }
    assert_eq!(court.sales(), 0);
    assert_eq!(guest.api_post("MergePDFFiles", &good).await.status(), 202);
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn only_forms_as_browsers_send_them_bring_somebody_in() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let (action, fields) = vouched(&court, "ca2", &sign_on).await;
    let mut form = reqwest::multipart::Form::new();
    for (name, value) in fields {
        form = form.text(name, value);
    }
    let response = court
        .client
        .post(&action)
        .multipart(form)
        .send()
        .await
        .unwrap();
    let cookies = response.headers().get_all("set-cookie");
    assert!(cookies.iter().count() > 0);
    let is_session = |cookie: &str| cookie.contains("saml2");
    assert!(
        !cookies
            .iter()
            .any(|cookie| is_session(cookie.to_str().unwrap()))
    );
    assert_eq!(get(&court, &action, "").await.status(), 405);
    // It is the cookies that were missing, not the right to come in.
    come_in(&court, "ca2", &sign_on).await;
}
