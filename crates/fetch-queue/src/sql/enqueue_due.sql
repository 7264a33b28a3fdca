-- Makes what was to begin later part of the queue, at most 1000 requests at a time. A request
-- that has waited for its time only begins to queue now: it stands behind what its owner has
-- there already, and never before the court's clock.
with due as (
    select id, target_court, lane, user_id, state, virtual_time, not_before from fetch_requests
    where state in ('accepted', 'waiting') and not_before is not null and not_before <= now()
      -- That time is when it ends, unless its owner logs in.
      and login_until is null
    order by not_before
    limit 1000
    for update skip locked),
numbered as (
    select *, row_number() over (partition by target_court, lane, user_id, state
                                 order by not_before, id) as place
    from due)
update fetch_requests r
set not_before = null,
    virtual_time = case when numbered.state = 'waiting' then numbered.virtual_time
        else greatest(
            (select case numbered.lane when 1 then bulk_virtual_time else courts.virtual_time end
             from courts where courts.id = numbered.target_court),
            (select max(q.virtual_time) from fetch_requests q
             where q.target_court = numbered.target_court and q.user_id = numbered.user_id
               and q.lane = numbered.lane
               and q.state in ('accepted', 'waiting') and q.not_before is null)) + numbered.place
        end
from numbered
where r.id = numbered.id
