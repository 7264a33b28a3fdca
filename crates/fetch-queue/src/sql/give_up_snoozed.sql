-- Ends what its court has put off so many times ($1). That it was put off at all is what the index is of.
update fetch_requests
set state = 'failed', status = $2, message = 'Blocked by court: ' || target_court,
    failure = jsonb_build_object('code', 'blocked_by_court', 'court', target_court),
    fence = fence + 1, worker = null, lease_until = null,
    date_completed = clock_timestamp(), date_modified = clock_timestamp()
where state in ('accepted', 'waiting') and login_until is null and snoozes > 0 and snoozes >= $1
returning id
