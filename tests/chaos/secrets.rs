//! Looks for the accounts' password wherever something outlives a storm.

use std::path::Path;

use anyhow::{Context, ensure};
use sqlx::Row;
use testkit::Stack;

use crate::load::PASSWORD;

/// The tables and the messages that hold it.
///
/// # Errors
/// When the stores cannot be searched.
pub async fn in_stores(stack: &Stack) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let mut database = stack.database().await?;
    let tables = sqlx::query(
        "select quote_ident(table_name) from information_schema.tables where table_schema = 'public'",
    )
    .fetch_all(&mut database)
    .await?;
    ensure!(tables.len() > 10, "the schema is there");
    let mut found = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let sql =
            format!("select count(*) from {table} as row where position($1 in row::text) > 0");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(PASSWORD)
            .fetch_one(&mut database)
            .await?;
        if count > 0 {
            found.push(table);
        }
    }
    Ok((found, stack.nats_contents_with(PASSWORD).await?))
}

/// The files that hold it: logs, blobs, the stores of NATS and Postgres with their journals.
///
/// # Errors
/// When they cannot be read.
pub fn in_files(directory: &Path) -> anyhow::Result<Vec<String>> {
    let finder = memchr::memmem::Finder::new(PASSWORD.as_bytes());
    let (mut found, mut left, mut searched) = (Vec::new(), vec![directory.to_owned()], 0);
    while let Some(path) = left.pop() {
        for entry in std::fs::read_dir(&path).with_context(|| path.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                left.push(entry.path());
            } else if entry.file_type()?.is_file() {
                searched += 1;
                if finder.find(&std::fs::read(entry.path())?).is_some() {
                    found.push(entry.path().display().to_string());
                }
            }
        }
    }
    ensure!(searched > 20, "only {searched} files were there to search");
    Ok(found)
}
