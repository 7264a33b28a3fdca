//! Accounts that are never shown a price: whatever they open, they buy. And dockets that need not
//! be bought.

use std::{io::Write, time::Duration};

use anyhow::{Context, ensure};
use data_encoding::HEXUPPER;
use flate2::{Compression, write::ZlibEncoder};
use serde_json::{Value, json};
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(180);
const PASSWORD: &str = "not-a-real-password";
/// Documents that are delivered each in a way of its own.
const DELIVERIES: &str = "1:20-cv-90009";

/// Document 2 is a transcript of forty pages.
const RARITIES: &str = "1:20-cv-90014";

/// A stack with an account that is never shown prices, whatever it wishes.
async fn stack() -> anyhow::Result<Option<Stack>> {
    let Some(stack) = testkit::stack() else {
        return Ok(None);
    };
    let accounts = [
        format!("demo:{PASSWORD}"),
        format!("never:{PASSWORD}:no-receipts,fixed-receipts"),
        format!("unasked:{PASSWORD}:no-receipts"),
        format!("unknown:{PASSWORD}:no-receipts,fixed-receipts"),
    ];
    let stack = accounts.iter().fold(stack, |stack, account| {
        stack.simulator_arg("--account").simulator_arg(account)
    });
    Ok(Some(stack.start().await?))
}

fn account(name: &str) -> Account {
    Account::new(name, PASSWORD)
}

async fn fetch(api: &Api, account: &Account, form: &[(&str, &str)]) -> anyhow::Result<Value> {
    Ok(api
        .wait(&api.submit(account, form).await?, PATIENCE)
        .await?)
}

async fn docket(api: &Api, account: &Account, court: &str, number: &str) -> anyhow::Result<i64> {
    let form = [
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
    ];
    let done = fetch(api, account, &form).await?;
    ensure!(done["status"] == 2, "{done}");
    done["docket"].as_i64().context("a docket")
}

async fn document(stack: &Stack, docket: i64, entry: i64) -> anyhow::Result<String> {
    Ok(stack.main_document(docket, entry).await?.to_string())
}

async fn of_document(
    api: &Api,
    account: &Account,
    kind: &str,
    document: &str,
) -> anyhow::Result<Value> {
    let form = [("request_type", kind), ("recap_document", document)];
    fetch(api, account, &form).await
}

