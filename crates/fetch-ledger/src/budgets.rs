//! What users may spend, and what they have.
//!
//! The ledger and the reservations in the rows are all there is: no counter is kept that could
//! go wrong. A limit is checked under a lock on the user's row, in a statement of its own after
//! the lock, so that it sees whatever was accepted before; two requests of one user cannot both
//! take the last room. Requests of users without a limit take no lock.

use fetch_model::{
    Cents, FetchId, PurchaseId, UserId,
    budget::{LimitExceeded, Limits, Usage, outstanding},
};
use sqlx::PgConnection;

use crate::{Error, Ledger, trackers};

/// The budget of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Whose it is.
    pub user: UserId,
    /// Under which name.
    pub name: String,
    /// What was set for this user alone.
    pub own: Limits,
    /// What holds: the own limits, and where there is none the service's.
    pub limits: Limits,
    /// What became of this quarter's money.
    pub usage: Usage,
}

impl Ledger {
    /// Sets the limits of a user, or with `None` those of everybody who has none.
    ///
    /// # Errors
    /// When the database cannot answer, or there is no such user.
    pub async fn set_budget(&self, user: Option<UserId>, limits: Limits) -> Result<(), Error> {
        sqlx::query!(
            "insert into budgets (user_id, per_request_cents, per_quarter_cents)
             values ($1, $2, $3)
             on conflict (user_id) do update
             set per_request_cents = excluded.per_request_cents,
                 per_quarter_cents = excluded.per_quarter_cents,
                 date_modified = clock_timestamp()",
            user.map(|user| user.0),
            limits.per_request.map(|cents| cents.0),
            limits.per_quarter.map(|cents| cents.0)
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }

    /// What was set for a user alone, or with `None` for everybody who has none.
    pub async fn budget_set(&self, user: Option<UserId>) -> Result<Limits, Error> {
        let row = sqlx::query!(
            "select per_request_cents, per_quarter_cents from budgets
             where user_id is not distinct from $1",
            user.map(|user| user.0)
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(row.map_or_else(Limits::default, |row| Limits {
            per_request: row.per_request_cents.map(Cents),
            per_quarter: row.per_quarter_cents.map(Cents),
        }))
    }

    /// What a user may spend.
    pub async fn limits(&self, user: UserId) -> Result<Limits, Error> {
        limits_of(&mut *self.db.acquire().await?, user).await
    }

    /// What became of a user's money in the present quarter.
    pub async fn usage(&self, user: UserId) -> Result<Usage, Error> {
        usage_of(&mut *self.db.acquire().await?, user).await
    }

    /// The budgets of all users, by name.
    pub async fn budgets(&self) -> Result<Vec<Budget>, Error> {
        let rows = sqlx::query!(
            r#"select users.id, users.name, budgets.per_request_cents as "per_request_cents?",
                      budgets.per_quarter_cents as "per_quarter_cents?"
               from users left join budgets on budgets.user_id = users.id
               order by users.name"#
        )
        .fetch_all(self.db.pool())
        .await?;
        let default = self.budget_set(None).await?;
        let mut budgets = Vec::with_capacity(rows.len());
        for row in rows {
            let user = UserId(row.id);
            let own = Limits {
                per_request: row.per_request_cents.map(Cents),
                per_quarter: row.per_quarter_cents.map(Cents),
            };
            budgets.push(Budget {
                user,
                name: row.name,
                own,
                limits: Limits {
                    per_request: own.per_request.or(default.per_request),
                    per_quarter: own.per_quarter.or(default.per_quarter),
                },
                usage: self.usage(user).await?,
            });
        }
        Ok(budgets)
    }

    /// What a request may begin to buy something with whose price the court will show: what is
    /// set aside for it and not used, or if that is nothing `most`, within its own limits.
    pub async fn initial_quote(&self, request: FetchId, most: Cents) -> Result<Cents, Error> {
        let connection = &mut *self.db.acquire().await?;
        let row = row_of(connection, request).await?;
        let unused = outstanding(row.reserved, row.own);
        if unused > Cents(0) && row.steps == Cents(0) {
            return Ok(unused);
        }
        let limits = limits_of(connection, row.user).await?;
        let limits = [row.max_cost, limits.per_request].into_iter().flatten();
        let left = limits
            .map(|limit| outstanding(limit, row.with_steps()))
            .min();
        // What its steps have cost is gone, whatever was set aside for it.
        let most = if unused > Cents(0) { unused } else { most };
        Ok(left.map_or(most, |left| most.min(left)))
    }

    /// What was bought for a request and for its steps, or may have been.
    pub async fn spent_on(&self, request: FetchId) -> Result<Cents, Error> {
        let spent = sqlx::query_scalar!(
            r#"select least(coalesce(sum(coalesce(billed_cents, quoted_cents)), 0), 2147483647)::int
                   as "spent!"
               from purchases
               where state in ('captured', 'doubt')
                 and (request_id = $1
                      or request_id in (select step_id from fetch_plan_steps where request_id = $1))"#,
            request.0
        )
        .fetch_one(self.db.pool())
        .await?;
        Ok(Cents(spent))
    }

    /// Puts the price that the court has shown in the place of what a purchase was quoted at,
    /// unless it does not fit under a limit: then nothing is changed, and it must not be bought.
    ///
    /// # Errors
    /// When the database cannot answer; then it must not be bought either.
    pub async fn price_purchase(
        &self,
        purchase: PurchaseId,
        price: Cents,
    ) -> Result<Option<LimitExceeded>, Error> {
        let mut transaction = self.db.begin().await?;
        let request = sqlx::query_scalar!(
            "update purchases set quoted_cents = $2, date_modified = clock_timestamp()
             where id = $1 and state = 'intent'
             returning request_id",
            purchase.0,
            price.0
        )
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(request) = request {
            let shortfall = check_purchase(&mut transaction, FetchId(request), price).await?;
            if shortfall.is_some() {
                return Ok(shortfall);
            }
        }
        transaction.commit().await?;
        Ok(None)
    }
}

/// What the purchases for a request and for its steps came to, or may still come to. One counts, too, whose worker never
/// came back to say what became of it: for a sentence that is too much, for what may still be spent it is not.
pub async fn committed_to(connection: &mut PgConnection, request: FetchId) -> Result<Cents, Error> {
    let committed = sqlx::query_scalar!(
        r#"select least(coalesce(sum(coalesce(billed_cents, quoted_cents)), 0), 2147483647)::int
               as "committed!"
           from purchases
           where state <> 'void'
             and (request_id = $1
                  or request_id in (select step_id from fetch_plan_steps where request_id = $1))"#,
        request.0
    )
    .fetch_one(connection)
    .await?;
    Ok(Cents(committed))
}

/// Whether a user may call.
pub async fn is_active(connection: &mut PgConnection, user: UserId) -> Result<bool, Error> {
    let active = sqlx::query_scalar!("select is_active from users where id = $1", user.0)
        .fetch_optional(connection)
        .await?;
    Ok(active.unwrap_or(false))
}

/// Whether what a request has bought, with a purchase for `needs` that is written down already,
/// fits under every limit. What it has set aside it may spend; what goes beyond has to be there.
pub(crate) async fn check_purchase(
    connection: &mut PgConnection,
    request: FetchId,
    needs: Cents,
) -> Result<Option<LimitExceeded>, Error> {
    let row = row_of(connection, request).await?;
    let limits = limits_of(connection, row.user).await?;
    if let Err(shortfall) = limits.check_request(row.with_steps(), row.max_cost) {
        return Ok(Some(shortfall));
    }
    if let Some(shortfall) = trackers::check(connection, request, row.own).await? {
        return Ok(Some(shortfall));
    }
    let beyond = outstanding(row.own, row.reserved);
    if limits.per_quarter.is_none() || beyond == Cents(0) {
        return Ok(None);
    }
    let mut others = locked_usage(connection, row.user).await?;
    others.reserved = Cents(others.reserved.0 - needs.0);
    Ok(limits.check_quarter(needs, others).err())
}

/// A request, as far as money is concerned.
struct MoneyRow {
    user: UserId,
    max_cost: Option<Cents>,
    reserved: Cents,
    /// What its purchases came to, or may come to.
    own: Cents,
    /// What those came to that were made on the way to it.
    steps: Cents,
}

impl MoneyRow {
    /// What the limits of a single request are held against.
    fn with_steps(&self) -> Cents {
        self.own + self.steps
    }
}

async fn row_of(connection: &mut PgConnection, request: FetchId) -> Result<MoneyRow, Error> {
    let row = sqlx::query!(
        r#"select user_id, reserved_cents,
                  -- That of the owner: in the row it is less by what the steps have cost.
                  coalesce((select p.max_cost_cents from fetch_plans p where p.request_id = fetch_requests.id),
                           fetch_requests.max_cost_cents) as max_cost_cents,
                  least(coalesce((select sum(coalesce(billed_cents, quoted_cents)) from purchases
                                  where request_id = fetch_requests.id and state <> 'void'), 0),
                        2147483647)::int
                      as "own_cents!",
                  least(coalesce((select sum(coalesce(p.billed_cents, p.quoted_cents))
                                  from fetch_plan_steps s
                                  join purchases p on p.request_id = s.step_id
                                  where s.request_id = fetch_requests.id and p.state <> 'void'), 0),
                        2147483647)::int
                      as "steps_cents!"
           from fetch_requests where id = $1"#,
        request.0
    )
    .fetch_one(connection)
    .await?;
    Ok(MoneyRow {
        user: UserId(row.user_id),
        max_cost: row.max_cost_cents.map(Cents),
        reserved: Cents(row.reserved_cents),
        own: Cents(row.own_cents),
        steps: Cents(row.steps_cents),
    })
}

/// What a user may spend.
pub async fn limits_of(connection: &mut PgConnection, user: UserId) -> Result<Limits, Error> {
    let row = sqlx::query!(
        r#"select max(per_request_cents) filter (where user_id is not null) as own_request,
                  max(per_quarter_cents) filter (where user_id is not null) as own_quarter,
                  max(per_request_cents) filter (where user_id is null) as default_request,
                  max(per_quarter_cents) filter (where user_id is null) as default_quarter
           from budgets where user_id = $1 or user_id is null"#,
        user.0
    )
    .fetch_one(connection)
    .await?;
    Ok(Limits {
        per_request: row.own_request.or(row.default_request).map(Cents),
        per_quarter: row.own_quarter.or(row.default_quarter).map(Cents),
    })
}

/// Nobody else adds to what a user has committed until the transaction ends. Rows that refer to
/// the user may still be written.
pub async fn locked_usage(connection: &mut PgConnection, user: UserId) -> Result<Usage, Error> {
    sqlx::query!(
        "select id from users where id = $1 for no key update",
        user.0
    )
    .fetch_one(&mut *connection)
    .await?;
    // A statement of its own: it sees what was committed while the lock was waited for.
    usage_of(connection, user).await
}

async fn usage_of(connection: &mut PgConnection, user: UserId) -> Result<Usage, Error> {
    let row = sqlx::query!(
        r#"select
             coalesce((select sum(coalesce(billed_cents, quoted_cents)) from purchases
                       where user_id = $1 and state in ('captured', 'doubt')
                         and date_created >= quarter_begins(quarter_of(clock_timestamp()))), 0)
                 as "spent!",
             coalesce((select sum(quoted_cents) from purchases
                       where user_id = $1 and state = 'intent'
                         and date_created >= quarter_begins(quarter_of(clock_timestamp()))), 0)
             + coalesce((select sum(greatest(0, reserved_cents
                             - coalesce((select sum(coalesce(billed_cents, quoted_cents))
                                         from purchases
                                         where request_id = fetch_requests.id
                                           and state <> 'void'), 0)))
                         from fetch_requests where user_id = $1 and reserved_cents > 0), 0)::bigint
                 as "reserved!""#,
        user.0
    )
    .fetch_one(connection)
    .await?;
    let cents = |sum: i64| Cents(i32::try_from(sum).unwrap_or(i32::MAX));
    Ok(Usage {
        spent: cents(row.spent),
        reserved: cents(row.reserved),
    })
}
