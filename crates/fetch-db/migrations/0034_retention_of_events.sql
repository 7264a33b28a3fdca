-- How long the message server keeps what was announced: a gateway tells it. One row; a table of its own because the
-- check of "retention", which versions side by side share, does not know of events.
create table retention_of_events (
    only_row boolean primary key default true check (only_row),
    -- null: for good
    days integer check (days > 0)
);
insert into retention_of_events (days) values (1);
