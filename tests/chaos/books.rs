//! The court's books against ours, thing by thing and account by account.

use std::{collections::BTreeMap, fmt};

use anyhow::Context;
use chrono::{DateTime, Utc};
use testkit::{Sale, Stack};

/// What both books say of one thing.
#[derive(Debug, Default)]
struct Thing {
    /// What the court charged, to whom and in cents.
    sold: Vec<(String, i64)>,
    /// Our lines.
    lines: Vec<Line>,
}

/// A line of our ledger that is not void.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Line {
    item_key: String,
    account: String,
    state: String,
    cents: Option<i32>,
    flagged: bool,
    on_doubt: String,
    asked: DateTime<Utc>,
    captured: Option<DateTime<Utc>>,
}

impl Line {
    fn is_bought(&self) -> bool {
        self.state == "captured"
    }

    /// What was paid, if anything.
    fn paid(&self) -> Option<i64> {
        let cents = self.cents.filter(|cents| self.is_bought() && *cents > 0);
        cents.map(i64::from)
    }
}

/// What the books say altogether.
#[derive(Debug, Default)]
pub struct Books {
    /// Charges of the court.
    pub sales: usize,
    /// Our lines that say that something was bought.
    pub bought: usize,
    /// Our lines that say that nobody knows.
    pub doubted: usize,
    /// Of these, those that the court did charge.
    pub doubted_and_charged: usize,
    /// Things that were sold more than once although the requests say `stop`.
    pub doubled_with_stop: usize,
    /// Things that were sold more than once to requests that say `once_more`, flagged.
    pub doubled_and_flagged: usize,
    /// Things that somebody bought after somebody else's purchase of them was lost in doubt.
    pub bought_after_doubt: usize,
    /// Dockets that somebody asked for after somebody else had bought them, and got anew.
    pub wanted_later: usize,
    /// Where the books contradict each other, or break a promise.
    pub broken: Vec<String>,
}

impl fmt::Display for Books {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "| charges at the courts | {}: {} are lines of ours that say bought, {} are covered by \
             lines in doubt |\n\
             | lines in doubt | {} |\n\
             | bought after somebody else's purchase was lost in doubt | {} |\n\
             | dockets asked for after they had been bought, and bought anew | {} |\n\
             | bought twice | {} with `stop`; {} with `once_more` |",
            self.sales,
            self.bought,
            self.doubted_and_charged,
            self.doubted,
            self.bought_after_doubt,
            self.wanted_later,
            self.doubled_with_stop,
            self.doubled_and_flagged
        )
    }
}

/// Compares them. No request is under way any more.
///
/// # Errors
/// When they cannot be read.
pub async fn compare(stack: &Stack) -> anyhow::Result<Books> {
    let mut things: BTreeMap<String, Thing> = BTreeMap::new();
    for sale in stack.simulator().ledger().await? {
        let thing = things.entry(key(&sale)?).or_default();
        thing.sold.push((sale.account, sale.cents));
    }
    let lines: Vec<Line> = sqlx::query_as(
        "select purchases.item_key, name as account, purchases.state, billed_cents as cents,
             flagged, on_doubt, fetch_requests.date_created as asked,
             captures.date_created as captured
         from purchases join fetch_requests on fetch_requests.id = purchases.request_id
             join users on users.id = fetch_requests.user_id
             left join captures on captures.id = capture_id
         where purchases.state <> 'void' order by captures.date_created",
    )
    .fetch_all(&mut stack.database().await?)
    .await?;
    for line in lines {
        // The options of a docket are the same in all requests of a storm.
        let key: Vec<&str> = line.item_key.splitn(4, '/').take(3).collect();
        things.entry(key.join("/")).or_default().lines.push(line);
    }
    let mut books = Books::default();
    for (name, thing) in things {
        let broken = books.add(&thing);
        let broken = broken.map(|what| format!("{name}: {what}: {thing:?}"));
        books.broken.extend(broken);
    }
    books.broken.extend(hidden_doubts(stack).await?);
    Ok(books)
}

