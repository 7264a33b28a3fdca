//! What users may spend, and what they have.
//!
//! The ledger and the reservations in the rows are all there is: no counter is kept that could
//! go wrong. A limit is checked under a lock on the user's row, in a statement of its own after
//! the lock, so that it sees whatever was accepted before; two requests of one user cannot both
//! take the last room. Requests of users without a limit take no lock.

use fetch_model::{
    Cents, FetchId, NewFetchRequest, PurchaseId, UserId,
    budget::{Allowance, Limits, Shortfall, Standing, outstanding},
};
use sqlx::{Connection, PgConnection, Postgres, pool::PoolConnection};

use crate::{
    Error, Store,
    repeats::{self, Mark},
    requests::accept::{Draft, Unless, Written, write_one},
    tokens::TokenId,
};

/// How a request was received.
#[derive(Debug, Clone, PartialEq)]
pub enum Acceptance {
    /// It is in the queue, and what it may cost is set aside.
    Accepted(Box<Written>),
    /// It does not fit under a limit; nothing was written.
    OverBudget(Shortfall),
    /// Its key stands for another request, or for the same one that came first: see
    /// [`Store::earlier`]. Nothing was written.
    Repeated,
    /// Its user may not call any more, or the token that it came with was revoked or has ended.
    /// Nothing was written.
    ShutOut,
}

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
    pub standing: Standing,
}

