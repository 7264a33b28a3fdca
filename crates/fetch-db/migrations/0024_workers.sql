-- Who says that he takes work: a hint for whoever releases it. A worker is there while it was seen
-- lately and has not left.
create table workers (
    kind text not null check (kind in ('docket', 'attachments', 'pdf', 'ocr', 'pages')),
    name text not null,
    -- jobs at a time
    slots integer not null check (slots >= 0),
    seen timestamptz not null default clock_timestamp(),
    has_left boolean not null default false,
    primary key (kind, name)
) with (fillfactor = 50);

-- Nobody was asked to say so before. How long a kind has been without a worker counts from now.
insert into workers (kind, name, slots, has_left)
select kind, 'before', 0, true
from unnest(array['docket', 'attachments', 'pdf', 'ocr', 'pages']) as kind;

alter table fetch_requests
    -- messages since a worker took it last, less the first
    add column unclaimed integer not null default 0;

alter table courts
    -- the kind of request that nobody took there lately: the next places go to the others
    add column passed_over smallint;

-- Kinds of requests take places for themselves: one that has no worker stands in nobody's way.
create index fetch_requests_queued_of_a_kind
    on fetch_requests (target_court, request_type, lane, account_digest, virtual_time, id)
    where state in ('accepted', 'waiting') and not_before is null;
