-- Accounts of this service. PACER accounts have no table: of one that pays, a keyed digest and the last two
-- characters of its name are kept, with what it paid for.
create table users (
    id bigint generated always as identity primary key,
    name text not null unique,
    is_active boolean not null default true,
    date_created timestamptz not null default now()
);

-- API tokens are kept as SHA-256 only.
create table api_tokens (
    id bigint generated always as identity primary key,
    user_id bigint not null references users on delete cascade,
    token_hash bytea not null unique,
    -- its name
    label text not null default '',
    -- for reading only
    read_only boolean not null default false,
    -- none: it has no end
    expires timestamptz,
    -- when it was used last, to the minute or two
    last_used timestamptz,
    -- a revoked token has another digest than before, so that no version of the service finds it
    revoked timestamptz,
    date_created timestamptz not null default now()
);
create index api_tokens_of_a_user on api_tokens (user_id);

-- What users may spend. The row without a user is the default of the service; null is no limit, and
-- in a user's row: as the default says.
create table budgets (
    user_id bigint unique nulls not distinct references users on delete cascade,
    per_request_cents integer check (per_request_cents >= 0),
    per_quarter_cents integer check (per_quarter_cents >= 0),
    date_modified timestamptz not null default clock_timestamp()
);

-- Quarters are those of the calendar where PACER's bills are written, in San Antonio, Texas.
create function quarter_of(at timestamptz) returns date language sql immutable parallel safe as $$
    select date_trunc('quarter', at at time zone 'America/Chicago')::date
$$;

create function quarter_begins(quarter date) returns timestamptz language sql immutable parallel safe
as $$
    select quarter::timestamp at time zone 'America/Chicago'
$$;

-- One row per court we may ask, keyed by CourtListener's id. Filled from the registry. The operator may
-- change its settings at any time; they hold from the next release and the next turn on.
create table courts (
    id text primary key,
    pacer_id text not null unique,
    kind text not null,

    -- how it is asked: so many milliseconds apart, and so many requests at once
    gap_ms integer not null check (gap_ms >= 0),
    cap integer not null check (cap > 0),
    -- most requests of one PACER account at once at this court
    account_cap integer not null default 1 check (account_cap > 0),
    -- when bulk work may run, by the clock of America/Chicago; the same time twice: always
    bulk_from time not null default '18:00',
    bulk_until time not null default '06:00',

    -- `next_free` is the turn, by this database's clock
    next_free timestamptz not null default now(),
    -- when the last turn begins that was given to anybody; `next_free` may be later
    last_turn timestamptz,
    -- until when the court has asked to be left alone, and by what answer
    asked_until timestamptz,
    asked_by text not null default '',

    -- start-time fair queueing: the virtual time of the request released last
    virtual_time double precision not null default 0,
    -- Bulk work has a virtual clock of its own: else who asked first for the night would go
    -- before everybody who asks later, by as much as was done during the day.
    bulk_virtual_time double precision not null default 0,
    -- interactive requests released since bulk work was
    interactive_in_a_row integer not null default 0,
    -- the kind of request that nobody took there lately: the next places go to the others
    passed_over smallint,

    -- The breaker. It is open until `paused_until`; from then until the court has answered well it is half
    -- open: one request at a time. `openings` counts how often it opened since.
    paused_until timestamptz,
    consecutive_failures integer not null default 0,
    openings integer not null default 0,
    open_since timestamptz,
    open_reason text not null default '',
    time_outs timestamptz[] not null default '{}',

    -- the operator's pause, which is not the breaker's; without an end it lasts until resumed
    held_since timestamptz,
    held_until timestamptz,
    held_reason text not null default '',

    -- Times that every program can read. Whoever reads one that is beyond these fails, with all the rows
    -- beside it.
    constraint courts_times_can_be_read check (
        least(next_free, last_turn, asked_until, paused_until, open_since, held_since, held_until) > '-infinity'
        and greatest(next_free, last_turn, asked_until, paused_until, open_since, held_since, held_until)
            < '20000-01-01 00:00:00+00'
        and '-infinity' < all (time_outs) and '20000-01-01 00:00:00+00' > all (time_outs))
) with (fillfactor = 50);

-- Courts as the API shows them and filters by them: facts of the register, which is part of every program and is
-- written here by `pacer-fetch migrate`. The rows of `courts` are written many times a second and hold what the
-- operator sets; these never change between two versions.
create table court_directory (
    id text primary key,
    -- where it stands in lists, and its number there
    position bigint not null unique deferrable initially deferred,
    pacer_court_id bigint,
    citation_string text not null,
    short_name text not null,
    full_name text not null,
    url text not null,
    jurisdiction text not null,
    in_use boolean not null default true,
    start_date date,
    end_date date,
    parent_court text,
    date_modified timestamptz not null default now()
);

-- What holds for all courts together. One row.
create table queue_settings (
    only_row boolean primary key default true check (only_row),
    -- most requests of one PACER account at once, over all courts
    account_cap integer not null default 16 check (account_cap > 0)
);
insert into queue_settings default values;

-- Who says that he takes work: a hint for whoever releases it. A worker is there while it was seen
-- lately and has not left.
create table workers (
    kind text not null check (kind in ('docket', 'attachments', 'pdf', 'ocr', 'pages')),
    name text not null,
    -- jobs at a time
    slots integer not null check (slots >= 0),
    seen timestamptz not null default clock_timestamp(),
    has_left boolean not null default false,
    primary key (kind, name),
    constraint workers_times_can_be_read check (seen > '-infinity' and seen < '20000-01-01 00:00:00+00')
) with (fillfactor = 50);

-- Every kind is told of from the start, and how long it has been without a worker counts from now.
insert into workers (kind, name, slots, has_left)
select kind, 'before', 0, true
from unnest(array['docket', 'attachments', 'pdf', 'ocr', 'pages']) as kind;
