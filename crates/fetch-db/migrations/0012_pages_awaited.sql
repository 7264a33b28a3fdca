-- A document that came without its price is booked at the most that it can cost, until the readers
-- of documents have counted its pages. The name of the price rule by which the line is completed
-- then; null when the bill is complete.
alter table purchases add column pages_awaited text;
create index purchases_awaiting_pages on purchases (id) where pages_awaited is not null;
