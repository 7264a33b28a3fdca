use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::*;

const ANY: Targets = Targets {
    allow_private: true,
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

fn post(url: &str) -> Post<'_> {
    Post {
        url,
        key: "7d3b7a0e-2d52-4a0f-9a51-0d6a2b5c9e14",
        timestamp: 1_796_000_000,
        signature: "v1,abc",
        content: r#"{"a":1}"#,
    }
}

/// A receiver on this machine.
struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    /// One that answers this to everybody, and then closes, or nothing.
    async fn answering(answer: impl Into<Option<&'static str>>) -> Receiver {
        let answer = answer.into();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let all = heard.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, all.clone(), answer));
            }
        });
        Receiver { address, heard }
    }

    fn url(&self) -> String {
        format!("http://{}/hook?a=b", self.address)
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Reads one call with a body of seven bytes, and answers.
async fn serve(mut stream: impl Stream, all: Arc<Mutex<Vec<String>>>, answer: Option<&str>) {
    let (mut call, mut piece) = (Vec::new(), [0; 1024]);
    while !call.ends_with(br#"{"a":1}"#) {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(bytes) => call.extend_from_slice(&piece[..bytes]),
        }
    }
    all.lock().unwrap().push(String::from_utf8(call).unwrap());
    match answer {
        Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
        None => std::future::pending().await,
    }
}

fn sender(targets: Targets) -> Sender {
    Sender::trusting(targets, RootCertStore::empty()).unwrap()
}

