//! Who bought what, for how much: an intent before money may move, a capture after it did.
//!
//! A purchase row is never deleted; `purchase_events` tells its story line by line.

use std::time::Duration;

use chrono::{DateTime, Utc};
use fetch_model::{Cents, Fence, FetchId, PurchaseId, UserId, budget::LimitExceeded};
use sqlx::PgConnection;

use crate::{
    Error, Ledger, budgets,
    captures::{self, Enough},
    events::close_intent,
};

/// A buyer says every few seconds that it is at it. One that was silent for so long is taken for
/// dead, and nobody knows the end of its purchase: twice a lease, because a machine that was frozen
/// goes on and may come home with what it paid for.
pub const SILENT_FOR: Duration = Duration::from_secs(30);

/// What is about to be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPurchase {
    /// For which request.
    pub request: FetchId,
    /// The attempt that buys; a stale one has no right to.
    pub fence: Fence,
    /// What: see [`item_key`](crate::captures::NewCapture::item_key).
    pub item_key: String,
    /// The most it will cost.
    pub quoted: Cents,
    /// Bought although an earlier attempt may have been billed.
    pub flagged: bool,
    /// What makes it needless.
    pub enough: Enough,
}

/// Whether a purchase may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Written down: send the request now, once.
    Granted(PurchaseId),
    /// Somebody else is buying this very thing: wait for it.
    UnderWay,
    /// What is kept by now is enough: take that. Nothing was written, and nothing may be sent.
    Held,
    /// It does not fit under a limit: nothing was written, and nothing may be sent.
    OverBudget(LimitExceeded),
    /// The attempt is stale; stop.
    Lost,
}

/// Whether an intent still stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affirmed {
    /// It does: send.
    Stands,
    /// What is kept by now is enough: send nothing, and take that.
    Held,
    /// The attempt is stale; stop.
    Lost,
}

/// A purchase that an attempt at a request began and that has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenIntent {
    /// Its number.
    pub id: PurchaseId,
    /// How long ago whoever began it last said that it is buying. From [`SILENT_FOR`] on the next
    /// sweep closes it.
    pub silent_for: Duration,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LedgerLine {
    /// The purchase.
    pub id: PurchaseId,
    /// The request it was made for.
    pub request: FetchId,
    /// Whose request.
    pub user: UserId,
    /// The court (CourtListener's id).
    pub court: String,
    /// What was bought.
    pub item_key: String,
    /// The client code it is booked on.
    pub client_code: String,
    /// `intent`, `captured`, `void` or `doubt`.
    pub state: String,
    /// The most it was to cost.
    pub quoted: Cents,
    /// What it did cost, once known.
    pub billed: Option<Cents>,
    /// The pages billed.
    pub pages: Option<i32>,
    /// Bought although an earlier attempt may have been billed.
    pub flagged: bool,
    /// When it began.
    pub date_created: DateTime<Utc>,
}

impl Ledger {
    /// Writes down that a purchase is about to be made. Only a granted intent may send.
    ///
    /// One statement cannot decide this. The intent is written first: the index lets one stand for
    /// a thing, and whoever else buys it is waited for until that is captured, voided or doubted.
    /// Only a second statement sees what was captured meanwhile. Nobody can bring the thing home
    /// after that without an intent of his own, unless he was given up for dead before.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing may be sent.
    pub async fn begin_purchase(&self, new: &NewPurchase) -> Result<Intent, Error> {
        let mut transaction = self.db.begin().await?;
        let id = sqlx::query_scalar!(
            r#"with begun as (
                 insert into purchases (request_id, user_id, account_digest, client_code, court_id,
                                        item_key, fence, state, quoted_cents, flagged)
                 select id, user_id, account_digest, client_code, target_court, $3, fence, 'intent', $4, $5
                 from fetch_requests
                 where id = $1 and fence = $2 and state = 'running'
                   -- Under another name, if what it is called was learnt since an earlier attempt.
                   and not exists (select from purchases
                                   where request_id = fetch_requests.id and purchases.state = 'intent')
                 for share
                 on conflict (item_key) where state = 'intent' do nothing
                 returning id),
             noted as (
                 insert into purchase_events (purchase_id, state) select id, 'intent' from begun)
             select id as "id!" from begun"#,
            new.request.0,
            new.fence.0,
            new.item_key,
            new.quoted.0,
            new.flagged
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(id) = id else {
            let running = is_running(&mut transaction, new.request, new.fence).await?;
            transaction.rollback().await?;
            return Ok(match running {
                true => Intent::UnderWay,
                false => Intent::Lost,
            });
        };
        let kept = captures::enough(&mut transaction, new.request, &new.item_key, &new.enough);
        if kept.await?.is_some() {
            // Dropped, the transaction would keep others waiting until the pool finds out.
            transaction.rollback().await?;
            return Ok(Intent::Held);
        }
        if let Some(shortfall) =
            budgets::check_purchase(&mut transaction, new.request, new.quoted).await?
        {
            transaction.rollback().await?;
            return Ok(Intent::OverBudget(shortfall));
        }
        transaction.commit().await?;
        Ok(Intent::Granted(PurchaseId(id)))
    }

