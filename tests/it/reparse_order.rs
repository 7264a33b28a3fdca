//! Pages that are read again do not undo what came later, whoever is stopped in the middle and however
//! many do it at the same time.

use std::{collections::HashMap, fs};

use anyhow::{Context, ensure};
use bytes::Bytes;
use fetch_db::Blobs;
use sqlx::{Connection, PgConnection};
use testkit::{Api, Stack};

use crate::reparse_house::{DOCKET, House, command_waits, fetch, forget_page_of, house};

pub(crate) async fn docket(
    api: &Api,
    court: &str,
    number: &str,
    parties: &str,
) -> anyhow::Result<(i64, i64)> {
    let form = [
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
        ("show_parties_and_counsel", parties),
    ];
    let done = fetch(api, &form).await?;
    ensure!(done["status"] == 2, "{done}");
    let number = |name: &str| done[name].as_i64().context("a number");
    Ok((number("id")?, number("docket")?))
}

pub(crate) async fn judge(database: &mut PgConnection, docket: i64) -> anyhow::Result<String> {
    let judge = sqlx::query_scalar("select assigned_to_str from dockets where id = $1");
    Ok(judge.bind(docket).fetch_one(database).await?)
}

/// Puts other bytes in the place of a page: those of the page with another name of the judge.
pub(crate) async fn other_judge(
    stack: &mut Stack,
    database: &mut PgConnection,
    request: i64,
    judge: &str,
    instead: &str,
) -> anyhow::Result<i64> {
    let blobs = Blobs::open(&stack.inner().blob_url)?;
    let (capture, sha256): (i64, String) =
        sqlx::query_as("select id, sha256 from captures where request_id = $1")
            .bind(request)
            .fetch_one(&mut *database)
            .await?;
    let page = String::from_utf8(blobs.get(&sha256).await?.to_vec())?;
    ensure!(page.contains(judge), "the page names {judge}");
    let page = page.replace(judge, instead);
    let blob = blobs.put(Bytes::from(page), "text/html").await?;
    sqlx::query("update captures set sha256 = $2, byte_count = $3 where id = $1")
        .bind(capture)
        .bind(&blob.sha256)
        .bind(blob.byte_count)
        .execute(database)
        .await?;
    Ok(capture)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_page_does_not_undo_what_came_later() -> anyhow::Result<()> {
    let Some(House {
        mut stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    let (old, id) = docket(&api, "cand", DOCKET, "true").await?;
    let (new, same) = docket(&api, "cand", DOCKET, "false").await?;
    ensure!(id == same, "one docket");
    let present = judge(&mut database, id).await?;
    ensure!(!present.is_empty(), "a judge");
    let old = other_judge(&mut stack, &mut database, old, &present, "Nobody A. Past").await?;

    for arguments in [vec![old.to_string()], vec!["--all".to_owned()], Vec::new()] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let text = stack
            .command(&[&["reparse"], &arguments[..]].concat())
            .await?;
        ensure!(
            judge(&mut database, id).await? == present,
            "{arguments:?}: {text}"
        );
    }

    // What came later cannot be read any more: then what came before is left.
    let blobs = stack.inner().blob_url.clone();
    let sha256: String = sqlx::query_scalar("select sha256 from captures where request_id = $1")
        .bind(new)
        .fetch_one(&mut database)
        .await?;
    let folder = format!("{blobs}/sha256/{}/{}", &sha256[..2], &sha256[2..4]);
    let file = fs::read_dir(&folder)?.next().context("the blob")??.path();
    fs::write(&file, b"something else")?;
    let (text, content_with) = stack.command_with_status(&["reparse"]).await?;
    ensure!(
        !content_with && text.contains("DAMAGED") && text.contains("LEFT"),
        "{text}"
    );
    ensure!(judge(&mut database, id).await? == present, "{text}");

    // And so it is when its life was over.
    forget_page_of(&mut database, new).await?;
    let (text, content_with) = stack.command_with_status(&["reparse"]).await?;
    ensure!(!content_with && text.contains("LEFT"), "{text}");
    ensure!(judge(&mut database, id).await? == present, "{text}");
    stack.stop().await
}

/// Wrong judges in all dockets, as a reader left them that took somebody else for the judge.
async fn misread_all(database: &mut PgConnection) -> anyhow::Result<HashMap<i64, String>> {
    let judges: Vec<(i64, String)> =
        sqlx::query_as("select id, assigned_to_str from dockets order by id")
            .fetch_all(&mut *database)
            .await?;
    sqlx::query("update dockets set assigned_to_str = 'Nobody'")
        .execute(database)
        .await?;
    Ok(judges.into_iter().collect())
}

async fn are_mended(
    database: &mut PgConnection,
    judges: &HashMap<i64, String>,
) -> anyhow::Result<()> {
    for (id, right) in judges {
        let now = judge(database, *id).await?;
        ensure!(now == *right, "docket {id}: {now}, not {right}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_in_the_middle_is_run_again_and_two_do_no_harm() -> anyhow::Result<()> {
    let Some(House {
        mut stack,
        api,
        mut database,
    }) = house().await?
    else {
        return Ok(());
    };
    for (court, number) in stack.simulator().cases(4).await? {
        docket(&api, &court, &number, "true").await?;
    }
    let sold = stack.simulator().ledger().await?.len();
    let judges = misread_all(&mut database).await?;
    ensure!(judges.len() == 4, "{judges:?}");

    // It is stopped at the third docket, by somebody who has it, and killed there.
    let mut dockets: Vec<i64> = judges.keys().copied().collect();
    dockets.sort_unstable();
    let mut holder = PgConnection::connect(stack.database_url()).await?;
    let mut held = holder.begin().await?;
    sqlx::query("select id from dockets where id = $1 for update")
        .bind(dockets[2])
        .execute(&mut *held)
        .await?;
    let mut command = stack.inner().start_command("killed", &["reparse"], &[])?;
    command_waits(&mut database).await?;
    ensure!(command.ended().is_none(), "it has ended");
    command.kill();
    held.rollback().await?;
    let mended: i64 =
        sqlx::query_scalar("select count(*) from dockets where assigned_to_str <> 'Nobody'")
            .fetch_one(&mut database)
            .await?;
    ensure!(mended == 2, "{mended} dockets were mended");
    stack.command(&["reparse"]).await?;
    are_mended(&mut database, &judges).await?;

    let again = misread_all(&mut database).await?;
    ensure!(again == judges, "{again:?}");
    let (one, other) = tokio::join!(stack.command(&["reparse"]), stack.command(&["reparse"]));
    let text = format!("{}\n{}", one?, other?);
    are_mended(&mut database, &judges).await?;
    let told = text.matches("had succeeded and now says more").count();
    // Each was told when the first run mended it, and is not told twice.
    ensure!(told == 0, "{text}");
    ensure!(
        stack.simulator().ledger().await?.len() == sold,
        "something was bought"
    );
    stack.stop().await
}
