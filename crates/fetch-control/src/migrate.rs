//! How a database comes to have what this version needs.

use fetch_db::{Error, roles::WhoseRoles};

use crate::Control;

impl Control {
    /// Brings the schema up to date and the tables of courts in line with the registry, and grants to
    /// every service what it needs ([`fetch_db::roles`]). A schema that is newer than this program is
    /// left as it is, with its rights.
    ///
    /// # Errors
    /// [`Error::NotOwner`] when this user may not change the schema. When a migration fails; those before
    /// it stay. When the roles of the services cannot be made, or are another deployment's.
    pub async fn migrate(&self, whose: WhoseRoles) -> Result<(), Error> {
        self.db.migrate_schema().await?;
        let registered = self.queue.register_courts().await;
        registered.map_err(Error::of_no_owner)?;
        match self.db.is_newer().await? {
            true => Ok(()),
            false => {
                self.library.write_directory().await?;
                self.db.grant(whose).await
            }
        }
    }
}
