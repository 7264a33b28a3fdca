-- Tokens have an end, can be revoked, and may be for reading only. The label is their name.
alter table api_tokens
    -- none: it has no end
    add column expires timestamptz,
    -- when it was used last, to the minute or two
    add column last_used timestamptz,
    -- a revoked token has another digest than before, so that no version of the service finds it
    add column revoked timestamptz,
    add column read_only boolean not null default false;

create index api_tokens_of_a_user on api_tokens (user_id);
