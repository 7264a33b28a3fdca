-- Many requests that are accepted in one call (docs/adr/0061-batches-and-ranges.md). Such a call has one Idempotency-Key,
-- which stands for no request but for its whole answer. The key lies where all keys lie, and is forgotten like them.

-- What was answered: the numbers of requests, and what was said of those that were refused. None of a key that stands
-- for a request.
alter table idempotency_keys add column batch_answer text;
