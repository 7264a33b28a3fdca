//! Pages that are read again go to the docket that they are of, in the order in which they came, and
//! only owners of pages that say more are told so.

use anyhow::{Context, ensure};
use fetch_model::State;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use testkit::Stack;

use crate::{
    reparse::{came_instead, content, everything, id_of, reparse, totals, unchanged},
    reparse_house::{
        DOCKET, House, PATIENCE, command_waits, document_with_attachments, fetch, forget_page_of,
        house, trust_again,
    },
    reparse_order::{docket, judge, other_judge},
};

/// Makes what a page has ended on old enough to be forgotten, and forgets it.
async fn forget_requests(stack: &Stack, database: &mut PgConnection) -> anyhow::Result<()> {
    sqlx::query("update fetch_requests set date_completed = date_completed - interval '40 days'")
        .execute(database)
        .await?;
    stack
        .command(&["retention", "set", "requests", "--days", "30"])
        .await?;
    stack.command(&["retention", "run"]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_docket_of_another_case_stays_aside_when_its_request_is_forgotten() -> anyhow::Result<()>
{
    let Some(House {
        stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    // Defendants have ids of their own, so that the id of a criminal case contradicts nothing.
    let cases = stack.simulator().cases_of("nysd").await?;
    let other = cases
        .iter()
        .find(|case| case.docket_number.contains("-cr-"))
        .context("a criminal case")?;
    let (_, id) = docket(&api, "nysd", DOCKET, "true").await?;
    let whole = content(&mut database, id).await?;
    let case: u64 = other.pacer_case_id.parse()?;
    let fault = json!({"court": "nysd", "path": "DktRpt", "method": "POST", "kind": "other_case",
                       "pacer_case_id": case});
    stack.simulator().order_fault(&fault).await?;
    let name = id.to_string();
    let form = [
        ("request_type", "1"),
        ("docket", name.as_str()),
        ("show_parties_and_counsel", "true"),
    ];
    let failed = fetch(&api, &form).await?;
    ensure!(failed["status"] == 3, "{failed}");
    let aside = "select count(*) from captures where starts_with(item_key, 'other-case/')";
    for forgotten in [false, true] {
        if forgotten {
            forget_requests(&stack, &mut database).await?;
        }
        let (lines, _) = reparse(&stack, &["--all"]).await?;
        ensure!(totals(&lines)["refused"] == 1, "{forgotten}: {lines:?}");
        ensure!(
            content(&mut database, id).await? == whole,
            "{forgotten}: the docket of another case"
        );
        let count: i64 = sqlx::query_scalar(aside).fetch_one(&mut database).await?;
        ensure!(count == 1, "{forgotten}: {count} pages are aside");
    }
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_others_may_have_merged_counts_however_its_buyer_ended() -> anyhow::Result<()> {
    let Some(House {
        mut stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let (old, id) = docket(&api, "cand", DOCKET, "true").await?;
    let (new, _) = docket(&api, "cand", DOCKET, "false").await?;
    let present = judge(&mut database, id).await?;
    other_judge(&mut stack, &mut database, old, &present, "Nobody A. Past").await?;
    forget_page_of(&mut database, new).await?;
    for (state, failure) in [
        (State::Cancelled, None),
        (
            State::Failed,
            Some(json!({"code": "blocked_by_court", "court": "cand"})),
        ),
        (State::Failed, Some(json!({"code": "internal"}))),
    ] {
        let put = testkit::in_state(state);
        let put = format!("update fetch_requests set {put} where id = $1");
        sqlx::query(sqlx::AssertSqlSafe(put))
            .bind(new)
            .execute(&mut database)
            .await?;
        sqlx::query("update fetch_requests set failure = $2 where id = $1")
            .bind(new)
            .bind(&failure)
            .execute(&mut database)
            .await?;
        let (text, _) = stack.command_with_status(&["reparse"]).await?;
        ensure!(
            judge(&mut database, id).await? == present,
            "{state}: {text}"
        );
        ensure!(text.contains("LEFT"), "{state}: {text}");
    }
    // The page was not a docket to its buyer either: that is proof.
    sqlx::query("update fetch_requests set failure = $2 where id = $1")
        .bind(new)
        .bind(json!({"code": "docket_not_recognised", "reason": "It is none."}))
        .execute(&mut database)
        .await?;
    let (text, _) = stack.command_with_status(&["reparse"]).await?;
    ensure!(!text.contains("LEFT"), "{text}");
    ensure!(judge(&mut database, id).await? != present, "{text}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_one_docket_under_two_ids_are_one_case() -> anyhow::Result<()> {
    let Some(House {
        mut stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let (_, id) = docket(&api, "cand", DOCKET, "true").await?;
    let (middle, _) = docket(&api, "cand", DOCKET, "false").await?;
    let (_, same) = docket(&api, "cand", DOCKET, "true").await?;
    ensure!(id == same, "one docket");
    let present = judge(&mut database, id).await?;
    other_judge(
        &mut stack,
        &mut database,
        middle,
        &present,
        "Nobody A. Past",
    )
    .await?;
    // As if it had been asked for by the id that a defendant has.
    sqlx::query(
        "update captures set item_key = regexp_replace(item_key, '^(docket/cand)/[^/]*/', '\\1/999999/')
         where request_id = $1",
    )
    .bind(middle)
    .execute(&mut database)
    .await?;
    for forgotten in [false, true] {
        for arguments in [&[][..], &["--all"][..]] {
            let (lines, _) = reparse(&stack, arguments).await?;
            ensure!(
                judge(&mut database, id).await? == present,
                "{arguments:?}, {forgotten}: {lines:?}"
            );
            ensure!(totals(&lines)["changed"] == 0, "{arguments:?}: {lines:?}");
            let before = everything(&stack).await?;
            reparse(&stack, arguments).await?;
            unchanged(&before, &everything(&stack).await?, "to and fro")?;
        }
        // Which docket the page is of is found by merging it.
        sqlx::query("update fetch_requests set docket_id = null where id = $1")
            .bind(middle)
            .execute(&mut database)
            .await?;
        sqlx::query("update dockets set pacer_case_id = '999999' where id = $1 and $2")
            .bind(id)
            .bind(!forgotten)
            .execute(&mut database)
            .await?;
    }
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settled_doubt_stays_told_when_its_page_is_read_again() -> anyhow::Result<()> {
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
        ("court", "cand"),
        ("docket_number", DOCKET),
    ];
    let good = fetch(&api, &form).await?;
    for (settlement, told) in [
        (&["--billed-cents", "30"][..], "$0.30 were charged."),
        (&["--not-billed"][..], "nothing was charged."),
    ] {
        trust_again(&mut database).await?;
        let fault =
            json!({"court": "cand", "path": "DktRpt", "method": "POST", "kind": "unknown_html"});
        stack.simulator().order_fault(&fault).await?;
        let failed = fetch(&api, &form).await?;
        ensure!(failed["status"] == 3, "{failed}");
        let purchase: i64 = sqlx::query_scalar(
            "select id from purchases where request_id = $1 and state = 'doubt'",
        )
        .bind(id_of(&failed)?)
        .fetch_one(&mut database)
        .await?;
        let purchase = purchase.to_string();
        let settle = ["doubt", "settle", &purchase, "--note", "the statement"];
        stack.command(&[&settle, settlement].concat()).await?;
        came_instead(&mut database, id_of(&failed)?, id_of(&good)?).await?;
        let (lines, _) = reparse(&stack, &[]).await?;
        ensure!(totals(&lines)["requests_done"] == 1, "{lines:?}");
        let done = api.wait(&failed, PATIENCE).await?;
        let said = done["message"].as_str().unwrap_or_default();
        ensure!(done["status"] == 2, "{done}");
        ensure!(
            said.contains("It was settled from PACER's statement: ") && said.contains(told),
            "{said}"
        );
        ensure!(
            !said.contains("may have charged") && !said.contains("bought for another"),
            "{said}"
        );
        // It is a page of the case from now on, under the name that others of its kind have.
        let key: String = sqlx::query_scalar("select item_key from captures where request_id = $1")
            .bind(id_of(&failed)?)
            .fetch_one(&mut database)
            .await?;
        let others: String =
            sqlx::query_scalar("select item_key from captures where request_id = $1")
                .bind(id_of(&good)?)
                .fetch_one(&mut database)
                .await?;
        ensure!(key == others, "{key} and not {others}");
    }
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_are_told_of_their_own_pages_only() -> anyhow::Result<()> {
    let Some(House {
        stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let (with, id) = docket(&api, "cand", DOCKET, "true").await?;
    let (without, _) = docket(&api, "cand", DOCKET, "false").await?;
    let told =
        "select id from fetch_requests where position('read again' in message) > 0 order by id";
    // What both list is news for both.
    for (sql, owners) in [
        ("delete from attorneys where docket_id = $1", vec![with]),
        (
            "delete from docket_entries where docket_id = $1",
            vec![with, without],
        ),
    ] {
        sqlx::query(sql).bind(id).execute(&mut database).await?;
        sqlx::query("update fetch_requests set message = 'Done.'")
            .execute(&mut database)
            .await?;
        let (lines, _) = reparse(&stack, &[]).await?;
        let ids: Vec<i64> = sqlx::query_scalar(told).fetch_all(&mut database).await?;
        ensure!(ids == owners, "{sql}: {ids:?}: {lines:?}");
        ensure!(totals(&lines)["changed"] == owners.len(), "{lines:?}");
    }
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_run_says_where_the_next_goes_on() -> anyhow::Result<()> {
    let Some(House { stack, api, .. }) = house().await? else {
        return Ok(());
    };
    for (court, number) in stack.simulator().cases(3).await? {
        docket(&api, &court, &number, "true").await?;
    }
    let mut seen = Vec::new();
    let mut after = None;
    for _ in 0..4 {
        let mut arguments = vec!["--limit".to_owned(), "1".to_owned()];
        if let Some(place) = &after {
            arguments.extend(["--after".to_owned(), String::clone(place)]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (lines, _) = reparse(&stack, &arguments).await?;
        for line in &lines {
            let pages = line["pages"].as_array().into_iter().flatten();
            seen.extend(pages.filter_map(|page| page["capture"].as_i64()));
        }
        after = totals(&lines)["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    ensure!(after.is_none(), "it has no end: {after:?}");
    seen.sort_unstable();
    let every: Vec<i64> = sqlx::query_scalar("select id from captures order by id")
        .fetch_all(&mut stack.database().await?)
        .await?;
    ensure!(seen == every, "{seen:?}, not {every:?}");
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_merges_meanwhile_is_not_waited_for_in_a_circle() -> anyhow::Result<()> {
    let Some(House {
        stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let number = "5:16-cv-00432";
    let (_, id) = docket(&api, "okwd", number, "true").await?;
    let document = document_with_attachments(&mut database, id).await?;
    let name = document.to_string();
    let form = [("request_type", "3"), ("recap_document", name.as_str())];
    let menu = fetch(&api, &form).await?;
    ensure!(menu["status"] == 2, "{menu}");
    docket(&api, "okwd", number, "false").await?;

    // A fetcher has the case, and wants its docket next.
    let mut fetcher = PgConnection::connect(stack.database_url()).await?;
    let mut merge = fetcher.begin().await?;
    sqlx::query(
        "select name from merge_locks where starts_with(name, 'docket ') order by name for update",
    )
    .fetch_all(&mut *merge)
    .await?;
    let again = stack.command(&["reparse", "--kind", "attachments"]);
    let meanwhile = async {
        command_waits(&mut database).await?;
        sqlx::query("select id from dockets where id = $1 for update nowait")
            .bind(id)
            .execute(&mut *merge)
            .await
            .context("the docket is locked before the case")?;
        merge.rollback().await?;
        anyhow::Ok(())
    };
    let (again, meanwhile) = tokio::join!(again, meanwhile);
    meanwhile?;
    again?;

    // Whoever is chosen to give way in a circle begins again.
    sqlx::query(
        "update recap_documents set description = 'x' where docket_entry_id =
                     (select docket_entry_id from recap_documents where id = $1) and attachment_number is not null",
    )
    .bind(document)
    .execute(&mut database)
    .await?;
    let mut merge = fetcher.begin().await?;
    sqlx::query("set local deadlock_timeout = '10min'")
        .execute(&mut *merge)
        .await?;
    sqlx::query(
        "select id from recap_documents where docket_entry_id =
             (select docket_entry_id from recap_documents where id = $1) for update",
    )
    .bind(document)
    .execute(&mut *merge)
    .await?;
    let again = stack.command(&["reparse", "--kind", "attachments"]);
    let meanwhile = async {
        command_waits(&mut database).await?;
        sqlx::query("select id from dockets where id = $1 for update")
            .bind(id)
            .execute(&mut *merge)
            .await?;
        merge.rollback().await?;
        anyhow::Ok(())
    };
    let (again, meanwhile) = tokio::join!(again, meanwhile);
    meanwhile?;
    again?;
    let left: i64 =
        sqlx::query_scalar("select count(*) from recap_documents where description = 'x'")
            .fetch_one(&mut database)
            .await?;
    ensure!(left == 0, "{left} descriptions are not mended");
    stack.stop().await
}
