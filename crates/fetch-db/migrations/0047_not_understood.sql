-- A page that came and that nobody knew leaves the same doubt about money as an answer that was lost, and
-- its owner was told of a lost one. The sentence is that of `Failure::MoneyInDoubt`: a test compares them.

create or replace function tell_of_money_in_doubt() returns trigger language plpgsql
security definer set search_path = public, pg_temp
as $$
declare
    said constant text := 'A purchase was begun and its answer was lost or not understood, so PACER may '
        'have charged for it. Nothing more is bought for this request; check your PACER billing history, '
        'then send a new request.';
begin
    if not exists (select from purchases
                   where request_id = new.id
                     and (state = 'intent' or state = 'doubt' and settled_at is null)) then
        return new;
    end if;
    if new.state = 'done' then
        if position('PACER may have charged' in new.message) = 0 then
            new.message := new.message || ' The answer to an earlier purchase was lost or not '
                'understood, so PACER may have charged for it.';
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
        new.message := said || ' The last attempt ended with: ' || new.message;
    end if;
    new.status := 3;
    return new;
end
$$;
