//! A thousand connections that are slow on purpose, more than there is room for, and honest callers
//! who must not notice. Prints how long the honest ones wait; `make bench-doors` runs it optimised.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use futures_util::future::{join_all, try_join_all};
use testkit::{Account, Api, DEMO_DOCKET};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::alone;

/// Fewer places than slow connections, so that somebody has to go.
const PLACES: &str = "400";
const SLOW: usize = 1_000;
const HONEST: usize = 50;

/// Each honest caller asks so often, on a connection of its own.
const ASK_EVERY: Duration = Duration::from_millis(200);
const MEASURED_FOR: Duration = Duration::from_secs(10);

/// Who is kept out by the slow ones waits until these are given up, for ten seconds. Who is not may lose the
/// first packet of a connection to the crowd of theirs: the kernel sends it again after a second, and after two
/// more if that is lost, too.
const SOON: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn slow_callers_do_not_delay_honest_ones() -> anyhow::Result<()> {
    let _machine = alone().await;
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .with(|builder| {
            builder
                .plain_front()
                .setting("gateway", "CONNECTIONS", PLACES)
                .setting("gateway", "HEAD_TIMEOUT_MS", "10000")
                .setting("gateway", "BODY_TIMEOUT_MS", "10000")
        })
        .start()
        .await?;
    let api = stack.user("honest").await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    api.wait(&request, Duration::from_secs(60)).await?;
    let request = format!("recap-fetch/{}/", request["id"]);
    // The one among the slow that has an account.
    let slow = stack.user("slow").await?;
    slow.get("recap-fetch/").await?;

    let before = honest(&api, &request).await?;
    let stop = CancellationToken::new();
    let held = Arc::new(AtomicUsize::new(0));
    let address = api.url.trim_start_matches("http://").to_owned();
    let attacking = (0..SLOW).map(|number| {
        let (address, token) = (address.clone(), slow.token.clone());
        let (held, stop) = (held.clone(), stop.clone());
        tokio::spawn(async move {
            while !stop.is_cancelled() {
                let slow = async {
                    let _ = be_slow(number, &address, &token, &held).await;
                    // They are slow in all that they do.
                    sleep(Duration::from_secs(1)).await;
                };
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = slow => {}
                }
            }
        })
    });
    let attacking: Vec<_> = attacking.collect();
    let deadline = Instant::now() + Duration::from_secs(30);
    while held.load(Ordering::Relaxed) < SLOW {
        ensure!(Instant::now() < deadline, "the attack does not begin");
        tokio::task::yield_now().await;
    }
    let during = honest(&api, &request).await?;
    println!(
        "{HONEST} honest callers, {} connections of {SLOW} slow ones at {PLACES} places: p50 {:.1} \
         ms and p99 {:.1} ms before, {:.1} ms and {:.1} ms meanwhile, of {} calls",
        held.load(Ordering::Relaxed),
        quantile(&before, 50),
        quantile(&before, 99),
        quantile(&during, 50),
        quantile(&during, 99),
        during.len(),
    );
    stop.cancel();
    join_all(attacking).await;
    ensure!(
        quantile(&during, 99) < SOON.as_secs_f64() * 1e3,
        "honest callers are delayed"
    );
    stack.stop().await
}

/// How long each call of the honest ones took, sorted. Half of them begin a new connection for each
/// call.
async fn honest(api: &Api, request: &str) -> anyhow::Result<Vec<Duration>> {
    let begun = Instant::now();
    let calling = (0..HONEST).map(|caller| {
        let own = Api::new(&api.url, &api.token);
        async move {
            let mut times = Vec::new();
            let mut ticks = interval(ASK_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while begun.elapsed() < MEASURED_FOR {
                ticks.tick().await;
                let asked = Instant::now();
                let got = match caller % 2 {
                    0 => get_anew(&own, request).await,
                    _ => own.get(request).await.map(drop).map_err(Into::into),
                };
                let kind = ["a new connection", "a kept one"][caller % 2];
                got.with_context(|| format!("{kind}, after {:?}", asked.elapsed()))?;
                times.push(asked.elapsed());
            }
            anyhow::Ok(times)
        }
    });
    let mut times = try_join_all(calling).await?.concat();
    times.sort_unstable();
    Ok(times)
}

/// The same call on a connection of its own.
async fn get_anew(api: &Api, request: &str) -> anyhow::Result<()> {
    let address = api.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /api/rest/v4/{request} HTTP/1.1\r\nHost: h\r\nAuthorization: Token {}\r\n\
         Connection: close\r\n\r\n",
        api.token
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    ensure!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
    Ok(())
}

fn quantile(times: &[Duration], share: usize) -> f64 {
    times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3
}

/// One connection, until the other end has enough of it.
async fn be_slow(
    number: usize,
    address: &str,
    token: &str,
    held: &AtomicUsize,
) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    held.fetch_add(1, Ordering::Relaxed);
    let get = format!(
        "GET /api/rest/v4/dockets/ HTTP/1.1\r\nHost: h\r\nAuthorization: Token {token}\r\n"
    );
    let post = format!(
        "POST /api/rest/v4/recap-fetch/ HTTP/1.1\r\nHost: h\r\nAuthorization: Token {}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n",
        if number % 8 == 3 { token } else { "nobodys" }
    );
    let begin = match number % 4 {
        0 => "",
        1 => "PRI * HTTP/2.0\r\n\r",
        2 => &get,
        _ => &post,
    };
    stream.write_all(begin.as_bytes()).await?;
    // A byte a second from then on, of a header or of a body.
    let mut bytes = [0; 1024];
    loop {
        let byte: &[u8] = match number % 4 {
            0 | 1 => b"",
            _ => b"x",
        };
        stream.write_all(byte).await?;
        if let Ok(read) = timeout(Duration::from_secs(1), stream.read(&mut bytes)).await
            && read? == 0
        {
            return Ok(());
        }
    }
}
