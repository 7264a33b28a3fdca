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
