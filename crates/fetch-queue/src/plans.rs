//! Requests that wait until it is known which document they mean: what was made on the way, and what they
//! wait for (`docs/adr/0059-steps.md`).
//!
//! A step is a request like any other. Whoever asked waits out of the queue until the step has ended; then
//! somebody looks for the document, and either it goes on or the next step is made. All of it is in rows, so
//! that it does not matter who dies when.

use chrono::{DateTime, TimeZone, Utc};
use fetch_db::RequestState;
use fetch_model::{
    Cents, DocketId, DocumentId, FetchId, FetchKind, State, UserId,
    address::{DocumentAddress, DocumentSet},
};
use sqlx::PgConnection;

use crate::{
    Error, Queue,
    notify::WORK_CHANNEL,
    row::{malformed, status_of},
};

/// The time before which a request does not begin that waits for a step. Versions that know nothing of steps
/// leave it alone until then.
#[must_use]
pub fn held_until() -> DateTime<Utc> {
    let far = Utc.with_ymd_and_hms(9999, 1, 1, 0, 0, 0);
    far.single().unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The time that the owner of a request has named, of what its row says.
pub(crate) fn named_time(not_before: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    not_before.filter(|at| *at < held_until())
}

/// A request whose step has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanDue {
    /// The request.
    pub request: FetchId,
    /// What it means; none if what is written down cannot be read. Its case is the docket that a step has
    /// bought, once there is one: a number may say less than that of the docket, or be that of several.
    pub address: Option<DocumentAddress>,
    /// The step.
    pub step: FetchId,
    /// The `request_type` of the step, and how it ended; none if it was forgotten meanwhile.
    pub ended: Option<(i16, State)>,
}

/// A step of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStep {
    /// The request whose step it is.
    pub request: FetchId,
    /// The request that it is.
    pub step: FetchId,
    /// Its `request_type`.
    pub kind: i16,
    /// Where it is.
    pub state: State,
    /// What is said of it.
    pub message: String,
}

/// A request for several documents of which no step is under way.
#[derive(Debug, Clone, PartialEq)]
pub struct SetDue {
    /// The request.
    pub request: FetchId,
    /// What it means; none if what is written down cannot be read.
    pub set: Option<DocumentSet>,
}

/// A step of a request for several documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetStep {
    /// The request that it is.
    pub step: FetchId,
    /// Its `request_type`.
    pub kind: i16,
    /// Where it is.
    pub state: State,
    /// What is said of it.
    pub message: String,
    /// The code of its failure.
    pub failure: Option<String>,
    /// The docket that it has fetched.
    pub docket: Option<DocketId>,
    /// The document that it was to fetch, or whose menu.
    pub document: Option<DocumentId>,
}

/// How many are looked at in one sweep.
const AT_ONCE: i64 = 100;

impl Queue {
    /// Requests whose step has ended, and that nobody has looked at since.
    pub async fn plans_due(&self) -> Result<Vec<PlanDue>, Error> {
        let rows = sqlx::query!(
            r#"select p.request_id, p.address, p.waits_for as "waits_for!",
                      s.request_type as "step_type?", s.state as "step_state?: RequestState",
                      (select bought.docket_id from fetch_plan_steps steps
                       join fetch_requests bought on bought.id = steps.step_id
                       where steps.request_id = p.request_id and bought.state = 'done'
                         and bought.request_type = $2
                       order by steps.place desc limit 1) as bought
               from fetch_plans p
               join fetch_requests r on r.id = p.request_id
               left join fetch_requests s on s.id = p.waits_for
               where p.waits_for is not null and r.state = 'accepted'
                 and coalesce(s.state in ('done', 'failed', 'cancelled'), true)
               order by p.request_id limit $1"#,
            AT_ONCE,
            FetchKind::Docket.number()
        )
        .fetch_all(self.db.pool())
        .await?;
        let due = rows.into_iter().map(|row| PlanDue {
            request: FetchId(row.request_id),
            address: read_address(row.address, row.bought.map(DocketId)),
            step: FetchId(row.waits_for),
            ended: row.step_type.zip(row.step_state.map(State::from)),
        });
        Ok(due.collect())
    }

