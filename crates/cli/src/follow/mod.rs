//! `pacer-fetch follow`: keeps this archive in step with another one.
//!
//! What comes at once is taken over at once, with how far that is, so it may be killed at any time and goes on where
//! it was. Files come before the rows that name them, and only with the bytes that they are named after.

mod files;
mod source;
mod token;

use std::{path::PathBuf, time::Duration};

use anyhow::ensure;
use clap::Args;
use fetch_control::Control;
use fetch_db::blobs;
use fetch_library::replica::{Batch, FollowError};
use fetch_runtime::{FromEnv, Settings, is_exposed};
use files::Files;
use pacer_fetch_client::raw::Api;
use secrecy::ExposeSecret;
use source::{Page, Source};
use tokio::time;

use crate::operate;

/// The first and the longest pause before something is tried again.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// How often what can succeed later is tried by who follows once.
const TRIES_ONCE: u32 = 5;

/// Keep this archive in step with another one: its dockets, entries, documents, parties and files
///
/// Rows keep the ids that they have there, so use an archive of its own in which nothing is bought. The command runs
/// until it is stopped, waits for a source that is away, and continues where it was when it is started again. It
/// connects to the database as the role pacer_fetch_follower.
#[derive(Debug, Args)]
pub(crate) struct FollowArguments {
    /// The address of the archive to follow, such as `https://fetch.example.org`
    url: String,
    /// End when everything is here that is there now
    #[arg(long)]
    once: bool,
    /// Copy no files of documents
    #[arg(long)]
    without_files: bool,
    /// Begin again with the first change, where the source says that it has lost the place, and copy all files that are
    /// not here
    #[arg(long)]
    again: bool,
    /// A PEM file with the certificate authority to trust, if the system does not
    #[arg(long, env = "PACER_FETCH_CA", value_name = "PATH")]
    ca: Option<PathBuf>,
    /// A file with an API token of the source, or - for standard input. Default: PACER_FETCH_TOKEN or
    /// PACER_FETCH_TOKEN_FILE; otherwise the command asks for it
    #[arg(long, value_name = "PATH")]
    token_file: Option<PathBuf>,
}

/// What is read beside what all commands read.
struct FileConfig {
    /// The largest file that is taken, in bytes.
    largest: u64,
}

impl FromEnv for FileConfig {
    fn from_env(settings: &mut Settings) -> FileConfig {
        FileConfig {
            largest: blobs::largest_file(settings),
        }
    }
}

/// `pacer-fetch follow URL`
pub(crate) async fn run(arguments: FollowArguments) -> anyhow::Result<()> {
    let url = arguments.url.trim_end_matches('/');
    ensure!(
        !is_exposed(url),
        "the token would go to another host in plain text: use an https:// URL"
    );
    let token = token::read(arguments.token_file.as_deref())?;
    let token = token.expose_secret();
    let api = match &arguments.ca {
        Some(ca) => Api::trusting(url, token, ca)?,
        None => Api::new(url, token),
    };
    let largest = Settings::of_this_process().read::<FileConfig>()?.largest;
    let control = operate::control().await?;
    if !arguments.without_files {
        control
            .library
            .ensure_files_are_ours(arguments.again)
            .await?;
    }
    let mut follower = Follower {
        source: Source::new(api),
        waits: !arguments.once,
        files: (!arguments.without_files).then(|| Files::up_to(largest)),
        tries: arguments.once.then_some(TRIES_ONCE),
        control,
        place: None,
        taken: 0,
    };
    if arguments.again {
        follower.begin_again().await?;
    }
    follower.follow(arguments.once).await
}

/// Somebody who takes over what another archive has.
struct Follower {
    control: Control,
    source: Source,
    /// Whether the source is waited for once everything is here.
    waits: bool,
    /// None if no files are copied.
    files: Option<Files>,
    /// How often what can succeed later is tried; for ever if none.
    tries: Option<u32>,
    /// Which archive is followed, and up to where.
    place: Option<(String, String)>,
    /// Changes that were taken over since this was said.
    taken: usize,
}

/// Why a step was not made.
enum Failed {
    /// The same may succeed later, perhaps after this long.
    Later(anyhow::Error, Option<Duration>),
    /// It will not.
    Lasting(anyhow::Error),
}

impl From<FollowError> for Failed {
    fn from(error: FollowError) -> Failed {
        match error {
            FollowError::Store(error) => error.into(),
            lasting => Failed::Lasting(lasting.into()),
        }
    }
}

