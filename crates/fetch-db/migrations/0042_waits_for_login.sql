-- A request whose session has ended waits until its owner logs in again.

alter table fetch_requests
    -- until when; what it ends with then stands in `failure`. It is `waiting` meanwhile, and its
    -- `not_before` is the same time: so it is out of the queue for every statement that knows nothing
    -- of logins.
    add column login_until timestamptz;

create index fetch_requests_waiting_for_login on fetch_requests (user_id, session_key)
    where login_until is not null;
