//! The court's books against ours, thing by thing.

use std::{collections::BTreeMap, fmt};

use anyhow::{Context, ensure};
use testkit::{Sale, Stack};

/// What both books say of one thing.
#[derive(Debug, Default)]
struct Thing {
    /// What the court charged, in cents.
    sold: Vec<i64>,
    /// What we booked as bought, in cents.
    bought: Vec<i64>,
    /// Purchases of which we say that nobody knows.
    doubted: usize,
    /// Purchases that are flagged as perhaps the second one.
    flagged: usize,
    /// What the requests say about money in doubt.
    policies: Vec<String>,
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
    /// Things that were sold more than once although the request says `stop`.
    pub doubled_with_stop: usize,
    /// Things that were sold more than once to requests that say `once_more`; all are flagged.
    pub doubled_and_flagged: usize,
}

impl fmt::Display for Books {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} charges at the courts; {} of them in our books as bought, {} as in doubt \
             ({} lines in doubt in all); bought twice: {} with `stop`, {} with `once_more`, \
             all flagged",
            self.sales,
            self.bought,
            self.doubted_and_charged,
            self.doubted,
            self.doubled_with_stop,
            self.doubled_and_flagged
        )
    }
}

/// Compares them. No request is under way any more.
///
/// # Errors
/// When they contradict each other.
pub async fn compare(stack: &Stack) -> anyhow::Result<Books> {
    let mut things: BTreeMap<String, Thing> = BTreeMap::new();
    for sale in stack.simulator().ledger().await? {
        let thing = things.entry(key(&sale)?).or_default();
        thing.sold.push(sale.cents);
    }
    let lines: Vec<(String, String, Option<i32>, bool, String)> = sqlx::query_as(
        "select item_key, purchases.state, billed_cents, flagged, on_doubt
         from purchases join fetch_requests on fetch_requests.id = request_id
         where purchases.state <> 'void'",
    )
    .fetch_all(&mut stack.database().await?)
    .await?;
    for (item, state, cents, flagged, policy) in lines {
        // The options of a docket are the same in all requests of a storm.
        let key: Vec<&str> = item.splitn(4, '/').take(3).collect();
        let thing = things.entry(key.join("/")).or_default();
        match (state.as_str(), cents) {
            ("captured", Some(cents)) if cents > 0 => thing.bought.push(cents.into()),
            ("captured", _) => {}
            _ => thing.doubted += 1,
        }
        ensure!(state != "intent", "{item}: an intent was left open");
        thing.flagged += usize::from(flagged);
        thing.policies.push(policy);
    }
    let mut books = Books::default();
    for (name, thing) in things {
        add(&mut books, &thing).with_context(|| format!("{name}: {thing:?}"))?;
    }
    Ok(books)
}

fn add(books: &mut Books, thing: &Thing) -> anyhow::Result<()> {
    let mut unexplained = thing.sold.clone();
    for cents in &thing.bought {
        let place = unexplained.iter().position(|sold| sold == cents);
        unexplained.swap_remove(place.context("we booked what the court did not charge")?);
    }
    ensure!(
        unexplained.len() <= thing.doubted,
        "the court charged what is not in our books"
    );
    books.sales += thing.sold.len();
    books.bought += thing.bought.len();
    books.doubted += thing.doubted;
    books.doubted_and_charged += unexplained.len();
    if thing.sold.len() > 1 {
        if thing.policies.iter().all(|policy| policy == "stop") {
            books.doubled_with_stop += 1;
        } else {
            ensure!(
                thing.flagged >= thing.sold.len() - 1,
                "it was bought twice and is not flagged"
            );
            books.doubled_and_flagged += 1;
        }
    }
    Ok(())
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
