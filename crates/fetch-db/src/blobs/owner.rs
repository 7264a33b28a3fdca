//! Whose store it is: a file with the UUID of the archive, written by who copies files into it.

use std::{fs, io};

use tempfile::NamedTempFile;

use super::{Blobs, in_background};
use crate::Error;

/// The name of the file.
const OWNER: &str = "archive";

impl Blobs {
    /// The archive that this store was said to belong to; none if nobody has said.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn owner(&self) -> Result<Option<String>, Error> {
        let path = self.folder.join(OWNER);
        match in_background(move || fs::read_to_string(path)).await? {
            Ok(owner) => Ok(Some(owner.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Says to which archive this store belongs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_owner(&self, archive: &str) -> Result<(), Error> {
        let (folder, text) = (self.folder.clone(), format!("{archive}\n"));
        in_background(move || {
            let file = NamedTempFile::new_in(&*folder)?;
            fs::write(file.path(), text)?;
            file.as_file().sync_all()?;
            file.persist(folder.join(OWNER)).map_err(io::Error::from)?;
            Ok(())
        })
        .await?
    }
}
