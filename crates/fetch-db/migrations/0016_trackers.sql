-- Dockets that are looked at again and again, until something was filed (docs/adr/0060-trackers.md). What is asked and
-- bought for one are requests like any other. Rights are in roles.sql.

create table fetch_trackers (
    id bigint generated always as identity primary key,
    user_id bigint not null references users on delete cascade,
    docket_id bigint not null references dockets on delete cascade,
    target_court text not null references courts,
    -- The token by which it was made, or changed last. It asks for nothing once that opens nothing any more. No
    -- reference: a token that is gone opens nothing either.
    token_id bigint not null,
    -- Who pays, as the row of a request says it.
    session_key text not null,
    account_digest text not null,
    client_code text not null default '',
    lane smallint not null check (lane in (0, 1)),
    every_hours integer not null check (every_hours between 1 and 744),
    until timestamptz,
    -- what all of its requests may cost together in a quarter
    max_cost_cents integer not null check (max_cost_cents >= 0),
    state text not null default 'active' check (state in ('active', 'out_of_money', 'paused', 'ended')),
    -- what people should know
    message text not null default '',
    -- When it asks next; of one that is out of money, when the next quarter begins.
    next_due timestamptz,
    -- when the court said something last, and when there was something new
    date_asked timestamptz,
    date_found timestamptz,
    date_created timestamptz not null default clock_timestamp(),
    date_modified timestamptz not null default clock_timestamp(),
    constraint fetch_trackers_due_while_it_asks
        check ((next_due is not null) = (state in ('active', 'out_of_money'))),
    unique (user_id, docket_id)
);
create index fetch_trackers_due on fetch_trackers (least(next_due, until)) where next_due is not null;
create index fetch_trackers_of_a_user on fetch_trackers (user_id, id);
create index fetch_trackers_of_a_docket on fetch_trackers (docket_id);

-- The requests of trackers: one for each time that is due, and one at a time. They are kept as long as their requests,
-- which the ledger may need for good: so what was spent is known, however short the life of requests is.
create table fetch_tracker_runs (
    tracker_id bigint not null references fetch_trackers on delete cascade,
    due timestamptz not null,
    request_id bigint not null unique references fetch_requests on delete cascade,
    -- The quarter against whose limit it counts, beside that in which it buys.
    quarter date not null,
    -- Nobody has looked at its end yet.
    is_open boolean not null default true,
    primary key (tracker_id, due)
);
create unique index fetch_tracker_runs_open on fetch_tracker_runs (tracker_id) where is_open;

-- Event type 100, which is ours: something was filed. Those of CourtListener stay as they are.
alter table webhook_endpoints
    drop constraint webhook_endpoints_event_type_check,
    add constraint webhook_endpoints_event_type_check check (event_type between 1 and 5 or event_type = 100);

-- Who is told that something was filed: in the transaction that notes the end of a tracker's request, if that is done. The
-- body is written here, so that a gateway of the version before, which knows of no trackers, sends what is meant.
create function note_tracker_webhook_events() returns trigger language plpgsql
security definer set search_path = public, pg_temp
as $$
begin
    insert into webhook_events (webhook_id, user_id, request_id, content)
    select w.id, w.user_id, new.request_id,
           json_build_object(
               'webhook', json_build_object(
                   'event_type', w.event_type,
                   'version', w.version,
                   'date_created', to_char(w.date_created at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
                   'deprecation_date', null),
               'payload', json_build_object(
                   'tracker', t.id,
                   'docket', t.docket_id,
                   'recap_fetch', new.request_id,
                   'entries_new', c.entries_new,
                   'entries_changed', c.entries_changed,
                   'documents_new', c.documents_new,
                   'documents_changed', c.documents_changed,
                   'cost_cents', coalesce((select sum(coalesce(p.billed_cents, p.quoted_cents)) from purchases p
                                           where p.request_id = new.request_id and p.state <> 'void'), 0)))::text
    from fetch_trackers t
    join users u on u.id = t.user_id
    join fetch_requests r on r.id = new.request_id and r.state = 'done'
    join request_changes c on c.request_id = r.id
    join webhook_endpoints w on w.user_id = t.user_id
    where t.id = new.tracker_id and w.event_type = 100 and u.is_active
      and (w.enabled or w.date_disabled is not null)
      and c.entries_new + c.entries_changed + c.documents_new > 0
    for key share of w skip locked;
    return null;
end
$$;

create trigger fetch_tracker_runs_note_webhook_events
    after update of is_open on fetch_tracker_runs
    for each row
    when (old.is_open and not new.is_open)
    execute function note_tracker_webhook_events();

-- What was bought of a case, by the beginning of its name, whatever the collation of the database.
create index captures_of_a_case on captures (item_key text_pattern_ops) where starts_with(item_key, 'docket/');
