-- What a program needs to know of a request (docs/adr/0054-more-about-a-request.md), and how much users call
-- (docs/adr/0056-usage.md). Rights for both are in roles.sql.

-- The groups of keys that a request has for whoever calls with this token and asks for none: `money,life`.
alter table api_tokens add column expand text not null default '';

-- What a request has added to the library and changed there, once anything was merged for it. It is written with the
-- rows that it tells of, so that whatever is tried again adds nothing twice.
create table request_changes (
    request_id bigint primary key references fetch_requests on delete cascade,
    -- its docket was not there before
    docket_new boolean not null default false,
    entries_new integer not null default 0,
    entries_changed integer not null default 0,
    documents_new integer not null default 0,
    documents_changed integer not null default 0,
    parties_new integer not null default 0,
    parties_changed integer not null default 0
);

-- With what a request asked for goes what came of it.
create function forget_request_changes() returns trigger language plpgsql
security definer set search_path = public, pg_temp
as $$
begin
    delete from request_changes where request_id = new.id;
    return null;
end
$$;

create trigger fetch_requests_forget_changes
    after update of date_forgotten on fetch_requests
    for each row
    when (new.date_forgotten is not null)
    execute function forget_request_changes();

-- How often users have called, day by day, for as many days as are told.
create table api_calls (
    user_id bigint not null references users on delete cascade,
    day date not null,
    calls bigint not null,
    primary key (user_id, day)
);
create index api_calls_by_day on api_calls (day);
