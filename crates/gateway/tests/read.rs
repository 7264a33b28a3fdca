//! The read endpoints against a real Postgres: each test has a database of its own.
//!
//! The server is named by `PACER_FETCH_TEST_DATABASE_URL`. Without it the tests are skipped,
//! except where `CI` is set: there that is a failure.

mod house;
mod pages;

use axum::http::StatusCode;
use house::{House, numbers};
use serde_json::{Value, json};

macro_rules! house {
    () => {
        match House::build().await {
            Some(house) => house,
            None => return,
        }
    };
}

#[tokio::test]
async fn callers_prove_who_they_are() {
    let house = house!();
    let list = "/api/rest/v4/recap-fetch/";
    let cases = [
        ("", "Authentication credentials were not provided."),
        ("Token nonsense", "Invalid token."),
        ("Token", "Invalid token header. No credentials provided."),
        (
            "Token a b",
            "Invalid token header. Token string should not contain spaces.",
        ),
        ("Token token-of-gone", "User inactive or deleted."),
        ("Bearer nonsense", "Invalid or expired bearer token."),
        ("Basic bm86cGU=", "Invalid username/password."),
    ];
    for (header, sentence) in cases {
        let answer = house.call("GET", list, header).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{header}");
        assert_eq!(
            answer.header("www-authenticate"),
            Some(r#"Bearer realm="api""#),
            "{header}"
        );
        assert_eq!(answer.json(), json!({ "detail": sentence }), "{header}");
    }
    // `x:token-of-ann`
    for header in [
        "Token token-of-ann",
        "bearer token-of-ann",
        "Basic eDp0b2tlbi1vZi1hbm4=",
    ] {
        assert_eq!(
            house.call("GET", list, header).await.status,
            StatusCode::OK,
            "{header}"
        );
    }
    house.remove().await;
}

#[tokio::test]
async fn what_does_not_exist_is_refused_in_the_order_of_the_checks() {
    let house = house!();
    house.request("ann", 2).await;
    let detail = "/api/rest/v4/recap-fetch/1/";
    let list = "/api/rest/v3/recap-fetch/";
    for method in ["PUT", "PATCH", "DELETE"] {
        assert_eq!(
            house.call(method, detail, "").await.status,
            StatusCode::UNAUTHORIZED
        );
        for (path, allow) in [
            (detail, "GET, HEAD, OPTIONS"),
            (list, "GET, POST, HEAD, OPTIONS"),
        ] {
            let answer = house.ann(method, path).await;
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
            assert_eq!(answer.header("allow"), Some(allow));
            let text = format!("Method \"{method}\" not allowed.");
            assert_eq!(answer.json(), json!({ "detail": text }));
        }
    }
    assert_eq!(
        house.ann("POST", detail).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    let write = house.ann("DELETE", "/api/rest/v4/dockets/1/").await;
    assert_eq!(write.status, StatusCode::FORBIDDEN);
    assert_eq!(
        house.ann("GET", "/api/rest/v5/recap-fetch/").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        house
            .call_accepting("/api/rest/v4/recap-fetch/", "image/png")
            .await
            .status,
        StatusCode::NOT_ACCEPTABLE
    );
    house.remove().await;
}

#[tokio::test]
async fn a_request_is_seen_by_its_owner_only() {
    let house = house!();
    let id = house.request("ann", 2).await;
    for path in [
        format!("/api/rest/v4/recap-fetch/{id}/"),
        format!("/api/rest/v3/recap-fetch/{id}"),
        format!("/api/rest/v4/recap-fetch/{id}.json"),
    ] {
        let own = house.ann("GET", &path).await;
        assert_eq!(own.status, StatusCode::OK, "{path}");
        assert_eq!(own.header("content-type"), Some("application/json"));
        assert_eq!(own.header("allow"), Some("GET, HEAD, OPTIONS"));
        assert_eq!(own.header("vary"), Some("Accept"));
        let foreign = house.ben("GET", &path).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{path}");
        let text = "No PacerFetchQueue matches the given query.";
        assert_eq!(foreign.json(), json!({ "detail": text }));
    }
    for query in [
        "",
        "?status=2",
        "?docket=1",
        "?count=on",
        "?order_by=zzz",
        "?request_type!=3",
    ] {
        let foreign = house
            .ben("GET", &format!("/api/rest/v4/recap-fetch/{query}"))
            .await
            .json();
        assert!(
            foreign["results"] == json!([]) || foreign == json!({"count": 0}),
            "{foreign}"
        );
    }
    let word = house.ann("GET", "/api/rest/v4/recap-fetch/abc/").await;
    assert_eq!(word.json(), json!({"detail": "Not found."}));
    house.remove().await;
}

#[tokio::test]
async fn a_request_has_all_keys_in_order() {
    let house = house!();
    let id = house.request("ann", 2).await;
    let failed = house.request("ann", 3).await;
    let answer = house
        .ann("GET", &format!("/api/rest/v4/recap-fetch/{id}/"))
        .await;
    assert_eq!(
        answer.text(),
        format!(
            concat!(
                r#"{{"id":{id},"court":"cand","docket":1,"recap_document":null,"#,
                r#""date_created":"2026-11-20T09:15:02.114380-08:00","#,
                r#""date_modified":"2026-11-20T09:15:07.902191-08:00","#,
                r#""date_completed":"2026-11-20T09:15:07-08:00","status":2,"request_type":1,"#,
                r#""message":"said","pacer_case_id":"","docket_number":"3:24-cv-09876","#,
                r#""de_date_start":null,"de_date_end":"2026-11-01","de_number_start":null,"#,
                r#""de_number_end":null,"show_parties_and_counsel":true,"#,
                r#""show_terminated_parties":false,"show_list_of_member_cases":false}}"#
            ),
            id = id
        )
    );
    let failed = house
        .ann("GET", &format!("/api/rest/v4/recap-fetch/{failed}/"))
        .await
        .json();
    assert_eq!(
        (&failed["status"], &failed["date_completed"]),
        (&json!(3), &Value::Null)
    );
    let head = house
        .ann("HEAD", &format!("/api/rest/v4/recap-fetch/{id}/"))
        .await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    house.remove().await;
}

#[tokio::test]
async fn vectors_30_to_35_lists_without_rows() {
    let house = house!();
    let v4 = house.ann("GET", "/api/rest/v4/recap-fetch/").await;
    assert_eq!(
        v4.text(),
        concat!(
            r#"{"count":"http://api.example.org/api/rest/v4/recap-fetch/?count=on","#,
            r#""next":null,"previous":null,"results":[]}"#
        )
    );
    let v3 = house.ann("GET", "/api/rest/v3/recap-fetch/").await;
    assert_eq!(
        v3.text(),
        r#"{"count":0,"next":null,"previous":null,"results":[]}"#
    );
    let unknown = house
        .ann("GET", "/api/rest/v4/recap-fetch/?foo=1&bar=2")
        .await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert_eq!(unknown.json()["unknown_params"], json!(["bar", "foo"]));
    let detail = |text: &str| json!({ "detail": text });
    for (path, text) in [
        ("v4/recap-fetch/?cursor=xxx", "Invalid cursor"),
        (
            "v3/recap-fetch/?page=101",
            "Invalid page: Deep API pagination is not allowed. Please review API documentation.",
        ),
        ("v3/recap-fetch/?page=2", "Invalid page."),
        ("v3/recap-fetch/?page=0", "Invalid page."),
        (
            "v3/recap-fetch/?page=x",
            "Invalid page: That page number is not an integer",
        ),
    ] {
        let answer = house.ann("GET", &format!("/api/rest/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.json(), detail(text), "{path}");
    }
    let by_number = house
        .ann("GET", "/api/rest/v4/recap-fetch/?order_by=zzz")
        .await;
    assert_eq!(
        by_number.text(),
        r#"{"count":0,"next":null,"previous":null,"results":[]}"#
    );
    house.remove().await;
}

#[tokio::test]
async fn forty_five_rows_are_walked_by_page_number() {
    let house = house!();
    let ids = house.requests("ann", 45).await;
    let base = "http://api.example.org/api/rest/v3/recap-fetch/";
    let first = house.ann("GET", "/api/rest/v3/recap-fetch/").await.json();
    assert_eq!(first["count"], 45);
    assert_eq!(first["next"], format!("{base}?page=2"));
    assert_eq!(first["previous"], Value::Null);
    let second = house.follow(&first["next"]).await;
    assert_eq!(second["previous"], base);
    let third = house.follow(&second["next"]).await;
    assert_eq!(
        (&third["next"], &third["previous"]),
        (&Value::Null, &json!(format!("{base}?page=2")))
    );
    let mut walked = numbers(&first);
    walked.extend(numbers(&second));
    walked.extend(numbers(&third));
    let newest_first: Vec<i64> = ids.iter().rev().copied().collect();
    assert_eq!(walked, newest_first);
    let last = house
        .ann("GET", "/api/rest/v3/recap-fetch/?page=last&order_by=id")
        .await
        .json();
    assert_eq!(numbers(&last), ids[40..]);
    house.remove().await;
}

#[tokio::test]
async fn forty_five_rows_are_walked_by_cursor_there_and_back() {
    let house = house!();
    let ids = house.requests("ann", 45).await;
    // A third of the rows have no date of completion.
    for order in [
        "",
        "id",
        "-date_created",
        "date_modified",
        "date_completed",
        "-date_completed",
    ] {
        let start = format!("/api/rest/v4/recap-fetch/?order_by={order}");
        let (forth, last) = house
            .walk(house.ann("GET", &start).await.json(), "next")
            .await;
        let mut sorted = forth.concat();
        sorted.sort_unstable();
        assert_eq!(sorted, ids, "{order}: every row once");
        assert_eq!(
            forth.iter().map(Vec::len).collect::<Vec<_>>(),
            [20, 20, 5],
            "{order}"
        );
        let (mut back, first) = house.walk(last, "previous").await;
        back.reverse();
        assert_eq!(back, forth, "{order}: the same pages backwards");
        assert_eq!(first["previous"], Value::Null);
    }
    let count = house
        .ann("GET", "/api/rest/v4/recap-fetch/?status=3&count=on")
        .await;
    assert_eq!(count.text(), r#"{"count":15}"#);
    let page = house
        .ann("GET", "/api/rest/v4/recap-fetch/?order_by=id")
        .await
        .json();
    let cursor = page["next"]
        .as_str()
        .unwrap()
        .replace("order_by=id", "order_by=date_created");
    assert_eq!(
        house.follow(&json!(cursor)).await,
        json!({"detail": "Invalid cursor"})
    );
    house.remove().await;
}

#[tokio::test]
async fn requests_are_filtered_and_what_a_filter_names_must_exist() {
    let house = house!();
    let ids = house.requests("ann", 6).await;
    let list = |query: &str| format!("/api/rest/v4/recap-fetch/?order_by=id&{query}");
    for (query, expected) in [
        ("status=3", vec![ids[2], ids[5]]),
        ("status!=3", vec![ids[0], ids[1], ids[3], ids[4]]),
        ("status__in=1,3", vec![ids[2], ids[5]]),
        ("status=", ids.clone()),
        ("docket=1&court=cand&request_type=1", ids.clone()),
        ("docket!=1", vec![]),
        ("docket_number=3:24-cv-09876&pacer_case_id__in=a,b", vec![]),
        ("page_size=2&fields=status&omit=id", ids.clone()),
    ] {
        assert_eq!(
            numbers(&house.ann("GET", &list(query)).await.json()),
            expected,
            "{query}"
        );
    }
    let choice = "Select a valid choice. That choice is not one of the available choices.";
    for name in ["docket", "court", "recap_document", "recap_document__in"] {
        let answer = house.ann("GET", &list(&format!("{name}=99"))).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(answer.json(), json!({ name: [choice] }));
    }
    house.remove().await;
}

#[tokio::test]
async fn a_docket_has_all_keys_in_order_and_absolute_links() {
    let house = house!();
    let answer = house.ann("GET", "/api/rest/v4/dockets/1/").await;
    let keys = [
        "resource_uri",
        "id",
        "court",
        "court_id",
        "original_court_info",
        "idb_data",
        "clusters",
        "audio_files",
        "assigned_to",
        "referred_to",
        "bankruptcy_information",
        "absolute_url",
        "date_created",
        "date_modified",
        "source",
        "appeal_from_str",
        "assigned_to_str",
        "referred_to_str",
        "panel_str",
        "date_last_index",
        "date_cert_granted",
        "date_cert_denied",
        "date_argued",
        "date_reargued",
        "date_reargument_denied",
        "date_filed",
        "date_terminated",
        "date_last_filing",
        "case_name_short",
        "case_name",
        "case_name_full",
        "slug",
        "docket_number",
        "docket_number_core",
        "docket_number_raw",
        "docket_number_source",
        "federal_dn_office_code",
        "federal_dn_case_type",
        "federal_dn_judge_initials_assigned",
        "federal_dn_judge_initials_referred",
        "federal_defendant_number",
        "pacer_case_id",
        "cause",
        "nature_of_suit",
        "jury_demand",
        "jurisdiction_type",
        "appellate_fee_status",
        "appellate_case_type_information",
        "mdl_status",
        "filepath_ia",
        "filepath_ia_json",
        "ia_upload_failure_count",
        "ia_needs_upload",
        "ia_date_first_change",
        "date_blocked",
        "blocked",
        "appeal_from",
        "parent_docket",
        "tags",
        "panel",
    ];
    assert_eq!(answer.keys(), keys);
    let docket = answer.json();
    let base = "http://api.example.org/api/rest/v4";
    assert_eq!(docket["resource_uri"], format!("{base}/dockets/1/"));
    assert_eq!(docket["court"], format!("{base}/courts/cand/"));
    assert_eq!(docket["bankruptcy_information"], Value::Null);
    assert_eq!(
        docket["absolute_url"],
        "/docket/1/acme-widgets-inc-v-example-bolts-llc/"
    );
    assert_eq!(docket["date_filed"], "2024-12-30");
    let some = house
        .ann("GET", "/api/rest/v4/dockets/1/?fields=id,case_name")
        .await;
    assert_eq!(
        some.text(),
        r#"{"id":1,"case_name":"Acme Widgets, Inc. v. Example Bolts LLC"}"#
    );
    let missing = house.ann("GET", "/api/rest/v4/dockets/77/").await;
    assert_eq!(
        missing.json(),
        json!({"detail": "No Docket matches the given query."})
    );
    let proxied = house.proxied("/api/rest/v3/dockets/1/").await.json();
    assert_eq!(
        proxied["resource_uri"],
        "https://front.example.org/api/rest/v3/dockets/1/"
    );
    let side = house
        .ann("GET", "/api/rest/v4/bankruptcy-information/")
        .await;
    assert_eq!(
        side.json()["results"][0]["docket"],
        format!("{base}/dockets/2/")
    );
    let empty = house
        .ann("GET", "/api/rest/v4/originating-court-information/")
        .await;
    assert_eq!(empty.json()["results"], json!([]));
    house.remove().await;
}

#[tokio::test]
async fn entries_have_their_documents_nested() {
    let house = house!();
    let path = "/api/rest/v4/docket-entries/?docket=1&order_by=recap_sequence_number,entry_number";
    let page = house.ann("GET", path).await.json();
    assert_eq!((&page["count"], numbers(&page)), (&json!(2), vec![1, 2]));
    let documents = &page["results"][0]["recap_documents"];
    assert_eq!(numbers(&json!({ "results": documents })), [1, 2]);
    assert_eq!(documents[0]["plain_text"], "the text");
    let slug = "acme-widgets-inc-v-example-bolts-llc";
    assert_eq!(documents[0]["absolute_url"], format!("/docket/1/1/{slug}/"));
    assert_eq!(
        documents[1]["absolute_url"],
        format!("/docket/1/1/1/{slug}/")
    );
    assert_eq!(page["results"][1]["recap_documents"][0]["absolute_url"], "");
    assert_eq!(page["results"][1]["entry_number"], Value::Null);
    let omitted = house
        .ann("GET", &format!("{path}&omit=recap_documents__plain_text"))
        .await
        .json();
    let keys = omitted["results"][0]["recap_documents"][0]
        .as_object()
        .unwrap();
    assert!(!keys.contains_key("plain_text") && keys.contains_key("description"));
    let chosen = "/api/rest/v4/docket-entries/1/?fields=id,recap_documents__id";
    let chosen = house.ann("GET", chosen).await;
    assert_eq!(
        chosen.text(),
        r#"{"id":1,"recap_documents":[{"id":1},{"id":2}]}"#
    );
    house.remove().await;
}

#[tokio::test]
async fn filters_lead_through_related_rows() {
    let house = house!();
    let none: Vec<i64> = Vec::new();
    let one = vec![1];
    for (query, expected) in [
        (
            "recap-documents/?docket_entry__docket__court=cand",
            vec![1, 2, 3],
        ),
        (
            "recap-documents/?docket_entry__docket__court!=cand",
            vec![4],
        ),
        (
            "recap-documents/?docket_entry__docket=1&is_available=TRUE",
            one.clone(),
        ),
        (
            "recap-documents/?docket_entry__docket__docket_number=3:24-cv-09876",
            vec![1, 2, 3],
        ),
        (
            "recap-documents/?docket_entry__docket__pacer_case_id=990123&document_type=2",
            vec![2],
        ),
        (
            "recap-documents/?docket_entry__docket__court__jurisdiction=FB",
            vec![4],
        ),
        (
            "recap-documents/?pacer_doc_id__in=035099000001,035099000002",
            vec![1, 2],
        ),
        (
            "recap-documents/?document_number__gte=1&docket_entry=1",
            vec![1, 2],
        ),
        ("recap-documents/?ocr_status=2", one.clone()),
        ("docket-entries/?recap_documents=2", one.clone()),
        ("docket-entries/?recap_documents__id=2", one.clone()),
        // Both conditions are about the same document, of which there is none.
        (
            "docket-entries/?recap_documents__document_type=2&recap_documents__is_available=1",
            none.clone(),
        ),
        (
            "docket-entries/?docket__id=1&entry_number__isnull=True",
            vec![2],
        ),
        ("docket-entries/?docket=1&entry_number!=1", vec![2]),
        (
            "docket-entries/?date_filed__range=2024-01-01,2024-12-31&docket=1",
            one.clone(),
        ),
        ("docket-entries/?date_filed__year=2025", vec![2]),
        (
            "dockets/?court=cand&docket_number_core__startswith=24",
            one.clone(),
        ),
        ("dockets/?court__jurisdiction=FB", vec![2]),
        ("dockets/?court__id__in=cand,cob", vec![1, 2]),
        (
            "dockets/?source__in=1,3&nature_of_suit__istartswith=contract",
            one.clone(),
        ),
        ("dockets/?id__gt=1", vec![2]),
        (
            "dockets/?docket_entries__entry_number=1&parties__name__iexact=ACME%20WIDGETS,%20INC.",
            one.clone(),
        ),
        (
            "dockets/?date_created__hour=9&date_created__second=6",
            one.clone(),
        ),
        (
            "dockets/?date_created__gte=2026-11-20T17:15:07%2B00:00",
            vec![2],
        ),
        (
            "parties/?docket=1&attorney=1&filter_nested_results=True",
            one.clone(),
        ),
        ("parties/?docket__court=cob", none.clone()),
        (
            "attorneys/?parties_represented=1&name__startswith=Robin",
            one.clone(),
        ),
        ("attorneys/?docket=2", none.clone()),
        ("bankruptcy-information/?docket=2", one.clone()),
    ] {
        let mark = if query.ends_with('/') { '?' } else { '&' };
        let answer = house
            .ann("GET", &format!("/api/rest/v4/{query}{mark}order_by=id"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        assert_eq!(numbers(&answer.json()), expected, "{query}");
    }
    for (query, field, message) in [
        ("dockets/?id=x", "id", "Enter a number."),
        ("dockets/?date_filed=x", "date_filed", "Enter a valid date."),
        (
            "dockets/?date_created__lt=x",
            "date_created__lt",
            "Enter a valid date/time.",
        ),
        (
            "dockets/?id__range=1",
            "id__range",
            "Range query expects two values.",
        ),
        (
            "dockets/?docket_number=%00",
            "docket_number",
            "Null characters are not allowed.",
        ),
        (
            "docket-entries/?docket=99",
            "docket",
            "Select a valid choice. That choice is not one of the available choices.",
        ),
    ] {
        let answer = house.ann("GET", &format!("/api/rest/v4/{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json(), json!({ field: [message] }), "{query}");
    }
    house.remove().await;
}

#[tokio::test]
async fn parties_and_attorneys_name_each_other() {
    let house = house!();
    let base = "http://api.example.org/api/rest/v4";
    let party = house.ann("GET", "/api/rest/v4/parties/1/").await;
    let keys = [
        "resource_uri",
        "id",
        "attorneys",
        "party_types",
        "date_created",
        "date_modified",
        "name",
        "extra_info",
    ];
    assert_eq!(party.keys(), keys);
    let party = party.json();
    assert_eq!(
        party["attorneys"],
        json!([{
            "attorney": format!("{base}/attorneys/1/"), "attorney_id": 1, "date_action": null,
            "docket": format!("{base}/dockets/1/"), "docket_id": 1, "role": 2,
        }])
    );
    assert_eq!(party["party_types"][0]["name"], "Defendant");
    assert_eq!(
        party["party_types"][0]["criminal_counts"],
        json!([{"id": 1, "name": "FRAUD", "disposition": "", "status": 1, "party_type": 1}])
    );
    let attorney = house.ann("GET", "/api/rest/v4/attorneys/1/").await;
    let keys = [
        "resource_uri",
        "id",
        "parties_represented",
        "date_created",
        "date_modified",
        "name",
        "contact_raw",
        "phone",
        "fax",
        "email",
    ];
    assert_eq!(attorney.keys(), keys);
    assert_eq!(
        attorney.json()["parties_represented"],
        json!([{
            "role": 2, "docket": format!("{base}/dockets/1/"),
            "party": format!("{base}/parties/1/"), "date_action": null,
        }])
    );
    house.remove().await;
}

#[tokio::test]
async fn courts_are_read_by_everybody() {
    let house = house!();
    let court = house.call("GET", "/api/rest/v4/courts/cand/", "").await;
    assert_eq!(court.status, StatusCode::OK);
    let court = court.json();
    assert_eq!(
        (&court["id"], &court["pacer_court_id"]),
        (&json!("cand"), &json!(35))
    );
    assert_eq!(
        (&court["jurisdiction"], &court["in_use"]),
        (&json!("FD"), &json!(true))
    );
    let list = "/api/rest/v4/courts/?jurisdiction=FD&jurisdiction=F";
    let page = house.call("GET", list, "").await.json();
    assert_eq!(page["count"], 94 + 13);
    let filtered = "/api/rest/v3/courts/?id__in=arb,okwd&short_name__istartswith=w.d.&fields=id";
    let filtered = house.call("GET", filtered, "").await.json();
    assert_eq!(filtered["results"], json!([{"id": "okwd"}]));
    assert_eq!(
        house.call("PUT", list, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        house.call("GET", "/api/rest/v4/dockets/", "").await.status,
        StatusCode::UNAUTHORIZED
    );
    let index = house.call("GET", "/api/rest/v4/", "").await.json();
    assert_eq!(
        index["dockets"],
        "http://api.example.org/api/rest/v4/dockets/"
    );
    house.remove().await;
}

#[tokio::test]
async fn a_stored_file_is_downloaded_with_an_account() {
    let house = house!();
    let path = "/recap/gov.uscourts.cand.990123/gov.uscourts.cand.990123.1.0.pdf";
    assert_eq!(
        house.call("GET", path, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    let file = house.ann("GET", path).await;
    assert_eq!(
        (file.status, file.body.as_ref()),
        (StatusCode::OK, house::FILE)
    );
    assert_eq!(file.header("content-type"), Some("application/pdf"));
    let length = house::FILE.len().to_string();
    assert_eq!(file.header("content-length"), Some(length.as_str()));
    let head = house.ann("HEAD", path).await;
    assert_eq!(
        (head.body.len(), head.header("content-length")),
        (0, Some(length.as_str()))
    );
    let missing = house
        .ann("GET", "/recap/gov.uscourts.cand.990123/nothing.pdf")
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    house.remove().await;
}

#[tokio::test]
async fn a_post_reaches_its_handler_with_and_without_the_slash() {
    let house = house!();
    for path in ["/api/rest/v3/recap-fetch/", "/api/rest/v4/recap-fetch"] {
        assert_eq!(
            house.call("POST", path, "").await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
        let answer = house.ann("POST", path).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{path}");
        assert_eq!(
            answer.header("allow"),
            Some("GET, POST, HEAD, OPTIONS"),
            "{path}"
        );
    }
    house.remove().await;
}

#[tokio::test]
async fn odd_values_never_break_the_database() {
    let house = house!();
    house.request("ann", 2).await;
    let odd = [
        "%00",
        "'",
        "%22;--",
        "-1",
        "99999999999999999999",
        "9223372036854775807",
        "1e9",
        "NaN",
        "0000-00-00",
        "-200000-01-01T00:00:00",
        "9999-12-31T23:59:59Z",
        "infinity",
        "%FF",
        ",",
        "{}",
    ];
    let parameters = [
        ("recap-fetch", "status"),
        ("recap-fetch", "docket"),
        ("recap-fetch", "docket_number"),
        ("recap-fetch", "cursor"),
        ("recap-fetch", "page"),
        ("recap-fetch", "order_by"),
        ("dockets", "id"),
        ("dockets", "id__range"),
        ("dockets", "court__position__lt"),
        ("dockets", "date_created__gte"),
        ("dockets", "date_filed__year"),
        ("dockets", "date_created__hour"),
        ("dockets", "nature_of_suit__istartswith"),
        ("dockets", "source__in"),
        ("recap-documents", "document_number__gte"),
        ("docket-entries", "entry_number__isnull"),
        ("docket-entries", "date_filed__range"),
        ("courts", "position"),
        ("courts", "page"),
        ("parties", "fields"),
        ("parties", "omit"),
    ];
    for (endpoint, parameter) in parameters {
        for value in odd {
            for version in ["v3", "v4"] {
                let path = format!("/api/rest/{version}/{endpoint}/?{parameter}={value}");
                let answer = house.ann("GET", &path).await;
                assert!(
                    !answer.status.is_server_error(),
                    "{path}: {}",
                    answer.text()
                );
            }
        }
    }
    // Far outside of what the database can hold: `f=date_created&p=-9223372036854775808&i=1`
    let cursor = "Zj1kYXRlX2NyZWF0ZWQmcD0tOTIyMzM3MjAzNjg1NDc3NTgwOCZpPTE=";
    let path = format!("/api/rest/v4/recap-fetch/?order_by=date_created&cursor={cursor}");
    assert_eq!(house.ann("GET", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        house.ann("GET", "/recap/%00.pdf").await.status,
        StatusCode::NOT_FOUND
    );
    house.remove().await;
}

#[tokio::test]
async fn places_describe_themselves() {
    let house = house!();
    let list = "/api/rest/v4/recap-fetch/";
    assert_eq!(
        house.call("OPTIONS", list, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    let requests = house.ann("OPTIONS", list).await.json();
    assert_eq!(requests["name"], "Pacer Fetch Request List");
    assert_eq!(
        requests["actions"]["POST"]["docket_number"]["max_length"],
        50
    );
    assert_eq!(
        requests["filters"]["status"]["lookup_types"],
        json!(["exact", "in"])
    );
    let orderings = json!(["id", "date_created", "date_modified", "date_completed"]);
    assert_eq!(requests["ordering"], orderings);
    let dockets = house.ann("OPTIONS", "/api/rest/v4/dockets/").await.json();
    assert_eq!(dockets["filters"]["court"]["type"], "RelatedFilter");
    house.remove().await;
}
