-- Whom users want to be told that a request has ended, and each telling as a row, until it is told
-- (docs/adr/0053-webhooks.md).

create table webhook_endpoints (
    id bigint generated always as identity primary key,
    user_id bigint not null references users on delete cascade,
    -- CourtListener's number of what is told: 3 is that a request has ended
    event_type smallint not null check (event_type between 1 and 5),
    -- of the content, which is the same in both
    version smallint not null check (version in (1, 2)),
    url text not null check (length(url) between 1 and 2000),
    enabled boolean not null default false,
    -- when it was switched off because of its failures; none if it is on, or its owner has switched it off
    date_disabled timestamptz,
    -- What signs: it has to be known in clear to whoever sends. The one before it signs as well for a while.
    secret text not null,
    previous_secret text,
    previous_secret_until timestamptz,
    -- tries that have failed
    failure_count integer not null default 0,
    date_created timestamptz not null default clock_timestamp(),
    date_modified timestamptz not null default clock_timestamp(),
    unique (user_id, event_type, version)
);

create table webhook_events (
    id bigint generated always as identity primary key,
    webhook_id bigint not null references webhook_endpoints on delete cascade,
    -- The endpoint's.
    user_id bigint not null,
    -- Which request has ended; none of a test.
    request_id bigint references fetch_requests on delete cascade,
    -- The same in every try: by it a receiver knows what it was told before.
    event_id uuid not null default gen_random_uuid(),
    -- a test, which is tried once
    debug boolean not null default false,
    -- CourtListener's numbers: 0 in progress, 1 waits for a retry, 2 delivered, 3 failed, 4 endpoint disabled
    event_status smallint not null default 0 check (event_status between 0 and 4),
    retry_counter smallint not null default 0,
    -- When a gateway may take it. Whoever takes it moves this on, to when it counts as dead. None of what is not
    -- sent any more.
    next_try timestamptz default clock_timestamp(),
    -- How often it was taken: whoever took it before writes nothing any more.
    claim bigint not null default 0,
    -- The body, written before it is sent for the first time, so that every try has the same bytes.
    content text,
    -- what was said to the last try
    status_code smallint,
    response text not null default '',
    error_message text not null default '',
    date_created timestamptz not null default clock_timestamp(),
    date_modified timestamptz not null default clock_timestamp()
);
create index webhook_events_due on webhook_events (next_try) where next_try is not null;
create index webhook_events_due_of_an_endpoint on webhook_events (webhook_id, next_try, id)
    where next_try is not null;
create index webhook_events_of_an_endpoint on webhook_events (webhook_id, id);
create index webhook_events_of_a_user on webhook_events (user_id, id);
create index webhook_events_of_a_request on webhook_events (request_id);
create index webhook_events_by_age on webhook_events (date_created);

-- In the transaction in which a request ends, whoever ends it. An endpoint that its owner has switched off is not
-- told; for one that failed too often, what it is not told is kept, should it be switched on again: whoever finds it
-- due parks it. None of the services that work may write here: the owner does. A request that is forgotten is
-- forgotten here as well.
--
-- An endpoint that is being removed is passed over. Waiting for that would hold up the end of the request, and end in an
-- error once it is gone.
create function note_webhook_events() returns trigger language plpgsql
security definer set search_path = public, pg_temp
as $$
begin
    if new.date_forgotten is not null then
        delete from webhook_events where request_id = new.id;
    else
        insert into webhook_events (webhook_id, user_id, request_id)
        select w.id, w.user_id, new.id
        from webhook_endpoints w join users u on u.id = w.user_id
        where w.user_id = new.user_id and w.event_type = 3 and u.is_active
          and (w.enabled or w.date_disabled is not null)
        for key share of w skip locked;
    end if;
    return null;
end
$$;

create trigger fetch_requests_note_webhook_events
    after update of state, status, date_forgotten on fetch_requests
    for each row
    when (new.status <> old.status and new.status in (2, 3, 6, 7)
          or new.date_forgotten is distinct from old.date_forgotten)
    execute function note_webhook_events();

-- The deliveries are kept for a while, like the steps of requests. The check makes room for their name.
alter table retention
    drop constraint retention_what_check,
    add constraint retention_what_check
        check (what in ('requests', 'steps', 'captures', 'texts', 'events', 'webhooks'));
insert into retention values ('webhooks', 90);
