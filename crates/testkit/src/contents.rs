//! What the stores and the disk hold, for tests that look for what must not be there.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use anyhow::{Context, ensure};
use async_nats::jetstream::{self, stream::Stream};
use dev_stack::Nats;
use fetch_bus::Role;
use futures_util::TryStreamExt;
use sqlx::{PgConnection, Row};

/// Stream and subject of every stored message whose subject, headers or body contain `text`.
/// The streams behind key-value buckets are streams like others.
pub(crate) async fn in_nats(nats: &Nats, text: &str) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for owner in [Role::Gateway, Role::Login] {
        let jetstream = jetstream::new(crate::observe(nats, owner).await?);
        let names: Vec<String> = jetstream.stream_names().try_collect().await?;
        ensure!(!names.is_empty(), "there are no streams to search");
        for name in names {
            let stream = jetstream.get_stream(&name).await?;
            found.extend(in_stream(&stream, text).await.with_context(|| name)?);
        }
    }
    Ok(found)
}

async fn in_stream(stream: &Stream, text: &str) -> anyhow::Result<Vec<String>> {
    let state = &stream.cached_info().state;
    let mut found = Vec::new();
    for sequence in state.first_sequence..=state.last_sequence {
        // Deleted ones leave gaps.
        let Ok(message) = stream.get_raw_message(sequence).await else {
            continue;
        };
        let searched = format!(
            "{} {:?} {}",
            message.subject,
            message.headers,
            String::from_utf8_lossy(&message.payload)
        );
        if searched.contains(text) {
            found.push(format!(
                "{} {}",
                stream.cached_info().config.name,
                message.subject
            ));
        }
    }
    Ok(found)
}

/// Every table that has a row with `text` in it, also among bytes, which a row shows in hexadecimal.
pub(crate) async fn in_tables(
    database: &mut PgConnection,
    text: &str,
) -> anyhow::Result<Vec<String>> {
    let tables = sqlx::query(
        "select quote_ident(table_name) from information_schema.tables where table_schema = 'public'",
    )
    .fetch_all(&mut *database)
    .await?;
    ensure!(tables.len() > 10, "the schema is there");
    let mut found = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let sql = format!(
            "select count(*) from {table} as row
             where position($1 in row::text) > 0
                or position(encode(convert_to($1, 'UTF8'), 'hex') in row::text) > 0"
        );
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(text)
            .fetch_one(&mut *database)
            .await?;
        if count > 0 {
            found.push(table);
        }
    }
    Ok(found)
}

/// Every file below `directory` with `text` in it, as it is or compressed.
pub(crate) fn in_files(directory: &Path, text: &str) -> anyhow::Result<Vec<String>> {
    let finder = memchr::memmem::Finder::new(text);
    let (mut found, mut left, mut searched) = (Vec::new(), vec![directory.to_owned()], 0);
    while let Some(path) = left.pop() {
        for entry in std::fs::read_dir(&path).with_context(|| path.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                left.push(entry.path());
            } else if entry.file_type()?.is_file() {
                searched += 1;
                let bytes = std::fs::read(entry.path())?;
                // An error for what is not compressed.
                let unpacked = zstd::decode_all(&bytes[..]).unwrap_or_default();
                if [bytes, unpacked].iter().any(|it| finder.find(it).is_some()) {
                    found.push(entry.path().display().to_string());
                }
            }
        }
    }
    ensure!(searched > 20, "only {searched} files were there to search");
    Ok(found)
}

/// What was put where it must not be, to be found there.
#[derive(Debug)]
pub struct Planted {
    /// Tables.
    pub tables: Vec<String>,
    /// Stream and subject.
    pub messages: Vec<String>,
    /// Parts of the paths of files, of which one at least has it.
    pub files: Vec<String>,
}

/// Puts `text` into every store: among JSON and among bytes, in a bucket, in a log, and compressed.
pub(crate) async fn plant(
    database: &mut PgConnection,
    nats: &Nats,
    directory: &Path,
    text: &str,
) -> anyhow::Result<Planted> {
    sqlx::raw_sql("create table planted (told jsonb)")
        .execute(&mut *database)
        .await?;
    for insert in [
        "insert into planted values (jsonb_build_object('told', $1::text))",
        "insert into login_records (key, value, expires_at)
         values ('planted', convert_to('x' || $1 || 'x', 'UTF8'), now() + interval '1 hour')",
    ] {
        let inserted = sqlx::query(insert).bind(text);
        inserted.execute(&mut *database).await?;
    }
    let login = jetstream::new(crate::observe(nats, Role::Login).await?);
    let bucket = login.get_key_value("PACER_LOGINS").await?;
    bucket.put("planted", text.to_owned().into()).await?;
    std::fs::write(directory.join("logs/planted.log"), format!("told {text}\n"))?;
    let packed = zstd::encode_all(text.as_bytes(), 3)?;
    std::fs::write(directory.join("blobs/planted.zst"), packed)?;
    let files = [
        "/postgres/data/base/",
        "logs/planted.log",
        "blobs/planted.zst",
    ];
    Ok(Planted {
        tables: ["login_records", "planted"].map(str::to_owned).to_vec(),
        messages: vec!["KV_PACER_LOGINS $KV.PACER_LOGINS.planted".to_owned()],
        files: files.map(str::to_owned).to_vec(),
    })
}

/// Where `text` is in the memory of a process that may be written to (heap, stacks and data), with
/// what stands around it.
pub(crate) fn in_memory(process: u32, text: &str) -> anyhow::Result<Vec<String>> {
    /// So many bytes before and after.
    const AROUND: usize = 40;
    /// Read at a time; the next piece begins a little before the end of this one.
    const PIECE: usize = 1 << 20;

    let finder = memchr::memmem::Finder::new(text);
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps"))?;
    let memory = File::open(format!("/proc/{process}/mem")).context("its memory")?;
    let (mut found, mut searched) = (Vec::new(), 0);
    for line in maps.lines() {
        let mut words = line.split(' ');
        let (Some(range), Some(rights)) = (words.next(), words.next()) else {
            continue;
        };
        let Some((start, end)) = range.split_once('-') else {
            continue;
        };
        if !rights.starts_with("rw") {
            continue;
        }
        let end = u64::from_str_radix(end, 16)?;
        let mut at = u64::from_str_radix(start, 16)?;
        let mut bytes = vec![0; PIECE + text.len()];
        while at < end {
            let length = bytes.len().min(usize::try_from(end - at)?);
            // A region may go while we read.
            let Ok(read) = memory.read_at(&mut bytes[..length], at) else {
                break;
            };
            found.extend(finder.find_iter(&bytes[..read]).map(|place| {
                let around = place.saturating_sub(AROUND)..read.min(place + text.len() + AROUND);
                let around = bytes[around].escape_ascii();
                format!("{line} +{:#x}: {around}", at + place as u64)
            }));
            searched += read;
            at += PIECE as u64;
        }
    }
    ensure!(
        searched > PIECE,
        "only {searched} bytes were there to search"
    );
    Ok(found)
}
