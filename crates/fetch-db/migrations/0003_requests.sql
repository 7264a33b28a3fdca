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
    -- what the client sees
    status smallint not null default 1,
    message text not null default '',
    -- how it is worked on
    state text not null default 'accepted',
    failure jsonb,
    target_court text not null references courts,
    session_key text not null,
    account_digest text not null,
    client_code text not null default '',
    on_doubt text not null,
    lane smallint not null,
    virtual_time double precision not null,
    not_before timestamptz,
    attempts integer not null default 0,
    snoozes integer not null default 0,
    fence bigint not null default 0,
    worker text,
    lease_until timestamptz,
    published_at timestamptz,
    traceparent text,
    date_created timestamptz not null default now(),
    date_modified timestamptz not null default now(),
    date_completed timestamptz
) with (fillfactor = 70);

create index fetch_requests_of_a_user on fetch_requests (user_id, id);
create index fetch_requests_queued on fetch_requests (target_court, lane, virtual_time, id)
    where state in ('accepted', 'waiting');
create index fetch_requests_queued_of_a_user on fetch_requests (target_court, user_id, lane, virtual_time)
    where state in ('accepted', 'waiting');
create index fetch_requests_live on fetch_requests (target_court)
    where state in ('released', 'running', 'captured');
create index fetch_requests_leased on fetch_requests (lease_until)
    where state in ('released', 'running', 'captured', 'reading');

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
