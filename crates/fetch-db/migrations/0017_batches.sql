-- Many requests that are accepted in one call (docs/adr/0061-batches-and-ranges.md). Such a call has one Idempotency-Key,
-- which stands for no request but for its whole answer. The key lies where all keys lie, and is forgotten like them.

-- What was answered: the numbers of requests, and what was said of those that were refused. None of a key that stands
-- for a request.
alter table idempotency_keys add column batch_answer text;

-- A request for several documents buys nothing itself: it waits for the requests that were made for it, and ends when they
-- have ended. Its plan waits for itself (fetch_plans.waits_for is its own number), so that versions that know nothing of that
-- leave it alone. It is the gateway that ends it.
create or replace function hold_moves_of_requests() returns trigger language plpgsql as $$
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
                -- one for several documents, once its steps have ended
                or old.state = 'accepted' and new.state = 'done'
                   and exists (select from fetch_plans where request_id = old.id and waits_for = old.id)
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
