//! Files: who may open one, in which parts, and under which name.

use axum::http::StatusCode;
use gateway::{file_access::FileRules, lists::ListRules};
use serde_json::{Value, json};

use crate::house::{FILE, House};

const PATH: &str = "/recap/gov.uscourts.cand.990123/gov.uscourts.cand.990123.1.0.pdf";

#[tokio::test]
async fn a_stored_file_comes_in_parts_and_only_to_who_does_not_have_it() {
    let house = house!();
    let whole = house.ann("GET", PATH).await;
    let etag = whole.header("etag").unwrap().to_owned();
    assert_eq!(etag.len(), 66, "a strong tag, the digest: {etag}");
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let modified = whole.header("last-modified").unwrap().to_owned();
    let asked = async |headers: &[(&str, &str)]| house.ann_asking(PATH, headers).await;

    let size = FILE.len();
    for (range, from, to) in [
        ("bytes=0-3", 0, 4),
        ("bytes=5-5", 5, 6),
        ("bytes=9-", 9, size),
        ("bytes=9-9999", 9, size),
        ("bytes=-5", size - 5, size),
        ("bytes=-9999", 0, size),
    ] {
        for condition in [None, Some(&*etag), Some(&*modified)] {
            let mut headers = vec![("range", range)];
            headers.extend(condition.map(|condition| ("if-range", condition)));
            let part = asked(&headers).await;
            assert_eq!(part.status, 206, "{range} {condition:?}");
            assert_eq!(part.body, FILE[from..to], "{range}");
            let told = format!("bytes {from}-{}/{size}", to - 1);
            assert_eq!(part.header("content-range"), Some(&*told), "{range}");
            let length = (to - from).to_string();
            assert_eq!(part.header("content-length"), Some(&*length), "{range}");
            assert_eq!(part.header("etag"), Some(&*etag));
        }
    }
    // Another file than the caller has begun to read, several parts at once, and no range at all.
    for headers in [
        [("range", "bytes=0-3"), ("if-range", "\"another\"")],
        [
            ("range", "bytes=0-3"),
            ("if-range", "Sat, 01 Jan 2000 00:00:00 GMT"),
        ],
        [("range", "bytes=0-3,9-12"), ("accept", "*/*")],
        [("range", "lines=0-3"), ("accept", "*/*")],
        [("range", "bytes=7-3"), ("accept", "*/*")],
    ] {
        let all = asked(&headers).await;
        assert_eq!(
            (all.status.as_u16(), &*all.body),
            (200, FILE),
            "{headers:?}"
        );
    }
    let beyond = asked(&[("range", "bytes=9999-")]).await;
    let told = format!("bytes */{size}");
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.header("content-range"), Some(&*told));

    for known in [&*etag, "*", &format!("\"another\", {etag}")] {
        let known = asked(&[("if-none-match", known), ("range", "bytes=0-3")]).await;
        assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
        assert_eq!(known.header("etag"), Some(&*etag));
    }
    let changed = asked(&[("if-none-match", "\"another\"")]).await;
    assert_eq!((changed.status.as_u16(), &*changed.body), (200, FILE));

    let (old, late) = (
        "Sat, 01 Jan 2000 00:00:00 GMT",
        "Fri, 01 Jan 2100 00:00:00 GMT",
    );
    for since in [&*modified, late] {
        let known = asked(&[("if-modified-since", since), ("range", "bytes=0-3")]).await;
        assert_eq!(
            (known.status.as_u16(), known.body.len()),
            (304, 0),
            "{since}"
        );
        assert_eq!(known.header("last-modified"), Some(&*modified));
    }
    // An older copy, what is no time, and a digest, which goes before times.
    for headers in [
        [("if-modified-since", old), ("accept", "*/*")],
        [("if-modified-since", "yesterday"), ("accept", "*/*")],
        [
            ("if-modified-since", late),
            ("if-none-match", "\"another\""),
        ],
        [("if-modified-since", late), ("if-none-match", "no tag")],
    ] {
        let all = asked(&headers).await;
        assert_eq!(
            (all.status.as_u16(), &*all.body),
            (200, FILE),
            "{headers:?}"
        );
    }
}

