-- Requests that name a document by its address, before it is known which one that is (docs/adr/0059-steps.md). What has
-- to be fetched on the way, the docket and the menu of the entry, are requests like any other. Rights are in roles.sql.

create table fetch_plans (
    request_id bigint primary key references fetch_requests on delete cascade,
    -- How the document is looked for once a step has ended: `DocumentAddress`.
    address jsonb not null,
    -- The time before which its owner does not want it begun. That of the request itself is far away while it waits for
    -- a step, so that it is out of the queue for every statement that knows nothing of steps.
    not_before timestamptz,
    -- The limit that its owner has named, once the steps have ended. That of the request itself is then less by what
    -- they have cost, so that it holds for the sum in versions that know nothing of steps.
    max_cost_cents integer,
    -- The step that has to end first; none once the document is known.
    waits_for bigint
);
create index fetch_plans_under_way on fetch_plans (waits_for) where waits_for is not null;

-- The requests that were made on the way, in their order. What they cost counts against the limit of the request.
create table fetch_plan_steps (
    step_id bigint primary key references fetch_requests on delete cascade,
    request_id bigint not null references fetch_plans on delete cascade,
    place smallint not null,
    unique (request_id, place)
);

-- With what a request asked for goes how it asked.
create function forget_plan() returns trigger language plpgsql
security definer set search_path = public, pg_temp
as $$
begin
    delete from fetch_plans where request_id = new.id;
    return null;
end
$$;

create trigger fetch_requests_forget_plan
    after update of date_forgotten on fetch_requests
    for each row
    when (new.date_forgotten is not null)
    execute function forget_plan();
