-- Writes accepted requests ($1, an array of their columns) down, and says where in the array each
-- stood. What may not fit under its user's limits is left out if that was not checked, and so is
-- whatever comes from somebody who may not call any more: a user is locked while this is written,
-- so that whoever shuts one out sees all that was written before, and nothing comes after.
with asked as materialized (
    select nextval('fetch_requests_id_seq') as id, a.*
    from rows from (json_to_recordset($1::text::json) as (
        user_id bigint, request_type smallint, court text, docket_id bigint,
        recap_document_id bigint, pacer_case_id text, docket_number text, de_date_start date,
        de_date_end date, de_number_start integer, de_number_end integer,
        show_parties_and_counsel boolean, show_terminated_parties boolean,
        show_list_of_member_cases boolean, target_court text, session_key text,
        account_digest text, client_code text, on_doubt text, lane smallint, traceparent text,
        skip_if_unchanged boolean, not_before timestamptz, reserved_cents integer,
        max_cost_cents integer, unless_limited boolean, token_id bigint)) with ordinality as a
    join users u on u.id = a.user_id
    where u.is_active
      and not (a.unless_limited and (
        exists (
            select from budgets b
            where (b.user_id = a.user_id or b.user_id is null) and b.per_quarter_cents is not null)
        or coalesce(
            a.reserved_cents > coalesce(
                (select b.per_request_cents from budgets b where b.user_id = a.user_id),
                (select b.per_request_cents from budgets b where b.user_id is null)),
            false)))
      and (a.token_id is null or exists (
        select from api_tokens t
        where t.id = a.token_id and t.user_id = a.user_id and t.revoked is null
          and (t.expires is null or t.expires > clock_timestamp())))
    for share of u),
accepted as (
    insert into fetch_requests (
        id, user_id, request_type, court, docket_id, recap_document_id, pacer_case_id,
        docket_number, de_date_start, de_date_end, de_number_start, de_number_end,
        show_parties_and_counsel, show_terminated_parties, show_list_of_member_cases,
        target_court, session_key, account_digest, client_code, on_doubt, lane, traceparent,
        skip_if_unchanged, not_before, reserved_cents, max_cost_cents, virtual_time)
    overriding system value
    select id, user_id, request_type, court, docket_id, recap_document_id, pacer_case_id,
        docket_number, de_date_start, de_date_end, de_number_start, de_number_end,
        show_parties_and_counsel, show_terminated_parties, show_list_of_member_cases,
        target_court, session_key, account_digest, client_code, on_doubt, lane, traceparent,
        skip_if_unchanged, case when not_before > clock_timestamp() then not_before end,
        reserved_cents, max_cost_cents,
        -- one after the last of its user there, also in this array, and never before the court's own
        greatest(
            (select case asked.lane when 1 then c.bulk_virtual_time else c.virtual_time end
             from courts c where c.id = asked.target_court),
            (select max(q.virtual_time) from fetch_requests q
             where q.target_court = asked.target_court and q.user_id = asked.user_id
               and q.lane = asked.lane
               and q.state in ('accepted', 'waiting') and q.not_before is null))
            + row_number() over (partition by target_court, user_id, lane order by ordinality)
    from asked
    returning id, not_before, date_created, date_modified, virtual_time),
noted as (
    insert into fetch_steps (request_id, fence, step)
    select id, 0, 'accepted' from accepted)
select asked.ordinality as "place!", accepted.id as "id!", accepted.not_before,
    accepted.date_created as "date_created!", accepted.date_modified as "date_modified!",
    accepted.virtual_time
        - (select case asked.lane when 1 then c.bulk_virtual_time else c.virtual_time end
           from courts c where c.id = asked.target_court) as "behind!",
    exists (select from fetch_requests w
            where w.user_id = asked.user_id and w.session_key = asked.session_key
              and w.login_until is not null) as "others_wait!"
from accepted join asked on asked.id = accepted.id
