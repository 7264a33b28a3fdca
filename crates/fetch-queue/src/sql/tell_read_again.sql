with read_again as (
    update fetch_requests
    set message = case when starts_with(message, $3)
                  then concat_ws(' ', $4::text, nullif(trim(substr(message, length($3) + 1)), ''), $5::text)
                  else concat_ws(' ', nullif(message, ''), $5::text) end,
        docket_id = coalesce(docket_id, $2), date_modified = clock_timestamp()
    where id = $1 and state = 'done' and date_forgotten is null and position($5 in message) = 0
    returning id, fence, message),
noted as (
    insert into fetch_steps (request_id, fence, step, detail)
    select id, fence, 'read again', 'the kept page, by the operator' from read_again)
select message as "message!" from read_again, lateral pg_notify($6, id::text)
