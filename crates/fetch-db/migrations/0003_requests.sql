-- A word that names no state cannot be written. `State` in fetch-model says what each means and what leads
-- to it.
create type request_state as enum (
    'accepted', 'released', 'running', 'captured', 'reading', 'waiting', 'done', 'failed', 'cancelled');

-- The queue. A row is the truth about a request; messages only say that it may be looked at.
create table fetch_requests (
    id bigint generated always as identity primary key,
    user_id bigint not null references users,
    request_type smallint not null,

    -- what the client sent, echoed
    court text,
    docket_id bigint references dockets on delete set null,
    recap_document_id bigint references recap_documents on delete set null,
    pacer_case_id text not null default '',
    docket_number text not null default '',
    de_date_start date,
    de_date_end date,
    de_number_start integer,
    de_number_end integer,
    show_parties_and_counsel boolean not null,
    show_terminated_parties boolean not null,
    show_list_of_member_cases boolean not null,
    client_code text not null default '',
    on_doubt text not null,
    -- a docket that is held is not bought again while the court says that nothing was filed since
    skip_if_unchanged boolean not null default false,
    -- the caller's own limit
    max_cost_cents integer check (max_cost_cents >= 0),

    -- what the client sees
    status smallint not null default 1,
    message text not null default '',

    -- how it is worked on
    state request_state not null default 'accepted',
    -- why it failed; of one that waits for a login, what it ends with if nobody logs in
    failure jsonb,
    target_court text not null references courts,
    session_key text not null,
    account_digest text not null,
    -- set aside until something is bought or the request ends; see the trigger
    reserved_cents integer not null default 0 check (reserved_cents >= 0),
    -- Which case its docket number is, as its court has said: the court is asked once for a request. The
    -- court's id of the case, and its number there in the court's own spelling.
    found_case_id text,
    found_case_number text,

    -- its place in the queue
    lane smallint not null,
    virtual_time double precision not null,
    -- What may run now has none: the dispatcher clears it when its time has come. So what waits for a later
    -- time is in no one's way, however much it is.
    not_before timestamptz,
    -- When it was allowed to begin: accepted, or the later time that its owner named. `not_before`
    -- does not tell, as it is emptied when that time has come, and used again between attempts. See the
    -- trigger.
    begins_at timestamptz,
    -- Until when it waits for its owner to log in again, as its session has ended. It is `waiting` meanwhile,
    -- and its `not_before` is the same time: so it is out of the queue for every statement that knows nothing
    -- of logins.
    login_until timestamptz,
    attempts integer not null default 0,
    -- times that its court was not to be asked
    snoozes integer not null default 0,
    -- What is in its way and no court's doing is counted apart, and a day of it ends the request: times that
    -- it was put off so, and the first of them.
    put_off integer not null default 0,
    put_off_since timestamptz,

    -- who has it
    fence bigint not null default 0,
    worker text,
    lease_until timestamptz,
    published_at timestamptz,
    -- messages since a worker took it last, less the first
    unclaimed integer not null default 0,
    -- when a worker took it last, and how long the court was busy with it
    date_started timestamptz,
    court_ms integer,
    traceparent text,

    date_created timestamptz not null default now(),
    date_modified timestamptz not null default now(),
    date_completed timestamptz,
    -- what it asked for is gone; the row stays because the ledger points to it
    date_forgotten timestamptz,

    constraint fetch_requests_words_are_known
        check (status between 1 and 7 and request_type between 1 and 3 and lane in (0, 1)
               and on_doubt in ('stop', 'once_more')),
    -- What belongs to a state.
    constraint fetch_requests_end_has_a_date
        check ((state in ('done', 'failed', 'cancelled')) = (date_completed is not null)),
    constraint fetch_requests_failed_says_why check (
        case when failure is null then state <> 'failed' or date_forgotten is not null
             else state = 'failed' or state = 'waiting' and login_until is not null end),
    constraint fetch_requests_held_has_a_lease
        check (lease_until is not null or state not in ('released', 'running', 'captured')),
    constraint fetch_requests_reserves_while_it_may_buy
        check (reserved_cents = 0 or state in ('accepted', 'released', 'running', 'waiting')),
    -- Times that every program can read. Whoever reads one that is beyond these fails, with all the rows
    -- beside it.
    constraint fetch_requests_times_can_be_read check (
        least(begins_at, not_before, date_started, date_completed, date_created, date_modified, put_off_since,
              lease_until, published_at, login_until, date_forgotten) > '-infinity'
        and greatest(begins_at, not_before, date_started, date_completed, date_created, date_modified,
                     put_off_since, lease_until, published_at, login_until, date_forgotten)
            < '20000-01-01 00:00:00+00')
) with (fillfactor = 70);

