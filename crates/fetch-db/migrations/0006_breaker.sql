-- The breaker of a court. It is open until `paused_until`; from then until the court has answered
-- well it is half open: one request at a time. `openings` counts how often it opened since.
alter table courts
    add column openings integer not null default 0,
    add column open_since timestamptz,
    add column open_reason text not null default '',
    add column time_outs timestamptz[] not null default '{}';
