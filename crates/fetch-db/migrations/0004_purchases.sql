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
    -- billed, and not the thing that was asked for: "the case is being opened"
    in_vain boolean not null default false,
    date_created timestamptz not null default clock_timestamp(),
    -- its bytes are gone, and so is what it was; the row stays because the ledger points to it
    date_forgotten timestamptz
);
create index captures_of_an_item on captures (item_key, id);
create index captures_of_a_request on captures (request_id);
create index captures_by_digest on captures (sha256);
-- Documents are no pages.
create index captures_of_pages_by_age on captures (date_created, id)
    where date_forgotten is null and not starts_with(item_key, 'doc/');
-- Pages that are kept are read again by a later reader (`pacer-fetch reparse`), court by court.
create index captures_of_a_court on captures (court_id, id) where not starts_with(item_key, 'doc/');

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
    -- A court's receipt names the account that pays. Of that name it has a keyed digest, which only the
    -- holders of the key of sessions can make, and the last two characters, by which people tell their
    -- accounts apart. The page itself shows it as the court prints it, and is kept as it came.
    receipt jsonb,
    -- A document that came without its price is booked at the most that it can cost, until the readers
    -- of documents have counted its pages. The name of the price rule by which the line is completed
    -- then; null when the bill is complete.
    pages_awaited text,
    -- bought although an earlier attempt may have been billed
    flagged boolean not null default false,
    capture_id bigint references captures,
    -- When the operator settled the doubt from the court's own statement. One that was not billed is
    -- `void` then; one that was keeps the state `doubt`, as the answer is lost for good, with what it
    -- came to.
    settled_at timestamptz,
    settled_note text not null default '',
    date_created timestamptz not null default clock_timestamp(),
    date_modified timestamptz not null default clock_timestamp()
);
-- Of one thing, one purchase is on its way at a time, whoever asks.
create unique index purchases_under_way on purchases (item_key) where state = 'intent';
create index purchases_of_a_request on purchases (request_id);
create index purchases_of_a_user on purchases (user_id, id);
create index purchases_of_a_quarter on purchases (user_id, date_created) where state <> 'void';
-- Whether an account is shown prices.
create index purchases_of_an_account on purchases (account_digest, id) where state = 'captured';
create index purchases_awaiting_pages on purchases (id) where pages_awaited is not null;
create index purchases_in_doubt on purchases (id) where state = 'doubt' and settled_at is null;
create index purchases_of_a_capture on purchases (capture_id) where capture_id is not null;

-- What happened to a purchase, in order; rows are only ever added.
create table purchase_events (
    id bigint generated always as identity primary key,
    purchase_id bigint not null references purchases,
    state text not null,
    detail text not null default '',
    at timestamptz not null default clock_timestamp()
);
create index purchase_events_of_a_purchase on purchase_events (purchase_id, id);

-- Pages that are kept although they are old: those of a request that has not ended, that failed and
-- may be tried again with what was bought for it, or whose money is not settled.
create function is_evidence(page captures) returns boolean language sql stable as $$
    select exists (
            select from purchases p
            where p.request_id = page.request_id
              and (p.state = 'intent' or (p.state = 'doubt' and p.settled_at is null)
                   or p.pages_awaited is not null))
        or exists (
            select from fetch_requests r
            where r.id = page.request_id
              and (r.date_completed is null or (r.state = 'failed' and r.date_forgotten is null)))
$$;

-- How a request came by what it has, which its owner is told: bought, shared with somebody who had bought
-- it, or doubtful, as an answer was lost. A doubt that was settled is none any more: what its statement had
-- was bought, and what it had not was not. The readers of documents end requests and may ask this of the
-- ledger, and nothing else: it is looked up by the ledger's owner.
create function provenance_of(request bigint) returns text
language sql stable security definer set search_path = public, pg_temp
as $$
    select case
        when coalesce(bool_or((state = 'doubt' or flagged) and settled_at is null), false) then 'doubtful'
        when coalesce(bool_or(state = 'captured' or state = 'doubt' and billed_cents > 0), false) then 'bought'
        else 'shared' end
    from purchases where request_id = request and state <> 'void'
$$;
revoke execute on function provenance_of from public;
