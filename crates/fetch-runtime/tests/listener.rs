//! What listens, against callers who mean well and callers who do not.

use std::{fs, future::poll_fn, net::SocketAddr, path::Path, task::Poll, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    routing::{any, get},
};
use bytes::Bytes;
use fetch_runtime::listener::{
    ConnectionLimits, Listener, Peer, Protocols, Proxies, Tls, TlsError, TlsFiles, let_in,
};
use h2::{SendStream, client::ResponseFuture, client::SendRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

/// Longer than anything takes here.
const SOON: Duration = Duration::from_secs(20);

fn limits() -> ConnectionLimits {
    ConnectionLimits {
        connections: 20,
        per_address: None,
        proxies: Proxies::default(),
        head_within: Duration::from_secs(1),
        read_within: Duration::from_secs(1),
        streams: 16,
    }
}

/// A server that says how it was reached, refuses strangers, and has answers that never come, for
/// strangers and for those that are let in.
async fn serve(
    limits: ConnectionLimits,
    protocols: Protocols,
    tls: Option<&Tls>,
) -> (SocketAddr, CancellationToken) {
    let how = async |request: Request| {
        let peer = request.extensions().get::<Peer>().copied().unwrap();
        format!("{:?} encrypted={}", request.version(), peer.encrypted)
    };
    let routes = Router::new()
        .route("/", get(how))
        .route("/refused", any(async || (StatusCode::UNAUTHORIZED, "no")))
        .route("/pending", get(async || std::future::pending::<()>().await))
        .route(
            "/inside",
            get(async |request: Request| {
                let_in(request.extensions());
                std::future::pending::<()>().await;
            }),
        );
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), limits, protocols);
    let listener = listener.await.unwrap().encrypted(tls);
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(listener.serve(routes, stop.clone()));
    (address, stop)
}

/// A root, and what it has signed for `localhost` lies in these files.
fn issue(directory: &Path) -> (TlsFiles, reqwest::Certificate) {
    let mut root = rcgen::CertificateParams::default();
    root.distinguished_name
        .push(rcgen::DnType::CommonName, "a root");
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root_key = rcgen::KeyPair::generate().unwrap();
    let issuer = rcgen::CertifiedIssuer::self_signed(root, root_key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let files = TlsFiles {
        certificate: directory.join("tls.crt"),
        key: directory.join("tls.key"),
    };
    fs::write(&files.key, key.serialize_pem()).unwrap();
    fs::write(&files.certificate, leaf.pem()).unwrap();
    let root = reqwest::Certificate::from_pem(issuer.pem().as_bytes()).unwrap();
    (files, root)
}

fn client(root: &reqwest::Certificate, http1: bool) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([root.clone()]);
    let client = if http1 { client.http1_only() } else { client };
    client.build().unwrap()
}

async fn ask(client: &reqwest::Client, address: SocketAddr) -> Result<String, reqwest::Error> {
    let url = format!("https://localhost:{}/", address.port());
    client.get(url).send().await?.text().await
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_over_tls_and_a_new_certificate_is_taken_over() {
    let directory = tempfile::tempdir().unwrap();
    let (files, old_root) = issue(directory.path());
    let tls = Tls::open(&files).unwrap();
    let (address, stop) = serve(limits(), Protocols::Any, Some(&tls)).await;
    tokio::spawn(tls.follow(stop.clone()));

    let said = ask(&client(&old_root, false), address).await.unwrap();
    assert_eq!(said, "HTTP/2.0 encrypted=true");
    let said = ask(&client(&old_root, true), address).await.unwrap();
    assert_eq!(said, "HTTP/1.1 encrypted=true");

    // A key without its certificate, as between two writes.
    let other = tempfile::tempdir().unwrap();
    let (new_files, new_root) = issue(other.path());
    fs::copy(&new_files.key, &files.key).unwrap();
    assert!(matches!(Tls::open(&files), Err(TlsError::Unusable(_))));
    fs::copy(&new_files.certificate, &files.certificate).unwrap();
    let deadline = Instant::now() + SOON;
    // Each client begins a connection of its own.
    while ask(&client(&new_root, false), address).await.is_err() {
        assert!(Instant::now() < deadline, "the old certificate stays");
    }
    assert!(ask(&client(&old_root, false), address).await.is_err());
    stop.cancel();
}

#[test]
fn files_that_hold_no_pair_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let (files, _) = issue(directory.path());
    let swapped = TlsFiles {
        certificate: files.key.clone(),
        key: files.certificate.clone(),
    };
    let error = Tls::open(&swapped).unwrap_err().to_string();
    assert!(
        error.contains("no certificate in") && error.contains("tls.key"),
        "{error}"
    );
    let missing = TlsFiles {
        key: directory.path().join("nowhere"),
        ..files
    };
    let error = Tls::open(&missing).unwrap_err().to_string();
    assert!(
        error.contains("no key in") && error.contains("nowhere"),
        "{error}"
    );
}

