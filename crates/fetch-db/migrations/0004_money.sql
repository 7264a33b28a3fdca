-- Bytes that a court sent, kept before anyone reads them.
create table captures (
    id bigint generated always as identity primary key,
    request_id bigint references fetch_requests on delete set null,
    court_id text not null references courts,
    -- what these bytes are: `doc/<court>/<id>`, `docket/<court>/<case>/<options>`, `menu/<court>/<id>`
    item_key text not null,
    url text not null,
    media_type text not null,
    sha256 text not null,
    byte_count bigint not null,
    date_created timestamptz not null default clock_timestamp()
);
create index captures_of_an_item on captures (item_key, id);
create index captures_of_a_request on captures (request_id);

-- One row per purchase: an intent before the money may move, a capture after it did.
create table purchases (
    id bigint generated always as identity primary key,
    request_id bigint not null references fetch_requests,
    user_id bigint not null references users,
    account_digest text not null,
    client_code text not null default '',
    court_id text not null references courts,
    item_key text not null,
    fence bigint not null,
    -- intent: the request may be on the wire; captured: the bytes are kept; void: provably not
    -- billed; doubt: the answer was lost and it may have been billed
    state text not null check (state in ('intent', 'captured', 'void', 'doubt')),
    quoted_cents integer not null,
    billed_cents integer,
    billed_pages integer,
    -- whether the figure is the court's own receipt, or computed from its price rules
    billed_by text check (billed_by in ('receipt', 'rules')),
    receipt jsonb,
    -- bought although an earlier attempt may have been billed
    flagged boolean not null default false,
    capture_id bigint references captures,
    date_created timestamptz not null default clock_timestamp(),
    date_modified timestamptz not null default clock_timestamp()
);
-- Of one thing, one purchase is on its way at a time, whoever asks.
create unique index purchases_under_way on purchases (item_key) where state = 'intent';
create index purchases_of_a_request on purchases (request_id);
create index purchases_of_a_user on purchases (user_id, id);

-- What happened to a purchase, in order; rows are only ever added.
create table purchase_events (
    id bigint generated always as identity primary key,
    purchase_id bigint not null references purchases,
    state text not null,
    detail text not null default '',
    at timestamptz not null default clock_timestamp()
);
create index purchase_events_of_a_purchase on purchase_events (purchase_id, id);
