//! Courts: cookies, forms, limits, and what it means when there is no answer.

use std::{
    io::Write,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Multipart, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use pacer_client::{Answer, CourtSession, Courts, CourtsConfig, LinkError, SendError, SetupError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};

use crate::site;

fn session() -> CourtSession {
    CourtSession::new("canary-token".into(), "matter-7".to_owned())
}

/// Answers with the headers that it saw, and sets a cookie.
async fn mirror(headers: HeaderMap) -> Response {
    let seen = |name| {
        headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
            .to_owned()
    };
    let lines = [
        seen(header::COOKIE),
        seen(header::REFERER),
        seen(header::USER_AGENT),
    ];
    let cookies = [
        (header::SET_COOKIE, "PRTYPE=web; Path=/"),
        (header::SET_COOKIE, "NextGenCSO=; Path=/; Max-Age=0"),
    ];
    (axum::response::AppendHeaders(cookies), lines.join("\n")).into_response()
}

/// The whole content of an answer.
async fn content(answer: Answer) -> Result<Bytes, SendError> {
    answer.body.rest(Bytes::new(), u64::MAX).await
}

/// What a court sends for this path.
async fn asked_for(courts: &Courts, path: &str) -> Result<Bytes, SendError> {
    content(courts.get(&session(), "xyzd", path).await?).await
}

#[tokio::test]
async fn a_session_shows_each_court_its_own_cookies() {
    let routes = Router::new().route("/{court}/mirror", get(mirror));
    let courts = site::courts(site::serve(routes).await);
    let session = session();
    let ours = "NextGenCSO=canary-token; PacerSession=canary-token; PacerClientCode=matter-7";
    let first = courts.get(&session, "xyzd", "/mirror").await.unwrap();
    let usual = CourtsConfig::default();
    let expected = format!("{ours}\n{}\n{}", usual.referer, usual.user_agent);
    assert_eq!(content(first).await.unwrap(), expected);
    let second = courts.get(&session, "xyzd", "/mirror").await.unwrap();
    let second = content(second).await.unwrap();
    assert!(
        second.starts_with(format!("{ours}; PRTYPE=web\n").as_bytes()),
        "{second:?}"
    );
    let elsewhere = courts.get(&session, "abcd", "/mirror").await.unwrap();
    let elsewhere = content(elsewhere).await.unwrap();
    assert!(
        elsewhere.starts_with(format!("{ours}\n").as_bytes()),
        "{elsewhere:?}"
    );
    let priced = courts.get_price(&session, "abcd", "/mirror").await.unwrap();
    let priced = content(priced).await.unwrap();
    let wish = format!("{ours}; PacerPref=receipt=Y; PRTYPE=web\n");
    assert!(priced.starts_with(wish.as_bytes()), "{priced:?}");
    assert!(!format!("{session:?}").contains("canary"));
}

#[tokio::test]
async fn a_form_is_sent_as_parts_without_file_names() {
    let routes = Router::new().route(
        "/xyzd/cgi-bin/DktRpt.pl",
        post(async |mut form: Multipart| {
            let mut seen = String::new();
            while let Some(field) = form.next_field().await.unwrap() {
                let (name, file) = (
                    field.name().unwrap().to_owned(),
                    field.file_name().is_some(),
                );
                seen += &format!("{name}={} {file}\n", field.text().await.unwrap());
            }
            seen
        }),
    );
    let courts = site::courts(site::serve(routes).await);
    let fields = [
        ("all_case_ids", "123".to_owned()),
        ("date_from", String::new()),
    ];
    let path = "/cgi-bin/DktRpt.pl?1-L_1_0-1";
    let answer = courts
        .post_form(&session(), "xyzd", path, &fields)
        .await
        .unwrap();
    assert_eq!(answer.url.query(), Some("1-L_1_0-1"));
    let seen = content(answer).await.unwrap();
    assert_eq!(seen, "all_case_ids=123 false\ndate_from= false\n");
}

#[tokio::test]
async fn redirects_and_errors_are_answers_and_nothing_is_asked_twice() {
    type Asked = Arc<AtomicUsize>;
    let answer = async |State(asked): State<Asked>| {
        asked.fetch_add(1, Ordering::SeqCst);
        let headers = [(header::LOCATION, "/xyzd/else"), (header::RETRY_AFTER, "7")];
        (StatusCode::SERVICE_UNAVAILABLE, headers, "closed")
    };
    let asked = Asked::default();
    let routes = Router::new()
        .route("/xyzd/closed", any(answer))
        .route(
            "/xyzd/moved",
            get(async || (StatusCode::FOUND, [(header::LOCATION, "/xyzd/else")])),
        )
        .with_state(asked.clone());
    let courts = site::courts(site::serve(routes).await);
    let closed = courts.get(&session(), "xyzd", "/closed").await.unwrap();
    assert_eq!(
        (closed.status, closed.retry_after),
        (503, Some(Duration::from_secs(7)))
    );
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let moved = courts.get(&session(), "xyzd", "/moved").await.unwrap();
    assert_eq!(moved.status, 302);
    let next = courts.resolve("xyzd", &moved.url, &moved.location.unwrap());
    assert_eq!(next.as_deref(), Ok("/else"));
}

/// A court, or whoever stands between, may point to another site, or to itself in plain text.
#[tokio::test]
async fn a_session_is_not_sent_where_a_court_points_to() {
    let heard = Arc::new(AtomicUsize::new(0));
    let count = heard.clone();
    let routes = Router::new().fallback(async move || {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let elsewhere = format!("http://{}/xyzd/doc1/1", site::serve(routes).await);
    let location = elsewhere.clone();
    let routes = Router::new().route(
        "/xyzd/moved",
        any(async move || {
            (
                StatusCode::TEMPORARY_REDIRECT,
                [(header::LOCATION, location)],
            )
        }),
    );
    let courts = site::courts(site::serve(routes).await);
    let moved = courts.get(&session(), "xyzd", "/moved").await.unwrap();
    assert_eq!(moved.status, 307);
    let next = courts.resolve("xyzd", &moved.url, &moved.location.unwrap());
    assert!(matches!(next, Err(LinkError::Elsewhere { .. })), "{next:?}");
    assert_eq!(heard.load(Ordering::SeqCst), 0);

    let real = Courts::new(&CourtsConfig::default()).unwrap();
    let page = "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl"
        .parse()
        .unwrap();
    for link in [
        "http://ecf.cand.uscourts.gov/doc1/1",
        "http://ecf.cand.uscourts.gov:443/doc1/1",
        "https://ecf.cand.uscourts.gov:8443/doc1/1",
        "https://ecf.cand.uscourts.gov@example.org/doc1/1",
        "https://ecf.cand.uscourts.gov.example.org/doc1/1",
        "//example.org/doc1/1",
        "\\\\example.org\\doc1",
        "/\\example.org/doc1",
    ] {
        let next = real.resolve("cand", &page, link);
        let leads_away = matches!(next, Err(LinkError::Elsewhere { .. }));
        assert!(leads_away, "{link}: {next:?}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_taken() {
    let zeros = || vec![0u8; 100_000];
    let squeezed = move || {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&zeros()).unwrap();
        gzip.finish().unwrap()
    };
    let routes = Router::new()
        .route("/xyzd/plain", get(async move || zeros()))
        .route(
            "/xyzd/chunks",
            get(async move || {
                let parts = zeros().chunks(1000).map(<[u8]>::to_vec).collect::<Vec<_>>();
                let parts = parts.into_iter().map(Ok::<_, std::io::Error>);
                Body::from_stream(futures_util::stream::iter(parts))
            }),
        )
        .route(
            "/xyzd/squeezed",
            get(async move || ([(header::CONTENT_ENCODING, "gzip")], squeezed())),
        );
    let address = site::serve(routes).await;
    let small = CourtsConfig {
        max_body_bytes: 50_000,
        ..site::config(address)
    };
    let small = Courts::new(&small).unwrap();
    for path in ["/plain", "/chunks", "/squeezed"] {
        let error = asked_for(&small, path).await.unwrap_err();
        assert!(
            matches!(
                error,
                SendError::TooLarge {
                    limit_bytes: 50_000
                }
            ),
            "{path} {error:?}"
        );
        let all = asked_for(&site::courts(address), path).await.unwrap();
        assert_eq!(all.len(), 100_000, "{path}");
    }
}

#[tokio::test]
async fn a_page_has_a_limit_of_its_own_and_a_file_is_read_as_it_comes() {
    let routes = Router::new().route("/xyzd/plain", get(async || vec![0_u8; 100_000]));
    let courts = site::courts(site::serve(routes).await);
    let mut answer = courts.get(&session(), "xyzd", "/plain").await.unwrap();
    let head = answer.body.next_of(1000).await.unwrap();
    assert!((1000..100_000).contains(&head.len()), "{}", head.len());
    let error = answer.body.rest(head.clone(), 50_000).await.unwrap_err();
    assert!(
        matches!(
            error,
            SendError::TooLarge {
                limit_bytes: 50_000
            }
        ),
        "{error:?}"
    );
    let mut answer = courts.get(&session(), "xyzd", "/plain").await.unwrap();
    let mut count = answer.body.next_of(1000).await.unwrap().len();
    while let Some(piece) = answer.body.next().await.unwrap() {
        count += piece.len();
    }
    assert_eq!(count, 100_000);
    assert!(answer.body.next().await.unwrap().is_none(), "it has ended");
}

#[tokio::test]
async fn no_connection_means_that_nothing_was_sent() {
    let nobody = site::courts("127.0.0.1:1".parse().unwrap());
    let fields = [("got_receipt", "1".to_owned())];
    let error = nobody
        .post_form(&session(), "xyzd", "/doc1/1", &fields)
        .await
        .unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error:?}");

    let nowhere = CourtsConfig {
        court_url: "http://{court}.invalid".to_owned(),
        ..CourtsConfig::default()
    };
    let error = Courts::new(&nowhere)
        .unwrap()
        .get(&session(), "xyzd", "/")
        .await
        .unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error:?}");

    // Plain text where TLS was expected.
    let address = site::serve(Router::new()).await;
    let secure = CourtsConfig {
        court_url: format!("https://{address}/{{court}}"),
        ..CourtsConfig::default()
    };
    let error = Courts::new(&secure)
        .unwrap()
        .get(&session(), "xyzd", "/")
        .await
        .unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error:?}");

    for (court, path) in [("../x", "/"), ("", "/"), ("xyzd", "doc1"), ("xyzd", "")] {
        let error = nobody.get(&session(), court, path).await.unwrap_err();
        assert!(
            matches!(error, SendError::NotSent { .. }),
            "{court} {path} {error:?}"
        );
    }
}

/// Takes connections, reads the request, answers with `reply` and hangs up, or never answers.
async fn rude(reply: Option<&'static str>) -> (std::net::SocketAddr, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(0)));
    let counter = asked.clone();
    tokio::spawn(async move {
        loop {
            let (mut peer, _) = listener.accept().await.unwrap();
            *counter.lock().unwrap() += 1;
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let _ = peer.read(&mut buffer).await;
                match reply {
                    Some(reply) => peer.write_all(reply.as_bytes()).await.unwrap(),
                    None => Notify::new().notified().await,
                }
            });
        }
    });
    (address, asked)
}

