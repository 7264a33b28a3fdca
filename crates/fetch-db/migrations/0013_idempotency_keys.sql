-- Which request a caller's Idempotency-Key stands for, for 24 hours. Neither the key nor what came
-- with it can be read from here.
create table idempotency_keys (
    user_id bigint not null references users,
    -- SHA-256 of the key
    key_digest bytea not null,
    -- what the request asks for and which account pays, as an HMAC with the key itself
    body_digest bytea not null,
    -- none only inside the transaction that writes the request
    request_id bigint references fetch_requests on delete cascade,
    date_created timestamptz not null default clock_timestamp(),
    primary key (user_id, key_digest)
);
create index idempotency_keys_by_age on idempotency_keys (date_created);
create index idempotency_keys_of_a_request on idempotency_keys (request_id);
