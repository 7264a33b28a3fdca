-- Gives a reader ($1) the part that is due first, for so many seconds ($2).
with next as (
    select id from text_parts
    where is_open and (lease_until is null or lease_until < clock_timestamp())
      and (not_before is null or not_before <= clock_timestamp())
    order by due_at, id
    limit 1
    for no key update skip locked)
update text_parts
set fence = text_parts.fence + 1, attempts = text_parts.attempts + 1, worker = $1,
    not_before = null,
    lease_until = clock_timestamp() + make_interval(secs => $2)
from next
where text_parts.id = next.id
returning text_parts.id, sha256, fence, attempts,
    (select traceparent from texts where texts.sha256 = text_parts.sha256),
    array(select page from text_pages
          where text_pages.sha256 = text_parts.sha256 and source is null
            and page = any(text_parts.pages)
          order by page) as "pages!"