async fn get_once(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = String::new();
    // A connection that is refused breaks off anywhere.
    let request = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    if stream.write_all(request).await.is_ok() {
        let _ = stream.read_to_string(&mut answer).await;
    }
    answer
}

/// Waits until the other end has closed; whatever it says meanwhile is of no interest.
async fn until_closed(mut stream: TcpStream) {
    let mut bytes = [0; 1024];
    while !matches!(stream.read(&mut bytes).await, Ok(0) | Err(_)) {}
}

#[tokio::test]
async fn who_is_slow_with_a_head_keeps_nobody_out_and_is_cut_off() {
    for protocols in [Protocols::Any, Protocols::Http2] {
        let (address, stop) = serve(limits(), protocols, None).await;
        let mut slow = Vec::new();
        // Five times as many as there are places: silent ones, half a line, half of what HTTP/2
        // begins with, and a head that does not end.
        for number in 0..100 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let begun: &[u8] = match number % 4 {
                0 => b"",
                1 => b"GE",
                2 => b"PRI * HTT",
                _ => b"GET / HTTP/1.1\r\nHost: here\r\nX-A: ",
            };
            // One that had to make room is closed already.
            let _ = stream.write_all(begun).await;
            slow.push(stream);
        }
        if protocols == Protocols::Any {
            let answer = timeout(SOON, get_once(address)).await.unwrap();
            assert!(answer.ends_with("HTTP/1.1 encrypted=false"), "{answer}");
        }
        let closing = slow.into_iter().map(until_closed);
        timeout(SOON, futures_util::future::join_all(closing))
            .await
            .expect("the slow ones are cut off");
        stop.cancel();
    }
}

#[tokio::test]
async fn who_never_begins_with_tls_makes_room_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let (files, root) = issue(directory.path());
    let tls = Tls::open(&files).unwrap();
    let (address, stop) = serve(limits(), Protocols::Any, Some(&tls)).await;
    let mut silent = Vec::new();
    for _ in 0..60 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let answer = timeout(SOON, ask(&client(&root, false), address)).await;
    assert!(answer.unwrap().is_ok());
    let closing = silent.into_iter().map(until_closed);
    timeout(SOON, futures_util::future::join_all(closing))
        .await
        .expect("the silent ones are cut off");
    stop.cancel();
}

#[tokio::test]
async fn a_request_under_way_is_not_idle_and_the_end_waits_for_it() {
    let (address, stop) = serve(limits(), Protocols::Any, None).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /pending HTTP/1.1\r\nHost: here\r\n\r\n")
        .await
        .unwrap();
    let mut bytes = [0; 16];
    // Twice as long as a caller may be silent.
    let closed = timeout(Duration::from_secs(3), stream.read(&mut bytes)).await;
    assert!(closed.is_err(), "the connection is still there: {closed:?}");
    stop.cancel();
    let closed = timeout(Duration::from_secs(3), stream.read(&mut bytes)).await;
    assert!(closed.is_err(), "it ends when its request does: {closed:?}");
}

/// A connection of HTTP/2 that takes nothing of any answer.
async fn take_nothing(address: SocketAddr) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut client = h2::client::Builder::new();
    client.initial_window_size(0);
    let (send, connection) = client.handshake(stream).await.unwrap();
    tokio::spawn(async move {
        let _ = connection.await;
    });
    send
}

/// Begins a call, and waits until it has been looked at: the answer to one sent after it is there.
async fn call(send: &mut SendRequest<Bytes>, path: &str) -> Result<ResponseFuture, h2::Error> {
    let get = |path| {
        axum::http::Request::get(format!("http://here{path}"))
            .body(())
            .unwrap()
    };
    let mut ready = send.clone().ready().await?;
    let (answer, _) = ready.send_request(get(path), true)?;
    let (looked_at, _) = ready.ready().await?.send_request(get("/nowhere"), true)?;
    assert_eq!(looked_at.await?.status(), StatusCode::NOT_FOUND);
    Ok(answer)
}

