//! Reading blobs piece by piece: however large they are, one piece is in memory.

use std::{io, ops::Range, path::PathBuf, time::SystemTime};

use async_compression::tokio::bufread::ZstdDecoder;
use bytes::{Bytes, BytesMut};
use data_encoding::HEXLOWER;
use futures_util::{
    Stream, StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore, path::Path};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::{ReaderStream, StreamReader};
use tracing::error;

use super::{Blobs, changed, check_name, missing};
use crate::Error;

/// What is read at a time.
const PIECE: usize = 64 << 10;

/// The bytes of a blob, or of a part of it, one after the other. The next piece is read when it is
/// asked for.
pub type Pieces = BoxStream<'static, Result<Bytes, Error>>;

/// A blob that was found.
#[derive(Debug, Clone)]
pub struct FoundBlob {
    blobs: Blobs,
    sha256: String,
    location: Path,
    compressed: bool,
    stored_bytes: u64,
    /// When it was written.
    pub modified: SystemTime,
}

impl Blobs {
    /// Looks for a blob.
    ///
    /// # Errors
    /// When there is no such blob, or the store cannot answer.
    pub async fn look_up(&self, sha256: &str) -> Result<FoundBlob, Error> {
        check_name(sha256)?;
        let (meta, compressed) = self.find(sha256).await?.ok_or_else(|| missing(sha256))?;
        Ok(FoundBlob {
            blobs: self.clone(),
            sha256: sha256.to_owned(),
            location: meta.location,
            compressed,
            stored_bytes: meta.size,
            modified: meta.last_modified.into(),
        })
    }

    /// The first `most` bytes of a blob, or all of it. They are not compared with its name.
    ///
    /// # Errors
    /// When there is no such blob, or it cannot be read.
    pub async fn head(&self, sha256: &str, most: usize) -> Result<Bytes, Error> {
        let found = self.look_up(sha256).await?;
        let mut pieces = found.unpacked(None).await?;
        let mut head = BytesMut::new();
        while let Some(piece) = pieces.try_next().await? {
            head.extend_from_slice(&piece);
            if head.len() >= most {
                head.truncate(most);
                break;
            }
        }
        Ok(head.freeze())
    }

    /// The SHA-1 of a blob in lower-case hexadecimal, which clients compare files by.
    ///
    /// # Errors
    /// When there is no such blob, or its bytes have changed.
    pub async fn sha1(&self, sha256: &str) -> Result<String, Error> {
        let mut pieces = self.look_up(sha256).await?.whole().await?;
        let mut digest = Sha1::new();
        while let Some(piece) = pieces.try_next().await? {
            digest.update(&piece);
        }
        Ok(HEXLOWER.encode(&digest.finalize()))
    }
}

impl FoundBlob {
    /// Its length, unless it is stored compressed: then only its row knows.
    #[must_use]
    pub fn byte_count(&self) -> Option<u64> {
        (!self.compressed).then_some(self.stored_bytes)
    }

    /// All of it. The last piece comes only when all pieces are those that were kept; otherwise an
    /// error takes its place.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn whole(&self) -> Result<Pieces, Error> {
        let pieces = self.unpacked(None).await?;
        Ok(verified(pieces, self.sha256.clone()).boxed())
    }

    /// A part of a blob that is not compressed. Nobody can tell from a part whether it has changed.
    ///
    /// # Errors
    /// When it is compressed, has no such part, or cannot be read.
    pub async fn part(&self, range: Range<u64>) -> Result<Pieces, Error> {
        if self.compressed {
            return Err(super::malformed("it is compressed and has no parts"));
        }
        self.unpacked(Some(range)).await
    }

    async fn unpacked(&self, range: Option<Range<u64>>) -> Result<Pieces, Error> {
        let stored = self.stored(range).await?;
        if !self.compressed {
            return Ok(stored);
        }
        let packed = StreamReader::new(stored.map_err(io::Error::other));
        let unpacked = ReaderStream::with_capacity(ZstdDecoder::new(packed), PIECE);
        Ok(unpacked.map_err(Error::from).boxed())
    }

    async fn stored(&self, range: Option<Range<u64>>) -> Result<Pieces, Error> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let found = self.blobs.files.get_opts(&self.location, options).await?;
        let range = found.range.clone();
        match found.payload {
            // The crate's own stream of a file reads eight kilobytes at a time.
            GetResultPayload::File(file, _) => {
                let mut file = tokio::fs::File::from_std(file);
                file.seek(io::SeekFrom::Start(range.start)).await?;
                let part = file.take(range.end - range.start);
                let pieces = ReaderStream::with_capacity(part, PIECE);
                Ok(pieces.map_err(Error::from).boxed())
            }
            GetResultPayload::Stream(pieces) => Ok(pieces.map_err(Error::from).boxed()),
        }
    }

    /// Where its file is, if that holds the very bytes.
    pub(super) fn path(&self) -> Result<Option<PathBuf>, Error> {
        match self.compressed {
            true => Ok(None),
            false => Ok(Some(self.blobs.files.path_to_filesystem(&self.location)?)),
        }
    }

    /// Writes it to a temporary file, which goes with the result.
    pub(super) async fn into_temporary(self) -> Result<TempPath, Error> {
        let (file, path) = tempfile::NamedTempFile::new()?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let mut pieces = self.whole().await?;
        while let Some(piece) = pieces.try_next().await? {
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        Ok(path)
    }
}

/// What is read and not given yet.
struct Verifying {
    pieces: stream::Fuse<Pieces>,
    digest: Sha256,
    /// The last piece that was read.
    held: Option<Bytes>,
    sha256: String,
}

/// Gives every piece when the next one is there, and the last one when the digest of all of them is
/// the name of the blob.
fn verified(pieces: Pieces, sha256: String) -> impl Stream<Item = Result<Bytes, Error>> {
    let reading = Verifying {
        pieces: pieces.fuse(),
        digest: Sha256::new(),
        held: None,
        sha256,
    };
    stream::try_unfold(Some(reading), async |reading| {
        let Some(mut reading) = reading else {
            return Ok(None);
        };
        while let Some(piece) = reading.pieces.try_next().await? {
            reading.digest.update(&piece);
            if let Some(before) = reading.held.replace(piece) {
                return Ok(Some((before, Some(reading))));
            }
        }
        let digest = HEXLOWER.encode(&reading.digest.finalize());
        if digest != reading.sha256 {
            error!(
                expected = reading.sha256,
                digest, "the bytes of a blob have changed: it is not given to anybody"
            );
            return Err(changed(&reading.sha256));
        }
        Ok(reading.held.map(|last| (last, None)))
    })
}
