//! Requests, for a thing of their own or for one that others ask for at the same time, and a caller
//! that does not give up.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use fetch_model::OnDoubt;
use futures_util::future;
use sqlx::{PgConnection, PgPool};
use testkit::{Account, Api, Stack};
use tokio::{task::JoinSet, time};

use crate::plan::Plan;

/// The password of every account, and the beginning of those that are wrong: looked for everywhere afterwards.
pub const PASSWORD: &str = "Canary-4b1d!through-the-storm";

/// A one-time code that is sent with wrong passwords, and has the same in it.
const OTP_CODE: &str = "otp-Canary-4b1d!through-the-storm";

/// How long a caller waits for an answer to a submission.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a caller waits before it submits again.
const PAUSE: Duration = Duration::from_millis(300);

/// How often a caller sends the same submission, before it asks what became of it.
const TRIES: usize = 8;

/// What a refusal says of a document that is here already.
const IS_HERE: &str = "is_available = True";

/// How long a caller goes from user to user, before it gives up. Whoever is away says so at once, so that
/// all tries at all users may be over while a database is still being promoted.
const GIVE_UP_AFTER: Duration = Duration::from_secs(120);

/// Callers at the same time.
const CALLERS: usize = 6;

/// A thing to buy, and the requests for it: all of them at the same moment, by different users.
#[derive(Debug, Clone)]
pub struct Item {
    /// The court (ids of the simulator and of the API are the same in [`COURTS`]).
    pub court: String,
    /// One request each.
    asks: Vec<Ask>,
    /// What the requests say about money in doubt.
    pub on_doubt: OnDoubt,
}

