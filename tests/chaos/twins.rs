//! Several accounts ask for the same thing at the same moment: the court sells it once.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures_util::future;
use kill_point::{Order, Point};
use serde_json::Value;
use sqlx::PgPool;
use testkit::{Account, Api, Stack};
use tokio::time;

use crate::{
    load::{COURTS, PASSWORD, User, login},
    orders::Orders,
};

/// How long everybody may take to have it.
const PATIENCE: Duration = Duration::from_secs(240);

/// How often something is looked at that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Dockets,
    Documents,
}

/// What is played.
#[derive(Debug)]
pub struct Size {
    /// Rounds of each combination.
    pub rounds: usize,
    /// Accounts that ask together.
    pub accounts: &'static [usize],
    /// Gaps of the courts.
    pub gaps_ms: &'static [u32],
    /// Rounds in which a fetcher dies between its look and its intent.
    pub kills: usize,
}

/// A round: somebody's case or document.
struct Thing {
    court: String,
    form: Vec<(&'static str, String)>,
}

/// Plays all combinations, and prints a line of each.
///
/// # Errors
/// When a thing is sold more or less than once, or somebody does not get it.
pub async fn run(size: &Size) -> anyhow::Result<()> {
    let Some(builder) = testkit::stack() else {
        return Ok(());
    };
    let orders_home = tempfile::tempdir()?;
    let orders = Orders::new(orders_home.path())?;
    let directory = orders.directory().display().to_string();
    let most = size.accounts.iter().copied().max().unwrap_or(2);
    let combinations = size.accounts.len() * size.gaps_ms.len();
    let things = size.rounds * combinations + size.kills;
    let mut builder = builder
        .court_cap(2)
        .replicas("docket-fetcher", 2)
        .replicas("pdf-fetcher", 2)
        .simulator_arg("--cases")
        .simulator_arg(2 * things.div_ceil(COURTS.len()) + 8)
        .simulator_arg("--entries")
        .simulator_arg(120)
        .with(|builder| {
            builder.setting_of_all("KILL_POINTS", &directory).setting(
                "login",
                "LOGIN_MIN_GAP_MS",
                "0",
            )
        });
    for number in 0..most {
        // Every second one is never shown a price, if it can choose.
        let flags = ["", ":no-receipts"][number % 2];
        let account = format!("{}:{PASSWORD}{flags}", login(number));
        builder = builder.simulator_arg("--account").simulator_arg(account);
    }
    let mut stack = builder.start().await?;
    let mut users = Vec::new();
    for number in 0..most {
        users.push(User {
            api: stack.user(&login(number)).await?,
            account: Account::new(&login(number), PASSWORD),
        });
    }
    let pool = PgPool::connect(stack.database_url()).await?;
    let mut dockets = dockets(&stack).await?;
    let mut documents = documents(&stack, &users[0], &pool, &mut dockets, things).await?;
    for kind in [Kind::Dockets, Kind::Documents] {
        let left = match kind {
            Kind::Dockets => &mut dockets,
            Kind::Documents => &mut documents,
        };
        for gap in size.gaps_ms {
            set_gap(&pool, *gap).await?;
            for accounts in size.accounts {
                let begun = Instant::now();
                let users = &users[..*accounts];
                play(&stack, &pool, users, left, size.rounds).await?;
                println!(
                    "{kind:?}, {accounts} accounts, gap {gap} ms: {} rounds, one sale each ({} s)",
                    size.rounds,
                    begun.elapsed().as_secs()
                );
            }
        }
        set_gap(&pool, 1500).await?;
        for _ in 0..size.kills {
            let thing = take(left, 0)?;
            killed(&mut stack, &pool, &users[..2], &orders, kind, &thing).await?;
        }
        println!(
            "{kind:?}, a fetcher killed between look and intent: {} rounds, one sale each",
            size.kills
        );
    }
    pool.close().await;
    stack.stop().await
}

async fn set_gap(pool: &PgPool, gap_ms: u32) -> anyhow::Result<()> {
    let gap = i32::try_from(gap_ms)?;
    sqlx::query("update courts set gap_ms = $1, cap = 2, account_cap = 1")
        .bind(gap)
        .execute(pool)
        .await?;
    Ok(())
}

/// Ordinary cases, by court.
async fn dockets(stack: &Stack) -> anyhow::Result<Vec<Vec<Thing>>> {
    let mut all = Vec::new();
    for court in COURTS {
        let cases = stack.simulator().cases_of(court).await?;
        let ordinary = cases
            .into_iter()
            .filter(|case| case.kind == "civil" && case.peculiarity == "none");
        let things = ordinary.map(|case| Thing {
            court: court.to_owned(),
            form: vec![
                ("request_type", "1".to_owned()),
                ("court", court.to_owned()),
                ("pacer_case_id", case.pacer_case_id),
            ],
        });
        all.push(things.collect());
    }
    Ok(all)
}

/// Documents with a text, by court, from dockets that are bought for that.
async fn documents(
    stack: &Stack,
    buyer: &User,
    pool: &PgPool,
    dockets: &mut [Vec<Thing>],
    things: usize,
) -> anyhow::Result<Vec<Vec<Thing>>> {
    let mut all = Vec::new();
    for dockets in dockets {
        let mut found = Vec::new();
        while found.len() < things.div_ceil(COURTS.len()) + 4 {
            let docket = dockets.pop().context("no case is left")?;
            let form = borrowed(&docket.form);
            let request = buyer.api.submit(&buyer.account, &form).await?;
            let done = buyer.api.wait(&request, PATIENCE).await?;
            ensure!(done["status"] == 2, "{done}");
            found.extend(of_docket(stack, pool, &docket).await?);
        }
        all.push(found);
    }
    Ok(all)
}

async fn of_docket(stack: &Stack, pool: &PgPool, docket: &Thing) -> anyhow::Result<Vec<Thing>> {
    let (court, case) = (&docket.court, &docket.form[2].1);
    let documents = stack.simulator().documents(court, case, false).await?;
    let with_text: Vec<String> = documents.into_iter().map(|it| it.pacer_doc_id).collect();
    let ids: Vec<i64> = sqlx::query_scalar(
        "select recap_documents.id from recap_documents
         join docket_entries on docket_entries.id = docket_entry_id
         join dockets on dockets.id = docket_id
         where court_id = $1 and pacer_case_id = $2 and pacer_doc_id = any($3)
         order by recap_documents.id",
    )
    .bind(court)
    .bind(case)
    .bind(&with_text)
    .fetch_all(pool)
    .await?;
    let things = ids.into_iter().map(|id| Thing {
        court: court.clone(),
        form: vec![
            ("request_type", "2".to_owned()),
            ("recap_document", id.to_string()),
        ],
    });
    Ok(things.collect())
}

fn borrowed<'a>(form: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    form.iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

fn take(left: &mut [Vec<Thing>], court: usize) -> anyhow::Result<Thing> {
    let court = court % left.len();
    left[court].pop().context("nothing is left to be bought")
}

/// So many rounds, at all courts side by side and one after the other at each.
async fn play(
    stack: &Stack,
    pool: &PgPool,
    users: &[User],
    left: &mut [Vec<Thing>],
    rounds: usize,
) -> anyhow::Result<()> {
    let mut courts: Vec<Vec<Thing>> = (0..left.len()).map(|_| Vec::new()).collect();
    for round in 0..rounds {
        let court = round % left.len();
        courts[court].push(take(left, court)?);
    }
    let courts = courts.iter().map(|things| async move {
        for thing in things {
            round(stack, pool, users, thing).await?;
        }
        anyhow::Ok(())
    });
    for played in future::join_all(courts).await {
        played?;
    }
    Ok(())
}

/// All ask at once, all get it, and the court sells it once.
async fn round(stack: &Stack, pool: &PgPool, users: &[User], thing: &Thing) -> anyhow::Result<()> {
    let before = sales_at(stack, &thing.court).await?;
    let requests = ask(pool, users, thing).await?;
    let ended = wait(users, &requests).await?;
    judge(stack, pool, thing, before, &ended).await
}

/// All are accepted before the first of them is begun: who asks when the docket is there already
/// wants a newer one.
async fn ask(pool: &PgPool, users: &[User], thing: &Thing) -> anyhow::Result<Vec<Value>> {
    hold(pool, &thing.court, true).await?;
    let form: Vec<(&str, &str)> = borrowed(&thing.form)
        .into_iter()
        .chain([("on_doubt", "stop")])
        .collect();
    let asked = users
        .iter()
        .map(|user| user.api.submit(&user.account, &form));
    let asked = future::join_all(asked).await;
    hold(pool, &thing.court, false).await?;
    Ok(asked.into_iter().collect::<Result<_, _>>()?)
}

async fn hold(pool: &PgPool, court: &str, held: bool) -> anyhow::Result<()> {
    sqlx::query("update courts set held_since = case when $2 then now() end where id = $1")
        .bind(court)
        .bind(held)
        .execute(pool)
        .await?;
    Ok(())
}

async fn wait(users: &[User], requests: &[Value]) -> anyhow::Result<Vec<Value>> {
    let waits = users
        .iter()
        .zip(requests)
        .map(|(user, request): (&User, &Value)| wait_of(&user.api, request));
    future::join_all(waits).await.into_iter().collect()
}

async fn wait_of(api: &Api, request: &Value) -> anyhow::Result<Value> {
    Ok(api.wait(request, PATIENCE).await?)
}

async fn judge(
    stack: &Stack,
    pool: &PgPool,
    thing: &Thing,
    before: usize,
    ended: &[Value],
) -> anyhow::Result<()> {
    let sold = sales_at(stack, &thing.court).await? - before;
    let ids: Vec<i64> = ended.iter().filter_map(|it| it["id"].as_i64()).collect();
    let lines: Vec<(i64, String, bool)> = sqlx::query_as(
        "select request_id, state, flagged from purchases where request_id = any($1) order by id",
    )
    .bind(&ids)
    .fetch_all(pool)
    .await?;
    ensure!(sold == 1, "sold {sold} times: {:?} {lines:?}", thing.form);
    let mut said: HashMap<bool, usize> = HashMap::new();
    for request in ended {
        ensure!(request["status"] == 2, "{request}");
        let message = request["message"].as_str().unwrap_or_default();
        // Who comes so late that the document is saved already does nothing at all.
        let free = ["Nothing was charged for this request", "Doing nothing."];
        let paid = !free.iter().any(|words| message.contains(words));
        *said.entry(paid).or_default() += 1;
    }
    ensure!(said.get(&true) == Some(&1), "one of them paid: {ended:?}");
    Ok(())
}

async fn sales_at(stack: &Stack, court: &str) -> anyhow::Result<usize> {
    let sales = stack.simulator().ledger().await?;
    Ok(sales.iter().filter(|sale| sale.court == court).count())
}

/// The same, while the first of them that comes to its turn dies before it writes its intent.
async fn killed(
    stack: &mut Stack,
    pool: &PgPool,
    users: &[User],
    orders: &Orders,
    kind: Kind,
    thing: &Thing,
) -> anyhow::Result<()> {
    let before = sales_at(stack, &thing.court).await?;
    orders.arm(Point::BeforeIntent, Order::Die)?;
    let requests = ask(pool, users, thing).await?;
    let deadline = Instant::now() + PATIENCE;
    while orders.is_armed(Point::BeforeIntent) {
        ensure!(Instant::now() < deadline, "nobody came to its intent");
        time::sleep(LOOK_EVERY).await;
    }
    let fetcher = match kind {
        Kind::Dockets => "docket-fetcher",
        Kind::Documents => "pdf-fetcher",
    };
    let names = [fetcher.to_owned(), format!("{fetcher}-2")];
    let mut dead = None;
    while dead.is_none() {
        ensure!(Instant::now() < deadline, "nobody has died");
        for name in &names {
            if stack.inner().has_ended(name)? {
                dead = Some(name.clone());
            }
        }
        time::sleep(LOOK_EVERY).await;
    }
    stack.restart(&dead.context("somebody died")?).await?;
    orders.hits()?;
    let ended = wait(users, &requests).await?;
    judge(stack, pool, thing, before, &ended).await
}
