//! Work that nobody has taken.

use crate::{Error, Library};

/// Work that a reader could take now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenTexts {
    /// Texts to be planned or put together.
    pub texts: i64,
    /// Parts to be recognised.
    pub parts: i64,
}

impl Library {
    /// Counts the work that a reader could take now.
    pub async fn open_texts(&self) -> Result<OpenTexts, Error> {
        Ok(sqlx::query_as!(
            OpenTexts,
            r#"select
                   (select count(*) from texts
                    where state in ('planning', 'assembling')
                      and (lease_until is null or lease_until < clock_timestamp())
                      and (not_before is null or not_before <= clock_timestamp())) as "texts!",
                   (select count(*) from text_parts
                    where is_open and (lease_until is null or lease_until < clock_timestamp())
                      and (not_before is null or not_before <= clock_timestamp())) as "parts!""#
        )
        .fetch_one(self.db.pool())
        .await?)
    }
}
