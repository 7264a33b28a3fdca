//! Who may come in, and what a place says of itself.

use axum::http::StatusCode;
use serde_json::json;

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
        ("courts", "jurisdiction"),
        ("dockets", "court__jurisdiction"),
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
}

/// Typed clients are made after what a place says of itself, so that must be what it answers.
#[tokio::test]
async fn a_place_lists_the_fields_that_its_rows_have() {
    let house = house!();
    house
        .execute("insert into originating_court_information (docket_id) values (1)")
        .await;
    for (list, row) in [
        ("dockets", "1"),
        ("docket-entries", "1"),
        ("recap-documents", "1"),
        ("parties", "1"),
        ("attorneys", "1"),
        ("bankruptcy-information", "1"),
        ("originating-court-information", "1"),
        ("courts", "cand"),
    ] {
        let base = format!("/api/rest/v4/{list}/");
        let shown = house.ann("GET", &format!("{base}{row}/")).await;
        assert_eq!(shown.status, StatusCode::OK, "{base}");
        for (path, method) in [(base.clone(), "POST"), (format!("{base}{row}/"), "PUT")] {
            let told = house.ann("OPTIONS", &path).await.json();
            let fields = &told["actions"][method];
            let names: Vec<&String> = fields
                .as_object()
                .unwrap_or_else(|| panic!("{path}: {told}"))
                .keys()
                .collect();
            let mut keys = shown.keys();
            keys.sort_unstable();
            assert_eq!(names, keys.iter().collect::<Vec<_>>(), "{path}");
            for (name, field) in fields.as_object().unwrap() {
                assert_eq!(field["read_only"], json!(true), "{path} {name}");
                assert!(
                    fits(&field["type"], &shown.json()[name]),
                    "{path} {name}: {field}"
                );
            }
        }
    }
    let dockets = house.ann("OPTIONS", "/api/rest/v4/dockets/").await;
    let begins = r#""actions":{"POST":{"resource_uri":{"type":"field","required":false,"read_only":true,"label":"Resource uri"},"id":{"type":"integer""#;
    assert!(dockets.text().contains(begins), "{}", dockets.text());
    let courts = house.ann("OPTIONS", "/api/rest/v4/courts/").await.json();
    let class = &courts["filters"]["jurisdiction"];
    assert_eq!(class["type"], "MultipleChoiceFilter");
    assert_eq!(
        class["choices"][1],
        json!({"value": "FD", "display_name": "Federal District"})
    );
}

/// Whether a value is of a type as `OPTIONS` names it.
fn fits(told: &serde_json::Value, value: &serde_json::Value) -> bool {
    match told.as_str().unwrap() {
        "integer" => value.is_i64() || value.is_null(),
        "float" => value.is_f64(),
        "boolean" => value.is_boolean() || value.is_null(),
        "nested object" => value.is_object() || value.is_null(),
        "field" => value.is_string() || value.is_array() || value.is_null(),
        "string" | "choice" | "date" | "datetime" | "time" => value.is_string() || value.is_null(),
        other => panic!("no such type: {other}"),
    }
}

#[tokio::test]
async fn where_nothing_is_the_answer_says_what_there_is() {
    let house = house!();
    let base = "http://api.example.org";
    for (method, path) in [
        ("GET", "/favicon.ico"),
        ("GET", "/api/"),
        ("GET", "/api/rest/v5/recap-fetch/"),
        ("GET", "/api/rest/v4/opinions/"),
        ("POST", "/api/rest/v4/search/"),
        ("GET", "/nothing/%FF"),
    ] {
        let answer = house.call(method, path, "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/json"),
            "{path}"
        );
        let said = answer.json();
        assert_eq!(said["detail"], "Not found.", "{path}");
        assert_eq!(
            said["index"]["v4"],
            format!("{base}/api/rest/v4/"),
            "{path}"
        );
        assert_eq!(
            said["endpoints"]["dockets"],
            format!("{base}/api/rest/v4/dockets/"),
            "{path}"
        );
    }
    let root = house.call("GET", "/", "").await;
    assert_eq!(root.status, StatusCode::OK);
    assert_eq!(root.json()["index"]["v3"], format!("{base}/api/rest/v3/"));
    assert_eq!(root.json().get("detail"), None);
    assert_eq!(house.call("HEAD", "/", "").await.status, StatusCode::OK);
    let posted = house.ann("POST", "/").await;
    assert_eq!(posted.header("allow"), Some("GET, HEAD"));

    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (path, status) in [
        ("/", StatusCode::OK),
        ("/favicon.ico", StatusCode::NOT_FOUND),
    ] {
        let page = house.call_accepting(path, browser).await;
        assert_eq!(page.status, status, "{path}");
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(page.header("vary"), Some("Accept"));
        assert!(
            page.text()
                .contains(r#"<a href="http://localhost/api/rest/v4/dockets/">"#),
            "{}",
            page.text()
        );
    }
    // Lists speak JSON to browsers as well.
    let list = house.call_accepting("/api/rest/v4/courts/", browser).await;
    assert_eq!(list.header("content-type"), Some("application/json"));
}
