//! Requests, each for a thing of its own, and a caller that does not give up.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use fetch_model::OnDoubt;
use sqlx::PgPool;
use testkit::{Account, Api, Stack};
use tokio::{task::JoinSet, time};

use crate::plan::Plan;

/// The password of every account: looked for everywhere afterwards.
pub const PASSWORD: &str = "Canary-4b1d!through-the-storm";

/// How long a caller waits for an answer to a submission.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a caller waits before it submits again.
const PAUSE: Duration = Duration::from_millis(300);

/// Callers at the same time.
const CALLERS: usize = 6;

/// A thing to buy.
#[derive(Debug, Clone)]
pub struct Item {
    /// The court (ids of the simulator and of the API are the same in [`COURTS`]).
    pub court: String,
    /// What is asked for, in the words of the API.
    form: Vec<(&'static str, String)>,
    /// The condition under which a row is for it, on which its text is bound.
    found_by: (&'static str, String),
    /// What the request says about money in doubt.
    pub on_doubt: OnDoubt,
}

/// District courts whose ids are the same everywhere.
pub const COURTS: [&str; 20] = [
    "akd", "almd", "alnd", "alsd", "ared", "arwd", "azd", "cacd", "caed", "cand", "casd", "cod",
    "ctd", "ded", "flmd", "flnd", "flsd", "gamd", "gand", "gasd",
];

/// A user of the API with its PACER account.
#[derive(Debug, Clone)]
pub struct User {
    /// The API as this user calls it.
    pub api: Api,
    /// What it pays with.
    pub account: Account,
}

/// The name of an account.
pub fn login(number: usize) -> String {
    format!("storm-{number}")
}

/// Lets requests in as a storm goes on, so that there is work to the end of it.
#[derive(Debug)]
pub struct Gate {
    allowed: AtomicUsize,
    submitted: AtomicUsize,
    count: usize,
}

impl Gate {
    /// For so many requests, of which none may come in yet.
    pub fn new(count: usize) -> Gate {
        Gate {
            allowed: AtomicUsize::new(0),
            submitted: AtomicUsize::new(0),
            count,
        }
    }

    /// Lets this part of all requests in, from 0 to 1.
    pub fn open(&self, part: f64) {
        let allowed = (part.clamp(0.0, 1.0) * self.count as f64).ceil() as usize;
        self.allowed.fetch_max(allowed, Ordering::Relaxed);
    }

    /// How many came in.
    pub fn submitted(&self) -> usize {
        self.submitted.load(Ordering::Relaxed)
    }

    async fn pass(&self, number: usize) {
        while self.allowed.load(Ordering::Relaxed) <= number {
            time::sleep(PAUSE).await;
        }
    }
}

/// Makes the users.
///
/// # Errors
/// When one cannot be made.
pub async fn users(stack: &Stack, plan: &Plan) -> anyhow::Result<Vec<User>> {
    let mut users = Vec::new();
    for number in 0..plan.users {
        let name = login(number);
        users.push(User {
            api: stack.user(&name).await?,
            account: Account::new(&name, PASSWORD),
        });
    }
    Ok(users)
}

/// Finds what there is to buy; buys the dockets first on which the documents stand.
///
/// # Errors
/// When there is not enough of it.
pub async fn items(stack: &Stack, plan: &Plan, buyer: &User) -> anyhow::Result<Vec<Item>> {
    let (mut items, mut first_dockets) = (Vec::new(), Vec::new());
    let courts = &COURTS[..plan.courts];
    let dockets_each = plan.dockets.div_ceil(plan.courts);
    for court in courts {
        let cases = stack.simulator().cases_of(court).await?;
        let mut ordinary = cases
            .into_iter()
            .filter(|case| case.kind == "civil" && case.peculiarity == "none");
        let first = ordinary.next().context("a case for the documents")?;
        first_dockets.push((*court, first.pacer_case_id));
        for (number, case) in ordinary.take(dockets_each).enumerate() {
            let by_number = number % 3 == 0;
            let (field, text) = match by_number {
                true => ("docket_number", case.docket_number),
                false => ("pacer_case_id", case.pacer_case_id),
            };
            items.push(Item {
                court: (*court).to_owned(),
                form: vec![
                    ("request_type", "1".to_owned()),
                    ("court", (*court).to_owned()),
                    (field, text.clone()),
                ],
                found_by: (field, text),
                on_doubt: OnDoubt::Stop,
            });
        }
    }
    items.truncate(plan.dockets);
    ensure!(items.len() == plan.dockets, "only {} dockets", items.len());
    let documents = documents(stack, plan, buyer, &first_dockets).await?;
    let mixed = interleave(items, documents);
    Ok(mixed
        .into_iter()
        .enumerate()
        .map(|(number, item)| {
            let both = [OnDoubt::Stop, OnDoubt::OnceMore];
            Item {
                on_doubt: plan.on_doubt.unwrap_or(both[number % 2]),
                ..item
            }
        })
        .collect())
}

fn interleave(mut one: Vec<Item>, mut other: Vec<Item>) -> Vec<Item> {
    let mut mixed = Vec::with_capacity(one.len() + other.len());
    while !(one.is_empty() && other.is_empty()) {
        mixed.extend(one.pop());
        mixed.extend(other.pop());
    }
    mixed
}

async fn documents(
    stack: &Stack,
    plan: &Plan,
    buyer: &User,
    first: &[(&str, String)],
) -> anyhow::Result<Vec<Item>> {
    let mut requests = Vec::new();
    for (court, case) in first {
        let form = [
            ("request_type", "1"),
            ("court", court),
            ("pacer_case_id", case),
        ];
        requests.push(buyer.api.submit(&buyer.account, &form).await?);
    }
    for request in &requests {
        let done = buyer.api.wait(request, Duration::from_secs(120)).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    let mut database = stack.database().await?;
    let each = plan.documents.div_ceil(plan.courts);
    let mut items = Vec::new();
    for (court, case) in first {
        let with_text: HashSet<String> = stack
            .simulator()
            .documents(court, case, false)
            .await?
            .into_iter()
            .map(|document| document.pacer_doc_id)
            .collect();
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "select recap_documents.id, pacer_doc_id from recap_documents
             join docket_entries on docket_entries.id = docket_entry_id
             join dockets on dockets.id = docket_id
             where court_id = $1 and pacer_doc_id <> '' order by recap_documents.id",
        )
        .bind(court)
        .fetch_all(&mut database)
        .await?;
        let rows = rows.into_iter().filter(|(_, id)| with_text.contains(id));
        items.extend(rows.take(each).map(|(id, _)| Item {
            court: (*court).to_owned(),
            form: vec![
                ("request_type", "2".to_owned()),
                ("recap_document", id.to_string()),
            ],
            found_by: ("recap_document_id", id.to_string()),
            on_doubt: OnDoubt::Stop,
        }));
    }
    items.truncate(plan.documents);
    ensure!(
        items.len() == plan.documents,
        "only {} documents",
        items.len()
    );
    Ok(items)
}

/// Submits everything, in order, by several callers who ask again until they know that it was
/// accepted. Gives the ids that were answered.
///
/// # Errors
/// When the database cannot be asked.
pub async fn submit_all(
    items: Vec<Item>,
    users: Vec<User>,
    database_url: String,
    gate: Arc<Gate>,
) -> anyhow::Result<Vec<i64>> {
    let pool = PgPool::connect_lazy(&database_url)?;
    let (items, users) = (Arc::new(items), Arc::new(users));
    let next = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (items, users, next) = (items.clone(), users.clone(), next.clone());
        let (pool, gate) = (pool.clone(), gate.clone());
        callers.spawn(async move {
            let mut answered = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(number) else {
                    return answered;
                };
                gate.pass(number).await;
                // One user after the other, so that there are first logins to the end.
                let user = number * users.len() / items.len();
                answered.extend(submit(item, user, &users, &pool).await);
                gate.submitted.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    Ok(callers.join_all().await.into_iter().flatten().collect())
}

/// Submits until there is an answer, or a row although there was none.
async fn submit(item: &Item, first_user: usize, users: &[User], pool: &PgPool) -> Option<i64> {
    let form: Vec<(&str, &str)> = item
        .form
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain([("on_doubt", item.on_doubt.as_str())])
        .collect();
    for user in (0..).map(|turn| &users[(first_user + turn) % users.len()]) {
        let asking = user.api.post(&user.account, &form);
        match time::timeout(PATIENCE, asking).await {
            Ok(Ok(answer)) if answer.status == 201 => return answer.body["id"].as_i64(),
            // Refused, by a login that PACER would call one too many for example: another account.
            Ok(Ok(_)) => {}
            // Nobody knows whether it was accepted.
            Ok(Err(_)) | Err(_) => {
                if was_accepted(item, pool).await {
                    return None;
                }
            }
        }
        time::sleep(PAUSE).await;
    }
    None
}

async fn was_accepted(item: &Item, pool: &PgPool) -> bool {
    let (column, text) = &item.found_by;
    let sql = format!(
        "select exists (select 1 from fetch_requests
                        where target_court = $1 and {column}::text = $2)"
    );
    loop {
        let found = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone()))
            .bind(&item.court)
            .bind(text)
            .fetch_one(pool)
            .await;
        match found {
            Ok(found) => return found,
            Err(_) => time::sleep(PAUSE).await,
        }
    }
}
