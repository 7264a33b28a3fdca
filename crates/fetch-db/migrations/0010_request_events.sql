-- What became of each request, one row a change, for whoever wants to be told of all of them and of none twice
-- (docs/adr/0052-request-events.md).

create table request_events (
    -- The order of what became of one request: each change holds the row of the request.
    id bigint generated always as identity primary key,
    request_id bigint not null references fetch_requests on delete cascade,
    -- The request's.
    user_id bigint not null,
    at timestamptz not null default clock_timestamp(),
    state request_state not null,
    -- The number that clients see.
    status smallint not null,
    message text not null
);
create index request_events_of_a_request on request_events (request_id, id);
create index request_events_of_a_user on request_events (user_id, id);

-- Whoever changes a request, and however. That it was accepted its caller knows, and how far its document is read is
-- said too often. A request that is forgotten is forgotten here as well. None of the services may write here: the
-- owner does.
create function note_request_event() returns trigger language plpgsql
security definer set search_path = public, pg_temp
as $$
begin
    if new.date_forgotten is not null then
        delete from request_events where request_id = new.id;
    else
        insert into request_events (request_id, user_id, state, status, message)
        values (new.id, new.user_id, new.state, new.status, new.message);
    end if;
    return null;
end
$$;

create trigger fetch_requests_note_event
    after update of state, status, message, date_forgotten on fetch_requests
    for each row
    when (new.state <> old.state or new.status <> old.status
          or (new.message <> old.message and new.state <> 'reading')
          or new.date_forgotten is distinct from old.date_forgotten)
    execute function note_request_event();
