-- What holds whoever writes, and however.

-- A reservation ends with the right to buy, whoever ends it and however: no code that moves a
-- request can forget to release it. What was bought counts by itself, from the ledger.
create function release_reservation() returns trigger language plpgsql as $$
begin
    new.reserved_cents := 0;
    return new;
end
$$;

create trigger fetch_requests_release_reservation
    before update of state on fetch_requests
    for each row
    when (new.reserved_cents <> 0
          and new.state in ('captured', 'reading', 'done', 'failed', 'cancelled'))
    execute function release_reservation();

-- Set here, so that no way to accept a request can forget it.
create function note_when_it_may_begin() returns trigger language plpgsql as $$
begin
    new.begins_at := greatest(new.date_created, new.not_before);
    return new;
end
$$;

create trigger fetch_requests_note_when_it_may_begin
    before insert on fetch_requests
    for each row execute function note_when_it_may_begin();

-- Whoever ends a request, and however: as long as the ledger is in doubt about it, the answer says
-- so. It looks at the ledger when the row is locked, so that no purchase can be begun or lost in
-- between. The sentences, and the status, are those of `Failure::MoneyInDoubt`, which a test compares.
--
-- Whoever ends a request need not be able to read the ledger for that: what is looked up there is looked up
-- by its owner. A later version of this function has to say so again.
create function tell_of_money_in_doubt() returns trigger language plpgsql
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

create trigger fetch_requests_tell_of_money_in_doubt
    before update of state on fetch_requests
    for each row
    when (new.state in ('failed', 'done') and old.state <> new.state)
    execute function tell_of_money_in_doubt();

-- What each service may make of a request, and of a line of the ledger. Rights (roles.sql) say which
-- columns a service may write; this says what, and from what to what. Whoever takes a service over can make
-- the moves of its work, and neither those of others nor ones that nobody makes: a request that has ended
-- stays ended, and what a captured purchase has cost stays what it was booked at.
--
-- The owner of the tables, who migrates, is not held. The functions run with the rights of whoever
-- writes, and know by them who that is.

create function hold_moves_of_requests() returns trigger language plpgsql as $$
declare
    is_over constant boolean := old.state in ('done', 'failed', 'cancelled');
    stays constant boolean := new.state = old.state;
    may boolean;
begin
    case current_user
        when 'pacer_fetch_gateway' then
            -- releases, cancels, takes back, gives up
            may := stays
                or old.state in ('accepted', 'waiting') and new.state = 'released'
                or old.state in ('accepted', 'released', 'waiting', 'running') and new.state = 'cancelled'
                or old.state in ('released', 'running', 'captured') and new.state = 'waiting'
                or old.state = 'reading' and new.state = 'done'
                or not is_over and new.state = 'failed';
        when 'pacer_fetch_docket_fetcher', 'pacer_fetch_pdf_fetcher' then
            -- claims, captures, ends or puts off; hands documents to their readers. Of a request that is
            -- over, nothing is changed but who still had it, and which case it was about.
            may := (current_user = 'pacer_fetch_pdf_fetcher') = (new.request_type = 2)
                and case
                    when is_over then to_jsonb(new) - 'lease_until' - 'worker' - 'date_modified'
                                        - 'found_case_id' - 'found_case_number' - 'docket_id'
                        = to_jsonb(old) - 'lease_until' - 'worker' - 'date_modified'
                                        - 'found_case_id' - 'found_case_number' - 'docket_id'
                        and (old.docket_id is null or new.docket_id = old.docket_id)
                    when stays then true
                    when old.state = 'released' then new.state = 'running'
                    when old.state = 'running' then new.state in ('captured', 'waiting', 'done', 'failed')
                    when old.state = 'captured' then new.state in ('reading', 'waiting', 'done', 'failed')
                    else false
                end;
        when 'pacer_fetch_ocr' then
            -- tells how far a text is, and that it is read
            may := old.state = 'reading' and new.state in ('reading', 'done');
        when 'pacer_fetch_operator' then
            -- has a failure tried again, or the page that it failed on read again
            may := stays or old.state = 'failed' and new.state in ('accepted', 'done');
        else
            return new;
    end case;
    -- A token that went back would let in whoever held an older one. And it is counted, not set: whoever adds
    -- to the last number there is fails, and so do all who are swept or released in the same statement.
    if may
        and new.fence between old.fence and old.fence + 1
        and new.attempts between 0 and old.attempts + 1
        and new.snoozes between 0 and old.snoozes + 1
        and new.put_off between 0 and old.put_off + 1
        and new.unclaimed between 0 and old.unclaimed + 1
    then
        return new;
    end if;
    raise exception 'permission denied: % makes no such change of a request that is %, to %',
        current_user, old.state, new.state using errcode = 'insufficient_privilege';
