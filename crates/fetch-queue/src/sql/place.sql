-- Where those of these requests ($1) of a user ($2) stand that are not begun, and everything that their start
-- depends on. Turns are reserved for so many seconds ($3); what is released of kinds without a worker ($4)
-- holds no place.
select r.id, r.state as "state: RequestState", r.request_type, r.unclaimed, r.lane, r.not_before, r.login_until, now() as "now!",
    exists (select from fetch_plans p where p.request_id = r.id and p.waits_for is not null) as "waits_for_step!",
    c.cap, c.gap_ms, c.account_cap, c.openings > 0 as "half_open!",
    c.paused_until, c.bulk_from, c.bulk_until,
    coalesce(c.held_since is not null and (c.held_until is null or c.held_until > now()), false)
        as "held!",
    c.held_until, c.asked_until,
    case when c.next_free > now() + make_interval(secs => $3) then c.next_free end as next_turn,
    (select count(*) from fetch_requests q
     where q.target_court = r.target_court and q.lane = r.lane
       and q.state in ('accepted', 'waiting') and q.not_before is null
       and (q.virtual_time, q.id) < (r.virtual_time, r.id)) as "ahead_in_lane!",
    case when r.lane = 1 then
        (select count(*) from fetch_requests q
         where q.target_court = r.target_court and q.lane = 0
           and q.state in ('accepted', 'waiting') and q.not_before is null)
        else 0 end as "ahead_in_other_lane!",
    (select count(*) from fetch_requests q
     where q.target_court = r.target_court and q.lane = r.lane
       and q.account_digest = r.account_digest
       and q.state in ('accepted', 'waiting') and q.not_before is null
       and (q.virtual_time, q.id) < (r.virtual_time, r.id)) as "ahead_of_account!",
    (select count(*) from fetch_requests q
     where q.target_court = r.target_court
       and (q.state in ('released', 'running')
            or (q.state = 'cancelled' and q.lease_until is not null))
       and not (q.state = 'released' and q.request_type = any($4::smallint[]))) as "under_way!",
    (select count(*) from fetch_requests q
     where q.target_court = r.target_court and q.account_digest = r.account_digest
       and (q.state in ('released', 'running')
            or (q.state = 'cancelled' and q.lease_until is not null))
       and not (q.state = 'released' and q.request_type = any($4::smallint[])))
        as "under_way_of_account!",
    -- of those ahead, the ones that are passed over because nobody takes them
    (select count(*) from unnest($4::smallint[]) as kinds (kind)
     cross join lateral (
         select from fetch_requests q
         where q.target_court = r.target_court and q.request_type = kinds.kind
           and q.state in ('accepted', 'waiting') and q.not_before is null
           and ((q.lane = r.lane and (q.virtual_time, q.id) < (r.virtual_time, r.id))
                or q.lane < r.lane)) ahead) as "ahead_without_worker!",
    (select avg(court_ms)::float8 from
        (select q.court_ms from fetch_requests q
         where q.target_court = r.target_court and q.state = 'done'
         order by q.id desc limit 20) lately) as court_ms
from fetch_requests r join courts c on c.id = r.target_court
where r.id = any($1) and r.user_id = $2 and r.state in ('accepted', 'waiting', 'released')
