//! Whether the store can be used: asked before anything is paid for, not found out after.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use tempfile::NamedTempFile;

use super::{Blobs, DIGESTS, STAGING, in_background};
use crate::Error;

/// What a probe writes. A disk that has no room for this much has none for a page.
const PROBE_BYTES: usize = 64 << 10;

/// What the names of a probe's own folders begin with.
pub(super) const PROBE: &str = ".probe-";

impl Blobs {
    /// Makes sure that the store can be written: a small file goes the way of all bytes, is
    /// flushed, and deleted again. `reserve_bytes` must be free besides, as far as the file system
    /// tells.
    ///
    /// # Errors
    /// When it cannot be written, or too little is free.
    pub async fn probe_writing(&self, reserve_bytes: u64) -> Result<(), Error> {
        let folder = self.folder.clone();
        in_background(move || {
            let free_bytes = free_bytes(&folder)?;
            if free_bytes < reserve_bytes {
                return Err(Error::Full {
                    free_bytes,
                    reserve_bytes,
                });
            }
            Ok(write_and_delete(&folder)?)
        })
        .await?
    }

    /// Makes sure that the store is there.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub async fn probe_reading(&self) -> Result<(), Error> {
        let folder = self.folder.clone();
        in_background(move || Ok(fs::read_dir(&folder).map(drop)?)).await?
    }
}

/// What anybody but the superuser may still write.
fn free_bytes(folder: &Path) -> io::Result<u64> {
    let told = rustix::fs::statvfs(folder)?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

/// The folder of the store itself is never made anew: one that has gone was a volume.
fn write_and_delete(folder: &Path) -> io::Result<()> {
    let (staging, digests) = (folder.join(STAGING), folder.join(DIGESTS));
    for needed in [&staging, &digests] {
        match fs::create_dir(needed) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let place = tempfile::Builder::new()
        .prefix(PROBE)
        .tempdir_in(&digests)?;
    let mut staged = NamedTempFile::new_in(&staging)?;
    staged.write_all(&[0; PROBE_BYTES])?;
    staged.as_file().sync_all()?;
    fs::hard_link(staged.path(), place.path().join("probe"))?;
    File::open(place.path())?.sync_all()?;
    staged.close()?;
    place.close()
}
