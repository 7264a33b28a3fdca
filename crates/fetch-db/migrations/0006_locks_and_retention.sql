-- Locks that only those can take whom they are for. An advisory lock of Postgres is a number, which
-- everybody may lock who may connect: whoever had taken any service over could keep the sweepers and the
-- dispatchers from their work for as long as he liked. These are rows, and whoever locks one needs the
-- right to change it (roles.sql): a column that says nothing, as a row that had another name would be
-- nobody's lock any more.

create table gateway_locks (
    name text primary key,
    -- for the right to change it
    is_lock boolean not null default true
);
insert into gateway_locks (name)
select 'sweep'
-- for each kind of work
union all select 'call for workers ' || kind from generate_series(1, 3) kind
-- for whatever these share out among themselves; two may share one
union all select 'account ' || slot from generate_series(0, 255) slot
union all select 'blob ' || slot from generate_series(0, 255) slot;

-- Each court has one, for whoever releases what goes to it.
create function lock_of_a_court() returns trigger
language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    insert into gateway_locks (name) values ('release ' || new.id) on conflict do nothing;
    return null;
end
$$;
revoke execute on function lock_of_a_court from public;
create trigger courts_have_locks after insert on courts for each row execute function lock_of_a_court();

-- Of those who merge what was bought.
create table merge_locks (
    name text primary key,
    is_lock boolean not null default true
);
insert into merge_locks (name)
select 'docket ' || slot from generate_series(0, 4095) slot
union all select 'path ' || slot from generate_series(0, 255) slot;

-- How long things are kept that are needed by nobody but whoever looks back. The ledger (purchases and
-- what happened to them) is kept for good, and so are dockets, documents and their files, which are what
-- was bought.
create table retention (
    -- requests: one that has ended; steps: the life of a request; captures: pages as a court sent them;
    -- texts: what was read of each page of a file, beside the document's text; events: what was announced,
    -- which the message server keeps, as a gateway tells it
    what text primary key check (what in ('requests', 'steps', 'captures', 'texts', 'events')),
    -- null: for good
    days integer check (days > 0)
);
insert into retention values ('requests', 365), ('steps', 90), ('captures', 365), ('texts', 365), ('events', 1);

-- For which migration rights were granted last: services wait until they have theirs. One row.
create table granted (
    only_row boolean primary key default true check (only_row),
    version bigint not null
);
