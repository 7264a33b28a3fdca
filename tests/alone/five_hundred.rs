//! Five hundred at once, with three processes of login and two gateways, on one server of NATS and on three.
//! A caller waits a minute for its answer, which is little on a machine that does something else beside it.

use anyhow::{Context, ensure};
use futures_util::future;
use testkit::{Account, Answer, Api, Stack};
use tokio::time::Instant;

use crate::alone;

const PASSWORD: &str = "not-a-real-password";

/// Asks for something that costs nothing to ask, as often as one likes: every request logs in
/// first, and then fails because nobody knows the case.
async fn ask(api: &Api, account: &Account, number: usize) -> anyhow::Result<Answer> {
    let docket_number = format!("5:99-cv-{number:05}");
    let form = [
        ("request_type", "1"),
        ("court", "okwd"),
        ("docket_number", docket_number.as_str()),
    ];
    Ok(api.post(account, &form).await?)
}

/// Two users, each at a gateway of its own.
async fn two_users(stack: &mut Stack) -> anyhow::Result<[Api; 2]> {
    let mut apis = [stack.user("one").await?, stack.user("two").await?];
    let second = stack.inner().http_url_of("gateway-2");
    apis[1].url = second.context("a second gateway")?;
    Ok(apis)
}

/// All in flight at once, by way of two gateways and three login services.
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_first_requests_are_one_login() -> anyhow::Result<()> {
    are_one_login(1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_first_requests_are_one_login_on_a_cluster_of_nats() -> anyhow::Result<()> {
    are_one_login(3).await
}

async fn are_one_login(nats_servers: usize) -> anyhow::Result<()> {
    let _machine = alone().await;
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .replicas("login", 3)
        .replicas("gateway", 2)
        .with(|builder| builder.nats_servers(nats_servers));
    let mut stack = stack.start().await?;
    let apis = two_users(&mut stack).await?;
    let account = Account::demo();
    let posts = (0..500).map(|number| {
        let (api, account) = (&apis[number % 2], &account);
        async move { ask(api, account, number).await }
    });
    let answers = future::join_all(posts).await;
    for answer in answers {
        let answer = answer?;
        let (status, body) = (answer.status, answer.body);
        ensure!(
            status == 201,
            "{status} {body} {:?}",
            stack.inner().error_lines()?
        );
    }
    ensure!(
        stack.simulator().logins("demo").await? == (1, 0),
        "one login"
    );
    stack.stop().await
}

/// Each has a turn of its own, a record, a nonce and a session: nothing of one login helps another.
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_accounts_at_once_are_logged_in_on_a_cluster_of_nats() -> anyhow::Result<()> {
    let _machine = alone().await;
    let Some(mut stack) = testkit::stack() else {
        return Ok(());
    };
    let accounts: Vec<Account> = (0..500)
        .map(|number| Account::new(&format!("many-{number}"), PASSWORD))
        .collect();
    for account in &accounts {
        stack = stack
            .simulator_arg("--account")
            .simulator_arg(format!("{}:{PASSWORD}", account.username));
    }
    let mut stack = stack
        .replicas("login", 3)
        .replicas("gateway", 2)
        .with(|builder| builder.nats_servers(3))
        .start()
        .await?;
    let apis = two_users(&mut stack).await?;
    let posts = accounts.iter().enumerate().map(|(number, account)| {
        let api = &apis[number % 2];
        async move {
            let asked = Instant::now();
            let answer = ask(api, account, number).await?;
            anyhow::Ok((answer, asked.elapsed()))
        }
    });
    let mut took = Vec::new();
    for (answer, after) in future::try_join_all(posts).await? {
        ensure!(answer.status == 201, "{answer:?}");
        took.push(after);
    }
    took.sort_unstable();
    println!(
        "500 first requests of 500 accounts at once: p50 {:?}, p99 {:?}, longest {:?}",
        took[249], took[494], took[499]
    );
    let simulator = stack.simulator();
    for account in &accounts {
        let logins = simulator.logins(&account.username).await?;
        ensure!(logins == (1, 0), "{}: {logins:?}", account.username);
    }
    stack.stop().await
}