/// One request for a thing.
#[derive(Debug, Clone)]
struct Ask {
    /// What is asked for, in the words of the API.
    form: Vec<(&'static str, String)>,
    /// The condition under which a row is for it, on which its text is bound.
    found_by: (&'static str, String),
}

impl Ask {
    fn docket(court: &str, field: &'static str, text: &str) -> Ask {
        Ask {
            form: vec![
                ("request_type", "1".to_owned()),
                ("court", court.to_owned()),
                (field, text.to_owned()),
            ],
            found_by: (field, text.to_owned()),
        }
    }

    fn document(id: i64) -> Ask {
        Ask {
            form: vec![
                ("request_type", "2".to_owned()),
                ("recap_document", id.to_string()),
            ],
            found_by: ("recap_document_id", id.to_string()),
        }
    }
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

/// The name of a user, and of its account.
pub fn login(number: usize) -> String {
    format!("storm-{number}")
}

/// The account of a user, as the simulator is told of it. Every third one is shown no prices
/// before documents: whatever it opens is bought.
pub fn account(number: usize) -> String {
    let flags = if number % 3 == 1 { ":no-receipts" } else { "" };
    format!("{}:{PASSWORD}{flags}", login(number))
}

/// Lets requests in as a storm goes on, so that there is work to the end of it.
#[derive(Debug)]
pub struct Gate {
    allowed: AtomicUsize,
    submitted: AtomicUsize,
    count: usize,
}

impl Gate {
    /// For so many things, of which none may be asked for yet.
    pub fn new(count: usize) -> Gate {
        Gate {
            allowed: AtomicUsize::new(0),
            submitted: AtomicUsize::new(0),
            count,
        }
    }

    /// Lets this part of all things be asked for, from 0 to 1.
    pub fn open(&self, part: f64) {
        let allowed = (part.clamp(0.0, 1.0) * self.count as f64).ceil() as usize;
        self.allowed.fetch_max(allowed, Ordering::Relaxed);
    }

    /// How many were asked for.
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
            let by_id = Ask::docket(court, "pacer_case_id", &case.pacer_case_id);
            let by_number = Ask::docket(court, "docket_number", &case.docket_number);
            // Those who ask for the same docket do not always name it in the same way.
            let asks = match number % 4 {
                0 => vec![by_number, by_id],
                1 => vec![by_number],
                _ => vec![by_id],
            };
            items.push((*court, asks));
        }
    }
    items.truncate(plan.dockets);
    ensure!(items.len() == plan.dockets, "only {} dockets", items.len());
    let documents = documents(stack, plan, buyer, &first_dockets).await?;
    let mixed = interleave(items, documents);
    let policies = [OnDoubt::Stop, OnDoubt::OnceMore];
    Ok(mixed
        .into_iter()
        .enumerate()
        .map(|(number, (court, asks))| Item {
            court: court.to_owned(),
            asks: asks.into_iter().cycle().take(plan.asking(number)).collect(),
            // Not in step with how many ask.
            on_doubt: plan
                .on_doubt
                .unwrap_or(policies[number / plan.askers.len() % 2]),
        })
        .collect())
}

fn interleave<T>(mut one: Vec<T>, mut other: Vec<T>) -> Vec<T> {
    let mut mixed = Vec::with_capacity(one.len() + other.len());
    while !(one.is_empty() && other.is_empty()) {
        mixed.extend(one.pop());
        mixed.extend(other.pop());
    }
    mixed
}

async fn documents<'a>(
    stack: &Stack,
    plan: &Plan,
    buyer: &User,
    first: &[(&'a str, String)],
) -> anyhow::Result<Vec<(&'a str, Vec<Ask>)>> {
    let mut requests = Vec::new();
    let api = &buyer.api;
    for (court, case) in first {
        let form = [
            ("request_type", "1"),
            ("court", court),
            ("pacer_case_id", case),
        ];
        requests.push(api.submit(&buyer.account, &form).await?);
    }
    for request in &requests {
        let done = api.wait(request, Duration::from_secs(120)).await?;
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
        items.extend(
            rows.take(each)
                .map(|(id, _)| (*court, vec![Ask::document(id)])),
        );
    }
    items.truncate(plan.documents);
    ensure!(
        items.len() == plan.documents,
        "only {} documents",
        items.len()
    );
    Ok(items)
}

/// Where callers turn to.
#[derive(Debug)]
pub struct Addresses {
    /// The HTTP APIs of the gateways.
    gateways: Vec<String>,
    /// The database, for what they cannot know otherwise.
    database: String,
}

impl Addresses {
    /// Those of this stack.
    pub fn of(stack: &mut Stack) -> Addresses {
        let gateways = ["gateway", "gateway-2"].map(|name| stack.inner().http_url_of(name));
        Addresses {
            gateways: gateways.into_iter().flatten().collect(),
            database: stack.database_url().to_owned(),
        }
    }
}

/// What callers know after they asked for everything.
#[derive(Debug, Default)]
pub struct Asked {
    /// Requests that they made.
    pub count: usize,
    /// The ids that they were answered.
    pub answered: Vec<i64>,
}

impl Asked {
    fn note(&mut self, submission: &Submission) {
        match submission {
            Submission::Accepted(id) => {
                self.count += 1;
                self.answered.push(*id);
            }
            Submission::Unanswered => self.count += 1,
            Submission::Needless => {}
        }
    }
}

/// Asks for everything, in order, by several callers who ask again until they know that it was
/// accepted.
///
/// # Errors
/// When nobody accepts a request.
pub async fn submit_all(
    items: Vec<Item>,
    users: Vec<User>,
    at: Addresses,
    gate: Arc<Gate>,
) -> anyhow::Result<Asked> {
    let pool = PgPool::connect_lazy(&at.database)?;
    let gateways = at.gateways;
    let caller = Arc::new(Caller {
        items,
        users,
        gateways,
        pool,
    });
    let next = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (caller, next, gate) = (caller.clone(), next.clone(), gate.clone());
        callers.spawn(async move {
            let mut asked = Asked::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = caller.items.get(number) else {
                    return anyhow::Ok(asked);
                };
                gate.pass(number).await;
                let all = (0..item.asks.len()).map(|ask| caller.submit(number, ask));
                for submission in future::try_join_all(all).await? {
                    asked.note(&submission);
                }
                gate.submitted.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let mut all = Asked::default();
    for asked in callers.join_all().await {
        let asked = asked?;
        all.count += asked.count;
        all.answered.extend(asked.answered);
    }
    Ok(all)
}

/// Has somebody else guess at each account as the storm goes on, and at one that there is not until it is refused. Whatever
/// becomes of a guess, it was a password in the services; how many were refused is said.
pub async fn guess_all(users: Vec<User>, gate: Arc<Gate>) -> usize {
    let mut refused = 0;
    for (number, user) in users.iter().enumerate() {
        gate.pass(gate.count * number / users.len()).await;
        let guesser = &users[(number + 1) % users.len()];
        // PACER is not asked of an account that has just logged in.
        refused += usize::from(is_refused(guesser, &user.account.username, number).await);
        let deadline = Instant::now() + GIVE_UP_AFTER;
        while Instant::now() < deadline {
            if is_refused(guesser, &format!("nobody-{number}"), number).await {
                refused += 1;
                break;
            }
            time::sleep(PAUSE).await;
        }
    }
    refused
}

async fn is_refused(guesser: &User, name: &str, number: usize) -> bool {
    let wrong = Account::new(name, &format!("{PASSWORD}-wrong-{number}"));
    let guess = guesser.api.log_in(&wrong, &[("otp_code", OTP_CODE)]);
    let answer = time::timeout(PATIENCE, guess).await;
    matches!(answer, Ok(Ok(answer)) if answer.status == 400)
}

/// Logs in whoever has requests that wait for it; how many go on. A login that PACER would call one too many
/// is tried again when this is called again.
///
/// # Errors
/// When the database does not answer.
pub async fn log_in_again(database: &mut PgConnection, users: &[User]) -> anyhow::Result<i64> {
    let waiting: Vec<String> = sqlx::query_scalar(
        "select distinct name from fetch_requests join users on users.id = user_id
         where state = 'waiting' and login_until is not null",
    )
    .fetch_all(database)
    .await?;
    let mut taken_up = 0;
    for user in users {
        if waiting.contains(&user.account.username) {
            let answer = user.api.log_in(&user.account, &[]).await?;
            taken_up += answer.body["taken_up"].as_i64().unwrap_or(0);
        }
    }
    Ok(taken_up)
}

/// How a caller got what it asked for.
enum Submission {
    /// By a request.
    Accepted(i64),
    /// By a request that nobody ever told it of.
    Unanswered,
    /// Without one: who asked at the same moment was served before this caller could log in.
    Needless,
}

/// What became of one attempt.
enum Outcome {
    Got(Submission),
    /// By a login that PACER would call one too many, for example: the answer.
    Refused(String),
    /// There was never an answer that says so.
    Unknown,
}

struct Caller {
    items: Vec<Item>,
    users: Vec<User>,
    gateways: Vec<String>,
    pool: PgPool,
}

impl Caller {
    /// Submits until there is an id, or a row although there never was an answer, or the document itself.
    async fn submit(&self, number: usize, ask: usize) -> anyhow::Result<Submission> {
        let item = &self.items[number];
        let asking = item.asks.len();
        // One user after the other, so that there are first logins to the end; and those who ask
        // for the same thing share no user, whoever is refused.
        let first = number * self.users.len() / self.items.len() / asking * asking + ask;
        let deadline = Instant::now() + GIVE_UP_AFTER;
        loop {
            let mut refusals = Vec::new();
            for turn in 0..self.users.len() {
                let user = &self.users[(first + turn * asking) % self.users.len()];
                let key = format!("thing-{number}-ask-{ask}-turn-{turn}");
                match self.send(user, &key, item, &item.asks[ask]).await {
                    Outcome::Got(submission) => return Ok(submission),
                    Outcome::Refused(answer) => refusals.push(answer),
                    Outcome::Unknown => {
                        if self.was_accepted(user, item, &item.asks[ask]).await {
                            return Ok(Submission::Unanswered);
                        }
                        refusals.push(format!("{}: nobody answers", user.account.username));
                    }
                }
            }
            ensure!(
                Instant::now() < deadline,
                "nobody accepts {:?}: {refusals:#?}",
                item.asks[ask]
            );
            time::sleep(PAUSE).await;
        }
    }

    /// Sends one submission, again and again under the same key while nobody says what became of
    /// it; at the gateways by turns.
    async fn send(&self, user: &User, key: &str, item: &Item, ask: &Ask) -> Outcome {
        let form: Vec<(&str, &str)> = ask
            .form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .chain([("on_doubt", item.on_doubt.as_str())])
            .collect();
        let mut api = user.api.clone();
        for gateway in self.gateways.iter().cycle().take(TRIES) {
            api.url.clone_from(gateway);
            let asking = api.post_once(key, &user.account, &form);
            match time::timeout(PATIENCE, asking).await {
                Ok(Ok(answer)) if matches!(answer.status, 200 | 201) => {
                    if let Some(id) = answer.body["id"].as_i64() {
                        return Outcome::Got(Submission::Accepted(id));
                    }
                }
                // An earlier one is still at work, or somebody is away.
                Ok(Ok(answer)) if answer.status == 409 || answer.status >= 500 => {}
                Ok(Ok(answer))
                    if item.asks.len() > 1 && answer.body.to_string().contains(IS_HERE) =>
                {
                    return Outcome::Got(Submission::Needless);
                }
                Ok(Ok(answer)) => {
                    let user = &user.account.username;
                    return Outcome::Refused(format!("{user}: {} {}", answer.status, answer.body));
                }
                Ok(Err(_)) | Err(_) => {}
            }
            time::sleep(PAUSE).await;
        }
        Outcome::Unknown
    }

    async fn was_accepted(&self, user: &User, item: &Item, ask: &Ask) -> bool {
        let (column, text) = &ask.found_by;
        let sql = format!(
            "select exists (select 1 from fetch_requests join users on users.id = user_id
                            where target_court = $1 and {column}::text = $2 and name = $3)"
        );
        loop {
            let found = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone()))
                .bind(&item.court)
                .bind(text)
                .bind(&user.account.username)
                .fetch_one(&self.pool)
                .await;
            match found {
                Ok(found) => return found,
                Err(_) => time::sleep(PAUSE).await,
            }
        }
    }
}