create index fetch_requests_of_a_user on fetch_requests (user_id, id);
create index fetch_requests_queued on fetch_requests (target_court, lane, virtual_time, id)
    where state in ('accepted', 'waiting') and not_before is null;
create index fetch_requests_queued_of_an_account
    on fetch_requests (target_court, lane, account_digest, virtual_time, id)
    where state in ('accepted', 'waiting') and not_before is null;
create index fetch_requests_queued_of_a_user on fetch_requests (target_court, user_id, lane, virtual_time)
    where state in ('accepted', 'waiting') and not_before is null;
-- Kinds of requests take places for themselves: one that has no worker stands in nobody's way.
create index fetch_requests_queued_of_a_kind
    on fetch_requests (target_court, request_type, lane, account_digest, virtual_time, id)
    where state in ('accepted', 'waiting') and not_before is null;
create index fetch_requests_delayed on fetch_requests (not_before)
    where state in ('accepted', 'waiting') and not_before is not null;
create index fetch_requests_waiting_for_login on fetch_requests (user_id, session_key)
    where login_until is not null;
-- Whether somebody has logged in with a session lately.
create index fetch_requests_of_a_session on fetch_requests (session_key, date_created);
create index fetch_requests_reserving on fetch_requests (user_id) where reserved_cents > 0;

-- A request that was cancelled while a worker had it keeps its place at the court until the
-- worker has let go, or its lease has run out.
create index fetch_requests_live on fetch_requests (target_court, account_digest)
    where state in ('released', 'running') or (state = 'cancelled' and lease_until is not null);
create index fetch_requests_live_of_an_account on fetch_requests (account_digest)
    where state in ('released', 'running') or (state = 'cancelled' and lease_until is not null);
create index fetch_requests_letting_go on fetch_requests (lease_until)
    where state = 'cancelled' and lease_until is not null;
create index fetch_requests_leased on fetch_requests (lease_until)
    where state in ('released', 'running', 'captured', 'reading');
create index fetch_requests_reading on fetch_requests (recap_document_id) where state = 'reading';

-- The sweep looks every second for what was put off too often. Without these it reads all that is queued: with
-- 20,000 requests that took half a second of each.
create index fetch_requests_snoozed on fetch_requests (snoozes)
    where state in ('accepted', 'waiting') and snoozes > 0;
create index fetch_requests_put_off on fetch_requests (put_off)
    where state in ('accepted', 'waiting') and put_off > 0;

-- How long a court takes, for estimates; what failed, for the operator; what ended on which page.
create index fetch_requests_done_at_a_court on fetch_requests (target_court, id) where state = 'done';
create index fetch_requests_failed on fetch_requests (id) where state = 'failed';
create index fetch_requests_ended_at_a_court on fetch_requests (target_court, id)
    where state in ('failed', 'done') and date_forgotten is null;
create index fetch_requests_ended on fetch_requests (date_completed, id)
    where date_completed is not null and date_forgotten is null;

-- The life of a request, step by step, for people.
create table fetch_steps (
    id bigint generated always as identity primary key,
    request_id bigint not null references fetch_requests on delete cascade,
    fence bigint not null,
    step text not null,
    detail text not null default '',
    at timestamptz not null default clock_timestamp()
);
create index fetch_steps_of_a_request on fetch_steps (request_id, id);
create index fetch_steps_by_age on fetch_steps (at, id);

-- Which request a caller's Idempotency-Key stands for, for 24 hours. Neither the key nor what came
-- with it can be read from here.
create table idempotency_keys (
    user_id bigint not null references users,
    -- SHA-256 of the key
    key_digest bytea not null,
    -- what the request asks for and which account pays, as an HMAC with the key itself
    body_digest bytea not null,
    -- none only inside the transaction that writes the request
    request_id bigint references fetch_requests on delete cascade,
    date_created timestamptz not null default clock_timestamp(),
    primary key (user_id, key_digest)
);
create index idempotency_keys_by_age on idempotency_keys (date_created);
create index idempotency_keys_of_a_request on idempotency_keys (request_id);