#[tokio::test]
async fn a_lost_or_cut_answer_is_in_doubt_and_is_not_asked_for_again() {
    for reply in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<html>",
        "nonsense\r\n\r\n",
    ] {
        let (address, asked) = rude(Some(reply)).await;
        let courts = site::courts(address);
        let error = asked_for(&courts, "/doc1/1").await.unwrap_err();
        assert!(
            matches!(error, SendError::Broken { .. }),
            "{reply:?} {error:?}"
        );
        assert_eq!(*asked.lock().unwrap(), 1);
        assert!(!format!("{error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn silence_ends_after_a_while_and_is_in_doubt() {
    let (address, asked) = rude(None).await;
    let hasty = CourtsConfig {
        read_timeout: Duration::from_millis(200),
        ..site::config(address)
    };
    let fields = [("got_receipt", "1".to_owned())];
    let courts = Courts::new(&hasty).unwrap();
    let error = courts
        .post_form(&session(), "xyzd", "/doc1/1", &fields)
        .await
        .unwrap_err();
    assert!(matches!(error, SendError::TimedOut { .. }), "{error:?}");
    assert_eq!(*asked.lock().unwrap(), 1);
}

#[tokio::test]
async fn every_request_has_a_connection_of_its_own() {
    let reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let (address, asked) = rude(Some(reply)).await;
    let (courts, session) = (site::courts(address), session());
    for _ in 0..3 {
        let answer = courts.get(&session, "xyzd", "/").await.unwrap();
        assert_eq!(content(answer).await.unwrap(), "ok");
    }
    assert_eq!(*asked.lock().unwrap(), 3);
}

#[test]
fn wrong_settings_are_named() {
    let usual = CourtsConfig::default;
    for (name, wrong) in [
        (
            "court_url",
            CourtsConfig {
                court_url: "https://uscourts.gov".to_owned(),
                ..usual()
            },
        ),
        (
            "court_url",
            CourtsConfig {
                court_url: "ftp://{court}".to_owned(),
                ..usual()
            },
        ),
        (
            "cso_url",
            CourtsConfig {
                cso_url: "nowhere".to_owned(),
                ..usual()
            },
        ),
        (
            "referer",
            CourtsConfig {
                referer: String::new(),
                ..usual()
            },
        ),
    ] {
        let error = Courts::new(&wrong).unwrap_err();
        assert!(matches!(error, SetupError::Setting { name: found, .. } if found == name));
    }
    assert!(Courts::new(&usual()).is_ok());
}
