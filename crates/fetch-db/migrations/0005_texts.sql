-- The text of a file, under the name of its bytes: however many documents and requests want it, it
-- is taken once. Rows of `texts` and `text_parts` are the work; messages only wake who does it.
create table texts (
    sha256 text primary key,
    -- planning: nobody has looked at the file yet; recognising: pages are open; assembling: no page
    -- is open, and the documents are to get the text; done
    state text not null check (state in ('planning', 'recognising', 'assembling', 'done')),
    -- of the most urgent request that waits: 0 interactive, 1 bulk
    lane smallint not null,
    -- When work on it is due, which is the order in which readers take it: what has waited for
    -- long goes before what came later, whatever its lane and its place in a text.
    due_at timestamptz not null default clock_timestamp(),
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
create index texts_due on texts (state, due_at) where state in ('planning', 'assembling');
create index texts_done on texts (date_completed) where state = 'done';

create table text_pages (
    sha256 text not null references texts on delete cascade,
    page integer not null,
    -- while the page is to be recognised, the part of its text layer that is kept
    text text not null,
    -- text-layer, ocr, text-layer+ocr, blank, failed; null while the page is to be recognised
    source text,
    reason text not null,
    confidence real,
    -- what share of its words was recognised surely, 0 to 1
    sure_words real,
    -- what the text has that a reader of the printed page does not see
    hidden_text jsonb not null default '[]',
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
    -- First parts before second ones, whoever's: a long scan does not keep a short one waiting.
    due_at timestamptz not null default clock_timestamp(),
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
create index text_parts_due on text_parts (due_at, id) where is_open;
