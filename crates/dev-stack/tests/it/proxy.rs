//! A proxy whose far end changes.

use std::time::Duration;

use dev_stack::proxy::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// A server that greets everybody with this letter and repeats what it hears; gives its port.
async fn server(letter: u8) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                client.write_all(&[letter]).await.unwrap();
                let (mut from, mut to) = client.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    port
}

async fn read(stream: &mut TcpStream) -> Option<u8> {
    let byte = timeout(Duration::from_secs(10), stream.read_u8()).await;
    byte.expect("the other end says something, or hangs up")
        .ok()
}

#[tokio::test]
async fn what_is_open_is_silent_while_nothing_passes_and_is_cut_at_the_switch() {
    let (first, second) = (server(b'1').await, server(b'2').await);
    let proxy = Proxy::start(first).await.unwrap();
    let mut early = TcpStream::connect(("127.0.0.1", proxy.port()))
        .await
        .unwrap();
    assert_eq!(read(&mut early).await, Some(b'1'));
    early.write_all(b"x").await.unwrap();
    assert_eq!(read(&mut early).await, Some(b'x'));

    proxy.lose();
    let mut meanwhile = TcpStream::connect(("127.0.0.1", proxy.port()))
        .await
        .unwrap();
    early.write_all(b"y").await.unwrap();
    let silence = Duration::from_millis(200);
    assert!(timeout(silence, early.read_u8()).await.is_err());
    assert!(timeout(silence, meanwhile.read_u8()).await.is_err());

    proxy.switch(second);
    assert_eq!(read(&mut early).await, None, "cut");
    assert_eq!(
        read(&mut meanwhile).await,
        Some(b'2'),
        "it waited for the new one"
    );
}

#[tokio::test]
async fn a_dropped_proxy_cuts_everybody() {
    let proxy = Proxy::start(server(b'1').await).await.unwrap();
    let mut client = TcpStream::connect(("127.0.0.1", proxy.port()))
        .await
        .unwrap();
    assert_eq!(read(&mut client).await, Some(b'1'));
    drop(proxy);
    assert_eq!(read(&mut client).await, None);
}
