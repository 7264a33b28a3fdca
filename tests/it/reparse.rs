//! Pages that are kept are read again by the operator, for nothing: what an older reader did not
//! understand, or took for something else.
//!
//! The older reader is played like this: a request really fails on a page that nobody understands, and
//! then the kept bytes are made those of a page that today's reader understands, as if that had come.

use std::{collections::HashSet, fs, time::Duration};

use anyhow::{Context, ensure};
use fetch_bus::Role;
use futures_util::StreamExt;
use pacer_fetch_client::Error;
use serde_json::{Value, json};
use sqlx::PgConnection;
use testkit::{Account, Api, Stack};
use tokio::time::timeout;

use crate::reparse_house::{
    DOCKET, House, PATIENCE, document_with_attachments, fetch, house, trust_again,
};

const READ_AGAIN: &str = "was read again by a newer version";
const APPEAL: &str = "20-90006";

/// A page that nobody knows, with a bill on it.
const UNKNOWN: &str = "<html><p>Something new.</p><table>\
    <tr><th colspan='4'>Transaction Receipt</th></tr>\
    <tr><th>Description:</th><td>Docket Report</td><th>Case Number:</th><td>1:20-cv-90014</td></tr>\
    <tr><th>Billable Pages:</th><td>1</td><th>Cost:</th><td>0.10</td></tr></table></html>";

fn docket_form<'a>(court: &'a str, number: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
        ("show_parties_and_counsel", "true"),
    ]
}

pub(crate) fn id_of(request: &Value) -> anyhow::Result<i64> {
    request["id"].as_i64().context("an id")
}

/// Runs the command with `--json`: its lines, and whether it was content.
pub(crate) async fn reparse(
    stack: &Stack,
    arguments: &[&str],
) -> anyhow::Result<(Vec<Value>, bool)> {
    let arguments = [&["reparse", "--json"], arguments].concat();
    let (output, content) = stack.command_with_status(&arguments).await?;
    let lines = output.lines().filter(|line| line.starts_with('{'));
    let lines: Result<Vec<Value>, _> = lines.map(serde_json::from_str).collect();
    Ok((lines.with_context(|| output.clone())?, content))
}

pub(crate) fn totals(lines: &[Value]) -> &Value {
    &lines[lines.len() - 1]["totals"]
}

/// All rows of all tables, but for what services write by themselves while nothing happens.
pub(crate) async fn everything(stack: &Stack) -> anyhow::Result<String> {
    let mut database = stack.database().await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE'
           and table_name not in ('workers', 'courts', 'api_tokens') order by 1",
    )
    .fetch_all(&mut database)
    .await?;
    ensure!(tables.len() > 20, "{tables:?}");
    let mut all = String::new();
    for table in tables {
        let sql = format!(
            "select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from {table} t"
        );
        let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut database)
            .await?;
        all.push_str(&format!("{table}:\n{rows}\n"));
    }
    Ok(all)
}

/// Says which rows are different, if any are.
pub(crate) fn unchanged(before: &str, after: &str, what: &str) -> anyhow::Result<()> {
    let was: HashSet<&str> = before.lines().collect();
    let is: HashSet<&str> = after.lines().collect();
    let gone: Vec<&&str> = was.difference(&is).collect();
    let new: Vec<&&str> = is.difference(&was).collect();
    ensure!(
        before == after,
        "{what} is not the same: {gone:#?}, now {new:#?}"
    );
    Ok(())
}

/// What a docket is made of, without the numbers of rows.
pub(crate) async fn content(database: &mut PgConnection, docket: i64) -> anyhow::Result<String> {
    Ok(sqlx::query_scalar(
        "select concat_ws(E'\\n', case_name, docket_number_raw, assigned_to_str,
             (select string_agg(concat_ws('|', entry_number, e.date_filed, e.description), E'\\n'
                                order by recap_sequence_number)
              from docket_entries e where e.docket_id = dockets.id),
             (select string_agg(concat_ws('|', document_number, attachment_number, pacer_doc_id,
                                          d.description), E'\\n' order by pacer_doc_id, d.description)
              from recap_documents d join docket_entries e on e.id = docket_entry_id
              where e.docket_id = dockets.id),
             (select string_agg(name, E'\\n' order by name) from parties where docket_id = dockets.id),
             (select string_agg(name || contact_raw, E'\\n' order by name)
              from attorneys where docket_id = dockets.id))
         from dockets where id = $1",
    )
    .bind(docket)
    .fetch_one(database)
    .await?)
}

