-- The courts that have room and work which is due, with what is needed to see whether bulk work
-- may run there now.
select id, bulk_from, bulk_until, now() as "now!",
    exists (select 1 from fetch_requests
            where target_court = courts.id and lane = 0
              and state in ('accepted', 'waiting') and not_before is null) as "interactive!",
    exists (select 1 from fetch_requests
            where target_court = courts.id and lane = 1
              and state in ('accepted', 'waiting') and not_before is null) as "bulk!"
from courts
where (paused_until is null or paused_until <= now())
  and (held_since is null or held_until <= now())
  and case when openings > 0 then 1 else cap end
      > (select count(*) from fetch_requests
         where target_court = courts.id
           and (state in ('released', 'running')
                or (state = 'cancelled' and lease_until is not null)))