impl Books {
    /// Counts a thing in; gives what is wrong about it, if anything is.
    fn add(&mut self, thing: &Thing) -> Option<&'static str> {
        let bought: Vec<&Line> = thing.lines.iter().filter(|line| line.is_bought()).collect();
        let doubted = thing.lines.len() - bought.len();
        let mut unexplained = thing.sold.clone();
        for line in &bought {
            let Some(cents) = line.paid() else { continue };
            let is_it = |sale: &&(String, i64)| **sale == (line.account.clone(), cents);
            let Some(place) = unexplained.iter().position(|sale| is_it(&sale)) else {
                return Some("we booked what the court did not charge");
            };
            unexplained.swap_remove(place);
        }
        self.sales += thing.sold.len();
        self.bought += bought.iter().filter(|line| line.paid().is_some()).count();
        self.doubted += doubted;
        self.doubted_and_charged += unexplained.len();
        if thing.lines.iter().any(|line| line.state == "intent") {
            return Some("an intent was left open");
        }
        if !thing.covers(&unexplained) {
            return Some("the court charged what is not in our books");
        }
        self.add_again(thing, &bought, unexplained.len())
    }

    /// Counts in why a thing was sold more than once, if it was.
    fn add_again(
        &mut self,
        thing: &Thing,
        bought: &[&Line],
        in_doubt: usize,
    ) -> Option<&'static str> {
        if thing.sold.len() < 2 {
            return None;
        }
        let at_once = bought_at_once(bought);
        let again = thing.sold_again_to_the_same();
        if at_once + again > 0 {
            let stops = thing.lines.iter().all(|line| line.on_doubt == "stop");
            match stops {
                true => self.doubled_with_stop += 1,
                false => self.doubled_and_flagged += 1,
            }
            let flagged = thing.lines.iter().filter(|line| line.flagged).count();
            return match (stops, flagged >= at_once + again) {
                (true, _) => Some("it was bought twice with `stop`"),
                (false, false) => Some("it was bought twice and is not flagged"),
                (false, true) => None,
            };
        }
        match in_doubt {
            0 => self.wanted_later += 1,
            _ => self.bought_after_doubt += 1,
        }
        None
    }
}

impl Thing {
    /// Whether each of these charges belongs to a line in doubt of the account that paid it.
    fn covers(&self, charges: &[(String, i64)]) -> bool {
        let doubts = |account: &str| {
            let lines = self.lines.iter().filter(|line| !line.is_bought());
            lines.filter(|line| line.account == account).count()
        };
        let charged = |account: &str| charges.iter().filter(|(who, _)| who == account).count();
        charges
            .iter()
            .all(|(account, _)| charged(account) <= doubts(account))
    }

    /// Charges to an account that had paid for the thing already.
    fn sold_again_to_the_same(&self) -> usize {
        let mut accounts: Vec<&String> = self.sold.iter().map(|(account, _)| account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        self.sold.len() - accounts.len()
    }
}

/// Purchases of different accounts of what another had bought since they asked, and that nothing
/// excuses: the lines are in the order in which the bytes came.
fn bought_at_once(bought: &[&Line]) -> usize {
    let paid = bought.iter().filter(|line| line.paid().is_some());
    let unflagged: Vec<&&Line> = paid.filter(|line| !line.flagged).collect();
    unflagged
        .windows(2)
        .filter(|pair| pair[0].account != pair[1].account && Some(pair[1].asked) < pair[0].captured)
        .count()
}

/// Requests whose purchase was lost in doubt, and that do not say so.
async fn hidden_doubts(stack: &Stack) -> anyhow::Result<Vec<String>> {
    let hidden: Vec<(i64, String, String)> = sqlx::query_as(
        "select id, state::text, message from fetch_requests
         where exists (select 1 from purchases
                       where request_id = fetch_requests.id and purchases.state = 'doubt')
           and message not like '%may have charged%'",
    )
    .fetch_all(&mut stack.database().await?)
    .await?;
    Ok(hidden
        .into_iter()
        .map(|(id, state, message)| {
            format!("request {id} hides that money is in doubt: {state}: {message}")
        })
        .collect())
}

/// What was sold, as our books call it.
fn key(sale: &Sale) -> anyhow::Result<String> {
    let text = |name: &str| sale.item[name].as_str().context("an id of what was sold");
    let (kind, id) = match text("kind")? {
        "docket" => ("docket", text("pacer_case_id")?),
        _ => ("doc", text("pacer_doc_id")?),
    };
    let court = testkit::client_court_id(&sale.court);
    Ok(format!("{kind}/{court}/{id}"))
}
