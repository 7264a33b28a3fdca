//! The ledger as a statement: who spent what, in which quarter, on which client code.

use fetch_model::{
    Cents, FetchId, PurchaseId, UserId,
    spend::{Line, Money, Quarter},
};

use crate::{Error, Ledger};

/// Whose purchases are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpendScope {
    /// One user's: all that a caller of the API may see.
    User(UserId),
    /// Everybody's: for the operator.
    Everybody,
}

/// Which purchases are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendFilter {
    /// Whose.
    pub whose: SpendScope,
    /// Of this quarter only.
    pub quarter: Option<Quarter>,
    /// Booked on this client code only; empty for those that are booked on none.
    pub client_code: Option<String>,
}

impl Ledger {
    /// Every purchase that was, or may have been, or may yet be billed, oldest first. What was
    /// provably not billed is left out.
    pub async fn spend(&self, filter: &SpendFilter) -> Result<Vec<Line>, Error> {
        let user = match filter.whose {
            SpendScope::User(user) => Some(user.0),
            SpendScope::Everybody => None,
        };
        let rows = sqlx::query!(
            r#"select purchases.id, request_id, users.name, purchases.date_created,
                      quarter_of(purchases.date_created) as "quarter!", client_code, court_id,
                      item_key, billed_pages, coalesce(billed_cents, quoted_cents) as "cents!",
                      state, flagged, settled_at is not null as "is_settled!"
               from purchases join users on users.id = purchases.user_id
               where state <> 'void'
                 and ($1::bigint is null or user_id = $1)
                 and ($2::date is null or quarter_of(purchases.date_created) = $2)
                 and ($3::text is null or client_code = $3)
               order by purchases.id"#,
            user,
            filter.quarter.map(Quarter::first_day),
            filter.client_code
        )
        .fetch_all(self.db.pool())
        .await?;
        let lines = rows.into_iter().map(|row| Line {
            purchase: PurchaseId(row.id),
            request: FetchId(row.request_id),
            user: row.name,
            at: row.date_created,
            quarter: Quarter::of(row.quarter),
            client_code: row.client_code,
            court: row.court_id,
            item: row.item_key,
            pages: row.billed_pages,
            cents: Cents(row.cents),
            money: match row.state.as_str() {
                "captured" => Money::Billed,
                "intent" => Money::UnderWay,
                // The answer is lost for good, and the court's statement says what it came to.
                "doubt" if row.is_settled => Money::Billed,
                // What is not understood is the careful one.
                _ => Money::Doubt,
            },
            flagged: row.flagged,
        });
        Ok(lines.collect())
    }

    /// The quarter that is now.
    pub async fn present_quarter(&self) -> Result<Quarter, Error> {
        let first = sqlx::query_scalar!(r#"select quarter_of(clock_timestamp()) as "quarter!""#)
            .fetch_one(self.db.pool())
            .await?;
        Ok(Quarter::of(first))
    }

    /// The user of that name.
    pub async fn user_named(&self, name: &str) -> Result<Option<UserId>, Error> {
        let id = sqlx::query_scalar!("select id from users where name = $1", name)
            .fetch_optional(self.db.pool())
            .await?;
        Ok(id.map(UserId))
    }
}
