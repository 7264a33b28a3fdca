//! Who paid for what a request has.

use fetch_model::FetchId;

use crate::{Error, Queue};

/// How a request came by what it wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidBy {
    /// It bought it, once.
    ThisRequest,
    /// Another request bought it; this one paid nothing.
    AnotherRequest,
    /// It is there, and may have been charged more than once.
    Unsure,
}

impl Queue {
    /// How a request that has what it wanted came by it.
    pub async fn provenance(&self, request: FetchId) -> Result<PaidBy, Error> {
        let told = sqlx::query_scalar!(r#"select provenance_of($1) as "told!""#, request.0)
            .fetch_one(self.db.pool())
            .await?;
        match told.as_str() {
            "doubtful" => Ok(PaidBy::Unsure),
            "bought" => Ok(PaidBy::ThisRequest),
            "shared" => Ok(PaidBy::AnotherRequest),
            other => Err(Error::Malformed {
                what: "provenance",
                why: format!("{other} is none"),
            }),
        }
    }
}