impl From<fetch_db::Error> for Failed {
    fn from(error: fetch_db::Error) -> Failed {
        match error.is_absence() || error.gave_way() {
            true => Failed::Later(error.into(), None),
            false => {
                Failed::Lasting(anyhow::Error::from(error).context(
                    "rows of the source cannot be taken over; nothing of them was written",
                ))
            }
        }
    }
}

impl Follower {
    async fn follow(&mut self, once: bool) -> anyhow::Result<()> {
        let mut failures = 0;
        loop {
            match self.step().await {
                Ok(more) => {
                    failures = 0;
                    if !more {
                        self.tell();
                    }
                    if once && !more {
                        return Ok(());
                    }
                }
                Err(Failed::Lasting(error)) => return Err(error),
                Err(Failed::Later(error, after)) => {
                    failures += 1;
                    if self.tries.is_some_and(|tries| failures >= tries) {
                        return Err(error);
                    }
                    let pause = back_off(failures).max(after.unwrap_or_default());
                    println!("{error:#}; trying again in {} s", pause.as_secs());
                    time::sleep(pause).await;
                }
            }
        }
    }

    /// Takes over what comes next; whether there is more of it already.
    async fn step(&mut self) -> Result<bool, Failed> {
        let (archive, from) = match &self.place {
            Some(place) => place.clone(),
            None => self.begin().await?,
        };
        let has_files = self.files.as_ref().is_none_or(Files::were_looked_for);
        let page = self.source.after(&from, self.waits && has_files).await?;
        self.check(&page, &archive).await?;
        if let Some(files) = &mut self.files {
            files.bring(&self.control, &self.source, &page.rows).await?;
        }
        if !page.rows.is_empty() || page.cursor != from {
            let batch = Batch {
                archive: &archive,
                from: &from,
                to: &page.cursor,
                rows: &page.rows,
            };
            self.control.library.take_over(batch).await?;
        }
        self.taken += page.rows.len();
        self.place = Some((archive, page.cursor));
        match &mut self.files {
            // What is new comes first.
            Some(files) if !page.more => files.bring_missing(&self.control, &self.source).await,
            _ => Ok(page.more),
        }
    }

    /// Asks which archive it is, and how far it was followed.
    async fn begin(&mut self) -> Result<(String, String), Failed> {
        let page = self.source.look().await?;
        self.check(&page, &page.archive).await?;
        let cursor = self.control.library.follow(&page.archive).await?;
        let place = (page.archive, cursor);
        self.place = Some(place.clone());
        Ok(place)
    }

    async fn begin_again(&mut self) -> anyhow::Result<()> {
        match self.begin().await {
            Ok((archive, cursor)) => {
                let batch = Batch {
                    archive: &archive,
                    from: &cursor,
                    to: "",
                    rows: &[],
                };
                self.control.library.take_over(batch).await?;
                self.place = Some((archive, String::new()));
                Ok(())
            }
            Err(Failed::Later(error, _) | Failed::Lasting(error)) => Err(error),
        }
    }

    /// Rows fit into another archive of the same schema only.
    async fn check(&self, page: &Page, archive: &str) -> Result<(), Failed> {
        let own = self.control.library.archive().await?;
        let checked = || -> anyhow::Result<()> {
            ensure!(
                page.archive == archive,
                "the source has become another archive"
            );
            ensure!(own.id != page.archive, "this is the archive itself");
            ensure!(
                own.schema == page.schema,
                "the source has the schema {} and this archive {}: run the same version of pacer-fetch for both, \
                 then start this again",
                page.schema,
                own.schema
            );
            Ok(())
        };
        checked().map_err(Failed::Lasting)
    }

    fn tell(&mut self) {
        if self.taken > 0 {
            let place = self.place.as_ref().map_or("", |(_, cursor)| cursor);
            println!("in step up to {place}; {} changes taken over", self.taken);
        }
        self.taken = 0;
    }
}

fn back_off(failures: u32) -> Duration {
    let (first, longest) = BACK_OFF;
    first
        .saturating_mul(1 << failures.saturating_sub(1).min(8))
        .min(longest)
}

fn lasting(why: impl Into<String>) -> Failed {
    Failed::Lasting(anyhow::Error::msg(why.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_half_a_minute() {
        let seconds: Vec<u64> = [1, 2, 3, 6, 100]
            .map(|failures| back_off(failures).as_secs())
            .to_vec();
        assert_eq!(seconds, [1, 2, 4, 30, 30]);
    }
}
