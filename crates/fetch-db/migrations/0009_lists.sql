-- Lists that are filtered by what few of many rows have, which was looked for row by row
-- (docs/adr/0050-lists-and-files.md). While these are built, nothing is written to the two tables.

-- A user's requests by status. A status moves with the state, which other indexes name, so no move becomes
-- dearer than by this one entry.
create index fetch_requests_of_a_user_by_status on fetch_requests (user_id, status, id)
    where date_forgotten is null;

-- What is there to be read: of what dockets list, little is bought.
create index recap_documents_available on recap_documents (id) where is_available;
