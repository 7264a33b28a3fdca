-- The sweep looks every second for what was put off too often. Without these it reads all that is queued: with
-- 20,000 requests that took half a second of each.
create index fetch_requests_snoozed on fetch_requests (snoozes)
    where state in ('accepted', 'waiting') and snoozes > 0;
create index fetch_requests_put_off on fetch_requests (put_off)
    where state in ('accepted', 'waiting') and put_off > 0;
