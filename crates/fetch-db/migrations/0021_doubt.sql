-- Doubt about money is not hidden by what comes after it, and can be settled.

alter table purchases
    -- when the operator settled the doubt from the court's own statement. One that was not billed is
    -- `void` then; one that was keeps the state `doubt`, as the answer is lost for good, with what it
    -- came to.
    add column settled_at timestamptz,
    add column settled_note text not null default '';

create index purchases_in_doubt on purchases (id) where state = 'doubt' and settled_at is null;

-- Whoever ends a request, and however: as long as the ledger is in doubt about it, the answer says
-- so. It looks at the ledger when the row is locked, so that no purchase can be begun or lost in
-- between. The sentences are those of `Failure::MoneyInDoubt`, which a test compares.
create function tell_of_money_in_doubt() returns trigger language plpgsql as $$
declare
    said constant text := 'A purchase was begun and its answer was lost, so PACER may have charged for it. '
        'Nothing more is bought for this request; check your PACER billing history, then send a new '
        'request.';
begin
    if not exists (select from purchases
                   where request_id = new.id
                     and (state = 'intent' or state = 'doubt' and settled_at is null)) then
        return new;
    end if;
    if new.state = 'done' then
        if position('PACER may have charged' in new.message) = 0 then
            new.message := new.message || ' The answer to an earlier purchase was lost, so PACER '
                'may have charged for it.';
        end if;
        return new;
    end if;
    if new.failure->>'code' = 'money_in_doubt' then
        return new;
    end if;
    -- That our own fault ended it helps nobody.
    if new.failure is null or new.failure->>'code' = 'internal' then
        new.failure := jsonb_build_object('code', 'money_in_doubt');
        new.message := said;
    else
        new.failure := jsonb_build_object('code', 'money_in_doubt', 'after', new.failure);
        new.message := said || ' The last try ended so: ' || new.message;
    end if;
    new.status := 3;
    return new;
end
$$;

create trigger fetch_requests_tell_of_money_in_doubt
    before update of state on fetch_requests
    for each row
    when (new.state in ('failed', 'done') and old.state <> new.state)
    execute function tell_of_money_in_doubt();
