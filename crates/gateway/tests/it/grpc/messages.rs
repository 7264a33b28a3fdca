//! Messages that are none, that are too large, and that are compressed: as bytes, since no client
//! of good faith sends some of them.

use std::{future::poll_fn, io::Write, pin::Pin};

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, Request, Response, Version},
};
use fetch_bus::wire::{ListRequest, ListResponse};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use gateway::{api::DEFAULT_BODY_LIMIT_BYTES, reach::Reach};
use prost::Message;
use tonic::{Code, Status};
use tower::ServiceExt;

use crate::walls::door::House;

const PASSWORD: &[u8] = b"canary-password";

/// A message as it crosses the wire.
fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], &length[..], message].concat()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// `pacer_password` of a `SubmitRequest`, and what follows.
fn with_password(rest: &[u8]) -> Vec<u8> {
    let length = u8::try_from(PASSWORD.len()).unwrap();
    [&[0x1a, length], PASSWORD, rest].concat()
}

async fn call(house: &House, method: &str, encoding: &str, body: Vec<u8>) -> Response<Body> {
    let path = format!("/pacer_fetch.v1.Fetch/{method}");
    call_at(house, &path, encoding, body).await
}

async fn call_at(house: &House, path: &str, encoding: &str, body: Vec<u8>) -> Response<Body> {
    let request = Request::post(path)
        .version(Version::HTTP_2)
        .header("authorization", "Token token-of-ann")
        .header("content-type", "application/grpc")
        .header("grpc-encoding", encoding)
        .header("grpc-accept-encoding", "identity,deflate,gzip")
        .body(Body::from(body))
        .unwrap();
    let server = gateway::grpc::server(house.door.clone(), Reach::unwatched()).unwrap();
    server.oneshot(request).await.unwrap()
}

/// All that comes: bytes, and what stands behind them.
async fn taken(answer: Response<Body>) -> (Vec<u8>, HeaderMap) {
    let (mut bytes, mut trailers) = (Vec::new(), HeaderMap::new());
    let mut body = answer.into_body();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        match frame.unwrap().into_data() {
            Ok(data) => bytes.extend(data),
            Err(frame) => trailers.extend(frame.into_trailers().unwrap()),
        }
    }
    (bytes, trailers)
}

/// How a call was refused, whether at once or behind its answers.
async fn refused(house: &House, method: &str, encoding: &str, body: Vec<u8>) -> Status {
    let answer = call(house, method, encoding, body).await;
    if let Some(status) = Status::from_header_map(answer.headers()) {
        return status;
    }
    let (bytes, trailers) = taken(answer).await;
    assert!(bytes.is_empty(), "{method}: {bytes:?}");
    Status::from_header_map(&trailers).unwrap()
}

#[tokio::test]
async fn what_is_no_message_is_an_invalid_argument() {
    let Some(house) = House::build().await else {
        return;
    };
    let cut_off = framed(0, &with_password(b""));
    let cut_off = cut_off[..cut_off.len() - 1].to_vec();
    for method in ["Submit", "Quote", "SubmitMany"] {
        for (what, encoding, body) in [
            (
                "no field",
                "identity",
                framed(0, &with_password(&[0xff; 3])),
            ),
            (
                "no text",
                "identity",
                framed(0, &with_password(&[0x12, 1, 0xff])),
            ),
            (
                "a field that is cut off",
                "identity",
                framed(0, &[0x1a, 9, b'x']),
            ),
            ("a message that is cut off", "identity", cut_off.clone()),
            ("no such flag", "identity", framed(7, b"")),
            ("compressed as nothing", "identity", framed(1, b"x")),
            (
                "compressed as something else",
                "gzip",
                framed(1, b"no gzip"),
            ),
        ] {
            let status = refused(&house, method, encoding, body).await;
            assert_eq!(
                status.code(),
                Code::InvalidArgument,
                "{method}, {what}: {status}"
            );
            let said = format!("{status:?}");
            assert!(!said.contains("canary"), "{method}, {what}: {said}");
        }
    }
    let nothing = refused(&house, "Submit", "identity", Vec::new()).await;
    assert_eq!(nothing.code(), Code::InvalidArgument, "{nothing}");
    house.untouched().await;
}

#[tokio::test]
async fn what_is_too_large_exhausts_a_resource() {
    let Some(house) = House::build().await else {
        return;
    };
    let large = vec![0; DEFAULT_BODY_LIMIT_BYTES + 1];
    let bomb = gzipped(&large);
    assert!(bomb.len() < 1000);
    for method in ["Submit", "SubmitMany"] {
        for (encoding, body) in [("identity", framed(0, &large)), ("gzip", framed(1, &bomb))] {
            let status = refused(&house, method, encoding, body).await;
            assert_eq!(status.code(), Code::ResourceExhausted, "{method}: {status}");
            let limit = DEFAULT_BODY_LIMIT_BYTES.to_string();
            assert!(status.message().contains(&limit), "{method}: {status}");
        }
    }
}

#[tokio::test]
async fn messages_are_compressed_both_ways() {
    let Some(house) = House::build().await else {
        return;
    };
    let list = ListRequest {
        page_size: 1,
        ..ListRequest::default()
    };
    let sent = framed(1, &gzipped(&list.encode_to_vec()));
    let answer = call(&house, "List", "gzip", sent).await;
    assert_eq!(answer.headers()["grpc-encoding"], "gzip");
    let (bytes, trailers) = taken(answer).await;
    assert_eq!(trailers["grpc-status"], "0");
    assert_eq!(bytes[0], 1, "compressed");
    let mut plain = Vec::new();
    std::io::copy(&mut GzDecoder::new(&bytes[5..]), &mut plain).unwrap();
    let page = ListResponse::decode(&*plain).unwrap();
    let ids: Vec<i64> = page.requests.iter().map(|request| request.id).collect();
    assert_eq!(ids, [house.anns]);

    // Whoever compresses does so whatever is asked.
    for path in [
        "/grpc.health.v1.Health/Check",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    ] {
        let answer = call_at(&house, path, "gzip", framed(1, &gzipped(b""))).await;
        let refused = Status::from_header_map(answer.headers());
        assert!(refused.is_none(), "{path}: {refused:?}");
        assert_eq!(answer.headers()["grpc-encoding"], "gzip", "{path}");
    }
}