impl Store {
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
        .execute(&self.pool)
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
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map_or_else(Limits::default, |row| Limits {
            per_request: row.per_request_cents.map(Cents),
            per_quarter: row.per_quarter_cents.map(Cents),
        }))
    }

    /// What a user may spend.
    pub async fn limits(&self, user: UserId) -> Result<Limits, Error> {
        limits_of(&mut *self.pool.acquire().await?, user).await
    }

    /// What became of a user's money in the present quarter.
    pub async fn standing(&self, user: UserId) -> Result<Standing, Error> {
        standing_of(&mut *self.pool.acquire().await?, user).await
    }

    /// The budgets of all users, by name.
    pub async fn budgets(&self) -> Result<Vec<Budget>, Error> {
        let rows = sqlx::query!(
            r#"select users.id, users.name, budgets.per_request_cents as "per_request_cents?",
                      budgets.per_quarter_cents as "per_quarter_cents?"
               from users left join budgets on budgets.user_id = users.id
               order by users.name"#
        )
        .fetch_all(&self.pool)
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
                standing: self.standing(user).await?,
            });
        }
        Ok(budgets)
    }

    /// Writes an accepted request down and sets aside what it may cost, if there is room for it
    /// in the quarter of its user. Dispatchers are not woken: a `NOTIFY` would make all these
    /// commits wait for each other. Whoever accepts tells the dispatcher of its own process.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing was accepted.
    pub async fn accept_within(
        &self,
        new: &NewFetchRequest,
        allowance: Allowance,
    ) -> Result<Acceptance, Error> {
        self.accept_once(new, None, allowance, None).await
    }

    /// The same, at most once for a caller's key, if there is one, and only while the token that it
    /// came with opens anything: it may have been revoked since it was looked at.
    ///
    /// # Errors
    /// When the database cannot answer; then nothing was accepted, unless it is
    /// [`Error::Unconfirmed`].
    pub async fn accept_once(
        &self,
        new: &NewFetchRequest,
        token: Option<TokenId>,
        allowance: Allowance,
        mark: Option<&Mark>,
    ) -> Result<Acceptance, Error> {
        if mark.is_none() {
            let draft = Draft::new(new, token, allowance, Unless::Limited)?;
            if let Some(written) = self.write_in_group(draft).await? {
                return Ok(Acceptance::Accepted(Box::new(written)));
            }
        }
        let _turn = self.turn_to_write().await?;
        let connection = self.pool.acquire().await?;
        self.confirmed(accept(connection, new, token, allowance, mark))
            .await
    }

    /// What a request may begin to buy something with whose price the court will show: what is
    /// set aside for it and not used, or if that is nothing `most`, within its own limits.
    pub async fn stake(&self, request: FetchId, most: Cents) -> Result<Cents, Error> {
        let connection = &mut *self.pool.acquire().await?;
        let row = row_of(connection, request).await?;
        let unused = outstanding(row.reserved, row.own);
        if unused > Cents(0) {
            return Ok(unused);
        }
        let limits = limits_of(connection, row.user).await?;
        let limits = [row.max_cost, limits.per_request].into_iter().flatten();
        let left = limits.map(|limit| outstanding(limit, row.own)).min();
        Ok(left.map_or(most, |left| most.min(left)))
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
    ) -> Result<Option<Shortfall>, Error> {
        let mut transaction = self.pool.begin().await?;
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

/// Writes an accepted request down in one transaction with what is to be checked or written with
/// it.
async fn accept(
    mut connection: PoolConnection<Postgres>,
    new: &NewFetchRequest,
    token: Option<TokenId>,
    allowance: Allowance,
    mark: Option<&Mark>,
) -> Result<Acceptance, Error> {
    let mut transaction = connection.begin().await?;
    // Of a user that was deleted there is not even a row to which a key could belong.
    if !is_active(&mut transaction, new.user).await? {
        return Ok(Acceptance::ShutOut);
    }
    // Before the budget: who comes second waits here, and is not told that the first has used up
    // the budget.
    if let Some(mark) = mark
        && !repeats::take(&mut transaction, new.user, mark).await?
    {
        return Ok(Acceptance::Repeated);
    }
    let limits = limits_of(&mut transaction, new.user).await?;
    if let Err(shortfall) = limits.check_request(allowance.reserve, None) {
        return Ok(Acceptance::OverBudget(shortfall));
    }
    if limits.per_quarter.is_some() && allowance.reserve > Cents(0) {
        let standing = locked_standing(&mut transaction, new.user).await?;
        if let Err(shortfall) = limits.check_quarter(allowance.reserve, standing) {
            return Ok(Acceptance::OverBudget(shortfall));
        }
    }
    let draft = Draft::new(new, token, allowance, Unless::Nothing)?;
    let Some(written) = write_one(&mut transaction, &draft).await? else {
        return Ok(Acceptance::ShutOut);
    };
    if let Some(mark) = mark {
        repeats::point(&mut transaction, new.user, mark, written.request.id).await?;
    }
    transaction.commit().await?;
    Ok(Acceptance::Accepted(Box::new(written)))
}

async fn is_active(connection: &mut PgConnection, user: UserId) -> Result<bool, Error> {
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
) -> Result<Option<Shortfall>, Error> {
    let row = row_of(connection, request).await?;
    let limits = limits_of(connection, row.user).await?;
    if let Err(shortfall) = limits.check_request(row.own, row.max_cost) {
        return Ok(Some(shortfall));
    }
    let beyond = outstanding(row.own, row.reserved);
    if limits.per_quarter.is_none() || beyond == Cents(0) {
        return Ok(None);
    }
    let mut others = locked_standing(connection, row.user).await?;
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
}

async fn row_of(connection: &mut PgConnection, request: FetchId) -> Result<MoneyRow, Error> {
    let row = sqlx::query!(
        r#"select user_id, max_cost_cents, reserved_cents,
                  least(coalesce((select sum(coalesce(billed_cents, quoted_cents)) from purchases
                                  where request_id = fetch_requests.id and state <> 'void'), 0),
                        2147483647)::int
                      as "own_cents!"
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
    })
}

async fn limits_of(connection: &mut PgConnection, user: UserId) -> Result<Limits, Error> {
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
async fn locked_standing(connection: &mut PgConnection, user: UserId) -> Result<Standing, Error> {
    sqlx::query!(
        "select id from users where id = $1 for no key update",
        user.0
    )
    .fetch_one(&mut *connection)
    .await?;
    // A statement of its own: it sees what was committed while the lock was waited for.
    standing_of(connection, user).await
}

async fn standing_of(connection: &mut PgConnection, user: UserId) -> Result<Standing, Error> {
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
    Ok(Standing {
        spent: cents(row.spent),
        reserved: cents(row.reserved),
    })
}
