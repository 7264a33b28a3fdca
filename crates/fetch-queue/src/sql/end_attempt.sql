-- One statement, so that every docket costs one question here instead of five.
with ended as (
    update fetch_requests
    set state = $3::request_state, status = $4, message = $5, failure = $6,
        docket_id = coalesce(docket_id, $7),
        attempts = attempts + $8, snoozes = snoozes + $9, put_off = put_off + $11,
        put_off_since = case when $11 > 0 then coalesce(put_off_since, clock_timestamp())
                        else put_off_since end,
        not_before = case when $10::float8 is null then $12
                     else clock_timestamp() + make_interval(secs => $10) end,
        login_until = $12,
        date_completed = case when $3::request_state in ('done', 'failed') then clock_timestamp() end,
        court_ms = coalesce(court_ms, extract(epoch from clock_timestamp() - date_started) * 1000),
        worker = null, lease_until = null, date_modified = clock_timestamp()
    where id = $1 and fence = $2 and state in ('running', 'captured')
    returning id, fence, target_court, message, status),
noted as (
    insert into fetch_steps (request_id, fence, step, detail)
    select id, fence, $13, message from ended)
select status as "status!" from ended, lateral pg_notify($14, target_court)
