-- Accounts of this service. PACER accounts have no table: nothing of them is stored.
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
    label text not null default '',
    date_created timestamptz not null default now()
);

-- One row per court we may ask, keyed by CourtListener's id. Filled from the registry at start;
-- the settings are the operator's. `next_free` is the turn, by this database's clock.
create table courts (
    id text primary key,
    pacer_id text not null unique,
    kind text not null,
    gap_ms integer not null check (gap_ms >= 0),
    cap integer not null check (cap > 0),
    next_free timestamptz not null default now(),
    -- start-time fair queueing: the virtual time of the request released last
    virtual_time double precision not null default 0,
    paused_until timestamptz,
    consecutive_failures integer not null default 0
) with (fillfactor = 50);
