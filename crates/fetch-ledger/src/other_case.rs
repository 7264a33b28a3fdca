//! Dockets that came in place of another one.

use fetch_model::CaptureId;
pub use fetch_model::item_key::OTHER_CASE;

use crate::{Error, Ledger};

impl Ledger {
    /// Puts a kept docket aside that is of another case than its key says: nobody finds it under
    /// that key any more, and the request that bought it finds it with [`OTHER_CASE`] in front.
    ///
    /// # Errors
    /// When the database cannot answer; then the key is as it was.
    pub async fn put_other_case_aside(&self, capture: CaptureId) -> Result<(), Error> {
        sqlx::query!(
            "update captures set item_key = $2 || item_key
             where id = $1 and not starts_with(item_key, $2)",
            capture.0,
            OTHER_CASE
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }
}