end
$$;

create trigger fetch_requests_hold_moves
    before update on fetch_requests
    for each row execute function hold_moves_of_requests();

create function hold_lines_of_ledger() returns trigger language plpgsql as $$
declare
    -- what was asked for and what it has cost, and how that is known
    same_bill constant boolean :=
        (new.quoted_cents, new.billed_cents, new.billed_pages, new.billed_by, new.receipt,
         new.capture_id, new.pages_awaited, new.settled_at, new.settled_note)
        is not distinct from
        (old.quoted_cents, old.billed_cents, old.billed_pages, old.billed_by, old.receipt,
         old.capture_id, old.pages_awaited, old.settled_at, old.settled_note);
    same_proof constant boolean :=
        (new.state, new.quoted_cents, new.billed_by, new.receipt, new.capture_id, new.settled_at,
         new.settled_note)
        is not distinct from
        (old.state, old.quoted_cents, old.billed_by, old.receipt, old.capture_id, old.settled_at,
         old.settled_note);
    may boolean;
begin
    case current_user
        when 'pacer_fetch_docket_fetcher', 'pacer_fetch_pdf_fetcher' then
            -- Bytes that come home after all are booked, whatever was thought of the purchase meanwhile.
            -- A price may be said while nothing was bought. A line that is captured is written.
            may := case
                when old.state = 'captured' then false
                when new.state = 'captured' then
                    new.quoted_cents = old.quoted_cents
                    and new.billed_cents >= 0 and new.capture_id is not null
                when old.state <> 'intent' then false
                when new.state = 'intent' then
                    (new.billed_cents, new.billed_pages, new.billed_by, new.receipt, new.capture_id,
                     new.pages_awaited) is not distinct from
                    (old.billed_cents, old.billed_pages, old.billed_by, old.receipt, old.capture_id,
                     old.pages_awaited)
                else new.state in ('void', 'doubt') and same_bill
            end;
        when 'pacer_fetch_gateway' then
            -- Whoever fell silent left a doubt; and a bill that waited for its pages is completed, once.
            may := case old.state
                when 'intent' then new.state = 'doubt' and same_bill
                when 'captured' then
                    same_proof
                    and old.pages_awaited is not null and new.pages_awaited is null
                    and new.billed_cents >= 0
                    -- It was booked at the most, where there is one.
                    and (old.pages_awaited <> 'document' or new.billed_cents <= old.billed_cents)
                else false
            end;
        when 'pacer_fetch_operator' then
            -- settles a doubt from the court's statement, once
            may := old.state = 'doubt' and old.settled_at is null
                and new.state in ('doubt', 'void') and new.settled_at is not null
                and (new.quoted_cents, new.billed_by, new.receipt, new.capture_id, new.pages_awaited)
                    is not distinct from
                    (old.quoted_cents, old.billed_by, old.receipt, old.capture_id, old.pages_awaited);
        when 'pacer_fetch_ocr' then
            may := false;
        else
            return new;
    end case;
    if may then
        return new;
    end if;
    raise exception 'permission denied: % makes no such change of a purchase that is %, to %',
        current_user, old.state, new.state using errcode = 'insufficient_privilege';
end
$$;

create trigger purchases_hold_lines
    before update on purchases
    for each row execute function hold_lines_of_ledger();

-- A line begins as an intent of a request that runs: one of the service's own kind, for its user, its account
-- and its court. The other columns of a new line are for nobody to write (roles.sql).
create function hold_new_lines_of_ledger() returns trigger language plpgsql as $$
declare
    may boolean;
begin
    case current_user
        when 'pacer_fetch_docket_fetcher', 'pacer_fetch_pdf_fetcher' then
            may := new.state = 'intent' and new.quoted_cents >= 0 and exists (
                select from fetch_requests r
                where r.id = new.request_id and r.state = 'running'
                  and (current_user = 'pacer_fetch_pdf_fetcher') = (r.request_type = 2)
                  and (r.user_id, r.account_digest, r.client_code, r.target_court, r.fence)
                      = (new.user_id, new.account_digest, new.client_code, new.court_id, new.fence)
                  -- Nobody else may buy a thing meanwhile.
                  and starts_with(new.item_key, case r.request_type when 1 then 'docket/' else 'doc/' end
                                                || r.target_court || '/'));
        when 'pacer_fetch_gateway', 'pacer_fetch_ocr', 'pacer_fetch_operator' then
            may := false;
        else
            return new;
    end case;
    if may then
        return new;
    end if;
    raise exception 'permission denied: % begins no such purchase of % for the request %',
        current_user, new.item_key, new.request_id using errcode = 'insufficient_privilege';
end
$$;

create trigger purchases_hold_new_lines
    before insert on purchases
    for each row execute function hold_new_lines_of_ledger();