    /// Requests for several documents of which no step is under way.
    pub async fn sets_due(&self) -> Result<Vec<SetDue>, Error> {
        let rows = sqlx::query!(
            "select p.request_id, p.address from fetch_plans p
             join fetch_requests r on r.id = p.request_id
             where p.waits_for = p.request_id and r.state = 'accepted'
               and (p.not_before is null or p.not_before <= clock_timestamp())
               and not exists (
                   select from fetch_plan_steps steps join fetch_requests s on s.id = steps.step_id
                   where steps.request_id = p.request_id
                     and s.state not in ('done', 'failed', 'cancelled'))
             order by p.request_id limit $1",
            AT_ONCE
        )
        .fetch_all(self.db.pool())
        .await?;
        let due = rows.into_iter().map(|row| SetDue {
            request: FetchId(row.request_id),
            set: serde_json::from_value(row.address).ok(),
        });
        Ok(due.collect())
    }

    /// Steps that have not ended of requests for several documents that were cancelled, and whose they are. A gateway
    /// that knows nothing of such requests cancels them alone.
    pub async fn orphaned_steps(&self) -> Result<Vec<(UserId, FetchId)>, Error> {
        let rows = sqlx::query!(
            "select s.id, s.user_id from fetch_plans p
             join fetch_requests r on r.id = p.request_id
             join fetch_plan_steps steps on steps.request_id = p.request_id
             join fetch_requests s on s.id = steps.step_id
             where p.waits_for = p.request_id and r.state = 'cancelled'
               and s.state in ('accepted', 'waiting', 'released', 'running')
             order by s.id limit $1",
            AT_ONCE
        )
        .fetch_all(self.db.pool())
        .await?;
        let steps = rows.into_iter();
        Ok(steps
            .map(|row| (UserId(row.user_id), FetchId(row.id)))
            .collect())
    }

    /// The steps of these requests, each in its order.
    pub async fn plan_steps(&self, requests: &[FetchId]) -> Result<Vec<PlanStep>, Error> {
        let ids: Vec<i64> = requests.iter().map(|id| id.0).collect();
        let rows = sqlx::query!(
            r#"select steps.request_id, r.id, r.request_type, r.state as "state: RequestState",
                      r.message
               from fetch_plan_steps steps join fetch_requests r on r.id = steps.step_id
               where steps.request_id = any($1)
               order by steps.request_id, steps.place"#,
            &ids
        )
        .fetch_all(self.db.pool())
        .await?;
        let steps = rows.into_iter().map(|row| PlanStep {
            request: FetchId(row.request_id),
            step: FetchId(row.id),
            kind: row.request_type,
            state: row.state.into(),
            message: row.message,
        });
        Ok(steps.collect())
    }
}

fn read_address(stored: serde_json::Value, bought: Option<DocketId>) -> Option<DocumentAddress> {
    let mut address: DocumentAddress = serde_json::from_value(stored).ok()?;
    address.docket = bought.or(address.docket);
    Some(address)
}

