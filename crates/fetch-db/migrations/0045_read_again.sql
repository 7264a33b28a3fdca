-- Pages that are kept are read again by a later reader (`pacer-fetch reparse`), court by court.

create index captures_of_a_court on captures (court_id, id) where not starts_with(item_key, 'doc/');
-- What ended on which page.
create index fetch_requests_ended_at_a_court on fetch_requests (target_court, id)
    where state in ('failed', 'done') and date_forgotten is null;
