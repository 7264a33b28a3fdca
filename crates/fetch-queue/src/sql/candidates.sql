-- What a court ($1) may work on next in some lanes ($2), kind by kind ($6), in the order of fairness:
-- at most $3 of a lane and a kind, and of one account no more than its cap ($4) leaves room for.
-- Accounts in $5 are left out; requests in $7 hold no places.
-- Jumps from account to account in the index, so that one with very many requests costs no more
-- than one with few, and a kind that nobody takes no more than any other.
with recursive
live as (
    select account_digest, count(*) as places from fetch_requests
    where target_court = $1 and id <> all ($7::bigint[])
      and (state in ('released', 'running') or (state = 'cancelled' and lease_until is not null))
    group by account_digest),
heads (lane, kind, account_digest) as (
    select lane, kind,
        (select min(account_digest) from fetch_requests
         where target_court = $1 and request_type = kind and lane = lanes.lane
           and state in ('accepted', 'waiting') and not_before is null)
    from unnest($2::smallint[]) as lanes (lane) cross join unnest($6::smallint[]) as kinds (kind)
    union all
    select heads.lane, heads.kind,
        (select min(account_digest) from fetch_requests
         where target_court = $1 and request_type = heads.kind and lane = heads.lane
           and state in ('accepted', 'waiting') and not_before is null
           and account_digest > heads.account_digest)
    from heads where heads.account_digest is not null),
ranked as (
    select next.id, heads.lane, heads.kind, heads.account_digest, next.virtual_time,
        $4::bigint - coalesce(live.places, 0) as account_room,
        row_number() over (partition by heads.lane, heads.kind
                           order by next.virtual_time, next.id) as place
    from heads
    left join live on live.account_digest = heads.account_digest
    cross join lateral (
        select id, virtual_time from fetch_requests
        where target_court = $1 and request_type = heads.kind and lane = heads.lane
          and account_digest = heads.account_digest
          and state in ('accepted', 'waiting') and not_before is null
        order by virtual_time, id
        limit least($3::bigint, greatest($4::bigint - coalesce(live.places, 0), 0))) next
    where heads.account_digest <> all ($5::text[]))
select id as "id!", lane as "lane!", kind as "kind!", account_digest as "account_digest!",
    virtual_time as "virtual_time!", account_room as "account_room!"
from ranked where place <= $3
order by virtual_time, id
