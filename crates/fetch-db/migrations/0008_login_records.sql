-- What the login service remembers together with its replicas: who is asking PACER for a username now, when
-- that was done before, what users try, and which sealed logins were served. It has no database: gateways keep it
-- for that (docs/adr/0048-login-records.md). Keys are keyed digests and numbers of users; values hold times, numbers
-- and random names, and nothing that was sealed with a password.

-- Of all records together: a revision is never had twice.
create sequence login_record_revisions;

create table login_records (
    key text primary key check (length(key) between 1 and 200),
    value bytea not null check (octet_length(value) <= 65536),
    revision bigint not null default nextval('login_record_revisions') check (revision > 0),
    written_at timestamptz not null default clock_timestamp(),
    -- From then on it counts as none, whether or not it was removed.
    expires_at timestamptz not null
        check (expires_at > written_at and expires_at < written_at + interval '1 day')
);

alter sequence login_record_revisions owned by login_records.revision;

create index login_records_expiring on login_records (expires_at);
