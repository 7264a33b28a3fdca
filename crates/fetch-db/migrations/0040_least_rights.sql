-- Every service has a role of its own, which may do what its statements need (roles.sql). Whoever ends a
-- request need not be able to read the ledger for that: what is looked up there is looked up by its
-- owner. A later version of this function has to say so again.
alter function tell_of_money_in_doubt() security definer set search_path = public, pg_temp;

-- How a request came by what it has, which its owner is told: bought, shared with somebody who had bought
-- it, or doubtful, as an answer was lost. The readers of documents end requests and may ask this of
-- the ledger, and nothing else.
create function provenance_of(request bigint) returns text
language sql stable security definer set search_path = public, pg_temp
as $$
    select case
        when coalesce(bool_or(state = 'doubt' or flagged), false) then 'doubtful'
        when coalesce(bool_or(state = 'captured'), false) then 'bought'
        else 'shared' end
    from purchases where request_id = request and state <> 'void'
$$;
revoke execute on function provenance_of from public;

-- For which migration rights were granted last: services wait until they have theirs. One row.
create table granted (
    only_row boolean primary key default true check (only_row),
    version bigint not null
);
