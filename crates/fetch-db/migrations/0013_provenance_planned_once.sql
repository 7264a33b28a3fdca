-- What 0004 says, in a language whose statements are planned once for each connection. Every request that ends asks it,
-- and Postgres plans a function in SQL that is the definer's anew each time, which took longer than the answer.
create or replace function provenance_of(request bigint) returns text
language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    return (
        select case
            when coalesce(bool_or((state = 'doubt' or flagged) and settled_at is null), false) then 'doubtful'
            when coalesce(bool_or(state = 'captured' or state = 'doubt' and billed_cents > 0), false) then 'bought'
            else 'shared' end
        from purchases where request_id = request and state <> 'void');
end
$$;
