//! Bytes kept under the name of their SHA-256: captured pages and documents.
//!
//! A blob is written once and never changed, and deleted when its life is over
//! ([`crate::retention`]). Writing goes through a staged file that is flushed
//! to disk before it gets its name, so a torn write never shows and what was paid for survives
//! a power cut. Text is compressed; a reader never notices. Large files are written while they come
//! ([`Blobs::stage`]) and read piece by piece ([`Blobs::look_up`]).

mod owner;
mod probe;
mod reading;
mod staging;

use std::{
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use data_encoding::HEXLOWER;
use fetch_settings::Settings;
use futures_util::TryStreamExt;
use object_store::{
    ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, local::LocalFileSystem,
    path::Path,
};
use sha2::{Digest, Sha256};
use tracing::warn;

use crate::Error;

pub use reading::{FoundBlob, Pieces};
pub use staging::{Staged, Staging};

/// What is appended to the name of a blob that is stored compressed.
const COMPRESSED: &str = ".zst";
/// Pages shrink to a seventh at this level, at hundreds of megabytes a second.
const COMPRESSION_LEVEL: i32 = 3;

/// The folder of the blobs, inside the store's.
const DIGESTS: &str = "sha256";
/// The folder of what is still being written, beside it.
const STAGING: &str = "staging";

/// The store of blobs.
#[derive(Debug, Clone)]
pub struct Blobs {
    files: Arc<LocalFileSystem>,
    folder: Arc<FilePath>,
}

/// The name of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRef {
    /// Its SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its length before compression.
    pub byte_count: i64,
}

/// A file with the bytes of a blob, for programs that read a path. It may be read, never written.
#[derive(Debug)]
pub struct LocalCopy {
    path: PathBuf,
    /// Removes the file with this value, if it was made for it.
    _temporary: Option<tempfile::TempPath>,
}

impl LocalCopy {
    /// Where the file is, as long as this value lives.
    #[must_use]
    pub fn path(&self) -> &FilePath {
        &self.path
    }
}

