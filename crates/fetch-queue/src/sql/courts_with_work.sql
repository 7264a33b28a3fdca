-- The courts, all or those among $4, that have room, a turn within so many seconds ($1) and work of some kinds ($2) which is
-- due, with what is needed to see whether bulk work may run there now. What is released of kinds that
-- nobody takes ($3) holds no place.
select id, bulk_from, bulk_until, now() as "now!",
    exists (select from unnest($2::smallint[]) as kinds (kind)
            where exists (
                select from fetch_requests
                where target_court = courts.id and request_type = kind and lane = 0
                  and state in ('accepted', 'waiting') and not_before is null)) as "interactive!",
    exists (select from unnest($2::smallint[]) as kinds (kind)
            where exists (
                select from fetch_requests
                where target_court = courts.id and request_type = kind and lane = 1
                  and state in ('accepted', 'waiting') and not_before is null)) as "bulk!"
from courts
where ($4::text[] is null or id = any ($4))
  and (paused_until is null or paused_until <= now())
  and (held_since is null or held_until <= now())
  and next_free <= now() + make_interval(secs => $1)
  and case when openings > 0 then 1 else cap end
      > (select count(*) from fetch_requests
         where target_court = courts.id
           and (state in ('released', 'running')
                or (state = 'cancelled' and lease_until is not null))
           and not (state = 'released' and request_type = any ($3::smallint[])))
