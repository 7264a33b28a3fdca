//! Nobody's silence stops the others: a gateway that is frozen or lost in the middle of a
//! transaction, and a database that does not confirm what it is told.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use dev_stack::{Durability, Signal, free_port};
use fetch_bus::wire::fetch_client::FetchClient;
use futures_util::future::join_all;
use kill_point::{Order, Point};
use pacer_fetch_client::raw::http_client;
use serde_json::{Value, json};
use sqlx::PgConnection;
use testkit::{Account, Api, DEMO_DOCKET, Stack, StackBuilder};
use tokio::time::{Instant, sleep};
use tonic::Code;

use crate::repeats::{demo, message, post, sign};

/// Whoever falls silent is relieved within this time.
const RELIEVED_WITHIN: Duration = Duration::from_secs(30);

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_frozen_while_it_sweeps_is_relieved() -> anyhow::Result<()> {
    frozen_in_a_transaction(Point::InSweep).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_frozen_while_it_releases_is_relieved() -> anyhow::Result<()> {
    frozen_in_a_transaction(Point::InDispatch).await
}

/// One of two gateways is frozen and holds the lock of the sweep or of a court, for as long as it
/// takes the other to bring a request to its end whose worker is dead.
async fn frozen_in_a_transaction(point: Point) -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let orders = tempfile::tempdir()?;
    let directory = orders.path().display().to_string();
    let mut stack = stack
        .replicas("gateway", 2)
        .with(|builder| builder.setting("gateway", "KILL_POINTS", &directory))
        .start()
        .await?;
    let api = stack.user("waiter").await?;
    let mut database = stack.database().await?;
    // Whose worker is dead: it says nothing any more, and is not even there.
    stack.inner().stop_one("docket-fetcher").await?;
    let mut other = api.clone();
    let first = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let id = first["id"].as_i64().context("an id")?;
    stack.wait_for_state(id, "released", PATIENCE).await?;

    fs::write(orders.path().join(point.name()), Order::Freeze.text())?;
    if point == Point::InDispatch {
        // Something to release, at the same court, once there is room.
        let more = [DEMO_DOCKET, &[("not_before", "2026-01-01T00:00:00Z")]].concat();
        // The gateway that accepts it may be the one that freezes: nobody waits for its answer.
        let accepting = api.clone();
        tokio::spawn(async move { accepting.submit(&Account::demo(), &more).await });
    }
    let frozen = frozen_at(&mut stack, orders.path(), point).await?;
    let since = Instant::now();
    still_locked(&mut database).await?;
    sqlx::query(
        "update fetch_requests
         set state = 'running', worker = 'dead', lease_until = clock_timestamp() - interval '1 s'
         where id = $1",
    )
    .bind(id)
    .execute(&mut database)
    .await?;
    let alive = if frozen == "gateway" {
        "gateway-2"
    } else {
        "gateway"
    };
    other.url = stack
        .inner()
        .http_url_of(alive)
        .context("another gateway")?;

    // Taken back, and released anew.
    let deadline = since + RELIEVED_WITHIN;
    until(
        deadline,
        &mut database,
        id,
        "attempts = 1 and state = 'released'",
    )
    .await?;
    println!("{point:?}: relieved after {:?}", since.elapsed());
    ensure!(
        since.elapsed() > Duration::from_secs(5),
        "the lock was not held"
    );
    stack.restart("docket-fetcher").await?;
    let done = other.wait(&first, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    let frozen_for = since.elapsed();
    if frozen_for < RELIEVED_WITHIN {
        sleep(RELIEVED_WITHIN - frozen_for + Duration::from_secs(5)).await;
    }
    stack.signal(&frozen, Signal::Continue)?;

    // It goes on as if nothing had been.
    let url = stack.inner().http_url_of(&frozen);
    // A connection from before was idle for too long, and is closed just now.
    let thawed = Api::trusting(&url.context("the frozen one")?, &api.token, stack.ca())?;
    let again = thawed.submit(&Account::demo(), DEMO_DOCKET).await?;
    let done = thawed.wait(&again, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Waits until a gateway has taken the order; its name.
async fn frozen_at(stack: &mut Stack, orders: &Path, point: Point) -> anyhow::Result<String> {
    let deadline = Instant::now() + PATIENCE;
    let prefix = format!("hit.{}.", point.name());
    loop {
        for entry in fs::read_dir(orders)? {
            let name = entry?.file_name().display().to_string();
            let Some(pid) = name.strip_prefix(&prefix) else {
                continue;
            };
            let pid: u32 = pid.parse()?;
            let processes = stack.inner().processes();
            let found = processes.iter().find(|(_, id)| *id == pid);
            return Ok(found.context("a process of ours")?.0.to_owned());
        }
        ensure!(Instant::now() < deadline, "nobody came to {point:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Insists that a session holds a lock of ours in a transaction in which nothing happens.
async fn still_locked(database: &mut PgConnection) -> anyhow::Result<()> {
    let question = "select exists (
                        select from pg_locks join pg_stat_activity using (pid)
                        where relation = 'gateway_locks'::regclass and state = 'idle in transaction')";
    let locked: bool = sqlx::query_scalar(question).fetch_one(database).await?;
    ensure!(locked, "nobody holds a lock in a transaction");
    Ok(())
}

/// Waits until this is true of a request.
async fn until(
    deadline: Instant,
    database: &mut PgConnection,
    id: i64,
    condition: &str,
) -> anyhow::Result<()> {
    let question = format!("select {condition}, to_jsonb(r) from fetch_requests r where id = $1");
    loop {
        let (is_so, row): (bool, Value) = sqlx::query_as(sqlx::AssertSqlSafe(question.clone()))
            .bind(id)
            .fetch_one(&mut *database)
            .await?;
        if is_so {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "not {condition}: {row}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// A gateway in a network of its own, which can be cut off. It is given everything that the
/// stack's gateway has.
struct Cut {
    namespace: String,
    host_end: String,
    gateway: Child,
}

impl Cut {
    /// Starts a gateway that looks like one on another host.
    fn start(stack: &mut Stack, orders: &Path) -> anyhow::Result<Cut> {
        let number = std::process::id() % 60_000;
        let (namespace, host_end) = (format!("pf{number}"), format!("pfh{number}"));
        let network = format!("10.{}.{}", 100 + number / 256 % 100, number % 256);
        // The servers of the stack listen on the loopback address only: that of this host is
        // reached through the wire, since the namespace has none of its own.
        ip(&format!("netns add {namespace}"))?;
        let mut cut = Command::new("ip");
        cut.args(["netns", "exec", &namespace]);
        cut.arg(programs()?.join("gateway"));
        cut.env_clear().envs(stack.inner().env("gateway")?.clone());
        for listen in ["HTTP_LISTEN", "GRPC_LISTEN", "ADMIN_LISTEN"] {
            let address = format!("0.0.0.0:{}", free_port()?);
            cut.env(format!("PACER_FETCH_{listen}"), address);
        }
        cut.env("PACER_FETCH_KILL_POINTS", orders);
        // Nobody calls it.
        cut.env("PACER_FETCH_BEHIND_PROXY", "true");
        let log = fs::File::create(stack.directory().join("gateway-cut.out"))?;
        cut.stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let wire = || -> anyhow::Result<()> {
            ip(&format!(
                "link add {host_end} type veth peer name wire netns {namespace}"
            ))?;
            ip(&format!("addr add {network}.1/30 dev {host_end}"))?;
            ip(&format!("link set {host_end} up"))?;
            let local = format!("/proc/sys/net/ipv4/conf/{host_end}/route_localnet");
            fs::write(local, "1")?;
            ip(&format!("-n {namespace} addr add {network}.2/30 dev wire"))?;
            ip(&format!("-n {namespace} link set wire up"))?;
            let local = "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet";
            let exec = ["netns", "exec", &namespace, "sh", "-c", local];
            run(Command::new("ip").args(exec))?;
            ip(&format!(
                "-n {namespace} route add 127.0.0.1/32 via {network}.1"
            ))
        };
        match wire().and_then(|()| Ok(cut.spawn()?)) {
            Ok(gateway) => Ok(Cut {
                namespace,
                host_end,
                gateway,
            }),
            Err(error) => {
                let _ = ip(&format!("netns del {namespace}"));
                Err(error)
            }
        }
    }

    /// Nothing comes through any more, in neither direction, and nobody is told.
    fn cut_off(&self) -> anyhow::Result<()> {
        ip(&format!("-n {} link set wire down", self.namespace))
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        let _ = self.gateway.kill();
        let _ = self.gateway.wait();
        let _ = ip(&format!("link del {}", self.host_end));
        let _ = ip(&format!("netns del {}", self.namespace));
    }
}

fn ip(arguments: &str) -> anyhow::Result<()> {
    run(Command::new("ip").args(arguments.split(' ')))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().context("the program ip")?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{command:?}: {told}");
    Ok(())
}

/// Where the programs are: beside the directory of this test.
fn programs() -> anyhow::Result<std::path::PathBuf> {
    let test = std::env::current_exe()?;
    let directory = test.ancestors().nth(2).context("a test lies two deep")?;
    Ok(directory.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_whose_host_is_lost_while_it_sweeps_is_relieved() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    if run(Command::new("ip").args(["netns", "list"])).is_err() || !is_root() {
        testkit::skip("networks of one's own need root and the program ip");
        return Ok(());
    }
    let orders = tempfile::tempdir()?;
    let mut stack = stack.start().await?;
    let api = stack.user("waiter").await?;
    let mut database = stack.database().await?;
    sqlx::raw_sql("alter system set log_min_messages = 'info'")
        .execute(&mut database)
        .await?;
    let hba: String = sqlx::query_scalar("show hba_file")
        .fetch_one(&mut database)
        .await?;
    let mut rules = fs::OpenOptions::new().append(true).open(hba)?;
    std::io::Write::write_all(&mut rules, b"\nhost all all 10.0.0.0/8 scram-sha-256\n")?;
    sqlx::query("select pg_reload_conf()")
        .execute(&mut database)
        .await?;
    stack.inner().stop_one("docket-fetcher").await?;
    let first = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let id = first["id"].as_i64().context("an id")?;
    stack.wait_for_state(id, "released", PATIENCE).await?;

    let cut = Cut::start(&mut stack, orders.path())?;
    fs::write(
        orders.path().join(Point::InSweep.name()),
        Order::Freeze.text(),
    )?;
    let hit = orders.path().join(format!(
        "hit.{}.{}",
        Point::InSweep.name(),
        cut.gateway.id()
    ));
    let deadline = Instant::now() + PATIENCE;
    while !hit.exists() {
        ensure!(Instant::now() < deadline, "the other host did not sweep");
        sleep(Duration::from_millis(20)).await;
    }
    let since = Instant::now();
    cut.cut_off()?;
    still_locked(&mut database).await?;
    sqlx::query(
        "update fetch_requests
         set state = 'running', worker = 'dead', lease_until = clock_timestamp() - interval '1 s'
         where id = $1",
    )
    .bind(id)
    .execute(&mut database)
    .await?;
    let deadline = since + RELIEVED_WITHIN;
    until(
        deadline,
        &mut database,
        id,
        "attempts = 1 and state = 'released'",
    )
    .await?;
    println!("lost host: relieved after {:?}", since.elapsed());
    ensure!(
        since.elapsed() > Duration::from_secs(5),
        "the lock was not held"
    );
    // Its idle connections do not stay behind either. One that was cut off before its first statement
    // is not bounded yet: it holds nothing, and is the server's own to end.
    until_gone(since + 2 * RELIEVED_WITHIN, &mut database).await?;
    println!(
        "lost host: its connections are gone after {:?}",
        since.elapsed()
    );
    stack.restart("docket-fetcher").await?;
    let done = api.wait(&first, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Waits until the host that was cut off has no connection that ever said anything.
async fn until_gone(deadline: Instant, database: &mut PgConnection) -> anyhow::Result<()> {
    let within = deadline.saturating_duration_since(Instant::now());
    testkit::until("no connection of the lost host", within, async || {
        let left: Vec<String> = sqlx::query_scalar(
            "select concat_ws(' ', state, wait_event, backend_start, state_change, left(query, 60))
             from pg_stat_activity where client_addr <<= '10.0.0.0/8' and query <> ''",
        )
        .fetch_all(&mut *database)
        .await?;
        Ok(if left.is_empty() {
            Ok(())
        } else {
            Err(left.join("; "))
        })
    })
    .await
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_hangs_is_answered_in_time_and_may_be_repeated() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = confirming_soon(stack).start().await?;
    let api = stack.user("ann").await?;
    let mut database = stack.database().await?;
    // For tomorrow: only accepting matters here.
    let later = json!({"not_before": chrono::Utc::now() + chrono::Duration::hours(20)});
    let body = demo(later);
    let before = post(&api, "before", &body).await?;
    ensure!(before.status == 201, "{before:?}");

    // Logins are answered, so that it is accepting that hangs.
    do_not_wait_with_logins(&mut database).await?;
    set_standby(&mut database, "gone").await?;
    let started = Instant::now();
    let told = post(&api, "hangs", &body).await?;
    ensure!(
        started.elapsed() < Duration::from_secs(8),
        "after {:?}",
        started.elapsed()
    );
    ensure!(told.status == 503 && told.retry_after.is_some(), "{told:?}");
    let text = told.body["detail"].as_str().unwrap_or_default();
    ensure!(text.contains("same Idempotency-Key"), "{text}");
    let mut client = FetchClient::new(stack.grpc().await?);
    let refused = client.submit(sign(message("grpc"), &api.token)?).await;
    let refused = refused.err().context("nothing is accepted")?;
    ensure!(refused.code() == Code::Unavailable, "{refused}");
    until_ready(&mut stack, false, Duration::from_secs(15)).await?;

    // Fifty of them, and readers meanwhile.
    let keys: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
    let reading = async {
        for _ in 0..10 {
            let asked = Instant::now();
            api.get(&format!("recap-fetch/{}/", before.id()?)).await?;
            ensure!(
                asked.elapsed() < Duration::from_secs(3),
                "reading took {:?}",
                asked.elapsed()
            );
            sleep(Duration::from_millis(300)).await;
        }
        Ok(())
    };
    let started = Instant::now();
    let (told, read) = tokio::join!(
        join_all(keys.iter().map(|key| post(&api, key, &body))),
        reading
    );
    read?;
    println!("fifty were answered within {:?}", started.elapsed());
    ensure!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    for told in told {
        let told = told?;
        ensure!(told.status == 503 && told.retry_after.is_some(), "{told:?}");
    }
    let waiting: i64 =
        sqlx::query_scalar("select count(*) from pg_stat_activity where wait_event = 'SyncRep'")
            .fetch_one(&mut database)
            .await?;
    println!("{waiting} sessions of the server wait for the standby");
    ensure!(waiting < 60, "{waiting} sessions of the server are stuck");

    set_standby(&mut database, "").await?;
    until_ready(&mut stack, true, Duration::from_secs(30)).await?;
    for key in keys.iter().map(String::as_str).chain(["hangs"]) {
        let told = post(&api, key, &body).await?;
        ensure!(told.status == 201, "{key}: {told:?}");
        let again = post(&api, key, &body).await?;
        ensure!(
            again.replayed && again.id()? == told.id()?,
            "{key}: {again:?}"
        );
    }
    let again = client.submit(sign(message("grpc"), &api.token)?).await?;
    let id = again.into_inner().id;
    let rows: i64 = sqlx::query_scalar("select count(*) from fetch_requests")
        .fetch_one(&mut database)
        .await?;
    ensure!(rows == 53, "{rows} requests, under 53 keys");
    let done = api.wait(&json!({"id": id}), PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_whose_records_hang_is_given_up_in_time() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = confirming_soon(stack).start().await?;
    let api = stack.user("ann").await?;
    let mut database = stack.database().await?;
    let body = demo(json!({}));
    set_standby(&mut database, "gone").await?;
    // The first to come, whose wait tells that commits hang, and one who comes when that is known.
    for key in ["first", "second"] {
        let started = Instant::now();
        let told = post(&api, key, &body).await?;
        let took = started.elapsed();
        ensure!(took < Duration::from_secs(8), "{key}: after {took:?}");
        ensure!(told.status == 503 && told.retry_after.is_some(), "{told:?}");
        let text = told.body["detail"].as_str().unwrap_or_default();
        ensure!(text.contains("Nothing was changed"), "{text}");
    }
    let mut client = FetchClient::new(stack.grpc().await?);
    let refused = client.submit(sign(message("grpc"), &api.token)?).await;
    let refused = refused.err().context("nothing is accepted")?;
    ensure!(refused.code() == Code::Unavailable, "{refused}");

    set_standby(&mut database, "").await?;
    let told = post(&api, "first", &body).await?;
    ensure!(told.status == 201 && !told.replayed, "{told:?}");
    let rows: i64 = sqlx::query_scalar("select count(*) from fetch_requests")
        .fetch_one(&mut database)
        .await?;
    ensure!(rows == 1, "{rows} requests");
    ensure!(stack.simulator().logins("demo").await? == (1, 0));
    stack.stop().await
}

/// A database that waits for its disk and its standby, and a gateway that does not wait for long.
fn confirming_soon(stack: StackBuilder) -> StackBuilder {
    stack.with(|builder| {
        builder
            .durability(Durability::Safe)
            .setting("gateway", "COMMIT_WAIT_MS", "3000")
    })
}

/// Has what login remembers confirmed by this server alone.
async fn do_not_wait_with_logins(database: &mut PgConnection) -> anyhow::Result<()> {
    let trigger = "create function not_elsewhere() returns trigger language plpgsql as $$
         begin perform set_config('synchronous_commit', 'local', true); return new; end $$;
         create trigger not_elsewhere before insert or update on login_records
         for each row execute function not_elsewhere()";
    sqlx::raw_sql(trigger).execute(database).await?;
    Ok(())
}

/// A standby of this name has to confirm every commit.
pub async fn set_standby(database: &mut PgConnection, name: &str) -> anyhow::Result<()> {
    let set = format!("alter system set synchronous_standby_names = '{name}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(set))
        .execute(&mut *database)
        .await?;
    sqlx::query("select pg_reload_conf()")
        .execute(&mut *database)
        .await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now: String = sqlx::query_scalar("show synchronous_standby_names")
            .fetch_one(&mut *database)
            .await?;
        if now == name {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "it is still {now:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn until_ready(stack: &mut Stack, ready: bool, within: Duration) -> anyhow::Result<()> {
    let admin = stack
        .inner()
        .env("gateway")?
        .get("PACER_FETCH_ADMIN_LISTEN");
    let url = format!("http://{}/readyz", admin.context("an admin address")?);
    let started = Instant::now();
    loop {
        let answer = http_client().get(&url).send().await?;
        if answer.status().is_success() == ready {
            println!("ready is {ready} after {:?}", started.elapsed());
            return Ok(());
        }
        if started.elapsed() > within {
            bail!("{}", answer.text().await?);
        }
        sleep(Duration::from_millis(100)).await;
    }
}