/// Writes down what a request means whose document has to be looked for.
pub async fn begin(
    connection: &mut PgConnection,
    request: FetchId,
    address: &DocumentAddress,
    not_before: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into fetch_plans (request_id, address, not_before) values ($1, $2, $3)",
        request.0,
        serde_json::to_value(address).map_err(malformed)?,
        not_before
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down that a request is for several documents, and waits for steps that somebody makes.
pub async fn begin_set(
    connection: &mut PgConnection,
    request: FetchId,
    set: &DocumentSet,
    not_before: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    // It waits for itself: versions that know nothing of sets leave it alone then.
    sqlx::query!(
        "insert into fetch_plans (request_id, address, not_before, waits_for) values ($1, $2, $3, $1)",
        request.0,
        serde_json::to_value(set).map_err(malformed)?,
        not_before
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The steps of a request for several documents, in their order.
pub async fn steps_of_set(
    connection: &mut PgConnection,
    request: FetchId,
) -> Result<Vec<SetStep>, Error> {
    let rows = sqlx::query!(
        r#"select r.id, r.request_type, r.state as "state: RequestState", r.message,
                  r.failure->>'code' as failure, r.docket_id, r.recap_document_id
           from fetch_plan_steps steps join fetch_requests r on r.id = steps.step_id
           where steps.request_id = $1 order by steps.place"#,
        request.0
    )
    .fetch_all(connection)
    .await?;
    let steps = rows.into_iter().map(|row| SetStep {
        step: FetchId(row.id),
        kind: row.request_type,
        state: row.state.into(),
        message: row.message,
        failure: row.failure,
        docket: row.docket_id.map(DocketId),
        document: row.recap_document_id.map(DocumentId),
    });
    Ok(steps.collect())
}

/// Adds steps to a request for several documents, and takes what is set aside for them from what was set aside
/// for it.
pub async fn add_steps(
    connection: &mut PgConnection,
    request: FetchId,
    steps: &[FetchId],
    reserved: Cents,
) -> Result<(), Error> {
    let steps: Vec<i64> = steps.iter().map(|id| id.0).collect();
    sqlx::query!(
        "with added as (
             insert into fetch_plan_steps (request_id, step_id, place)
             select $1, step, ((select count(*) from fetch_plan_steps where request_id = $1)
                               + place - 1)::smallint
             from unnest($2::bigint[]) with ordinality as made (step, place))
         update fetch_requests set reserved_cents = greatest(0, reserved_cents - $3)
         where id = $1",
        request.0,
        &steps,
        reserved.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What is set aside for a request, and its own limit.
pub async fn limits_of_set(
    connection: &mut PgConnection,
    request: FetchId,
) -> Result<(Cents, Option<Cents>), Error> {
    let row = sqlx::query!(
        "select reserved_cents, max_cost_cents from fetch_requests where id = $1",
        request.0
    )
    .fetch_one(connection)
    .await?;
    Ok((Cents(row.reserved_cents), row.max_cost_cents.map(Cents)))
}

/// Says this of a request that waits.
pub async fn say(
    connection: &mut PgConnection,
    request: FetchId,
    message: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "with said as (
             update fetch_requests set message = $2, date_modified = clock_timestamp()
             where id = $1 and message <> $2 returning fence)
         insert into fetch_steps (request_id, fence, step, detail)
         select $1, fence, 'step', $2 from said",
        request.0,
        message
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The steps of a request that have not ended.
pub async fn open_steps(
    connection: &mut PgConnection,
    request: FetchId,
) -> Result<Vec<FetchId>, Error> {
    let steps = sqlx::query_scalar!(
        "select r.id from fetch_plan_steps steps join fetch_requests r on r.id = steps.step_id
         where steps.request_id = $1 and r.state not in ('done', 'failed', 'cancelled')
         order by steps.place",
        request.0
    )
    .fetch_all(connection)
    .await?;
    Ok(steps.into_iter().map(FetchId).collect())
}

/// Ends a request for several documents well, which are of this docket.
pub async fn gather(
    connection: &mut PgConnection,
    request: FetchId,
    docket: Option<DocketId>,
    message: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "with ended as (
             update fetch_requests
             set state = 'done', status = $3, message = $2, not_before = null, fence = fence + 1,
                 docket_id = coalesce(docket_id, $4::bigint),
                 date_completed = clock_timestamp(), date_modified = clock_timestamp()
             where id = $1
             returning fence)
         insert into fetch_steps (request_id, fence, step, detail)
         select $1, fence, 'done', $2 from ended",
        request.0,
        message,
        status_of(State::Done, None, 0),
        docket.map(|docket| docket.0)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Has a request wait for a step, and say this.
pub async fn wait_for(
    connection: &mut PgConnection,
    request: FetchId,
    step: FetchId,
    message: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "with added as (
             insert into fetch_plan_steps (request_id, step_id, place)
             select $1, $2, count(*)::smallint from fetch_plan_steps where request_id = $1),
         waits as (update fetch_plans set waits_for = $2 where request_id = $1),
         said as (
             update fetch_requests set message = $3, date_modified = clock_timestamp()
             where id = $1 returning fence)
         insert into fetch_steps (request_id, fence, step, detail)
         select $1, fence, 'step', $3 from said",
        request.0,
        step.0,
        message
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks a request that still waits for that step; whether it does.
pub async fn lock(
    connection: &mut PgConnection,
    request: FetchId,
    step: FetchId,
) -> Result<bool, Error> {
    let state = sqlx::query_scalar!(
        r#"select state as "state: RequestState" from fetch_requests where id = $1 for update"#,
        request.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    if state.map(State::from) != Some(State::Accepted) {
        return Ok(false);
    }
    // A statement of its own: it sees what was committed while the lock was waited for.
    let waits_for = waits_for(connection, request).await?;
    Ok(waits_for == Some(step))
}

/// The step that a request waits for, if it does.
pub async fn waits_for(
    connection: &mut PgConnection,
    request: FetchId,
) -> Result<Option<FetchId>, Error> {
    let step = sqlx::query_scalar!(
        "select waits_for from fetch_plans where request_id = $1",
        request.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(step.flatten().map(FetchId))
}

/// Whether anything was asked for on the way to this request.
pub async fn has_steps(connection: &mut PgConnection, request: FetchId) -> Result<bool, Error> {
    let has_steps = sqlx::query_scalar!(
        r#"select exists (select from fetch_plan_steps where request_id = $1) as "has_steps!""#,
        request.0
    );
    Ok(has_steps.fetch_one(connection).await?)
}

/// Lets a request into the queue, now that its document is known. What its steps have cost is taken off the limit in
/// its row: that of its owner stays in its plan.
pub async fn go_on(
    connection: &mut PgConnection,
    request: FetchId,
    document: DocumentId,
) -> Result<(), Error> {
    // Whoever was accepted has a place in the queue from the time on that is its own.
    sqlx::query!(
        "with known as (
             update fetch_plans p
             set waits_for = null, max_cost_cents = coalesce(p.max_cost_cents, r.max_cost_cents)
             from fetch_requests r where p.request_id = $1 and r.id = $1
             returning p.not_before, p.max_cost_cents),
         spent as (
             select coalesce(sum(coalesce(billed_cents, quoted_cents)), 0) as cents
             from fetch_plan_steps steps join purchases on purchases.request_id = steps.step_id
             where steps.request_id = $1 and purchases.state <> 'void'),
         going as (
             update fetch_requests r
             set recap_document_id = $2, message = '',
                 max_cost_cents = case when known.max_cost_cents is not null
                                       then greatest(known.max_cost_cents - spent.cents, 0) end,
                 not_before = greatest(clock_timestamp(), known.not_before),
                 begins_at = greatest(r.date_created, known.not_before),
                 date_modified = clock_timestamp()
             from known, spent where r.id = $1
             returning r.fence, r.target_court),
         noted as (
             insert into fetch_steps (request_id, fence, step, detail)
             select $1, fence, 'document found', $2::bigint::text from going)
         select pg_notify($3, target_court) from going",
        request.0,
        document.0,
        WORK_CHANNEL
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// Ends a request as its step has failed: for the same reason, with what this says. False, and nothing changes,
/// if the step has not failed any more: an operator may try it again at any time. So it is locked, and who is
/// about to have it tried again is waited for.
pub async fn fail_as(
    connection: &mut PgConnection,
    request: FetchId,
    step: FetchId,
    message: &str,
) -> Result<bool, Error> {
    let ended = sqlx::query!(
        "with step as materialized (
             select status, failure from fetch_requests where id = $2 and state = 'failed' for share),
         ended as (
             update fetch_requests r
             set state = 'failed', status = step.status, message = $3,
                 failure = coalesce(step.failure, jsonb_build_object('code', 'internal')),
                 not_before = null, fence = r.fence + 1,
                 date_completed = clock_timestamp(), date_modified = clock_timestamp()
             from step where r.id = $1
             returning r.fence)
         insert into fetch_steps (request_id, fence, step, detail)
         select $1, fence, 'failed', $3 from ended",
        request.0,
        step.0,
        message
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() > 0)
}

/// Ends a request for this reason.
pub async fn fail(
    connection: &mut PgConnection,
    request: FetchId,
    failure: &fetch_model::Failure,
) -> Result<(), Error> {
    sqlx::query!(
        "with ended as (
             update fetch_requests
             set state = 'failed', status = $4, failure = $3, message = $2,
                 not_before = null, fence = fence + 1,
                 date_completed = clock_timestamp(), date_modified = clock_timestamp()
             where id = $1
             returning fence)
         insert into fetch_steps (request_id, fence, step, detail)
         select $1, fence, 'failed', $2 from ended",
        request.0,
        failure.to_string(),
        crate::row::as_json(failure)?,
        status_of(State::Failed, Some(failure), 0)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks the request for several documents whose step this is, if it is one.
pub async fn lock_set_of(
    connection: &mut PgConnection,
    step: FetchId,
) -> Result<Option<FetchId>, Error> {
    let set = sqlx::query_scalar!(
        "select r.id from fetch_plan_steps steps
         join fetch_plans p on p.request_id = steps.request_id and p.waits_for = p.request_id
         join fetch_requests r on r.id = p.request_id
         where steps.step_id = $1 for update of r",
        step.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(set.map(FetchId))
}

/// Lowers the limit of a step that is tried again to what the limit of its request for several documents leaves: what
/// it had as its share may have gone to others since. What these have bought, may have bought or may still buy is gone.
pub async fn cap_again(
    connection: &mut PgConnection,
    set: FetchId,
    step: FetchId,
) -> Result<(), Error> {
    sqlx::query!(
        "with spent as (
             select coalesce(sum(coalesce(p.billed_cents, p.quoted_cents)), 0) as cents
             from purchases p
             where p.state <> 'void' and p.request_id <> $2
               and (p.request_id = $1
                    or p.request_id in (select step_id from fetch_plan_steps where request_id = $1))),
         shared as (
             select coalesce(sum(greatest(0, r.max_cost_cents
                        - coalesce((select sum(coalesce(p.billed_cents, p.quoted_cents)) from purchases p
                                    where p.request_id = r.id and p.state <> 'void'), 0))), 0) as cents
             from fetch_plan_steps steps join fetch_requests r on r.id = steps.step_id
             where steps.request_id = $1 and r.id <> $2 and r.max_cost_cents is not null
               and r.state not in ('done', 'failed', 'cancelled'))
         update fetch_requests again
         set max_cost_cents = least(again.max_cost_cents,
                                    greatest(0, whole.max_cost_cents - spent.cents - shared.cents))::int
         from fetch_requests whole, spent, shared
         where again.id = $2 and whole.id = $1 and whole.max_cost_cents is not null",
        set.0,
        step.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a request that was put into the queue again out of it while it waits for a step.
pub async fn hold_again(connection: &mut PgConnection, request: FetchId) -> Result<(), Error> {
    sqlx::query!(
        "update fetch_requests set not_before = $2
         where id = $1
           and exists (select from fetch_plans where request_id = $1 and waits_for is not null)",
        request.0,
        held_until()
    )
    .execute(connection)
    .await?;
    Ok(())
}