/// One for whom names lead to these addresses, one look-up after the other, and how often it has looked.
fn resolving(targets: Targets, answers: Vec<Vec<SocketAddr>>) -> (Sender, Arc<AtomicUsize>) {
    let looked = Arc::<AtomicUsize>::default();
    let count = looked.clone();
    let look_up: LookUp = Arc::new(move |_, _| {
        let time = count.fetch_add(1, Ordering::Relaxed);
        let answer = answers[time.min(answers.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    });
    let sender = Sender {
        look_up,
        ..sender(targets)
    };
    (sender, looked)
}

fn at(address: &str) -> SocketAddr {
    (address.parse::<IpAddr>().unwrap(), 443).into()
}

#[tokio::test]
async fn a_delivery_is_one_post_with_the_headers_of_the_contract_and_a_signature() {
    let receiver = Receiver::answering(OK).await;
    let outcome = sender(ANY).send(&post(&receiver.url())).await;
    let expected = Outcome {
        status_code: Some(200),
        response: "fine".to_owned(),
        error: String::new(),
    };
    assert_eq!(outcome, expected);
    let heard = receiver.heard();
    let [call] = heard.as_slice() else {
        panic!("{heard:?}");
    };
    let (head, body) = call.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, r#"{"a":1}"#);
    let mut lines: Vec<String> = head.lines().map(str::to_lowercase).collect();
    assert_eq!(lines.remove(0), "post /hook?a=b http/1.1");
    lines.sort_unstable();
    let mut expected = vec![
        "accept: */*".to_owned(),
        "connection: close".to_owned(),
        "content-length: 7".to_owned(),
        "content-type: application/json".to_owned(),
        format!("host: {}", receiver.address),
        "idempotency-key: 7d3b7a0e-2d52-4a0f-9a51-0d6a2b5c9e14".to_owned(),
        format!("user-agent: pacer-fetch/{}", env!("CARGO_PKG_VERSION")),
        "webhook-id: 7d3b7a0e-2d52-4a0f-9a51-0d6a2b5c9e14".to_owned(),
        "webhook-signature: v1,abc".to_owned(),
        "webhook-timestamp: 1796000000".to_owned(),
    ];
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn nobody_connects_to_an_address_that_is_not_public_whatever_it_is_called() {
    let receiver = Receiver::answering(OK).await;
    let here = receiver.address;
    let strict = Targets::default();
    let by_name = |answers| resolving(strict, answers).0;
    let url = format!("https://hooks.example.com:{}/", here.port());
    for sender in [
        by_name(vec![vec![here]]),
        // One that is not public among others.
        by_name(vec![vec![at("8.8.8.8"), here]]),
        by_name(vec![vec![here, at("8.8.8.8")]]),
    ] {
        let outcome = sender.send(&post(&url)).await;
        let error = "The host name leads to no public address, or not only to public ones.";
        assert_eq!((outcome.error.as_str(), outcome.status_code), (error, None));
    }
    for url in [
        format!("https://{here}/"),
        format!("https://localhost:{}/", here.port()),
        format!("https://[::ffff:127.0.0.1]:{}/", here.port()),
        format!("http://hooks.example.com:{}/", here.port()),
    ] {
        let outcome = by_name(vec![vec![here]]).send(&post(&url)).await;
        assert_eq!(outcome.status_code, None, "{url}");
        assert!(!outcome.error.is_empty(), "{url}");
    }
    assert_eq!(receiver.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_the_second_time_is_looked_up_once_and_judged_each_time() {
    let (first, second) = (Receiver::answering(OK).await, Receiver::answering(OK).await);
    let (sender, looked) = resolving(ANY, vec![vec![first.address], vec![second.address]]);
    let outcome = sender.send(&post("http://hooks.example.com/")).await;
    assert!(outcome.is_success(), "{outcome:?}");
    assert_eq!(looked.load(Ordering::Relaxed), 1);
    assert_eq!((first.heard().len(), second.heard().len()), (1, 0));

    let (sender, _) = resolving(
        Targets::default(),
        vec![vec![at("8.8.8.8")], vec![at("10.0.0.1")]],
    );
    let url = Url::parse("https://hooks.example.com/").unwrap();
    assert_eq!(sender.addresses(&url).await.unwrap(), [at("8.8.8.8")]);
    let refused = sender.addresses(&url).await.unwrap_err();
    assert!(matches!(refused, NoAnswer::HostName), "{refused:?}");
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_leads_nowhere() {
    let other = Receiver::answering(OK).await;
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
        other.url()
    );
    let receiver = Receiver::answering(&*Box::leak(answer.into_boxed_str())).await;
    let outcome = sender(ANY).send(&post(&receiver.url())).await;
    assert_eq!(outcome.status_code, Some(307));
    assert!(!outcome.is_success());
    assert_eq!(outcome.error, "The answer was 307 Temporary Redirect.");
    assert_eq!(other.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn of_an_answer_without_an_end_four_kilobytes_are_kept() {
    let body = "x".repeat(100_000);
    let answer =
        format!("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 9999999\r\n\r\n{body}");
    let receiver = Receiver::answering(&*Box::leak(answer.into_boxed_str())).await;
    let outcome = sender(ANY).send(&post(&receiver.url())).await;
    assert_eq!(outcome.status_code, Some(500));
    assert_eq!(outcome.response, "x".repeat(4096));
}

#[tokio::test]
async fn who_does_not_answer_in_time_has_failed() {
    let receiver = Receiver::answering(None).await;
    let begun = Instant::now();
    let outcome = sender(ANY).send(&post(&receiver.url())).await;
    assert_eq!(outcome.error, "No answer within 3 s.");
    assert!(begun.elapsed() >= ANSWER_WITHIN, "{:?}", begun.elapsed());
    assert_eq!(receiver.heard().len(), 1);
}

#[tokio::test]
async fn what_is_no_http_or_no_receiver_has_failed() {
    let receiver = Receiver::answering("nonsense\r\n\r\n").await;
    let outcome = sender(ANY).send(&post(&receiver.url())).await;
    assert!(
        outcome.error.starts_with("The answer is not HTTP"),
        "{outcome:?}"
    );
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/", gone.local_addr().unwrap());
    drop(gone);
    let outcome = sender(ANY).send(&post(&url)).await;
    assert!(outcome.error.starts_with("No connection: "), "{outcome:?}");
    let (sender, _) = resolving(ANY, vec![Vec::new()]);
    let outcome = sender.send(&post("http://hooks.example.com/")).await;
    assert_eq!(outcome.error, NoAnswer::HostName.to_string());
}

/// A receiver that speaks TLS, as a name, and the roots with which it is believed.
async fn encrypted(name: &str) -> (Receiver, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let all = heard.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(serve(stream, all.clone(), Some(OK)));
            }
        }
    });
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    (Receiver { address, heard }, roots)
}

#[tokio::test]
async fn over_tls_the_receiver_has_to_be_who_the_url_says() {
    let (receiver, roots) = encrypted("hooks.example.com").await;
    let (resolver, _) = resolving(ANY, vec![vec![receiver.address]]);
    let trusting = Sender {
        look_up: resolver.look_up.clone(),
        ..Sender::trusting(ANY, roots).unwrap()
    };
    let outcome = trusting.send(&post("https://hooks.example.com/")).await;
    assert!(outcome.is_success(), "{outcome:?}");
    let other = trusting.send(&post("https://other.example.com/")).await;
    let unknown = resolver.send(&post("https://hooks.example.com/")).await;
    for outcome in [other, unknown] {
        assert!(outcome.error.contains("certificate"), "{outcome:?}");
    }
    assert_eq!(receiver.heard().len(), 1);
}
