//! Pages of other origins, and callers who take compressed answers.

use std::io::Read;

use axum::http::StatusCode;
use flate2::read::GzDecoder;

const PAGE: &str = "https://pages.example.com";
const COURTS: &str = "/api/rest/v4/courts/";
const REQUESTS: &str = "/api/rest/v4/recap-fetch/";

#[tokio::test]
async fn a_browser_is_told_that_other_origins_may_read_and_nothing_else() {
    let house = house!();
    for path in [REQUESTS, "/api/rest/v3/dockets/1/", "/recap/x.pdf"] {
        for wanted in ["GET", "POST"] {
            let headers = [
                ("origin", PAGE),
                ("access-control-request-method", wanted),
                ("access-control-request-headers", "authorization"),
            ];
            // Browsers ask without a token.
            let answer = house.send("OPTIONS", path, &headers).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.body.is_empty());
            let told = |name: &str| answer.header(&format!("access-control-{name}"));
            assert_eq!(told("allow-origin"), Some(PAGE));
            assert_eq!(told("allow-credentials"), Some("true"));
            assert_eq!(told("allow-methods"), Some("GET, HEAD, OPTIONS"));
            let headers = told("allow-headers").unwrap();
            assert!(headers.contains("authorization"), "{headers}");
            assert!(told("max-age").is_some());
        }
    }
    // Who asks what there is asks something else, and needs a token as ever.
    let described = house.send("OPTIONS", REQUESTS, &[("origin", PAGE)]).await;
    assert_eq!(described.status, StatusCode::UNAUTHORIZED);
    let described = house.ann("OPTIONS", REQUESTS).await;
    assert!(described.json()["actions"].is_object());
}

#[tokio::test]
async fn pages_of_other_origins_read_answers_and_refusals() {
    let house = house!();
    let token = ("authorization", "Token token-of-ann");
    for (path, headers, status) in [
        (REQUESTS, &[token, ("origin", PAGE)][..], 200),
        (REQUESTS, &[("origin", PAGE)], 401),
        ("/nowhere", &[("origin", PAGE)], 404),
    ] {
        let answer = house.send("GET", path, headers).await;
        assert_eq!(answer.status.as_u16(), status);
        let told = |name: &str| answer.header(&format!("access-control-{name}"));
        assert_eq!(told("allow-origin"), Some(PAGE));
        assert_eq!(told("allow-credentials"), Some("true"));
        assert!(told("expose-headers").unwrap().contains("retry-after"));
        assert!(answer.varies_by("origin"));
    }
    let own = house.ann("GET", REQUESTS).await;
    assert_eq!(own.header("access-control-allow-origin"), None);
    assert!(own.varies_by("origin"), "another answer for who has one");
}

/// A browser that knows a user's name and password sends them along with whatever any page asks.
#[tokio::test]
async fn no_page_reads_by_the_password_that_a_browser_knows() {
    let house = house!();
    // `ann:token-of-ann`
    let basic = ("authorization", "Basic YW5uOnRva2VuLW9mLWFubg==");
    let answer = house
        .send("GET", REQUESTS, &[basic, ("origin", PAGE)])
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn answers_are_compressed_for_who_takes_that() {
    let house = house!();
    let plain = house.ann_asking(COURTS, &[]).await;
    assert_eq!(plain.header("content-encoding"), None);
    assert!(plain.varies_by("accept-encoding"));

    let answer = house
        .ann_asking(COURTS, &[("accept-encoding", "gzip")])
        .await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.body.len() * 3 < plain.body.len());
    let mut unpacked = Vec::new();
    let mut packed = GzDecoder::new(&*answer.body);
    packed.read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);

    let answer = house
        .ann_asking(COURTS, &[("accept-encoding", "gzip, zstd")])
        .await;
    assert_eq!(answer.header("content-encoding"), Some("zstd"));
    let unpacked = zstd::decode_all(&*answer.body).unwrap();
    assert_eq!(unpacked, plain.body);

    // Small ones are not worth it.
    let small = house.ann_asking(
        "/api/rest/v4/courts/cand/?fields=id",
        &[("accept-encoding", "gzip")],
    );
    assert_eq!(small.await.header("content-encoding"), None);
}

/// It cannot read the answer, but the request would be gone.
#[tokio::test]
async fn no_page_of_another_site_cancels_by_the_password_that_a_browser_knows() {
    let house = house!();
    let waiting = house.request("ann", 5).await;
    let cancel = format!("/api/rest/v4/recap-fetch/{waiting}/cancel/");
    let basic = ("authorization", "Basic YW5uOnRva2VuLW9mLWFubg==");
    let host = ("host", "api.example.org");
    let row = format!("/api/rest/v4/recap-fetch/{waiting}/");
    let is_waiting = async || house.ann("GET", &row).await.json()["status"] != 3;
    for from in [
        &[("sec-fetch-site", "cross-site"), ("origin", PAGE)][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", PAGE)],
        &[("origin", "null")],
    ] {
        for path in [&cancel, REQUESTS, "/api/rest/v3/recap-fetch/login/"] {
            let headers = [&[host, basic], from].concat();
            let answer = house.send("POST", path, &headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {from:?}");
            let said = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(said.starts_with("A page of another site"), "{said}");
        }
        assert!(is_waiting().await, "{from:?}");
    }
    // Reading is left to the browser, and so is a method that is none.
    let headers = [host, basic, ("sec-fetch-site", "cross-site")];
    let read = house.send("GET", REQUESTS, &headers).await;
    assert_eq!(read.status, StatusCode::OK);
    // A page of ours may, and so may every program, whatever it sends.
    let own = [
        host,
        basic,
        ("sec-fetch-site", "same-origin"),
        ("origin", "http://api.example.org"),
    ];
    let cancelled = house.send("POST", &cancel, &own).await;
    assert_eq!(cancelled.status, StatusCode::OK, "{}", cancelled.text());
    let token = ("authorization", "Token token-of-ann");
    for headers in [
        &[host, basic][..],
        &[host, basic, ("origin", "https://api.example.org")],
        &[
            host,
            token,
            ("sec-fetch-site", "cross-site"),
            ("origin", PAGE),
        ],
    ] {
        let again = house.send("POST", &cancel, headers).await;
        assert_eq!(again.status, StatusCode::OK, "{headers:?}");
    }
    assert!(!is_waiting().await);
}
