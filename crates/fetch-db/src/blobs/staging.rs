//! Large files on their way into the store: written as they come, named when they are whole.
//!
//! They are written where they are to stay, so that nothing is copied. A file that is not finished
//! has no name among the blobs and goes with its value; what a killed process leaves behind is
//! swept up later. What comes was paid for: when the place cannot be written any more, what is left
//! is kept in memory, and put into the store once it can be.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tracing::{info, warn};

use super::{BlobRef, Blobs, DIGESTS, STAGING, in_background, location, malformed, probe};
use crate::Error;

/// What is written at a time.
const PIECE: usize = 256 << 10;

/// A file that is being written.
#[derive(Debug)]
pub struct Staging {
    written: Written,
    pending: BytesMut,
}

/// A file that is whole, and may not have its name yet.
#[derive(Debug)]
pub struct Staged {
    blob: BlobRef,
    place: Mutex<Place>,
}

#[derive(Debug)]
struct Written {
    place: Place,
    digest: Sha256,
    byte_count: u64,
}

#[derive(Debug)]
enum Place {
    /// In the folder of the store.
    File(NamedTempFile),
    /// Where nothing can break but the process.
    Memory(Vec<u8>),
}

impl Blobs {
    /// Begins to write a file. Nothing can go wrong: see [`Staging::write`].
    ///
    /// # Errors
    /// When the process is ending.
    pub async fn stage(&self) -> Result<Staging, Error> {
        let folder = self.folder.join(STAGING);
        let place = in_background(move || match staged_in(&folder) {
            Ok(file) => Place::File(file),
            Err(error) => {
                in_memory_instead(&error);
                Place::Memory(Vec::new())
            }
        })
        .await?;
        Ok(Staging {
            written: Written {
                place,
                digest: Sha256::new(),
                byte_count: 0,
            },
            pending: BytesMut::new(),
        })
    }

    /// Gives a file that is whole its name. Doing so again changes nothing.
    ///
    /// # Errors
    /// When the store cannot take it; then it may be tried again.
    pub async fn put_staged(&self, staged: Arc<Staged>) -> Result<BlobRef, Error> {
        if self.find(&staged.blob.sha256).await?.is_some() {
            return Ok(staged.blob.clone());
        }
        let folder = self.folder.clone();
        in_background(move || {
            let mut place = staged.place.lock().unwrap_or_else(PoisonError::into_inner);
            let name = folder.join(location(&staged.blob.sha256, "").as_ref());
            place.take_name(&folder, &name)?;
            Ok(staged.blob.clone())
        })
        .await?
    }

    /// Deletes what killed processes have left unfinished and nobody has written for so long.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn sweep_staging(&self, unused_for: Duration) -> Result<(), Error> {
        let folder = self.folder.clone();
        in_background(move || Ok(sweep(&folder, unused_for)?)).await?
    }
}

impl Staging {
    /// Takes the next bytes. When the place of the store cannot be written any more, all of the file
    /// is kept in memory from then on.
    ///
    /// # Errors
    /// When what was written already cannot be read back then.
    pub async fn write(mut self, bytes: &[u8]) -> Result<Staging, Error> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() < PIECE {
            return Ok(self);
        }
        self.flush().await
    }

    async fn flush(mut self) -> Result<Staging, Error> {
        let piece = self.pending.split().freeze();
        let written = in_background(move || self.written.append(&piece)).await??;
        Ok(Staging {
            written,
            pending: BytesMut::new(),
        })
    }

    /// Flushes the file to the disk.
    ///
    /// # Errors
    /// When it is not on the disk, and cannot be read back either.
    pub async fn finish(self) -> Result<Staged, Error> {
        let Staging { written, .. } = self.flush().await?;
        in_background(move || written.finish()).await?
    }
}

impl Staged {
    /// The name and the length of the file.
    #[must_use]
    pub fn blob(&self) -> &BlobRef {
        &self.blob
    }
}

impl Written {
    fn append(mut self, piece: &Bytes) -> io::Result<Written> {
        self.digest.update(piece);
        match &mut self.place {
            Place::Memory(bytes) => bytes.extend_from_slice(piece),
            Place::File(file) => {
                if let Err(error) = file.as_file().write_all_at(piece, self.byte_count) {
                    in_memory_instead(&error);
                    let mut bytes = read_back(file.as_file(), self.byte_count)?;
                    bytes.extend_from_slice(piece);
                    self.place = Place::Memory(bytes);
                }
            }
        }
        self.byte_count += piece.len() as u64;
        Ok(self)
    }

