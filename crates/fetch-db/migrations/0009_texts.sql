-- The text of a file, under the name of its bytes: however many documents and requests want it, it
-- is taken once. Rows of `texts` and `text_parts` are the work; messages only wake who does it.
create table texts (
    sha256 text primary key,
    -- planning: nobody has looked at the file yet; recognising: pages are open; assembling: no page
    -- is open, and the documents are to get the text; done
    state text not null check (state in ('planning', 'recognising', 'assembling', 'done')),
    -- of the most urgent request that waits: 0 interactive, 1 bulk
    lane smallint not null,
    -- why the file has no pages to give, for people
    refusal text,
    -- what is wrong with the file as a whole
    problems jsonb not null default '[]',
    pages integer,
    -- pages that are read, or failed for good
    pages_read integer not null default 0,
    attempts integer not null default 0,
    fence bigint not null default 0,
    worker text,
    lease_until timestamptz,
    not_before timestamptz,
    traceparent text,
    date_created timestamptz not null default clock_timestamp(),
    date_planned timestamptz,
    date_completed timestamptz
) with (fillfactor = 70);
create index texts_waiting on texts (state, lane, date_created)
    where state in ('planning', 'assembling');

create table text_pages (
    sha256 text not null references texts on delete cascade,
    page integer not null,
    -- while the page is to be recognised, the part of its text layer that is kept
    text text not null,
    -- text-layer, ocr, text-layer+ocr, blank, failed; null while the page is to be recognised
    source text,
    reason text not null,
    confidence real,
    millis integer not null,
    -- whether the text was longer than the limit
    cut boolean not null,
    primary key (sha256, page)
) with (fillfactor = 70);

-- Pages that are recognised by one job.
create table text_parts (
    id bigint generated always as identity primary key,
    sha256 text not null references texts on delete cascade,
    part integer not null,
    pages integer[] not null,
    lane smallint not null,
    is_open boolean not null default true,
    -- since a page of it was last read
    attempts integer not null default 0,
    fence bigint not null default 0,
    -- who has it, or who closed it
    worker text,
    lease_until timestamptz,
    not_before timestamptz,
    unique (sha256, part)
) with (fillfactor = 70);
-- First parts before second ones, whoever's: a long scan does not keep a short one waiting.
create index text_parts_waiting on text_parts (lane, part, id) where is_open;

create index recap_documents_by_sha256 on recap_documents (sha256) where sha256 is not null;
create index fetch_requests_reading on fetch_requests (recap_document_id) where state = 'reading';
