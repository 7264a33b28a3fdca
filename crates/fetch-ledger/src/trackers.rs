//! What all requests of a tracker may cost together in a quarter (`docs/adr/0060-trackers.md`).
//!
//! As with budgets, the ledger is all there is: no counter is kept that could go wrong. A purchase counts in the quarter in
//! which it was made, and in that of the time for which it was asked, so that a request that is begun in the last hour of
//! a quarter takes nobody over the limit of either.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use fetch_model::{Cents, FetchId, TrackerId, budget::LimitExceeded, item_key};
use sqlx::PgConnection;

use crate::Error;

/// No court's clock is further behind that of Greenwich.
const LAST_ZONE: TimeDelta = TimeDelta::hours(12);

/// What all requests of a tracker have cost in the quarter of `now`, or may have. Whoever has locked the tracker knows
/// that no other one is made meanwhile.
pub async fn spent(
    connection: &mut PgConnection,
    tracker: TrackerId,
    now: DateTime<Utc>,
) -> Result<Cents, Error> {
    let spent = sqlx::query_scalar!(
        r#"select least(coalesce(sum(coalesce(p.billed_cents, p.quoted_cents)), 0), 2147483647)::int as "spent!"
           from fetch_tracker_runs runs join purchases p on p.request_id = runs.request_id
           where runs.tracker_id = $1 and p.state <> 'void'
             and quarter_of($2) in (runs.quarter, quarter_of(p.date_created))"#,
        tracker.0,
        now
    );
    Ok(Cents(spent.fetch_one(connection).await?))
}

/// The day up to which all entries of a case were bought, whoever bought them: the whole docket, and then one part after
/// the other that begins no later than where those before it end. What was asked for by numbers, or up to a day, tells of
/// no such day. None if the whole docket was never bought, or its page is forgotten.
pub async fn all_bought_until(
    connection: &mut PgConnection,
    court: &str,
    case: &str,
) -> Result<Option<NaiveDate>, Error> {
    let (begin, end) = item_key::reports_of(court, case);
    // By their bytes: that is what the index is sorted by, and no collation changes it.
    let reports = sqlx::query!(
        "select item_key, date_created from captures
         where starts_with(item_key, 'docket/') and item_key ~>=~ $1 and item_key ~<~ $2 and not in_vain
         order by id",
        begin,
        end
    );
    let mut until: Option<NaiveDate> = None;
    for report in reports.fetch_all(connection).await? {
        let from = until.unwrap_or(NaiveDate::MIN);
        if item_key::part_since(&report.item_key, from).is_some() {
            // A day too early costs a little; one too late would lose what was filed.
            until = until.max(Some((report.date_created - LAST_ZONE).date_naive()));
        }
    }
    Ok(until)
}

/// Whether what a request has bought, `own` with a purchase that is written down already, fits under the limit of its
/// tracker, if it has one. Requests of one tracker wait for each other here: an operator may have had an older one tried
/// again.
pub(crate) async fn check(
    connection: &mut PgConnection,
    request: FetchId,
    own: Cents,
) -> Result<Option<LimitExceeded>, Error> {
    let tracker = sqlx::query!(
        "select t.id, t.max_cost_cents, runs.quarter
         from fetch_tracker_runs runs join fetch_trackers t on t.id = runs.tracker_id
         where runs.request_id = $1
         for no key update of t",
        request.0
    );
    let Some(tracker) = tracker.fetch_optional(&mut *connection).await? else {
        return Ok(None);
    };
    // A statement of its own: it sees what was committed while the lock was waited for.
    let others = sqlx::query_scalar!(
        r#"select least(coalesce(max(spent), 0), 2147483647)::int as "others!"
           from (select sum(coalesce(p.billed_cents, p.quoted_cents)) as spent
                 from (select $3::date union select quarter_of(clock_timestamp())) as counted (quarter)
                 join fetch_tracker_runs runs on runs.tracker_id = $1 and runs.request_id <> $2
                 join purchases p on p.request_id = runs.request_id and p.state <> 'void'
                      and counted.quarter in (runs.quarter, quarter_of(p.date_created))
                 group by counted.quarter) as sums"#,
        tracker.id,
        request.0,
        tracker.quarter
    );
    let others = others.fetch_one(connection).await?;
    let allowed = Cents(tracker.max_cost_cents.saturating_sub(others).max(0));
    let needs = own;
    Ok((needs > allowed).then_some(LimitExceeded::MaxCost { allowed, needs }))
}
