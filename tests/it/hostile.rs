//! Hundreds of requests that nobody sends in good faith: none breaks anything, and each is answered
//! as if somebody had.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, bail, ensure};
use dev_stack::Builder;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use testkit::Account;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(60);

const SUBMIT: &str = "/api/rest/v4/recap-fetch/";

/// The bytes of a request, and what is wrong with it.
struct Hostile {
    about: String,
    bytes: Vec<u8>,
    /// It never ends properly, so that a connection that is closed in order is an answer as well.
    is_torn: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_requests_are_answered_and_break_nothing() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    // What is wrong with a login is one reason among many, and must not keep all that comes after it waiting.
    let stack = stack
        .with(Builder::plain_front)
        .with(|builder| {
            builder
                .setting("login", "LOGIN_MIN_GAP_MS", "0")
                .setting("login", "LOGIN_MAX_PER_HOUR", "3600")
                .setting("login", "LOGIN_MAX_REFUSED_PER_HOUR", "3600")
        })
        .start()
        .await?;
    let api = stack.user("mallory").await?;
    // From here on this account has a session, and what is right in a body is accepted.
    let body = base().to_string();
    let first = api.post_bytes("application/json", body.as_bytes()).await?;
    ensure!(first.status == 201, "{first:?}");
    let address = api.url.trim_start_matches("http://").to_owned();

    let mut hostile = Vec::new();
    hostile.extend(wrong_values(&api.token));
    hostile.extend(wrong_bodies(&api.token));
    hostile.extend(torn_multipart(&api.token));
    hostile.extend(large_bodies(&api.token));
    hostile.extend(header_bombs(&api.token));
    hostile.extend(path_tricks(&api.token));
    hostile.extend(tampered_cursors(&api.token));
    hostile.extend(smuggling(&api.token));
    ensure!(hostile.len() >= 300, "only {} are sent", hostile.len());

    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    let mut broken = Vec::new();
    for one in &hostile {
        match timeout(PATIENCE, exchange(&address, one)).await {
            Ok(Ok(status)) if status < 500 => *statuses.entry(status).or_default() += 1,
            Ok(Ok(status)) => broken.push(format!("{status}: {}", one.about)),
            Ok(Err(error)) => broken.push(format!("{error:#}: {}", one.about)),
            Err(_) => broken.push(format!("no answer: {}", one.about)),
        }
    }
    println!("{} hostile requests: {statuses:?}", hostile.len());
    ensure!(broken.is_empty(), "{}", broken.join("\n"));

    // It is as well as before.
    api.get("recap-fetch/").await?;
    stack.stop().await
}

/// Sends it, and takes the answer to its end. The status; 0 if the connection was closed in order
/// without one, or with one that is not of HTTP/1.
async fn exchange(address: &str, hostile: &Hostile) -> anyhow::Result<u16> {
    let stream = TcpStream::connect(address).await?;
    let (mut reader, mut writer) = stream.into_split();
    let bytes = hostile.bytes.clone();
    let is_torn = hostile.is_torn;
    let writing = tokio::spawn(async move {
        // Whoever is refused early may be hung up on while it still writes.
        let _ = writer.write_all(&bytes).await;
        if is_torn {
            let _ = writer.shutdown().await;
        }
        writer
    });
    let mut answer = Vec::new();
    reader.read_to_end(&mut answer).await.context("reset")?;
    drop(writing.await?);
    let text = String::from_utf8_lossy(&answer);
    match text.strip_prefix("HTTP/1.1 ") {
        Some(rest) => Ok(rest.get(..3).context("a status")?.parse()?),
        None if is_torn => Ok(0),
        None => bail!("no answer but {:?}", text.get(..40)),
    }
}

