-- A doubt that was settled is none any more: what its statement had was bought, and what it had not was not.
create or replace function provenance_of(request bigint) returns text
language sql stable security definer set search_path = public, pg_temp
as $$
    select case
        when coalesce(bool_or((state = 'doubt' or flagged) and settled_at is null), false) then 'doubtful'
        when coalesce(bool_or(state = 'captured' or state = 'doubt' and billed_cents > 0), false) then 'bought'
        else 'shared' end
    from purchases where request_id = request and state <> 'void'
$$;