/// A path can be given another file, and that may have been stored long before.
#[tokio::test]
async fn a_file_is_no_older_than_what_is_known_of_its_document() {
    let house = house!();
    let changed = "update recap_documents set date_modified = '2100-01-01T00:00:00Z'";
    house.execute(changed).await;
    let file = house.ann("GET", PATH).await;
    let modified = file.header("last-modified");
    assert_eq!(modified, Some("Fri, 01 Jan 2100 00:00:00 GMT"));
}

#[tokio::test]
async fn a_file_says_its_name_and_who_may_keep_it() {
    let house = house!();
    let name = r#"inline; filename="gov.uscourts.cand.990123.1.0.pdf""#;
    for (method, headers, status) in [
        ("GET", vec![], 200),
        ("HEAD", vec![], 200),
        ("GET", vec![("range", "bytes=0-3")], 206),
    ] {
        let mut sent = vec![("authorization", "Token token-of-ann")];
        sent.extend(headers);
        let file = house.send(method, PATH, &sent).await;
        assert_eq!(file.status, status, "{method}");
        assert_eq!(file.header("content-disposition"), Some(name), "{method}");
        assert_eq!(file.header("cache-control"), Some("private, no-cache"));
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    }
    // What a court calls a case becomes a part of the name.
    let odd = r#"update recap_documents set filepath_local = E'recap/a"\r\nX-Evil: é.pdf'
                 where sha256 is not null"#;
    house.execute(odd).await;
    let odd = "/recap/a%22%0D%0AX-Evil:%20%C3%A9.pdf";
    let file = house.ann("GET", odd).await;
    assert_eq!((file.status.as_u16(), &*file.body), (200, FILE));
    let name = "inline; filename=\"a___X-Evil: _.pdf\"; \
                filename*=UTF-8''a%22%0D%0AX-Evil%3A%20%C3%A9.pdf";
    assert_eq!(file.header("content-disposition"), Some(name));
    assert_eq!(file.header("x-evil"), None);
    let link = download_url(&house).await;
    assert_eq!(house.call("GET", &link, "").await.body, FILE);
}

/// The path and query of the link to the one file, as a document says it.
async fn download_url(house: &House) -> String {
    let id = house.document_with_file().await;
    let path = format!("/api/rest/v4/recap-documents/{id}/?expand=download_url");
    let document = house.ann("GET", &path).await.json();
    let url = document["download_url"].as_str();
    let url = url.unwrap_or_else(|| panic!("no link: {document}"));
    let rest = url.strip_prefix("http://api.example.org");
    rest.unwrap_or_else(|| panic!("not ours: {url}")).to_owned()
}

