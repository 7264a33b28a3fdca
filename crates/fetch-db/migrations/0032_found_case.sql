-- Which case a docket number is, as its court has said: the court is asked once for a request.

alter table fetch_requests
    -- the court's id of the case
    add column found_case_id text,
    -- its number there, in the court's own spelling
    add column found_case_number text;