impl Blobs {
    /// Opens the store in a folder, given as a path or as a `file://` URL, and makes the folder
    /// if it is missing.
    ///
    /// # Errors
    /// When the setting names another kind of store, or the folder cannot be used.
    pub fn open(url_or_folder: &str) -> Result<Blobs, Error> {
        let folder = folder_of(url_or_folder)?;
        if !folder.is_dir() {
            std::fs::create_dir_all(&folder)?;
            // So it is at the first start, and where a volume is not mounted or a setting is misspelt.
            warn!(
                folder = %folder.display(),
                "the folder for what is bought (PACER_FETCH_BLOB_URL) was not there, and was made"
            );
        }
        let files = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Blobs {
            files: Arc::new(files),
            folder: folder.into(),
        })
    }

    /// Makes sure that the folder is there already: whoever looks after a deployment has one, and a
    /// name that is written wrongly must not become another one.
    ///
    /// # Errors
    /// [`Error::Setting`] when there is none.
    pub fn must_be_there(url_or_folder: &str) -> Result<(), Error> {
        let folder = folder_of(url_or_folder)?;
        match folder.is_dir() {
            true => Ok(()),
            false => Err(wrong_folder(format!(
                "there is no folder {}; give the one that the services of this deployment have",
                folder.display()
            ))),
        }
    }

    /// Whether there are bytes of this name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn has(&self, sha256: &str) -> Result<bool, Error> {
        check_name(sha256)?;
        Ok(self.find(sha256).await?.is_some())
    }

    /// Keeps bytes. Keeping the same bytes again changes nothing.
    ///
    /// # Errors
    /// When the store cannot take them.
    pub async fn put(&self, bytes: Bytes, media_type: &str) -> Result<BlobRef, Error> {
        let (sha256, bytes) = in_background(move || (digest(&bytes), bytes)).await?;
        let blob = BlobRef {
            sha256,
            byte_count: bytes.len() as i64,
        };
        if self.find(&blob.sha256).await?.is_some() {
            return Ok(blob);
        }
        let (suffix, stored) = if is_text(media_type) {
            let compressed =
                in_background(move || zstd::encode_all(&bytes[..], COMPRESSION_LEVEL)).await??;
            (COMPRESSED, Bytes::from(compressed))
        } else {
            ("", bytes)
        };
        let options = PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        match self
            .files
            .put_opts(&location(&blob.sha256, suffix), stored.into(), options)
            .await
        {
            // Whoever was faster wrote the same bytes.
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(blob),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the bytes of a page back, after making sure that they are the ones that were kept. What
    /// may be large is read piece by piece: [`Blobs::look_up`].
    ///
    /// # Errors
    /// When there is no such blob, or its bytes have changed.
    pub async fn get(&self, sha256: &str) -> Result<Bytes, Error> {
        let mut pieces = self.look_up(sha256).await?.whole().await?;
        let mut bytes = BytesMut::new();
        while let Some(piece) = pieces.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }

    /// A file with the bytes of a blob: the blob's own if it is stored as it is, else a
    /// temporary one that goes away with the result.
    ///
    /// # Errors
    /// When there is no such blob, or it cannot be unpacked.
    pub async fn local_copy(&self, sha256: &str) -> Result<LocalCopy, Error> {
        let found = self.look_up(sha256).await?;
        if let Some(path) = found.path()? {
            return Ok(LocalCopy {
                path,
                _temporary: None,
            });
        }
        let temporary = found.into_temporary().await?;
        Ok(LocalCopy {
            path: temporary.to_path_buf(),
            _temporary: Some(temporary),
        })
    }

    /// Deletes the bytes of a blob that nobody wants any more; that there are none is no error.
    ///
    /// # Errors
    /// When the store cannot delete them.
    pub async fn delete(&self, sha256: &str) -> Result<(), Error> {
        check_name(sha256)?;
        for suffix in ["", COMPRESSED] {
            match self.files.delete(&location(sha256, suffix)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// What is stored of a blob, and whether it is compressed there.
    async fn find(&self, sha256: &str) -> Result<Option<(ObjectMeta, bool)>, Error> {
        for (suffix, compressed) in [("", false), (COMPRESSED, true)] {
            let location = location(sha256, suffix);
            let head = object_store::GetOptions {
                head: true,
                ..Default::default()
            };
            match self.files.get_opts(&location, head).await {
                Ok(found) => return Ok(Some((found.meta, compressed))),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }
}

/// The largest document that is taken unless set otherwise, in bytes.
pub const LARGEST_FILE: u64 = 200_000_000;

/// Reads what the largest document is that is taken, from a court or from another archive, in bytes.
pub fn largest_file(settings: &mut Settings) -> u64 {
    settings.number("COURT_ANSWER_BYTES", LARGEST_FILE, 1_000..=10_000_000_000)
}

/// That the setting which says where blobs are is wrong.
#[must_use]
pub fn wrong_folder(why: String) -> Error {
    Error::Setting {
        name: "PACER_FETCH_BLOB_URL",
        why,
    }
}

fn folder_of(url_or_folder: &str) -> Result<PathBuf, Error> {
    if url_or_folder.is_empty() {
        return Err(wrong_folder("it is empty; give a folder".to_owned()));
    }
    let Some((scheme, _)) = url_or_folder.split_once("://") else {
        return Ok(PathBuf::from(url_or_folder));
    };
    if scheme != "file" {
        return Err(wrong_folder(format!(
            "{scheme}:// is not supported; give a folder or file://"
        )));
    }
    let url = url::Url::parse(url_or_folder).map_err(|error| wrong_folder(error.to_string()))?;
    url.to_file_path()
        .map_err(|()| wrong_folder("it names no folder of this machine".to_owned()))
}

/// Two levels of folders keep each of them small.
fn location(sha256: &str, suffix: &str) -> Path {
    Path::from(format!(
        "{DIGESTS}/{}/{}/{sha256}{suffix}",
        &sha256[..2],
        &sha256[2..4]
    ))
}

fn check_name(sha256: &str) -> Result<(), Error> {
    let is_digest = sha256.len() == 64
        && sha256
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_digest {
        Ok(())
    } else {
        Err(malformed(
            "its name is not a SHA-256 in lower-case hexadecimal",
        ))
    }
}

fn missing(sha256: &str) -> Error {
    malformed(&format!("there is none named {sha256}"))
}

fn malformed(why: &str) -> Error {
    Error::Malformed {
        what: "blob",
        why: why.to_owned(),
    }
}

fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn changed(sha256: &str) -> Error {
    malformed(&format!("the bytes kept as {sha256} have changed"))
}

fn is_text(media_type: &str) -> bool {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    essence.starts_with("text/")
        || ["html", "xml", "json"]
            .iter()
            .any(|kind| essence.ends_with(kind))
}

/// Digests and compression take milliseconds for a long document, too much for a thread that
/// serves others as well.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::File(std::io::Error::other(error)))
}
