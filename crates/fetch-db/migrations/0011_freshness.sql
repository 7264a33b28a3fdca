-- Which kept bytes will do for a request, whoever brought them home.

alter table fetch_requests
    -- when it was allowed to begin: accepted, or the later time that its owner named. `not_before`
    -- does not tell, as it is emptied when that time has come, and used again between attempts.
    add column begins_at timestamptz;

-- What is scheduled already. For what has begun nobody knows any more: `date_created` it is.
update fetch_requests set begins_at = greatest(date_created, not_before)
where state = 'accepted' and not_before is not null;

-- Set here, so that no way to accept a request can forget it.
create function note_when_it_may_begin() returns trigger language plpgsql as $$
begin
    new.begins_at := greatest(new.date_created, new.not_before);
    return new;
end
$$;

create trigger fetch_requests_note_when_it_may_begin
    before insert on fetch_requests
    for each row execute function note_when_it_may_begin();

alter table captures
    -- billed, and not the thing that was asked for: "the case is being opened"
    add column in_vain boolean not null default false;

-- Whether an account is shown prices.
create index purchases_of_an_account on purchases (account_digest, id) where state = 'captured';