#[tokio::test]
async fn calls_of_strangers_keep_nobody_out() {
    let longer = ConnectionLimits {
        head_within: SOON,
        read_within: SOON,
        ..limits()
    };
    for path in ["/refused", "/pending"] {
        let (address, stop) = serve(longer.clone(), Protocols::Any, None).await;
        let mut strangers = Vec::new();
        for _ in 0..longer.connections {
            let mut stranger = take_nothing(address).await;
            let answer = call(&mut stranger, path).await.unwrap();
            strangers.push((stranger, answer));
        }
        let answer = timeout(SOON, get_once(address)).await.unwrap();
        assert!(answer.ends_with("encrypted=false"), "{path}: {answer:?}");
        stop.cancel();
    }
    // Those that were let in stay.
    let (address, stop) = serve(longer.clone(), Protocols::Any, None).await;
    let mut inside = Vec::new();
    for _ in 0..longer.connections {
        let mut caller = take_nothing(address).await;
        let answer = call(&mut caller, "/inside").await.unwrap();
        inside.push((caller, answer));
    }
    assert_eq!(get_once(address).await, "", "there is no room");
    drop(inside.pop());
    let deadline = Instant::now() + SOON;
    while get_once(address).await.is_empty() {
        assert!(Instant::now() < deadline, "there is room again");
    }
    stop.cancel();
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_given_up_and_the_others_go_on() {
    let (address, stop) = serve(limits(), Protocols::Any, None).await;
    let mut caller = take_nothing(address).await;
    let waiting = call(&mut caller, "/inside").await.unwrap();
    let answer = call(&mut caller, "/refused").await.unwrap().await.unwrap();
    let given_up = timeout(SOON, answer.into_body().data()).await;
    let given_up = given_up.expect("it is given up").unwrap().unwrap_err();
    assert_eq!(given_up.reason(), Some(h2::Reason::CANCEL), "{given_up}");
    // Whoever waits for us waits as long as it likes.
    assert!(timeout(Duration::from_secs(2), waiting).await.is_err());
    let _refused = call(&mut caller, "/refused").await.unwrap();
    stop.cancel();
}

/// Over HTTP/2 whoever is refused half-way hears it at once, and is not cut off while he sends.
#[tokio::test]
async fn who_is_refused_half_way_hears_it_and_is_not_cut_off() {
    let (address, stop) = serve(limits(), Protocols::Any, None).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (send, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = axum::http::Request::post(format!("http://{address}/refused"));
    let mut send = send.ready().await.unwrap();
    let (answer, mut sending) = send.send_request(request.body(()).unwrap(), false).unwrap();
    send_piece(&mut sending, false).await;
    let answer = timeout(SOON, answer).await.unwrap().unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let mut body = answer.into_body();
    assert_eq!(&*body.data().await.unwrap().unwrap(), b"no");
    // More than is taken ahead of anybody who reads.
    for _ in 0..200 {
        send_piece(&mut sending, false).await;
    }
    send_piece(&mut sending, true).await;
    while let Some(more) = timeout(SOON, body.data()).await.unwrap() {
        assert!(more.unwrap().is_empty());
    }
    // It ended, and was not reset.
    let reset = poll_fn(|context| Poll::Ready(sending.poll_reset(context))).await;
    assert!(reset.is_pending(), "{reset:?}");
    stop.cancel();
}

/// Who sends without end is answered all the same, and stopped.
#[tokio::test]
async fn who_sends_without_end_is_cut_off_in_the_end() {
    let (address, stop) = serve(limits(), Protocols::Any, None).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (send, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = axum::http::Request::post(format!("http://{address}/refused"));
    let mut send = send.ready().await.unwrap();
    let (answer, mut sending) = send.send_request(request.body(()).unwrap(), false).unwrap();
    let endless = async { while try_piece(&mut sending, false).await {} };
    timeout(SOON, endless).await.expect("somebody stops this");
    let answer = timeout(SOON, answer).await.unwrap().unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    stop.cancel();
}

async fn send_piece(sending: &mut SendStream<Bytes>, is_last: bool) {
    let sent = timeout(SOON, try_piece(sending, is_last)).await;
    assert!(sent.expect("it is taken"), "the stream was reset");
}

/// Sends 16 kB as soon as they are taken; whether they were.
async fn try_piece(sending: &mut SendStream<Bytes>, is_last: bool) -> bool {
    const PIECE: &[u8] = &[b'x'; 16 * 1024];
    sending.reserve_capacity(PIECE.len());
    while sending.capacity() < PIECE.len() {
        match poll_fn(|context| sending.poll_capacity(context)).await {
            Some(Ok(_)) => {}
            None | Some(Err(_)) => return false,
        }
    }
    sending
        .send_data(Bytes::from_static(PIECE), is_last)
        .is_ok()
}
