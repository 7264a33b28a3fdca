//! What the ledger says of a request.

use fetch_model::{Cents, Fence, FetchId, Money, UserId, budget::outstanding};
use sqlx::PgConnection;

use crate::{Error, Ledger};

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestMoney {
    /// The request.
    pub request: FetchId,
    /// Billed, as far as known.
    pub billed: Cents,
    /// Whether nothing more becomes of what is billed by what has been bought: no pages are being counted,
    /// nothing is in doubt, and no purchase is under way.
    pub is_settled: bool,
    /// What a purchase whose answer was lost may have cost, until that is settled.
    pub in_doubt: Cents,
    /// What a purchase costs at most that is on its way.
    pub under_way: Cents,
    /// What is set aside for it beside that.
    pub reserved: Cents,
    /// The owner's limit for it.
    pub max_cost: Option<Cents>,
}

impl Ledger {
    /// What these requests of a user cost, in one statement. Somebody else's are left out.
    pub async fn money_of_requests(
        &self,
        user: UserId,
        requests: &[FetchId],
    ) -> Result<Vec<RequestMoney>, Error> {
        let ids: Vec<i64> = requests.iter().map(|request| request.0).collect();
        let rows = sqlx::query!(
            r#"select r.id, r.reserved_cents,
                 coalesce((select plans.max_cost_cents from fetch_plans plans where plans.request_id = r.id),
                          r.max_cost_cents) as max_cost_cents,
                 coalesce(sum(p.billed_cents), 0) as "billed!",
                 coalesce(sum(p.quoted_cents) filter (where p.state = 'doubt' and p.settled_at is null), 0)
                     as "in_doubt!",
                 coalesce(sum(p.quoted_cents) filter (where p.state = 'intent'), 0) as "under_way!",
                 coalesce(sum(coalesce(p.billed_cents, p.quoted_cents)), 0) as "own!",
                 coalesce(bool_or(p.pages_awaited is not null or p.state = 'intent'
                                  or p.state = 'doubt' and p.settled_at is null), false) as "is_open!"
               from fetch_requests r
               left join purchases p on p.request_id = r.id and p.state <> 'void'
               where r.id = any($1) and r.user_id = $2 and r.date_forgotten is null
               group by r.id"#,
            &ids,
            user.0
        )
        .fetch_all(self.db.pool())
        .await?;
        let cents = |sum: i64| Cents(i32::try_from(sum).unwrap_or(i32::MAX));
        let money = rows.into_iter().map(|row| RequestMoney {
            request: FetchId(row.id),
            billed: cents(row.billed),
            is_settled: !row.is_open,
            in_doubt: cents(row.in_doubt),
            under_way: cents(row.under_way),
            reserved: outstanding(Cents(row.reserved_cents), cents(row.own)),
            max_cost: row.max_cost_cents.map(Cents),
        });
        Ok(money.collect())
    }
}

/// Whether money has moved for a request, or may be moving at this moment: by the attempt that has it,
/// if it is running. An intent of an earlier attempt is a doubt.
pub async fn has_spent(
    connection: &mut PgConnection,
    id: FetchId,
    fence: Fence,
    is_running: bool,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select 1 from purchases where request_id = $1
                 and (state = 'captured' or (state = 'intent' and fence = $2 and $3))) as "spent!""#,
        id.0,
        fence.0,
        is_running
    )
    .fetch_one(connection)
    .await?)
}

/// Closes what an earlier attempt left open; whether there was anything.
pub async fn doubt_open_intents(connection: &mut PgConnection, id: FetchId) -> Result<bool, Error> {
    sqlx::query!(
        "with doubted as (
             update purchases set state = 'doubt', date_modified = clock_timestamp()
             where request_id = $1 and state = 'intent'
             returning id)
         insert into purchase_events (purchase_id, state, detail)
         select id, 'doubt', 'the request was cancelled before the purchase came back' from doubted",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from purchases
                          where request_id = $1 and state = 'doubt') as "doubt!""#,
        id.0
    )
    .fetch_one(connection)
    .await?)
}

/// What the ledger says of trying a request again. What was captured is read again, and nothing is
/// bought: then it does not matter that something else was billed before.
pub async fn money_of(connection: &mut PgConnection, id: FetchId) -> Result<Money, Error> {
    let row = sqlx::query!(
        r#"select coalesce(bool_or(state = 'intent'
                                   or state = 'doubt' and settled_at is null), false) as "in_doubt!",
                  coalesce(bool_or(state = 'doubt') and not bool_or(state = 'captured'), false)
                      as "billed!"
           from purchases where request_id = $1"#,
        id.0
    )
    .fetch_one(connection)
    .await?;
    Ok(Money::of(row.in_doubt, row.billed))
}
