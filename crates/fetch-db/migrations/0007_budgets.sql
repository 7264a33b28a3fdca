-- What users may spend. The row without a user is the default of the service; null is no limit, and
-- in a user's row: as the default says.
create table budgets (
    user_id bigint unique nulls not distinct references users on delete cascade,
    per_request_cents integer check (per_request_cents >= 0),
    per_quarter_cents integer check (per_quarter_cents >= 0),
    date_modified timestamptz not null default clock_timestamp()
);

alter table fetch_requests
    -- the caller's own limit
    add column max_cost_cents integer check (max_cost_cents >= 0),
    -- set aside until something is bought or the request ends; see the trigger
    add column reserved_cents integer not null default 0 check (reserved_cents >= 0);

create index fetch_requests_reserving on fetch_requests (user_id) where reserved_cents > 0;
create index purchases_of_a_quarter on purchases (user_id, date_created) where state <> 'void';

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

-- Quarters are those of the calendar where PACER's bills are written, in San Antonio, Texas.
create function quarter_of(at timestamptz) returns date language sql immutable parallel safe as $$
    select date_trunc('quarter', at at time zone 'America/Chicago')::date
$$;

create function quarter_begins(quarter date) returns timestamptz language sql immutable parallel safe
as $$
    select quarter::timestamp at time zone 'America/Chicago'
$$;
