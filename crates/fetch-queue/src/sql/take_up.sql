-- Puts what waits for a login back into the queue: of this user ($1), with this session ($3), account
-- ($4) and client code ($5), as long as the user and the token ($2) open anything. Each stands behind
-- what its owner has there, and never before the court's clock: the queue has gone on without it.
-- Calls the dispatchers ($6), and says how many there were.
with caller as materialized (
    select u.id from users u join api_tokens t on t.user_id = u.id
    where u.id = $1 and u.is_active and t.id = $2 and t.revoked is null
      and (t.expires is null or t.expires > clock_timestamp())
    for share of u),
waiting as (
    select r.id, r.target_court, r.lane, r.virtual_time
    from fetch_requests r join caller on caller.id = r.user_id
    where r.user_id = $1 and r.session_key = $3 and r.account_digest = $4 and r.client_code = $5
      and r.state = 'waiting' and r.login_until is not null
    for update of r),
numbered as (
    select *, row_number() over (partition by target_court, lane order by virtual_time, id) as place
    from waiting),
taken as (
    update fetch_requests r
    set login_until = null, not_before = null, failure = null, message = '',
        date_modified = clock_timestamp(),
        virtual_time = greatest(
            (select case numbered.lane when 1 then c.bulk_virtual_time else c.virtual_time end
             from courts c where c.id = numbered.target_court),
            (select max(q.virtual_time) from fetch_requests q
             where q.target_court = numbered.target_court and q.user_id = $1
               and q.lane = numbered.lane
               and q.state in ('accepted', 'waiting') and q.not_before is null)) + numbered.place
    from numbered
    where r.id = numbered.id
    returning r.id, r.fence, r.target_court),
noted as (
    insert into fetch_steps (request_id, fence, step)
    select id, fence, 'logged_in' from taken),
called as materialized (
    select pg_notify($6, court)::text as told from (select distinct target_court as court from taken) courts)
select (select count(*) from taken) as "taken_up!", (select count(told) from called) as "courts!"