/// State and cents of the purchases of a request.
async fn purchases(stack: &Stack, request: &Value) -> anyhow::Result<Vec<(String, Option<i32>)>> {
    let rows = sqlx::query_as(
        "select state, billed_cents from purchases where request_id = $1 order by id",
    )
    .bind(request["id"].as_i64().context("an id")?)
    .fetch_all(&mut stack.database().await?)
    .await?;
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn menu_that_is_a_document_is_bought_once_and_said() -> anyhow::Result<()> {
    let Some(stack) = stack().await? else {
        return Ok(());
    };
    let api = stack.user("reader").await?;
    let never = account("never");
    let case = docket(&api, &never, "cand", DELIVERIES).await?;

    // Three entries with one document, which comes at once, in a frame, by a script.
    for entry in [1, 2, 3] {
        let id = document(&stack, case, entry).await?;
        let asked = of_document(&api, &never, "3", &id).await?;
        let said = asked["message"].as_str().unwrap_or_default();
        ensure!(asked["status"] == 6, "{asked}");
        ensure!(
            said.starts_with("Not a valid attachment page upload")
                && said.contains("its only document"),
            "{said}"
        );
        let bought = purchases(&stack, &asked).await?;
        ensure!(
            matches!(&bought[..], [(state, Some(cents))] if state == "captured" && *cents > 0),
            "{entry}: {bought:?}"
        );
        let sold = stack.simulator().ledger().await?.len();
        // It would be sold again, whoever asks and with whichever account.
        for account in [&never, &account("demo")] {
            let again = of_document(&api, account, "3", &id).await?;
            ensure!(again["status"] == 6 && again["message"] == said, "{again}");
            ensure!(purchases(&stack, &again).await?.is_empty(), "{again}");
        }
        let done = of_document(&api, &never, "2", &id).await?;
        ensure!(done["status"] == 2, "{done}");
        ensure!(
            stack.simulator().ledger().await?.len() == sold,
            "{entry} was bought twice"
        );
        stack.until_counted("true", PATIENCE).await?;
        stack.assert_bill_equals_ledger().await?;
    }

    // A document that was asked for would be sold again in place of its menu.
    let id = document(&stack, case, 5).await?;
    let done = of_document(&api, &never, "2", &id).await?;
    ensure!(done["status"] == 2, "{done}");
    let sold = stack.simulator().ledger().await?.len();
    let menu = of_document(&api, &never, "3", &id).await?;
    let said = menu["message"].as_str().unwrap_or_default();
    ensure!(
        menu["status"] == 3 && said.contains("it would be charged again"),
        "{menu}"
    );
    ensure!(stack.simulator().ledger().await?.len() == sold, "{menu}");

    // The same for an account that has bought no document, if nothing shows that the entry has a menu.
    let unknown = account("unknown");
    let menu = of_document(&api, &unknown, "3", &id).await?;
    let said = menu["message"].as_str().unwrap_or_default();
    ensure!(
        menu["status"] == 3 && said.contains("it is not known whether PACER shows this account"),
        "{menu}"
    );
    ensure!(purchases(&stack, &menu).await?.is_empty(), "{menu}");
    let other = docket(&api, &account("demo"), "ilnd", DELIVERIES).await?;
    let id = document(&stack, other, 7).await?;
    let done = of_document(&api, &account("demo"), "2", &id).await?;
    ensure!(done["status"] == 2, "{done}");
    let sold = stack.simulator().ledger().await?.len();
    let menu = of_document(&api, &unknown, "3", &id).await?;
    ensure!(menu["status"] == 2, "its text names attachments: {menu}");
    ensure!(stack.simulator().ledger().await?.len() == sold, "{menu}");

    // An entry with a menu costs nothing, and the intent is closed.
    let id = document(&stack, case, 7).await?;
    let sold = stack.simulator().ledger().await?.len();
    let menu = of_document(&api, &never, "3", &id).await?;
    ensure!(menu["status"] == 2, "{menu}");
    let bought = purchases(&stack, &menu).await?;
    ensure!(
        matches!(&bought[..], [(state, None)] if state == "void"),
        "{bought:?}"
    );
    ensure!(stack.simulator().ledger().await?.len() == sold, "the menu");

    // Whose wish to be shown prices is heeded buys nothing by a menu.
    let unasked = account("unasked");
    let id = document(&stack, case, 8).await?;
    let asked = of_document(&api, &unasked, "3", &id).await?;
    ensure!(
        asked["status"] == 6 && asked["message"] == "Not a valid attachment page upload",
        "{asked}"
    );
    ensure!(stack.simulator().ledger().await?.len() == sold, "a price");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// The fetcher dies after the court sold a document in place of a menu, before anything is kept.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_a_menu_that_is_sold_loses_no_money() -> anyhow::Result<()> {
    let Some(mut stack) = stack().await? else {
        return Ok(());
    };
    let api = stack.user("reader").await?;
    let never = account("never");
    let case = docket(&api, &never, "cand", DELIVERIES).await?;
    let id = document(&stack, case, 1).await?;
    let hang = json!({"court": "cand", "path": "doc1", "times": 1, "kind": "hang"});
    stack.simulator().order_fault(&hang).await?;
    let form = [
        ("request_type", "3"),
        ("recap_document", &*id),
        ("on_doubt", "stop"),
    ];
    let request = api.submit(&never, &form).await?;
    testkit::until("a second sale", PATIENCE, async || {
        let sales = stack.simulator().ledger().await?.len();
        Ok(if sales < 2 { Err(sales) } else { Ok(()) })
    })
    .await?;
    stack.kill("docket-fetcher").await?;
    let kept = purchases(&stack, &request).await?;
    ensure!(
        matches!(&kept[..], [(state, None)] if state == "intent"),
        "an intent is written before: {kept:?}"
    );
    stack.restart("docket-fetcher").await?;
    let done = api.wait(&request, PATIENCE).await?;
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(
        done["status"] == 3 && said.contains("PACER may have charged for it"),
        "{done}"
    );
    ensure!(
        stack.simulator().ledger().await?.len() == 2,
        "it is not asked for again"
    );
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_without_a_price_are_booked_as_they_are_billed() -> anyhow::Result<()> {
    let Some(stack) = stack().await? else {
        return Ok(());
    };
    let api = stack.user("reader").await?;

    // Never shown a price: by pages, at most thirty, but for a transcript; an opinion is free, and
    // its entry says that it is one.
    let never = account("never");
    let deliveries = docket(&api, &never, "cand", DELIVERIES).await?;
    let rarities = docket(&api, &never, "cand", RARITIES).await?;
    let appeal = docket(&api, &never, "ca4", "20-90003").await?;
    let entries = [1, 2, 3, 4, 5, 8].map(|entry| (deliveries, entry));
    let others = [(rarities, 2), (rarities, 3), (appeal, 4), (appeal, 5)];
    for (case, entry) in entries.into_iter().chain(others) {
        let id = document(&stack, case, entry).await?;
        let done = of_document(&api, &never, "2", &id).await?;
        ensure!(done["status"] == 2, "{entry}: {done}");
        let sold = purchases(&stack, &done).await?;
        ensure!(sold.len() == 1, "{entry}: {sold:?}");
        stack.until_counted("true", PATIENCE).await?;
        stack
            .assert_bill_equals_ledger()
            .await
            .with_context(|| format!("document {entry}"))?;
    }
    let by_rules: i64 = sqlx::query_scalar(
        "select count(*) from purchases
         where billed_by = 'rules' and starts_with(item_key, 'doc/')",
    )
    .fetch_one(&mut stack.database().await?)
    .await?;
    ensure!(by_rules == 10, "{by_rules} are flagged as computed");

    // The same if they come in place of a menu.
    let case = docket(&api, &never, "ilnd", DELIVERIES).await?;
    let other = docket(&api, &never, "ilnd", RARITIES).await?;
    for (case, entry, cents) in [(case, 4, 0), (other, 2, 400), (other, 3, 0)] {
        let id = document(&stack, case, entry).await?;
        let asked = of_document(&api, &never, "3", &id).await?;
        // Nobody waits for the text of it but the bill.
        stack.until_counted("true", PATIENCE).await?;
        let bought = purchases(&stack, &asked).await?;
        ensure!(
            bought == [("captured".to_owned(), Some(cents))],
            "{entry}: {bought:?}"
        );
    }
    stack.assert_bill_equals_ledger().await?;

    // Shown prices, at first or because it wishes it: what comes at once is free.
    for name in ["demo", "unasked"] {
        let account = account(name);
        let court = if name == "demo" { "cacd" } else { "nysd" };
        let case = docket(&api, &account, court, DELIVERIES).await?;
        for entry in [1, 4] {
            let id = document(&stack, case, entry).await?;
            let done = of_document(&api, &account, "2", &id).await?;
            ensure!(done["status"] == 2, "{name}, {entry}: {done}");
            let bought = purchases(&stack, &done).await?;
            let free = matches!(&bought[..], [(state, Some(0))] if state == "captured");
            ensure!(free == (entry == 4), "{name}, {entry}: {bought:?}");
        }
    }
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// What the file below unpacks to.
const UNPACKED: usize = 700_000_000;

/// A PDF of a few kilobytes whose list of pages lies at the beginning of a stream that unpacks to
/// 700 MB: packed twice, and written in letters.
fn enemy() -> anyhow::Result<String> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
    ];
    let mut index = String::new();
    let mut offset = 0;
    for (number, object) in objects.iter().enumerate() {
        index.push_str(&format!("{} {offset} ", number + 1));
        offset += object.len() + 1;
    }
    let begin = format!("{index}{} ", objects.join(" "));
    let once = packed(|packer| {
        packer.write_all(begin.as_bytes())?;
        let blank = vec![b' '; 1 << 20];
        for _ in 0..UNPACKED / blank.len() {
            packer.write_all(&blank)?;
        }
        Ok(())
    })?;
    let twice = HEXUPPER.encode(&packed(|packer| packer.write_all(&once))?);
    let mut pdf = "%PDF-1.5\n".to_owned();
    let stream = pdf.len();
    pdf.push_str(&format!(
        "4 0 obj\n<< /Type /ObjStm /N 3 /First {} /Length {} \
         /Filter [/ASCIIHexDecode /FlateDecode /FlateDecode] >>\nstream\n{twice}>\nendstream\nendobj\n",
        index.len(),
        twice.len() + 1
    ));
    let table = pdf.len();
    let rows = format!("000000FF 02000400 02000401 02000402 01{stream:04X}00 01{table:04X}00>");
    pdf.push_str(&format!(
        "5 0 obj\n<< /Type /XRef /Size 6 /W [1 2 1] /Root 1 0 R /Length {} \
         /Filter /ASCIIHexDecode >>\nstream\n{rows}\nendstream\nendobj\nstartxref\n{table}\n%%EOF\n",
        rows.len()
    ));
    Ok(pdf)
}

fn packed(
    write: impl FnOnce(&mut ZlibEncoder<Vec<u8>>) -> std::io::Result<()>,
) -> anyhow::Result<Vec<u8>> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    write(&mut packer)?;
    Ok(packer.finish()?)
}