    fn finish(mut self) -> Result<Staged, Error> {
        let sha256 = HEXLOWER.encode(&self.digest.finalize());
        if let Place::File(file) = &self.place
            && let Err(error) = file.as_file().sync_all()
        {
            in_memory_instead(&error);
            let bytes = read_back(file.as_file(), self.byte_count)?;
            if HEXLOWER.encode(&Sha256::digest(&bytes)) != sha256 {
                return Err(malformed("what was written is not what came"));
            }
            self.place = Place::Memory(bytes);
        }
        Ok(Staged {
            blob: BlobRef {
                sha256,
                byte_count: self.byte_count as i64,
            },
            place: Mutex::new(self.place),
        })
    }
}

impl Place {
    /// Makes the bytes known under `name` in the folder of the store, and flushes that to the disk.
    fn take_name(&mut self, folder: &Path, name: &Path) -> io::Result<()> {
        // The folder of the store itself is never made anew: one that has gone was a volume.
        let folders: Vec<&Path> = name
            .ancestors()
            .skip(1)
            .take_while(|above| *above != folder)
            .collect();
        for needed in folders.iter().rev() {
            make_folder(needed)?;
        }
        if !self.has_a_name() {
            self.move_to(&folder.join(STAGING))?;
        }
        if let Place::File(file) = &*self
            && let Err(error) = fs::hard_link(file.path(), name)
            // Whoever was faster wrote the same bytes.
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
        for touched in folders.iter().copied().chain([folder]) {
            File::open(touched)?.sync_all()?;
        }
        Ok(())
    }

    /// Whether the bytes are in a file that can be found.
    fn has_a_name(&self) -> bool {
        match self {
            Place::File(file) => file.path().exists(),
            Place::Memory(_) => false,
        }
    }

    /// Writes the bytes to a new file: those in memory, or those of a file that has lost its name.
    fn move_to(&mut self, staging: &Path) -> io::Result<()> {
        make_folder(staging)?;
        let new = staged_in(staging)?;
        match self {
            Place::Memory(bytes) => new.as_file().write_all_at(bytes, 0)?,
            Place::File(file) => {
                let byte_count = file.as_file().metadata()?.len();
                new.as_file()
                    .write_all_at(&read_back(file.as_file(), byte_count)?, 0)?;
            }
        }
        new.as_file().sync_all()?;
        *self = Place::File(new);
        Ok(())
    }
}

/// A new file that no sweep takes away as long as it is open.
fn staged_in(staging: &Path) -> io::Result<NamedTempFile> {
    make_folder(staging)?;
    let file = NamedTempFile::new_in(staging)?;
    // Where files cannot be locked, their age protects them.
    let _ = file.as_file().try_lock_shared();
    Ok(file)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn read_back(file: &File, byte_count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(byte_count).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

fn in_memory_instead(error: &io::Error) {
    warn!(
        error = error as &dyn std::error::Error,
        "a file that was paid for cannot be written while it comes; it is kept in memory"
    );
}

fn sweep(folder: &Path, unused_for: Duration) -> io::Result<()> {
    for (place, prefix) in [(STAGING, ""), (DIGESTS, probe::PROBE)] {
        let entries = match fs::read_dir(folder.join(place)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                // It may be gone by now, or another sweep's; the next one looks again.
                let _ = sweep_one(&entry, unused_for);
            }
        }
    }
    Ok(())
}

fn sweep_one(entry: &fs::DirEntry, unused_for: Duration) -> io::Result<()> {
    let told = entry.metadata()?;
    let unused = told.modified()?.elapsed().unwrap_or_default();
    if unused < unused_for {
        return Ok(());
    }
    let path = entry.path();
    if told.is_dir() {
        return fs::remove_dir_all(path);
    }
    match File::open(&path)?.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Ok(()),
        _ => {
            info!(
                bytes = told.len(),
                "an unfinished file was left behind; it is deleted"
            );
            fs::remove_file(path)
        }
    }
}
