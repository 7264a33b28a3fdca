//! Whether something answers yet.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::child::Child;

const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Waits until `GET path` on a loopback port answers 200. Gives up when the child ends first.
pub(crate) async fn until_ready(
    child: &mut Child,
    port: u16,
    path: &str,
    within: Duration,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(status) = child.ended() {
            bail!("it ended at once: {status}");
        }
        let answer = timeout(Duration::from_secs(2), status_line(port, path)).await;
        let answer = match answer {
            Ok(Ok(line)) if line.contains(" 200 ") => return Ok(()),
            Ok(Ok(line)) => line,
            Ok(Err(error)) => format!("{error:#}"),
            Err(_) => "no answer".to_owned(),
        };
        if Instant::now() > deadline {
            bail!(
                "{path} does not answer 200 after {} s: {answer}",
                within.as_secs()
            );
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn status_line(port: u16, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    // The body tells people what is missing; the first line is enough when there is none.
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let line = head.lines().next().context("an empty answer")?;
    Ok(format!("{line} {}", body.trim()))
}
