-- Pages that are kept although they are old: those of a request that has not ended, that failed and
-- may be tried again with what was bought for it, or whose money is not settled.
create function is_evidence(page captures) returns boolean language sql stable as $$
    select exists (
            select from purchases p
            where p.request_id = page.request_id
              and (p.state = 'intent' or (p.state = 'doubt' and p.settled_at is null)
                   or p.pages_awaited is not null))
        or exists (
            select from fetch_requests r
            where r.id = page.request_id
              and (r.date_completed is null or (r.state = 'failed' and r.date_forgotten is null)))
$$;
