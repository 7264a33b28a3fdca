-- Ends what has waited for so many seconds ($1) for one of the courts $2, whose breaker has been open for as
-- long. What is to begin later waits for its time, and is looked at then.
update fetch_requests
set state = 'failed', status = $3, message = 'Blocked by court: ' || target_court,
    failure = jsonb_build_object('code', 'blocked_by_court', 'court', target_court),
    fence = fence + 1, worker = null, lease_until = null,
    date_completed = clock_timestamp(), date_modified = clock_timestamp()
where target_court = any($2) and state in ('accepted', 'waiting') and not_before is null
  and login_until is null
  and coalesce(begins_at, date_created) < clock_timestamp() - make_interval(secs => $1)
returning id
