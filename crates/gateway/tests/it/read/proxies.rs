//! Headers that say who calls and where, from a proxy and from anybody else.

use axum::http::StatusCode;
use serde_json::Value;

const DOCKET: &str = "/api/rest/v3/dockets/1/";

#[tokio::test]
async fn links_lead_where_a_proxy_says_and_nobody_else() {
    let house = house!();
    let proxied = house.proxied("10.1.2.3", DOCKET).await.json();
    assert_eq!(
        proxied["resource_uri"],
        "https://front.example.org/api/rest/v3/dockets/1/"
    );
    let strangers = house.proxied("203.0.113.9", DOCKET).await.json();
    assert_eq!(
        strangers["resource_uri"],
        "http://inner:8000/api/rest/v3/dockets/1/"
    );

    house.requests("ann", 25).await;
    let list = "/api/rest/v4/recap-fetch/";
    for (from, base) in [
        ("10.1.2.3", "https://front.example.org"),
        ("203.0.113.9", "http://inner:8000"),
    ] {
        let page = house.proxied(from, list).await;
        assert_eq!(page.status, StatusCode::OK);
        let page: Value = page.json();
        for link in ["next", "count"] {
            let link = page[link].as_str().unwrap();
            assert!(link.starts_with(&format!("{base}{list}?")), "{link}");
        }
    }
}