fn hostile(about: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Hostile {
    Hostile {
        about: about.into(),
        bytes: bytes.into(),
        is_torn: false,
    }
}

fn head(token: &str, method: &str, target: &str, more: &str) -> Vec<u8> {
    format!(
        "{method} {target} HTTP/1.1\r\nHost: here\r\nAuthorization: Token {token}\r\n\
         Connection: close\r\n{more}\r\n"
    )
    .into_bytes()
}

fn post(token: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let more = format!("Content-Type: {media_type}\r\nContent-Length: {length}\r\n");
    [head(token, "POST", SUBMIT, &more), body.to_vec()].concat()
}

/// A request that would be accepted, and begun tomorrow.
fn base() -> Value {
    let account = Account::demo();
    let tomorrow = chrono::Utc::now() + chrono::Duration::hours(20);
    json!({
        "request_type": 1, "docket_number": "5:16-cv-00432", "court": "okwd",
        "pacer_username": account.username, "pacer_password": account.password.expose_secret(),
        "not_before": tomorrow,
    })
}

/// Every field with values of the wrong type, of odd letters, and beyond all bounds.
fn wrong_values(token: &str) -> Vec<Hostile> {
    let fields = [
        "request_type",
        "docket",
        "recap_document",
        "docket_number",
        "pacer_case_id",
        "court",
        "pacer_username",
        "pacer_password",
        "client_code",
        "otp_code",
        "max_cost_cents",
        "not_before",
        "lane",
        "on_doubt",
        "skip_if_unchanged",
        "de_date_start",
        "de_number_start",
        "show_parties_and_counsel",
    ];
    let long = format!("\"{}\"", "é".repeat(20_000));
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let values = [
        "null",
        "true",
        "-1",
        "0.1",
        "1e400",
        "99999999999999999999999",
        "-9223372036854775809",
        "[]",
        "{\"a\":{\"b\":[]}}",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\u202e\\ufeff\\u0301\"",
        "\"'; drop table users; --\"",
        "\"\\r\\nSet-Cookie: a=b\"",
        &long,
        &deep,
    ];
    let mut all = Vec::new();
    for field in fields {
        for value in values {
            let mut whole = base();
            if let Some(fields) = whole.as_object_mut() {
                fields.remove(field);
            }
            let rest = whole.to_string();
            let body = format!("{{\"{field}\":{value},{}", &rest[1..]);
            let shown: String = value.chars().take(30).collect();
            all.push(hostile(
                format!("{field} is {shown}"),
                post(token, "application/json", body.as_bytes()),
            ));
        }
    }
    all
}

/// Bodies that are none.
fn wrong_bodies(token: &str) -> Vec<Hostile> {
    let deep = "[".repeat(10_000);
    let deep_object = "{\"a\":".repeat(10_000);
    let doubled = format!(
        "{{\"request_type\":1,\"request_type\":2,{}",
        &base().to_string()[1..]
    );
    let many: Vec<String> = (0..5_000)
        .map(|number| format!("\"f{number}\":1"))
        .collect();
    let many = format!("{{{}}}", many.join(","));
    let form_of_many = "a=1&".repeat(20_000);
    let bodies: [(&str, &[u8]); 26] = [
        ("application/json", deep.as_bytes()),
        ("application/json", deep_object.as_bytes()),
        ("application/json", doubled.as_bytes()),
        ("application/json", many.as_bytes()),
        ("application/json", b""),
        ("application/json", b"{"),
        ("application/json", b"nul"),
        ("application/json", b"\xff\xfe{\x00}\x00"),
        ("application/json", b"\xef\xbb\xbf{}"),
        ("application/json", b"{\"a\":\"\xff\"}"),
        ("application/json", b"{} {}"),
        ("application/json", b"NaN"),
        ("application/json", b"[[[]]]"),
        ("application/json", b"\"text\""),
        ("application/json", b"1e99999"),
        ("application/x-www-form-urlencoded", b"%"),
        ("application/x-www-form-urlencoded", b"%zz=%00&=&&&=="),
        ("application/x-www-form-urlencoded", b"request_type=%ff%fe"),
        (
            "application/x-www-form-urlencoded",
            b"request_type=1&request_type=2",
        ),
        ("application/x-www-form-urlencoded", form_of_many.as_bytes()),
        (
            "application/x-www-form-urlencoded; charset=utf-7",
            b"+AGE=1",
        ),
        ("text/plain", b"hello"),
        (
            "application/xml",
            b"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
        ),
        ("application/", b"a"),
        (";;;", b"a"),
        ("application/json; charset=\"", b"{}"),
    ];
    let bodies = bodies.into_iter().enumerate();
    let bodies = bodies.map(|(number, (media_type, body))| {
        hostile(
            format!("body {number} of {media_type}"),
            post(token, media_type, body),
        )
    });
    bodies.collect()
}

fn torn_multipart(token: &str) -> Vec<Hostile> {
    let part = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    let many = part.repeat(2_000);
    let bodies = [
        ("boundary=X", ""),
        ("boundary=X", "--X"),
        ("boundary=X", "--X--"),
        ("boundary=X", part),
        ("boundary=X", "--X\r\n\r\n\r\n--X--"),
        (
            "boundary=X",
            "--X\r\nContent-Disposition: form-data\r\n\r\n1\r\n--X--",
        ),
        (
            "boundary=X",
            "--X\r\nContent-Disposition: form-data; name=\"\0\"\r\n\r\n1\r\n--X--",
        ),
        (
            "boundary=X",
            "--X\r\nContent-Disposition: form-data; name=\"a",
        ),
        ("boundary=Y", part),
        ("boundary=", part),
        ("", part),
        ("boundary=X", many.as_str()),
    ];
    let bodies = bodies.into_iter().enumerate();
    let bodies = bodies.map(|(number, (boundary, body))| {
        let media_type = format!("multipart/form-data; {boundary}");
        let bytes = post(token, &media_type, body.as_bytes());
        hostile(format!("multipart {number}"), bytes)
    });
    bodies.collect()
}

fn large_bodies(token: &str) -> Vec<Hostile> {
    let ten_megabytes = vec![b'a'; 10 << 20];
    let media_types = [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=X",
        "application/octet-stream",
    ];
    let mut all = Vec::new();
    for media_type in media_types {
        for token in [token, "nobodys"] {
            all.push(hostile(
                format!("10 MB of {media_type} with the token {token}"),
                post(token, media_type, &ten_megabytes),
            ));
        }
    }
    for target in ["/api/rest/v4/dockets/", "/nowhere", "/recap/x.pdf"] {
        let length = ten_megabytes.len();
        let more = format!("Content-Length: {length}\r\n");
        let bytes = [head(token, "POST", target, &more), ten_megabytes.clone()].concat();
        all.push(hostile(format!("10 MB to {target}"), bytes));
    }
    all
}

fn header_bombs(token: &str) -> Vec<Hostile> {
    let mut all = Vec::new();
    let get = |about: &str, more: &str| hostile(about, head(token, "GET", SUBMIT, more));
    all.push(get("500 headers", &"X-A: b\r\n".repeat(500)));
    all.push(get(
        "a header of 1 MB",
        &format!("X-A: {}\r\n", "a".repeat(1 << 20)),
    ));
    all.push(get(
        "a name of 70 kB",
        &format!("{}: b\r\n", "a".repeat(70_000)),
    ));
    all.push(get("a header without a name", ": b\r\n"));
    all.push(get("a folded header", "X-A: b\r\n c\r\n"));
    all.push(get("a NUL in a header", "X-A: \0\r\n"));
    all.push(get("a bare line feed", "X-A: b\nX-C: d\r\n"));
    for accept in [
        "*/*;q=NaN",
        "application/json;q=-1",
        ",,,,",
        "\"",
        "a/b/c",
        "*/*;q=1e400",
    ] {
        all.push(get(accept, &format!("Accept: {accept}\r\n")));
    }
    for key in [
        "",
        "\x07",
        "a b",
        "é",
        &"k".repeat(256),
        &"k".repeat(60_000),
    ] {
        let body = base().to_string();
        let more = format!(
            "Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {}\r\n",
            body.len()
        );
        let bytes = [head(token, "POST", SUBMIT, &more), body.into_bytes()].concat();
        let shown: String = key.chars().take(10).collect();
        all.push(hostile(format!("the key {shown:?}"), bytes));
    }
    for value in [
        "Token",
        "Token a b",
        "Basic ====",
        "Basic AAAA",
        "Bearer",
        "\u{ff}\u{fe}",
        "Token \u{0}",
    ] {
        let request = format!(
            "GET {SUBMIT} HTTP/1.1\r\nHost: here\r\nAuthorization: {value}\r\nConnection: close\r\n\r\n"
        );
        all.push(hostile(format!("Authorization: {value:?}"), request));
    }
    for host in ["", "a b", "<script>", "[::1", &"h".repeat(5_000)] {
        let request = format!(
            "GET {SUBMIT} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Token {token}\r\n\
             X-Forwarded-Host: {host}\r\nX-Forwarded-Proto: javascript\r\nConnection: close\r\n\r\n"
        );
        all.push(hostile("an odd host", request));
    }
    for range in [
        "bytes=0-",
        "bytes=-0",
        "bytes=9-1",
        "bytes=0-0,1-1,2-2",
        "bytes=99999999999999999999-",
    ] {
        let more = format!("Range: {range}\r\n");
        all.push(hostile(
            range,
            head(token, "GET", "/recap/gov.uscourts.x/1.pdf", &more),
        ));
    }
    all
}

fn path_tricks(token: &str) -> Vec<Hostile> {
    let long = format!("/api/rest/v4/{}/", "a".repeat(60_000));
    let longer = format!("/api/rest/v4/?{}", "a=b&".repeat(15_000));
    let targets = [
        "/recap/../../../etc/passwd",
        "/recap/%2e%2e/%2e%2e/etc/passwd",
        "/recap/..%2f..%2fetc%2fpasswd",
        "/recap/%00",
        "/recap/%ff%fe",
        "/recap/",
        "/recap//etc/passwd",
        "/recap/%5c..%5cwindows",
        "//api//rest//v4//recap-fetch//",
        "/api/rest/v4/recap-fetch/../dockets/",
        "/api/rest/v4/recap-fetch/%31/",
        "/api/rest/v4/recap-fetch/1;a=b/",
        "/api/rest/v4/recap-fetch/-1/",
        "/api/rest/v4/recap-fetch/0/",
        "/api/rest/v4/recap-fetch/9223372036854775808/",
        "/api/rest/v4/recap-fetch/1e3/",
        "/api/rest/v4/recap-fetch/%00/",
        "/api/rest/v4/recap-fetch/1.json.json/",
        "/api/rest/v9999999999/recap-fetch/",
        "/api/rest/v4/recap-documents/1/pages/?first=-1&count=99999999999",
        "/api/rest/v4/courts/'%20or%201=1/",
        "/api/rest/v4/dockets/?id__in=1,,,2&court__in=%00",
        "/api/rest/v4/dockets/?fields=%00&omit=*",
        "/api/rest/v4/dockets/?court__position__lt=1e400",
        "/api/rest/v4/dockets/?date_filed__range=0000-00-00,9999-99-99",
        "/api/rest/v4/recap-fetch/?format=../json",
        "/api/rest/v4/recap-fetch/?order_by=;drop",
        "/api/rest/v3/recap-fetch/?page=0",
        "/api/rest/v3/recap-fetch/?page=99999999999999999999",
        "/api/rest/v3/recap-fetch/?page=%ff",
        "http://elsewhere/api/rest/v4/recap-fetch/",
        "*",
        &long,
        &longer,
    ];
    let mut all: Vec<Hostile> = targets
        .iter()
        .map(|target| {
            let shown: String = target.chars().take(60).collect();
            hostile(shown, head(token, "GET", target, ""))
        })
        .collect();
    for method in [
        "TRACE", "CONNECT", "PROPFIND", "get", "A", "PATCH", "DELETE", "OPTIONS",
    ] {
        all.push(hostile(method, head(token, method, SUBMIT, "")));
    }
    all
}

fn tampered_cursors(token: &str) -> Vec<Hostile> {
    let cursors = [
        "",
        "%00",
        "AAAA",
        "====",
        "cD0x",
        "Zj1kYXRlX2NyZWF0ZWQmcD0tOTIyMzM3MjAzNjg1NDc3NTgwOCZpPTE=",
        "Zj1pZCZwPTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5JmI9MQ==",
        "cj0xJnA9MjAyNi0wMS0wMSswMCUzQTAwJTNBMDAlMkIwMCUzQTAw",
        "Jyc7IGRyb3AgdGFibGUgdXNlcnM=",
        "cD0lMDA=",
        "%F0%9F%92%A9",
        "'%20or%20''='",
    ];
    let mut all = Vec::new();
    for cursor in cursors {
        for list in ["recap-fetch", "dockets"] {
            let target = format!("/api/rest/v4/{list}/?order_by=-id&cursor={cursor}");
            all.push(hostile(
                format!("the cursor {cursor} of {list}"),
                head(token, "GET", &target, ""),
            ));
        }
    }
    all
}

/// Requests that two servers would read as two different ones, and some that end half-way.
fn smuggling(token: &str) -> Vec<Hostile> {
    let with = |about: &str, more: &str, body: &str| {
        let bytes = [head(token, "POST", SUBMIT, more), body.as_bytes().to_vec()].concat();
        hostile(about, bytes)
    };
    let torn = |about: &str, bytes: &[u8]| Hostile {
        is_torn: true,
        ..hostile(about, bytes)
    };
    vec![
        with(
            "two lengths",
            "Content-Length: 1\r\nContent-Length: 2\r\n",
            "ab",
        ),
        with("a negative length", "Content-Length: -1\r\n", ""),
        with(
            "a length beyond 64 bits",
            "Content-Length: 99999999999999999999\r\n",
            "",
        ),
        with(
            "a length and chunks",
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        with("an unknown coding", "Transfer-Encoding: zip\r\n", ""),
        with(
            "a chunk of no size",
            "Transfer-Encoding: chunked\r\n",
            "x\r\n\r\n",
        ),
        with(
            "a chunk beyond 64 bits",
            "Transfer-Encoding: chunked\r\n",
            "fffffffffffffffff\r\n",
        ),
        torn(
            "a body that breaks off",
            &[
                head(
                    token,
                    "POST",
                    SUBMIT,
                    "Content-Type: application/json\r\nContent-Length: 100\r\n",
                ),
                b"{".to_vec(),
            ]
            .concat(),
        ),
        torn(
            "a chunk that breaks off",
            &[
                head(
                    token,
                    "POST",
                    SUBMIT,
                    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
                ),
                b"5\r\n{".to_vec(),
            ]
            .concat(),
        ),
        torn("a head that breaks off", b"GET / HTTP/1.1\r\nHost: h"),
        torn("nothing", b""),
        torn(
            "a line of nonsense",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ),
        torn("HTTP/0.9", b"GET /\r\n"),
        torn("a version to come", b"GET / HTTP/9.9\r\n\r\n"),
        torn(
            "HTTP/2 and nonsense",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense nonsense nonsense",
        ),
    ]
}
