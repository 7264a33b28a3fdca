-- The states of a request are a type: a word that names none of them cannot be written. `State` in fetch-model
-- says what each means and what leads to it.
--
-- The table is written anew under a lock, so stop the services first.
create type request_state as enum (
    'accepted', 'released', 'running', 'captured', 'reading', 'waiting', 'done', 'failed', 'cancelled');

-- Indexes and triggers that mention the state are in the way of its new type, and are made again as they were.
do $$
declare
    before text[];
    named text;
    again text[];
begin
    select array_agg(format('drop index %I', indexname)),
           array_agg(replace(indexdef, '::text', '::request_state'))
    into before, again
    from pg_indexes
    where schemaname = current_schema and tablename = 'fetch_requests' and indexdef ~ '\mstate\M';

    select before || array_agg(format('drop trigger %I on fetch_requests', tgname)),
           again || array_agg(replace(pg_get_triggerdef(oid), '::text', '::request_state'))
    into before, again
    from pg_trigger
    where tgrelid = 'fetch_requests'::regclass and not tgisinternal
      and pg_get_triggerdef(oid) ~ '\mstate\M';

    foreach named in array before loop execute named; end loop;
    alter table fetch_requests
        alter column state drop default,
        alter column state type request_state using state::request_state,
        alter column state set default 'accepted';
    foreach named in array again loop execute named; end loop;
end
$$;

alter table fetch_requests
    add constraint fetch_requests_words_are_known
        check (status between 1 and 7 and request_type between 1 and 3 and lane in (0, 1)
               and on_doubt in ('stop', 'once_more'));

-- The statistics of the column went with its type, and the queue is planned by them.
analyze fetch_requests;
