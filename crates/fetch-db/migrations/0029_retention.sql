-- How long things are kept that are needed by nobody but whoever looks back. The ledger (purchases and
-- what happened to them) is kept for good, and so are dockets, documents and their files, which are what
-- was bought.
create table retention (
    -- requests: one that has ended; steps: the life of a request; captures: pages as a court sent them;
    -- texts: what was read of each page of a file, beside the document's text
    what text primary key check (what in ('requests', 'steps', 'captures', 'texts')),
    -- null: for good
    days integer check (days > 0)
);
insert into retention values ('requests', 365), ('steps', 90), ('captures', 365), ('texts', 365);

alter table fetch_requests
    -- what it asked for is gone; the row stays because the ledger points to it
    add column date_forgotten timestamptz;
alter table captures
    -- its bytes are gone, and so is what it was; the row stays because the ledger points to it
    add column date_forgotten timestamptz;

create index fetch_requests_ended on fetch_requests (date_completed, id)
    where date_completed is not null and date_forgotten is null;
create index fetch_steps_by_age on fetch_steps (at, id);
-- Documents are no pages.
create index captures_of_pages_by_age on captures (date_created, id)
    where date_forgotten is null and not starts_with(item_key, 'doc/');
create index captures_by_digest on captures (sha256);
create index texts_done on texts (date_completed) where state = 'done';
create index purchases_of_a_capture on purchases (capture_id) where capture_id is not null;
