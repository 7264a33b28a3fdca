-- Manners of a court that its operator may change at any time; they hold from the next release
-- and the next turn on.
alter table courts
    -- most requests of one PACER account at once at this court
    add column account_cap integer not null default 1 check (account_cap > 0),
    -- when bulk work may run, by the clock of America/Chicago; the same time twice: always
    add column bulk_from time not null default '18:00',
    add column bulk_until time not null default '06:00',
    -- the operator's pause, which is not the breaker's; without an end it lasts until resumed
    add column held_since timestamptz,
    add column held_until timestamptz,
    add column held_reason text not null default '',
    -- Bulk work has a virtual clock of its own: else who asked first for the night would go
    -- before everybody who asks later, by as much as was done during the day.
    add column bulk_virtual_time double precision not null default 0,
    -- interactive requests released since bulk work was
    add column interactive_in_a_row integer not null default 0;

-- What holds for all courts together. One row.
create table queue_settings (
    only_row boolean primary key default true check (only_row),
    -- most requests of one PACER account at once, over all courts
    account_cap integer not null default 16 check (account_cap > 0)
);
insert into queue_settings default values;

alter table fetch_requests
    -- when a worker took it last, and how long the court was busy with it
    add column date_started timestamptz,
    add column court_ms integer;

-- What may run now has no `not_before`: the dispatcher clears it when its time has come. So what
-- waits for a later time is in no one's way, however much it is.
drop index fetch_requests_queued;
drop index fetch_requests_queued_of_a_user;
create index fetch_requests_queued on fetch_requests (target_court, lane, virtual_time, id)
    where state in ('accepted', 'waiting') and not_before is null;
create index fetch_requests_queued_of_an_account
    on fetch_requests (target_court, lane, account_digest, virtual_time, id)
    where state in ('accepted', 'waiting') and not_before is null;
create index fetch_requests_queued_of_a_user on fetch_requests (target_court, user_id, lane, virtual_time)
    where state in ('accepted', 'waiting') and not_before is null;
create index fetch_requests_delayed on fetch_requests (not_before)
    where state in ('accepted', 'waiting') and not_before is not null;

-- A request that was cancelled while a worker had it keeps its place at the court until the
-- worker has let go, or its lease has run out.
drop index fetch_requests_live;
create index fetch_requests_live on fetch_requests (target_court, account_digest)
    where state in ('released', 'running') or (state = 'cancelled' and lease_until is not null);
create index fetch_requests_letting_go on fetch_requests (lease_until)
    where state = 'cancelled' and lease_until is not null;
create index fetch_requests_live_of_an_account on fetch_requests (account_digest)
    where state in ('released', 'running') or (state = 'cancelled' and lease_until is not null);

-- How long a court takes, for estimates; what failed, for the operator.
create index fetch_requests_done_at_a_court on fetch_requests (target_court, id) where state = 'done';
create index fetch_requests_failed on fetch_requests (id) where state = 'failed';
-- Whether somebody has logged in with a session lately.
create index fetch_requests_of_a_session on fetch_requests (session_key, date_created);