/// Waits until a request has ended, while its court is trusted whatever it answers.
async fn ended_at_trusted_court(
    database: &mut PgConnection,
    api: &Api,
    request: &Value,
) -> anyhow::Result<Value> {
    testkit::until("the request has ended", PATIENCE, async || {
        trust_again(database).await?;
        match api.wait(request, Duration::ZERO).await {
            Ok(ended) => Ok(Ok(ended)),
            Err(Error::NotEnded { now, .. }) => Ok(Err(now)),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// Makes the kept bytes of one request those of another, as if that page had come.
pub(crate) async fn came_instead(
    database: &mut PgConnection,
    of: i64,
    page_of: i64,
) -> anyhow::Result<()> {
    let changed = sqlx::query(
        "update captures set sha256 = other.sha256, byte_count = other.byte_count,
             media_type = other.media_type
         from captures other where captures.request_id = $1 and other.request_id = $2",
    )
    .bind(of)
    .bind(page_of)
    .execute(database)
    .await?;
    ensure!(changed.rows_affected() > 0, "nothing was kept");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_docket_that_was_not_understood_is_read_again_for_nothing() -> anyhow::Result<()> {
    let Some(House {
        stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let other = stack.user("other").await?;
    for (court, number, method, path) in [
        ("cand", DOCKET, "POST", "DktRpt"),
        ("ca4", APPEAL, "GET", "CaseSummary"),
    ] {
        let form = docket_form(court, number);
        let good = fetch(&api, &form).await?;
        ensure!(good["status"] == 2, "{good}");
        let whole = content(&mut database, good["docket"].as_i64().context("a docket")?).await?;
        // As if nobody had ever bought it.
        sqlx::query("delete from dockets where court_id = $1")
            .bind(court)
            .execute(&mut database)
            .await?;

        // Three ask together, one pays, and none has anything of it.
        stack.command(&["court", "pause", court]).await?;
        let fault = json!({"court": court, "path": path, "method": method, "kind": "page",
                           "billed": true, "body": UNKNOWN});
        stack.simulator().order_fault(&fault).await?;
        let mut asked = Vec::new();
        for api in [&api, &other, &other] {
            asked.push((api, api.submit(&Account::demo(), &form).await?));
        }
        stack.command(&["court", "resume", court]).await?;
        let mut failed = Vec::new();
        for (api, request) in asked {
            let ended = ended_at_trusted_court(&mut database, api, &request).await?;
            ensure!(ended["status"] == 3, "{ended}");
            failed.push((api, ended));
        }
        let ids: Vec<i64> = failed
            .iter()
            .map(|(_, it)| id_of(it))
            .collect::<Result<_, _>>()?;
        let buyers: Vec<i64> = sqlx::query_scalar(
            "select distinct request_id from captures where request_id = any($1)",
        )
        .bind(&ids)
        .fetch_all(&mut database)
        .await?;
        ensure!(buyers.len() == 1, "{buyers:?}");
        // What failed for a reason of its own stays so.
        let is_other = |(_, request): &(&Api, Value)| request["id"] != buyers[0];
        let third = failed.iter().position(is_other).context("who shared it")?;
        let (third_api, third) = failed.remove(third);
        sqlx::query(
            "update fetch_requests set failure = jsonb_build_object('code', 'blocked_by_court',
                 'court', target_court), message = 'Blocked by court' where id = $1",
        )
        .bind(id_of(&third)?)
        .execute(&mut database)
        .await?;
        came_instead(&mut database, buyers[0], id_of(&good)?).await?;

        let sold = stack.simulator().ledger().await?.len();
        let before = everything(&stack).await?;
        let (lines, content_with) = reparse(&stack, &["--court", court, "--dry-run"]).await?;
        ensure!(content_with, "{lines:?}");
        ensure!(totals(&lines)["requests_done"] == 2, "{lines:?}");
        ensure!(lines[0]["dockets"][0]["is_new"] == true, "{lines:?}");
        let added = lines[0]["dockets"][0]["entries"]["added"]
            .as_array()
            .map(Vec::len);
        ensure!(added.is_some_and(|added| added > 0), "{lines:?}");
        ensure!(
            everything(&stack).await? == before,
            "{court}: a dry run wrote"
        );

        let bus = testkit::observe(stack.nats(), Role::Gateway).await?;
        let mut heard = bus.subscribe("fetch.event.>").await?;
        bus.flush().await?;
        let (lines, content_with) = reparse(&stack, &["--failure", "any"]).await?;
        ensure!(
            content_with && totals(&lines)["requests_done"] == 2,
            "{lines:?}"
        );
        for (api, request) in &failed {
            let done = api.wait(request, PATIENCE).await?;
            let said = done["message"].as_str().unwrap_or_default();
            ensure!(done["status"] == 2 && said.contains(READ_AGAIN), "{done}");
            ensure!(done["cost_cents"] == request["cost_cents"], "{done}");
            let docket = done["docket"].as_i64().context("a docket")?;
            ensure!(
                content(&mut database, docket).await? == whole,
                "{court}: not as it was"
            );
        }
        let told = timeout(PATIENCE, async {
            while let Some(event) = heard.next().await {
                if event.subject.contains(".done.") {
                    return true;
                }
            }
            false
        });
        ensure!(told.await?, "nobody was told");
        let still = third_api
            .get(&format!("recap-fetch/{}/", id_of(&third)?))
            .await?;
        ensure!(
            still["status"] == 3 && still["message"] == "Blocked by court",
            "{still}"
        );

        let before = everything(&stack).await?;
        let (lines, _) = reparse(&stack, &["--court", court]).await?;
        ensure!(totals(&lines)["changed"] == 0, "{lines:?}");
        ensure!(totals(&lines)["requests_done"] == 0, "{lines:?}");
        unchanged(&before, &everything(&stack).await?, "again")?;
        ensure!(
            stack.simulator().ledger().await?.len() == sold,
            "something was bought"
        );
    }
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_doubt_about_money_is_read_and_the_doubt_stays() -> anyhow::Result<()> {
    let Some(House {
        stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let form = docket_form("cand", DOCKET);
    let good = fetch(&api, &form).await?;
    let fault =
        json!({"court": "cand", "path": "DktRpt", "method": "POST", "kind": "unknown_html"});
    stack.simulator().order_fault(&fault).await?;
    let failed = fetch(&api, &form).await?;
    let said = failed["message"].as_str().unwrap_or_default();
    ensure!(
        failed["status"] == 3 && said.contains("may have charged"),
        "{failed}"
    );
    came_instead(&mut database, id_of(&failed)?, id_of(&good)?).await?;
    let books = "select string_agg(purchases::text, E'\\n' order by id) from purchases";
    let before: String = sqlx::query_scalar(books).fetch_one(&mut database).await?;

    // Pages that nobody knows are named, and the status says so.
    let (lines, content_with) = reparse(&stack, &[]).await?;
    ensure!(
        content_with && totals(&lines)["requests_done"] == 1,
        "{lines:?}"
    );
    let done = api.wait(&failed, PATIENCE).await?;
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(
        done["status"] == 2 && said.contains("may have charged") && said.contains(READ_AGAIN),
        "{done}"
    );
    let after: String = sqlx::query_scalar(books).fetch_one(&mut database).await?;
    ensure!(after == before, "the books have changed");

    trust_again(&mut database).await?;
    stack.simulator().order_fault(&fault).await?;
    let failed = fetch(&api, &form).await?;
    let before = everything(&stack).await?;
    let (lines, content_with) = reparse(&stack, &[]).await?;
    ensure!(
        !content_with && totals(&lines)["unreadable"] == 1,
        "{lines:?}"
    );
    let named = lines
        .iter()
        .flat_map(|line| line["pages"].as_array().cloned().unwrap_or_default());
    let named: Vec<Value> = named
        .filter(|page| page["finding"] == "unreadable")
        .collect();
    ensure!(
        named.len() == 1 && named[0]["request"] == failed["id"],
        "{named:?}"
    );
    ensure!(everything(&stack).await? == before, "something was written");

    // It is taken out for whoever mends that, and nothing else is told of its money than may be known.
    let (capture, id) = (named[0]["capture"].to_string(), failed["id"].to_string());
    let home = tempfile::tempdir()?;
    let file = home.path().join("page.html").display().to_string();
    let text = stack.command(&["capture", &capture, &file]).await?;
    let bytes: i64 = sqlx::query_scalar("select byte_count from captures where id = $1")
        .bind(capture.parse::<i64>()?)
        .fetch_one(&mut database)
        .await?;
    let said = format!("{bytes} bytes) of cand at ");
    ensure!(text.contains(&said) && text.contains(&file), "{text}");
    ensure!(fs::read(&file)?.len() as i64 == bytes, "{text}");
    let (text, content_with) = stack
        .command_with_status(&["capture", &capture, &file])
        .await?;
    ensure!(!content_with, "written over: {text}");
    let life = stack.command(&["life", &id]).await?;
    ensure!(
        life.contains("cost $0.00, and up to $3.00 in doubt"),
        "{life}"
    );
    let said = failed["message"].as_str().unwrap_or_default();
    ensure!(said.contains("lost or not understood"), "{said}");
    stack.stop().await
}

/// A store of blobs is known again by what was kept last; one that is not there is not made.
#[tokio::test(flavor = "multi_thread")]
async fn another_folder_than_that_of_the_services_is_named_by_its_setting() -> anyhow::Result<()> {
    let Some(House { mut stack, api, .. }) = house().await? else {
        return Ok(());
    };
    let done = fetch(&api, &docket_form("cand", DOCKET)).await?;
    ensure!(done["status"] == 2, "{done}");
    let elsewhere = tempfile::tempdir()?;
    let (empty, missing) = (
        elsewhere.path().join("empty"),
        elsewhere.path().join("missing"),
    );
    fs::create_dir(&empty)?;
    let page = elsewhere.path().join("page").display().to_string();
    for (number, (folder, arguments, words)) in [
        (
            &empty,
            &["reparse"][..],
            "has nothing of what this database kept last",
        ),
        (
            &empty,
            &["retention", "run"][..],
            "has nothing of what this database kept last",
        ),
        (
            &empty,
            &["capture", "1", &page][..],
            "has nothing of what this database kept last",
        ),
        (&missing, &["reparse"][..], "there is no folder"),
        (&missing, &["court", "show"][..], "there is no folder"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("elsewhere-{number}");
        let folder = folder.display().to_string();
        let settings = [("BLOB_URL", folder.as_str())];
        let mut command = stack.inner().start_command(&name, arguments, &settings)?;
        let status = command.wait(PATIENCE).await?;
        let said = fs::read_to_string(stack.inner().logs().join(format!("{name}.log")))?;
        ensure!(status.code() == Some(1), "{arguments:?}: {status}: {said}");
        for word in ["PACER_FETCH_BLOB_URL", words] {
            ensure!(said.contains(word), "{arguments:?}: {said}");
        }
    }
    ensure!(!missing.exists() && fs::read_dir(&empty)?.next().is_none());
    let (lines, content_with) = reparse(&stack, &[]).await?;
    ensure!(content_with && totals(&lines)["read"] == 1, "{lines:?}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_with_less_than_the_page_says_is_mended() -> anyhow::Result<()> {
    let Some(House {
        stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let done = fetch(&api, &docket_form("cand", DOCKET)).await?;
    let docket = done["docket"].as_i64().context("a docket")?;
    let whole = content(&mut database, docket).await?;
    // As a reader left it for which every entry vanished, and who took the judge for somebody else.
    for sql in [
        "delete from docket_entries where docket_id = $1",
        "update dockets set assigned_to_str = 'Nobody' where id = $1",
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
            .bind(docket)
            .execute(&mut database)
            .await?;
    }
    let (lines, _) = reparse(&stack, &[]).await?;
    ensure!(totals(&lines)["requests_told"] == 1, "{lines:?}");
    let diff = &lines[0]["dockets"][0];
    let judge = diff["fields"].as_array().and_then(|fields| {
        fields
            .iter()
            .find(|field| field["field"] == "assigned_to_str")
            .cloned()
    });
    let judge = judge.context("the judge")?;
    ensure!(
        judge["before"] == "Nobody" && judge["after"] != "Nobody",
        "{judge}"
    );
    ensure!(diff["entries"]["changed"].is_null(), "{diff}");
    ensure!(
        content(&mut database, docket).await? == whole,
        "not as it was"
    );
    let told = api.wait(&done, PATIENCE).await?;
    let said = told["message"].as_str().unwrap_or_default();
    ensure!(told["status"] == 2 && said.contains(READ_AGAIN), "{told}");
    ensure!(told["cost_cents"] == done["cost_cents"], "{told}");
    ensure!(told["date_completed"] == done["date_completed"], "{told}");

    // One that the page does not list stays, and is shown.
    sqlx::query(
        "insert into docket_entries (docket_id, entry_number, date_filed, description,
                                     recap_sequence_number)
         values ($1, 99999, '2020-01-01', 'An entry that is on no page.', '2020-01-01.999')",
    )
    .bind(docket)
    .execute(&mut database)
    .await?;
    sqlx::query("update dockets set assigned_to_str = 'Nobody' where id = $1")
        .bind(docket)
        .execute(&mut database)
        .await?;
    let text = stack.command(&["reparse", "--dry-run"]).await?;
    for words in [
        "- Nobody",
        "1 not on the page but kept",
        "? entry 99999 of 2020-01-01",
        "dry run: nothing was written",
    ] {
        ensure!(text.contains(words), "{words}: {text}");
    }
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_that_was_not_understood_is_read_again() -> anyhow::Result<()> {
    let Some(House {
        stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let form = [
        ("request_type", "1"),
        ("court", "okwd"),
        ("docket_number", "5:16-cv-00432"),
    ];
    let done = fetch(&api, &form).await?;
    let docket = done["docket"].as_i64().context("a docket")?;
    let document = document_with_attachments(&mut database, docket).await?;
    let name = document.to_string();
    let form = [("request_type", "3"), ("recap_document", name.as_str())];
    let good = fetch(&api, &form).await?;
    ensure!(good["status"] == 2, "{good}");
    let whole = content(&mut database, docket).await?;
    sqlx::query(
        "delete from recap_documents where attachment_number is not null
           and docket_entry_id = (select docket_entry_id from recap_documents where id = $1)",
    )
    .bind(document)
    .execute(&mut database)
    .await?;
    let fault = json!({"court": "okwd", "path": "doc1", "kind": "unknown_html"});
    stack.simulator().order_fault(&fault).await?;
    let failed = fetch(&api, &form).await?;
    ensure!(matches!(failed["status"].as_i64(), Some(3 | 6)), "{failed}");
    came_instead(&mut database, id_of(&failed)?, id_of(&good)?).await?;
    // Only the page of that request.
    let capture: i64 = sqlx::query_scalar("select max(id) from captures where request_id = $1")
        .bind(id_of(&failed)?)
        .fetch_one(&mut database)
        .await?;
    let sold = stack.simulator().ledger().await?.len();
    let (lines, content_with) = reparse(&stack, &[&capture.to_string()]).await?;
    ensure!(
        content_with && totals(&lines)["requests_done"] == 1,
        "{lines:?}"
    );
    let mended = api.wait(&failed, PATIENCE).await?;
    let said = mended["message"].as_str().unwrap_or_default();
    ensure!(
        mended["status"] == 2 && said.contains(READ_AGAIN),
        "{mended}"
    );
    ensure!(
        content(&mut database, docket).await? == whole,
        "not as it was"
    );
    ensure!(
        stack.simulator().ledger().await?.len() == sold,
        "something was bought"
    );
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_recognised_again_when_it_is_asked_for() -> anyhow::Result<()> {
    let Some(House {
        stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let form = [
        ("request_type", "1"),
        ("court", "okwd"),
        ("docket_number", "5:16-cv-00432"),
    ];
    let done = fetch(&api, &form).await?;
    let docket = done["docket"].as_i64().context("a docket")?;
    let document = stack.main_document(docket, 1).await?;
    let name = document.to_string();
    let form = [("request_type", "2"), ("recap_document", name.as_str())];
    let done = fetch(&api, &form).await?;
    ensure!(done["status"] == 2, "{done}");
    let path = format!("recap-documents/{document}/");
    let text = api.get(&path).await?["plain_text"].clone();
    sqlx::query("update recap_documents set plain_text = 'less' where id = $1")
        .bind(document)
        .execute(&mut database)
        .await?;

    let (lines, _) = reparse(&stack, &[]).await?;
    ensure!(totals(&lines)["texts"] == 0, "{lines:?}");
    let before = everything(&stack).await?;
    let (lines, _) = reparse(&stack, &["--kind", "pdf", "--dry-run"]).await?;
    ensure!(totals(&lines)["texts"] == 1, "{lines:?}");
    ensure!(everything(&stack).await? == before, "a dry run wrote");
    // A dry run says so too where it is being read at present.
    sqlx::query("update texts set state = 'planning', due_at = now() + interval '1 day'")
        .execute(&mut database)
        .await?;
    let (lines, _) = reparse(&stack, &["--kind", "pdf", "--dry-run"]).await?;
    ensure!(totals(&lines)["texts"] == 0, "{lines:?}");
    sqlx::query("update texts set state = 'done'")
        .execute(&mut database)
        .await?;
    let (lines, content_with) = reparse(&stack, &["--kind", "pdf"]).await?;
    ensure!(content_with && totals(&lines)["texts"] == 1, "{lines:?}");
    let lane: i16 = sqlx::query_scalar("select lane from texts")
        .fetch_one(&mut database)
        .await?;
    ensure!(lane == 1, "lane {lane}");
    let taken = timeout(PATIENCE, async {
        while api.get(&path).await?["plain_text"] != text {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    });
    taken.await??;
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