    /// For how long this very thing has been being bought for another request; none if it is not.
    pub async fn under_way_for(
        &self,
        request: FetchId,
        item_key: &str,
    ) -> Result<Option<Duration>, Error> {
        let seconds = sqlx::query_scalar!(
            r#"select extract(epoch from clock_timestamp() - date_created)::float8 as "seconds!"
               from purchases
               where item_key = $2 and state = 'intent' and request_id <> $1"#,
            request.0,
            item_key
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
    }

    /// The purchase that an earlier attempt at the request left open, whatever it buys: what a thing
    /// is called may have been learnt since.
    pub async fn open_intent(&self, request: FetchId) -> Result<Option<OpenIntent>, Error> {
        let row = sqlx::query!(
            r#"select id,
                   extract(epoch from clock_timestamp() - date_modified)::float8 as "silent_for!"
               from purchases
               where request_id = $1 and state = 'intent'
               order by id limit 1"#,
            request.0
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map(|row| OpenIntent {
            id: PurchaseId(row.id),
            silent_for: Duration::from_secs_f64(row.silent_for.max(0.0)),
        }))
    }

    /// Says that whoever began a purchase is still at it, whatever became of its claim. `false` when
    /// the purchase has an end.
    pub async fn still_buying(&self, purchase: PurchaseId) -> Result<bool, Error> {
        let changed = sqlx::query!(
            "update purchases set date_modified = clock_timestamp()
             where id = $1 and state = 'intent'",
            purchase.0
        )
        .execute(self.db.pool())
        .await?
        .rows_affected();
        Ok(changed == 1)
    }

    /// Whether an attempt may still send under its intent; asked before every request of a
    /// purchase that takes several. Somebody who was given up for dead may have come home with the
    /// thing since the intent was written.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing may be sent.
    pub async fn affirm_purchase(
        &self,
        purchase: PurchaseId,
        new: &NewPurchase,
    ) -> Result<Affirmed, Error> {
        let changed = sqlx::query!(
            "update purchases set date_modified = clock_timestamp()
             where id = $1 and state = 'intent'
               and exists (select 1 from fetch_requests
                           where fetch_requests.id = purchases.request_id
                             and fetch_requests.fence = $2 and fetch_requests.state = 'running')",
            purchase.0,
            new.fence.0
        )
        .execute(self.db.pool())
        .await?
        .rows_affected();
        if changed == 0 {
            return Ok(Affirmed::Lost);
        }
        let kept = self.kept(new.request, &new.item_key, &new.enough).await?;
        Ok(match kept {
            Some(_) => Affirmed::Held,
            None => Affirmed::Stands,
        })
    }

    /// How often the answer to a purchase was lost for this request, whatever it bought.
    pub async fn doubts(&self, request: FetchId) -> Result<i64, Error> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from purchases
               where request_id = $1 and state = 'doubt'"#,
            request.0
        )
        .fetch_one(self.db.pool())
        .await?)
    }

    /// The court provably billed nothing.
    ///
    /// # Errors
    /// When the database cannot answer; the intent then stays open.
    pub async fn void_purchase(&self, purchase: PurchaseId, why: &str) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        close_intent(&mut transaction, purchase, "void", why).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The same of a purchase whose beginning was not confirmed: the intent may be written, may be
    /// about to be, or not. The row of the request is what its transaction holds, and so this waits
    /// for the end of it, and looks then.
    ///
    /// # Errors
    /// When the database cannot answer; an intent that was written then stays open.
    pub async fn void_begun(&self, new: &NewPurchase, why: &str) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        sqlx::query!(
            "select id from fetch_requests where id = $1 for no key update",
            new.request.0
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let begun = sqlx::query_scalar!(
            "select id from purchases
             where request_id = $1 and fence = $2 and item_key = $3 and state = 'intent'",
            new.request.0,
            new.fence.0,
            new.item_key
        )
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(id) = begun {
            close_intent(&mut transaction, PurchaseId(id), "void", why).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The answer was lost: the court may have billed it.
    ///
    /// # Errors
    /// When the database cannot answer; the intent then stays open, which means the same.
    pub async fn doubt_purchase(&self, purchase: PurchaseId, why: &str) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        close_intent(&mut transaction, purchase, "doubt", why).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Every purchase, oldest first.
    pub async fn ledger(&self) -> Result<Vec<LedgerLine>, Error> {
        let rows = sqlx::query!(
            "select id, request_id, user_id, court_id, item_key, client_code, state,
                    quoted_cents, billed_cents, billed_pages, flagged, date_created
             from purchases order by id"
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| LedgerLine {
                id: PurchaseId(row.id),
                request: FetchId(row.request_id),
                user: UserId(row.user_id),
                court: row.court_id,
                item_key: row.item_key,
                client_code: row.client_code,
                state: row.state,
                quoted: Cents(row.quoted_cents),
                billed: row.billed_cents.map(Cents),
                pages: row.billed_pages,
                flagged: row.flagged,
                date_created: row.date_created,
            })
            .collect())
    }
}

async fn is_running(
    connection: &mut PgConnection,
    request: FetchId,
    fence: Fence,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from fetch_requests
                          where id = $1 and fence = $2 and state = 'running') as "running!""#,
        request.0,
        fence.0
    )
    .fetch_one(connection)
    .await?)
}
