//! The archive that is followed, as its API tells it.

use std::time::Duration;

use anyhow::{Context, anyhow};
use fetch_db::{Blobs, blobs::Staged};
use fetch_library::{feed::FOLLOWED, replica::SourceRow};
use pacer_fetch_client::{Error, raw::Api};
use serde_json::Value;

use super::{Failed, lasting};

/// For how long the source may wait for a change, in seconds.
const WAIT: u64 = 20;

/// Where changes are told, with the rows as they are stored.
const FEED: &str = "changes/?rows=1";

/// What comes next.
pub(super) struct Page {
    /// The source's UUID.
    pub archive: String,
    /// The number of its schema.
    pub schema: i64,
    /// What it calls the place up to which this is.
    pub cursor: String,
    /// Whether there is more already.
    pub more: bool,
    /// The rows.
    pub rows: Vec<SourceRow>,
}

/// What came for a file.
pub(super) enum File {
    /// The source has none.
    Missing,
    /// The source fails over it, as over one that it has lost.
    Unreadable,
    /// There is more of it than is taken. Nothing of it was kept.
    TooLarge,
    /// Its end did not come: the connection broke, or the source noticed that the file is damaged.
    BrokenOff,
    /// All of it.
    Whole(Staged),
}

pub(super) struct Source {
    api: Api,
}

impl Source {
    pub(super) fn new(api: Api) -> Source {
        Source { api }
    }

    /// Which archive it is.
    pub(super) async fn look(&self) -> Result<Page, Failed> {
        self.page(&format!("{FEED}&page_size=1")).await
    }

    /// What comes after a place, or what comes first. If nothing does, the source may be waited for.
    pub(super) async fn after(&self, cursor: &str, waits: bool) -> Result<Page, Failed> {
        let wait = if waits { WAIT } else { 0 };
        let mut path = format!("{FEED}&wait={wait}");
        if !cursor.is_empty() {
            path.push_str("&cursor=");
            path.push_str(cursor);
        }
        self.page(&path).await
    }

    async fn page(&self, path: &str) -> Result<Page, Failed> {
        let page = self.api.get(path).await.map_err(failed)?;
        read(page).map_err(Failed::Lasting)
    }

    /// A file of so many bytes at most, written where it is to stay, without its name.
    pub(super) async fn file(
        &self,
        blobs: &Blobs,
        path: &str,
        largest: u64,
    ) -> Result<File, Failed> {
        let mut download = match self.api.begin_download(path).await {
            Err(error) if error.status() == Some(404) => return Ok(File::Missing),
            Err(error) if error.status() == Some(500) => return Ok(File::Unreadable),
            // Of a small file the end of the stream comes with its beginning, or before.
            Err(Error::NoAnswer(error)) if !error.is_connect() && !error.is_timeout() => {
                return Ok(File::BrokenOff);
            }
            begun => begun.map_err(failed)?,
        };
        let (mut staging, mut left) = (blobs.stage().await?, largest);
        loop {
            let piece = match download.next().await {
                Ok(Some(piece)) => piece,
                Ok(None) => return Ok(File::Whole(staging.finish().await?)),
                Err(_) => return Ok(File::BrokenOff),
            };
            left = match left.checked_sub(piece.len() as u64) {
                Some(left) => left,
                None => return Ok(File::TooLarge),
            };
            staging = staging.write(&piece).await?;
        }
    }
}

/// What the source refuses now, it may grant later, but for what is wrong with who asks or with the place.
fn failed(error: Error) -> Failed {
    match error.status() {
        Some(410) => lasting(
            "the source no longer has the place up to which it was followed, as after a restore from a backup: \
             follow it into an empty archive, or with --again into this one, where what the source lost then stays",
        ),
        Some(401 | 403) => lasting("the source does not accept the token"),
        Some(400 | 404 | 405) => Failed::Lasting(
            anyhow::Error::from(error).context("this is no archive that can be followed"),
        ),
        Some(429 | 503) => Failed::Later(error.into(), Some(Duration::from_secs(5))),
        _ => Failed::Later(anyhow::Error::from(error), None),
    }
}

fn read(mut page: Value) -> anyhow::Result<Page> {
    let rows = match page["results"].take() {
        Value::Array(rows) => rows,
        _ => return Err(anyhow!("the source tells no changes")),
    };
    let text = |name: &str| {
        let text = page[name].as_str().map(str::to_owned);
        text.with_context(|| format!("the source tells no {name}"))
    };
    Ok(Page {
        archive: text("archive")?,
        cursor: text("cursor")?,
        schema: page["schema"]
            .as_i64()
            .context("the source tells no schema")?,
        more: page["more"].as_bool().unwrap_or(false),
        rows: rows.into_iter().map(row).collect::<anyhow::Result<_>>()?,
    })
}

fn row(mut item: Value) -> anyhow::Result<SourceRow> {
    let known = FOLLOWED.iter().find(|(name, _)| item["kind"] == *name);
    let (_, resource) = known.with_context(|| format!("the source tells of {}", item["kind"]))?;
    let stored = Some(item["stored"].take()).filter(|stored| !stored.is_null());
    Ok(SourceRow {
        resource: *resource,
        id: item["id"].as_i64().context("a change has no id")?,
        stored,
    })
}
