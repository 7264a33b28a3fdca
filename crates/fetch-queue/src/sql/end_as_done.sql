-- The one way in which a request that failed is done after all: a kept page of it was read again.
with read_again as (
    update fetch_requests
    set state = 'done', status = $11, failure = null,
        message = concat_ws(' ', case
            when $4::text is not null then $4
            when request_type = 3 then $5
            else case provenance_of(id) when 'doubtful' then $7 when 'bought' then $5
                 -- A page of its own was not bought for another one, whatever was charged for it.
                 else case when exists (select from captures where request_id = fetch_requests.id)
                      then $5 else $6 end end
            end,
            -- What was settled stays said.
            nullif(case when position($10 in message) > 0
                   then trim(substr(message, position($10 in message))) end, ''), $8::text),
        docket_id = coalesce(docket_id, $3), fence = fence + 1, worker = null, lease_until = null,
        date_completed = clock_timestamp(), date_modified = clock_timestamp()
    where id = $1 and fence = $2 and state = 'failed' and date_forgotten is null
    returning id, fence, message),
noted as (
    insert into fetch_steps (request_id, fence, step, detail)
    select id, fence, 'read again', 'the kept page, by the operator' from read_again
    union all
    select id, fence, 'done', message from read_again)
select message as "message!" from read_again, lateral pg_notify($9, id::text)
