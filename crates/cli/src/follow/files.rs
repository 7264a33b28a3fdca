//! Files of documents. They come before the rows that name them, and only with the bytes that they are named after.

use std::{collections::HashSet, time::Duration};

use fetch_control::Control;
use fetch_library::{read::Resource, replica::SourceRow};
use serde_json::Value;
use tokio::time::{self, Instant};

use super::{
    Failed, back_off,
    source::{File, Source},
};

/// How often a file is asked for that does not come with the bytes that its document names, or over which the source
/// fails.
const TRIES: u32 = 3;

/// Documents that are looked at together for files that are missing.
const AT_ONCE: i64 = 100;

/// For how long documents are looked at before the source is asked what is new.
const LOOK_FOR: Duration = Duration::from_secs(5);

/// What is known of files in this run.
pub(super) struct Files {
    /// The largest that is taken, in bytes.
    largest: u64,
    /// Digests of those that did not come. A later run asks for them again, or this one if the source tells of the
    /// document anew.
    left_out: HashSet<String>,
    /// The last document that was looked at for a missing file; none once all were.
    looked_up_to: Option<i64>,
}

impl Files {
    pub(super) fn up_to(largest: u64) -> Files {
        Files {
            largest,
            left_out: HashSet::new(),
            looked_up_to: Some(0),
        }
    }

    /// Whether all documents were looked at for files that are missing.
    pub(super) fn were_looked_for(&self) -> bool {
        self.looked_up_to.is_none()
    }

    /// Brings the files of these rows.
    pub(super) async fn bring(
        &mut self,
        control: &Control,
        source: &Source,
        rows: &[SourceRow],
    ) -> Result<(), Failed> {
        for (sha256, path) in rows.iter().filter_map(named) {
            self.bring_one(control, source, sha256, path).await?;
        }
        Ok(())
    }

    /// Brings some of the files that earlier runs have left out, or that were lost here; whether more may be missing.
    pub(super) async fn bring_missing(
        &mut self,
        control: &Control,
        source: &Source,
    ) -> Result<bool, Failed> {
        let until = Instant::now() + LOOK_FOR;
        let mut asked = false;
        // Where nothing is missing the source is not asked what is new after every few documents.
        while let Some(after) = self.looked_up_to.filter(|_| !asked) {
            let documents = control.library.documents_with_files(after, AT_ONCE).await?;
            for document in &documents {
                if !self.left_out.contains(&document.sha256) {
                    let (sha256, path) = (&document.sha256, &document.filepath_local);
                    asked |= self.bring_one(control, source, sha256, path).await?;
                }
                self.looked_up_to = Some(document.id);
                if Instant::now() >= until {
                    return Ok(true);
                }
            }
            if documents.is_empty() {
                self.looked_up_to = None;
            }
        }
        Ok(self.looked_up_to.is_some())
    }

    /// Whether the source was asked for it: not if it is here.
    async fn bring_one(
        &mut self,
        control: &Control,
        source: &Source,
        sha256: &str,
        path: &str,
    ) -> Result<bool, Failed> {
        if control.db.blobs.has(sha256).await? {
            return Ok(false);
        }
        match self.ask_for(control, source, sha256, path).await? {
            None => {
                self.left_out.remove(sha256);
            }
            Some(why) => {
                println!(
                    "{path} {why}; its document is copied without it, and the next run asks for it again"
                );
                self.left_out.insert(sha256.to_owned());
            }
        }
        Ok(true)
    }

    /// Asks the source for a file; why it is left out, if it is.
    async fn ask_for(
        &self,
        control: &Control,
        source: &Source,
        sha256: &str,
        path: &str,
    ) -> Result<Option<String>, Failed> {
        let (blobs, mut tries) = (&control.db.blobs, 0);
        // It may have been damaged on the way. Everything else waits for it, so it is not asked for for ever.
        loop {
            tries += 1;
            let wrong = match source.file(blobs, path, self.largest).await? {
                File::Whole(staged) if staged.blob().sha256 == sha256 => {
                    blobs.put_staged(staged.into()).await?;
                    return Ok(None);
                }
                File::Missing => return Ok(Some("is not at the source".to_owned())),
                File::TooLarge => {
                    return Ok(Some(format!(
                        "is larger than the limit of {} bytes (PACER_FETCH_COURT_ANSWER_BYTES)",
                        self.largest
                    )));
                }
                File::Unreadable => "cannot be read at the source (it answers 500)",
                File::Whole(_) => "came with other bytes than its document names",
                File::BrokenOff => "broke off",
            };
            if tries == TRIES {
                return Ok(Some(format!("{wrong}, {TRIES} times")));
            }
            time::sleep(back_off(tries)).await;
        }
    }
}

/// The digest and the path of the file of a document; none if the row is no document, or one without a file.
fn named(row: &SourceRow) -> Option<(&str, &str)> {
    let document = &row.stored.as_ref()?["row"];
    let has_file =
        row.resource == Resource::RecapDocuments && document["is_available"] == Value::Bool(true);
    let named = (
        document["sha256"].as_str()?,
        document["filepath_local"].as_str()?,
    );
    has_file.then_some(named)
}
