//! A database that cannot be reached, in whichever way that shows.

use fetch_db::{DEFAULT_TIME_ZONE, Db, DbConfig};
use tokio::{io::AsyncReadExt, net::TcpListener};

/// As whatever stands before a database does that is being replaced.
#[tokio::test]
async fn a_proxy_that_hangs_up_before_the_handshake_is_a_database_that_is_away() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            // That TLS is asked for. Unread, it would be answered with a reset.
            let mut asked = [0; 8];
            let _ = caller.read_exact(&mut asked).await;
        }
    });
    let blobs = tempfile::tempdir().unwrap();
    let config = DbConfig {
        database_url: format!("postgres://u:p@127.0.0.1:{port}/p?sslmode=require").into(),
        blob_url: blobs.path().display().to_string(),
        max_connections: 1,
        allow_plain: false,
        time_zone: DEFAULT_TIME_ZONE,
    };
    let error = Db::connect(&config).await.unwrap_err();
    assert!(error.is_absence(), "{error:?}");
}
