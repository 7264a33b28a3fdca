//! What earlier purchases say about one that is to be made, or was made without a price.

use std::time::Duration;

use fetch_model::item_key;

use crate::{
    Error, Ledger,
    captures::{Capture, CaptureRow},
};

/// Whether an account is shown the price before it buys a document.
#[derive(Debug, Clone)]
pub struct PricesShown<'a> {
    /// Whom PACER bills.
    pub account_digest: &'a str,
    /// Courts that do alike (CourtListener's ids).
    pub courts: Vec<String>,
    /// How long ago it may have been.
    pub within: Duration,
}

impl Ledger {
    /// The newest bytes that were bought under one of these keys, whoever bought them.
    pub async fn newest_bought(&self, item_keys: &[String]) -> Result<Option<Capture>, Error> {
        let row = sqlx::query_as!(
            CaptureRow,
            "select captures.id, url, media_type, sha256, byte_count, captures.date_created
             from captures
             join purchases on purchases.capture_id = captures.id and state = 'captured'
             where captures.item_key = any($1) and not in_vain
             order by captures.id desc limit 1",
            item_keys
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map(Capture::from))
    }

    /// The names of all reports of a case that were bought, whoever bought them.
    pub async fn reports_bought(&self, court: &str, case: &str) -> Result<Vec<String>, Error> {
        let (begin, end) = item_key::reports_of(court, case);
        // By their bytes: that is what the index is sorted by, and no collation changes it.
        Ok(sqlx::query_scalar!(
            "select distinct item_key from captures
             where starts_with(item_key, 'docket/') and item_key ~>=~ $1 and item_key ~<~ $2 and not in_vain",
            begin,
            end
        )
        .fetch_all(self.db.pool())
        .await?)
    }

    /// Whether one of the courts has shown the account the price of a document that it bought. A page that
    /// was billed in place of one says nothing of that, whatever receipt it has.
    pub async fn shows_prices(&self, question: &PricesShown<'_>) -> Result<bool, Error> {
        Ok(sqlx::query_scalar!(
            r#"select exists (
                   select from purchases
                   where account_digest = $1 and court_id = any($2) and state = 'captured'
                     and billed_by = 'receipt' and starts_with(item_key, 'doc/')
                     and not exists (select from captures where captures.id = capture_id and in_vain)
                     and date_modified > clock_timestamp() - make_interval(secs => $3)
               ) as "shown!""#,
            question.account_digest,
            &question.courts,
            question.within.as_secs_f64()
        )
        .fetch_one(self.db.pool())
        .await?)
    }

    /// Whether the last document that was billed to the account at one of the courts came without
    /// its price; none if none was.
    pub async fn sells_unpriced(
        &self,
        account_digest: &str,
        courts: &[String],
    ) -> Result<Option<bool>, Error> {
        Ok(sqlx::query_scalar!(
            r#"select billed_by = 'rules' as "by_rules!" from purchases
               where account_digest = $1 and court_id = any($2) and state = 'captured'
                 and starts_with(item_key, 'doc/') and billed_cents > 0
                 and not exists (select from captures where captures.id = capture_id and in_vain)
               order by id desc limit 1"#,
            account_digest,
            courts
        )
        .fetch_optional(self.db.pool())
        .await?)
    }
}