#[tokio::test]
async fn a_document_has_a_link_for_those_who_name_it_and_nobody_else_sees_a_key_more() {
    let house = house!();
    let id = house.document_with_file().await;
    let get = async |query: &str| house.ann("GET", &format!("/api/rest/v4/{query}")).await;
    let plain = get(&format!("recap-documents/{id}/")).await.keys();
    assert_eq!(plain.last().unwrap(), "acms_document_guid");
    let more = get(&format!("recap-documents/{id}/?expand=download_url"))
        .await
        .keys();
    assert_eq!(
        (&more[..plain.len()], &more[plain.len()..]),
        (&*plain, &["download_url".into()][..])
    );
    for query in ["fields=download_url,id", "fields=id&expand=download_url"] {
        let chosen = get(&format!("recap-documents/?is_available=true&{query}")).await;
        let rows = chosen.json()["results"].as_array().unwrap().clone();
        assert_eq!(rows[0].as_object().unwrap().len(), 2, "{query}: {rows:?}");
    }
    let omitted = format!("recap-documents/{id}/?expand=download_url&omit=download_url");
    assert_eq!(get(&omitted).await.keys(), plain);
    let entry = get("docket-entries/1/?expand=recap_documents__download_url")
        .await
        .json();
    let links: Vec<bool> = entry["recap_documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["download_url"].is_string())
        .collect();
    assert_eq!(links, [true, false], "only what is there has a link");
    assert_eq!(entry["recap_documents"][1]["download_url"], Value::Null);
    for (path, name) in [
        ("recap-documents/?expand=text", "text"),
        ("docket-entries/?expand=download_url", "download_url"),
    ] {
        let refused = get(path).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        let text = format!("Select a valid choice. {name} is not one of the available choices.");
        assert_eq!(refused.json(), json!({"expand": [text]}));
    }
    let unknown = get("dockets/?expand=download_url").await.json();
    assert_eq!(unknown["unknown_params"], json!(["expand"]));
}

#[tokio::test]
async fn a_link_opens_one_file_without_a_token_and_nothing_else() {
    let house = house!();
    let link = download_url(&house).await;
    let (path, query) = link.split_once('?').unwrap();
    assert_eq!(path, PATH);
    for (method, body) in [("GET", FILE), ("HEAD", b"")] {
        let file = house.call(method, &link, "").await;
        assert_eq!((file.status.as_u16(), &*file.body), (200, body), "{method}");
    }
    let part = house.send("GET", &link, &[("range", "bytes=1-3")]).await;
    assert_eq!((part.status.as_u16(), &*part.body), (206, &FILE[1..4]));
    // A token still opens everything, whatever stands behind it.
    let forged = format!("{PATH}?expires=9999999999&signature=AAAA");
    assert_eq!(house.ann("GET", &forged).await.body, FILE);

    // Another path, whether it is there or not, is answered alike.
    let another = "insert into recap_documents (docket_entry_id, document_type, document_number,
            is_available, sha256, file_size, filepath_local)
        select 2, 1, '9', true, sha256, file_size, 'recap/another.pdf' from recap_documents
        where sha256 is not null";
    house.execute(another).await;
    assert_eq!(house.ann("GET", "/recap/another.pdf").await.body, FILE);
    for path in ["/recap/another.pdf", "/recap/nothing.pdf", "/recap/%00.pdf"] {
        let refused = house.call("GET", &format!("{path}?{query}"), "").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        let sentence = "This link is not valid. Ask for the document again, which has a new link, \
                        or send a token.";
        assert_eq!(refused.json(), json!({"detail": sentence}), "{path}");
    }
    // Nor does it open what is no file, or more than reading.
    for path in ["recap-documents/", "recap-fetch/", "dockets/1/"] {
        let path = format!("/api/rest/v4/{path}?{query}");
        assert_eq!(
            house.call("GET", &path, "").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    for method in ["POST", "DELETE"] {
        let refused = house.call(method, &link, "").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{method}");
    }
    // Another deployment's.
    let Some(stranger) = House::build().await else {
        return;
    };
    assert_eq!(
        stranger.call("GET", &link, "").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn files_can_be_opened_to_everybody() {
    let rules = FileRules {
        open: true,
        ..FileRules::default()
    };
    let Some(house) = House::with(rules, ListRules::default()).await else {
        return;
    };
    let file = house.call("GET", PATH, "").await;
    assert_eq!((file.status.as_u16(), &*file.body), (200, FILE));
    assert_eq!(file.header("cache-control"), Some("public, no-cache"));
    assert_eq!(download_url(&house).await, PATH);
    assert_eq!(
        house.call("GET", PATH, "Token nonsense").await.status,
        StatusCode::UNAUTHORIZED
    );
    let missing = house.call("GET", "/recap/nothing.pdf", "").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let documents = house.call("GET", "/api/rest/v4/recap-documents/", "").await;
    assert_eq!(documents.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_stored_file_is_downloaded_with_an_account() {
    let house = house!();
    assert_eq!(
        house.call("GET", PATH, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    let file = house.ann("GET", PATH).await;
    assert_eq!((file.status, file.body.as_ref()), (StatusCode::OK, FILE));
    assert_eq!(file.header("content-type"), Some("application/pdf"));
    let length = FILE.len().to_string();
    assert_eq!(file.header("content-length"), Some(length.as_str()));
    let head = house.ann("HEAD", PATH).await;
    assert_eq!(
        (head.body.len(), head.header("content-length")),
        (0, Some(length.as_str()))
    );
    let missing = house
        .ann("GET", "/recap/gov.uscourts.cand.990123/nothing.pdf")
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
