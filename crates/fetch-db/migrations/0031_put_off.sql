-- What is in a request's way and no court's doing is counted apart, and a day of it ends the request.

alter table fetch_requests
    -- times that it was put off so
    add column put_off integer not null default 0,
    -- the first of them
    add column put_off_since timestamptz;