/// The most memory that a process has had, in bytes.
fn most_memory(process: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kilobytes: u64 = kilobytes.context("VmHWM in kB")?.trim().parse()?;
    Ok(kilobytes * 1024)
}

/// A stranger's file is opened only where there is neither a session nor a purchase.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_unpacks_without_end_is_sold_and_harms_nobody() -> anyhow::Result<()> {
    let Some(stack) = stack().await? else {
        return Ok(());
    };
    let file = tokio::task::spawn_blocking(enemy).await??;
    ensure!(file.len() < 60_000, "{} bytes are sent", file.len());
    let api = stack.user("reader").await?;
    let never = account("never");
    let case = docket(&api, &never, "cand", DELIVERIES).await?;
    let others = docket(&api, &never, "ilnd", DELIVERIES).await?;
    let fetcher = |stack: &Stack| -> anyhow::Result<u32> {
        let processes = stack.processes();
        let found = processes.iter().find(|(name, _)| *name == "pdf-fetcher");
        Ok(found.context("a pdf-fetcher")?.1)
    };
    let process = fetcher(&stack)?;
    let fault = json!({"court": "cand", "path": "doc1", "kind": "page", "billed": true,
                       "as_pdf": true, "body": file});
    stack.simulator().order_fault(&fault).await?;

    // Others buy at the same time.
    let id = document(&stack, case, 1).await?;
    let form = [("request_type", "2"), ("recap_document", &*id)];
    let request = api.submit(&never, &form).await?;
    let mut beside = Vec::new();
    for entry in [1, 2, 3] {
        let id = document(&stack, others, entry).await?;
        let form = [("request_type", "2"), ("recap_document", &*id)];
        beside.push(api.submit(&never, &form).await?);
    }
    for other in &beside {
        let done = api.wait(other, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "it is bought and there: {done}");
    ensure!(fetcher(&stack)? == process, "the fetcher died");
    let memory = most_memory(process)?;
    ensure!(memory < 300_000_000, "the fetcher took {memory} bytes");
    let doubts: i64 = sqlx::query_scalar("select count(*) from purchases where state = 'doubt'")
        .fetch_one(&mut stack.database().await?)
        .await?;
    ensure!(doubts == 0, "{doubts} purchases are in doubt");
    stack.until_counted("true", PATIENCE).await?;
    let bought = purchases(&stack, &done).await?;
    let said: String = sqlx::query_scalar(
        "select detail from purchase_events
         join purchases on purchases.id = purchase_id
         where request_id = $1 order by purchase_events.id desc limit 1",
    )
    .bind(done["id"].as_i64().context("an id")?)
    .fetch_one(&mut stack.database().await?)
    .await?;
    // Its readers count the one page, or refuse the file and the most stands.
    let counted = bought == [("captured".to_owned(), Some(10))] && said.contains("by its pages");
    let refused = bought == [("captured".to_owned(), Some(300))] && said.contains("the most");
    ensure!(counted || refused, "{bought:?}: {said}");
    stack.stop().await
}
