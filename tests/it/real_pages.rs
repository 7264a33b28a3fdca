//! Saved pages through the whole system: every docket of our fixtures, and every district and bankruptcy
//! docket of the extra corpus where it is, is bought, read, merged and read back.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use testkit::{Account, Api, Stack};

/// Dockets of the extra corpus, from district and bankruptcy courts.
const EXTRA: usize = 288;
/// The fewest dockets among our fixtures.
const OWN: usize = 13;

struct Page {
    court: String,
    docket_number: Option<String>,
    pacer_case_id: String,
    expected: Value,
    file: PathBuf,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_saved_docket_is_bought_read_and_stored_whole() -> anyhow::Result<()> {
    let Some(mut stack) = testkit::stack() else {
        return Ok(());
    };
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/pacer/tests/fixtures/docket");
    let mut folders = vec![own];
    let corpus = testkit::extra("corpus");
    if let Some(corpus) = &corpus {
        folders.extend(["district", "bankruptcy"].map(|kind| corpus.join("dockets").join(kind)));
    }
    for folder in &folders {
        stack = stack
            .simulator_arg("--pages")
            .simulator_arg(folder.display());
    }
    let stack = stack.court_gap_ms(0).start().await?;
    let api = stack.user("reader").await?;

    let pages = replayed(&stack.simulator().replay().await?)?;
    let files = pages.len();
    let is_extra = |page: &&Page| {
        let corpus = corpus.as_ref();
        corpus.is_some_and(|corpus| page.file.starts_with(corpus))
    };
    let extra = pages.iter().filter(is_extra).count();
    ensure!(
        corpus.is_none() || extra == EXTRA,
        "{extra} dockets of the corpus"
    );
    ensure!(files >= extra + OWN, "only {files} dockets");
    let results: Vec<(PathBuf, anyhow::Result<Counts>)> = stream::iter(&pages)
        .map(|page| {
            let (api, stack) = (&api, &stack);
            async move { (page.file.clone(), whole(stack, api, page).await) }
        })
        .buffer_unordered(16)
        .collect()
        .await;

    let mut total = Counts::default();
    let mut wrong = Vec::new();
    for (file, result) in results {
        match result {
            Ok(counts) => total.add(&counts),
            Err(error) => wrong.push(format!("{}: {error:#}", file.display())),
        }
    }
    println!(
        "{} of {files} dockets whole: {} entries, {} parties ({} of them listed twice under one \
         name and type, stored once)",
        files - wrong.len(),
        total.entries,
        total.parties,
        total.listed_twice
    );
    ensure!(
        wrong.is_empty(),
        "{} dockets are not whole:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    bought_once_each(&stack, files).await?;
    stack.stop().await
}

/// Saved pages show the receipts of their own day, so only the number of sales can be compared.
async fn bought_once_each(stack: &Stack, files: usize) -> anyhow::Result<()> {
    let sold = stack.simulator().ledger().await?.len();
    let bought: i64 = sqlx::query_scalar("select count(*) from purchases where state = 'captured'")
        .fetch_one(&mut stack.database().await?)
        .await?;
    ensure!(sold == files, "{sold} sales of {files} dockets");
    ensure!(
        usize::try_from(bought)? == sold,
        "{sold} sales, {bought} in our ledger"
    );
    Ok(())
}

#[derive(Default)]
struct Counts {
    entries: usize,
    parties: usize,
    listed_twice: usize,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.entries += other.entries;
        self.parties += other.parties;
        self.listed_twice += other.listed_twice;
    }
}

fn replayed(list: &Value) -> anyhow::Result<Vec<Page>> {
    let pages = list.as_array().context("a list of pages")?;
    let mut dockets = Vec::new();
    for page in pages {
        let text = |key: &str| page[key].as_str().map(str::to_owned);
        let file = PathBuf::from(text("file").context("file")?);
        let Some(expected) = expected(&file)? else {
            continue;
        };
        let by_number = page["addressable_by"] == "docket_number";
        dockets.push(Page {
            court: text("court").context("court")?,
            docket_number: text("docket_number").filter(|_| by_number),
            pacer_case_id: text("pacer_case_id").context("pacer_case_id")?,
            expected,
            file,
        });
    }
    Ok(dockets)
}

/// What a saved page is read as; none for one that is no docket, or cannot be read.
fn expected(file: &Path) -> anyhow::Result<Option<Value>> {
    if file.with_extension("error").is_file() {
        return Ok(None);
    }
    let json = file.with_extension("json");
    let text = std::fs::read_to_string(&json).with_context(|| json.display().to_string())?;
    let expected: Value = serde_json::from_str(&text)?;
    Ok(Some(expected).filter(|expected| expected.get("court_id").is_some()))
}

/// Fetches one docket and compares what is stored with what the page holds.
async fn whole(stack: &Stack, api: &Api, page: &Page) -> anyhow::Result<Counts> {
    let account = Account::demo();
    let court = testkit::client_court_id(&page.court);
    let held;
    let mut form = vec![("request_type", "1"), ("show_parties_and_counsel", "true")];
    form.push(("show_terminated_parties", "true"));
    // The contract's `court` field does not know the multidistrict panel: its dockets are bought
    // by way of one that is held.
    if court == "jpml" {
        held = hold_docket(stack, page).await?.to_string();
        form.push(("docket", &held));
    } else {
        form.push(("court", court));
        match &page.docket_number {
            Some(number) => form.push(("docket_number", number)),
            // It is replayed under an id that is not its own, and so its number is named as well.
            None => {
                form.push(("pacer_case_id", &page.pacer_case_id));
                let number = page.expected["docket_number"].as_str();
                form.extend(number.map(|number| ("docket_number", number)));
            }
        }
    }
    let request = api.submit(&account, &form).await?;
    let done = api.wait(&request, Duration::from_secs(300)).await?;
    ensure!(
        done["status"] == 2,
        "ended with {}: {}",
        done["status"],
        done["message"]
    );

    let docket = done["docket"].as_i64().context("a docket")?;
    let entries = api.all(&format!("docket-entries/?docket={docket}")).await?;
    let wanted = page.expected["docket_entries"]
        .as_array()
        .context("docket_entries")?
        .len();
    ensure!(
        entries.len() == wanted,
        "{} entries stored, {wanted} on the page",
        entries.len()
    );

    let path = format!("parties/?docket={docket}&filter_nested_results=True");
    let parties = api.all(&path).await?;
    let listed = page.expected["parties"].as_array().context("parties")?;
    compare_parties(&parties, listed)?;
    let (names, pairs) = distinct(listed);
    ensure!(
        parties.len() == names,
        "{} parties stored, {names} on the page",
        parties.len()
    );
    Ok(Counts {
        entries: entries.len(),
        parties: listed.len(),
        listed_twice: listed.len() - pairs,
    })
}

async fn hold_docket(stack: &Stack, page: &Page) -> anyhow::Result<i64> {
    let id = sqlx::query_scalar(
        "insert into dockets (court_id, pacer_case_id, docket_number_raw)
         values ($1, $2, coalesce($3, '')) returning id",
    )
    .bind(&page.court)
    .bind(&page.pacer_case_id)
    .bind(page.expected["docket_number"].as_str())
    .fetch_one(&mut stack.database().await?)
    .await?;
    Ok(id)
}

/// A party is stored once under its name, with a type for each role it has in the case.
fn compare_parties(stored: &[Value], listed: &[Value]) -> anyhow::Result<()> {
    let mut types: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for party in listed {
        let name = party["name"].as_str().unwrap_or_default().to_owned();
        types
            .entry(name)
            .or_default()
            .insert(party["type"].as_str().unwrap_or("").to_owned());
    }
    for party in stored {
        let name = party["name"].as_str().context("name")?;
        let stored: BTreeSet<String> = party["party_types"]
            .as_array()
            .context("party_types")?
            .iter()
            .filter_map(|party_type| party_type["name"].as_str().map(str::to_owned))
            .collect();
        let wanted = types
            .get(name)
            .with_context(|| format!("party {name:?} is not listed"))?;
        ensure!(
            &stored == wanted,
            "{name:?} is stored as {stored:?}, listed as {wanted:?}"
        );
    }
    Ok(())
}

fn distinct(listed: &[Value]) -> (usize, usize) {
    let names: BTreeSet<_> = listed
        .iter()
        .map(|party| party["name"].to_string())
        .collect();
    let pairs: BTreeSet<_> = listed
        .iter()
        .map(|party| (party["name"].to_string(), party["type"].to_string()))
        .collect();
    (names.len(), pairs.len())
}
