-- Who may do what in the database. `pacer-fetch migrate` runs this after the migrations, as the owner of
-- the tables, in one transaction. Each service comes with a role of its own, which may do what its
-- statements need and nothing more; none owns anything, so none can change the schema. `login` has no
-- database: gateways keep its records. Of the ledger (purchases, purchase_events) nobody may delete a line, nor say anew who bought
-- what.
--
-- A statement that is new, or used by a service that did not have it, gets its grant here. Tests run each
-- service in its role and fail when the database denies something.
--
-- From what to what they may write it, where a row is a request or a line of the ledger, is held by triggers
-- (migrations/0007_guards.sql).
--
-- To lock a row one has to be allowed to change one of its columns. `update (id)` is for whoever only
-- locks: the database gives the numbers, and takes none from anybody. So are columns named in what is
-- added: numbers and times are the database's to give.

-- An owner who may not make roles finds them made: by an administrator, with these names.
do $$
declare
    service text;
begin
    foreach service in array array['gateway', 'docket_fetcher', 'pdf_fetcher', 'ocr', 'operator',
        'follower'] loop
        if not exists (select from pg_roles where rolname = 'pacer_fetch_' || service) then
            execute format('create role %I login', 'pacer_fetch_' || service);
        end if;
    end loop;
end
$$;

-- What was granted by an earlier version, and what Postgres grants to everybody.
revoke all on all tables in schema public from public, pacer_fetch_gateway, pacer_fetch_docket_fetcher,
    pacer_fetch_pdf_fetcher, pacer_fetch_ocr, pacer_fetch_operator, pacer_fetch_follower;
revoke all on all sequences in schema public from public, pacer_fetch_gateway, pacer_fetch_docket_fetcher,
    pacer_fetch_pdf_fetcher, pacer_fetch_ocr, pacer_fetch_operator, pacer_fetch_follower;
revoke all on schema public from public;
do $$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format(
        'grant connect on database %I to pacer_fetch_gateway, pacer_fetch_docket_fetcher,
             pacer_fetch_pdf_fetcher, pacer_fetch_ocr, pacer_fetch_operator, pacer_fetch_follower',
        current_database());
end
$$;

-- Everybody, to see whether the schema has what they need.
grant usage on schema public to pacer_fetch_gateway, pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher,
    pacer_fetch_ocr, pacer_fetch_operator, pacer_fetch_follower;
grant select on _sqlx_migrations, granted to pacer_fetch_gateway, pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher,
    pacer_fetch_ocr, pacer_fetch_operator, pacer_fetch_follower;

-- gateway: takes requests, releases them, sweeps, shows what there is, forgets what is old.
grant select on users, api_tokens, budgets, courts, court_directory, queue_settings, workers, retention,
    fetch_requests, fetch_steps, idempotency_keys, purchases, captures,
    dockets, bankruptcy_information, originating_court_information, docket_entries, recap_documents,
    parties, party_types, criminal_counts, criminal_complaints, attorneys, roles,
    texts, text_parts, text_pages
    to pacer_fetch_gateway;
grant update (id) on users, fetch_steps to pacer_fetch_gateway;
grant update (last_used) on api_tokens to pacer_fetch_gateway;
-- How often users call.
grant select, insert, update (calls), delete on api_calls to pacer_fetch_gateway;
-- The settings that it takes over at its start.
grant insert, update on budgets, courts, retention to pacer_fetch_gateway;
grant update on queue_settings to pacer_fetch_gateway;
grant insert, update, delete on fetch_requests to pacer_fetch_gateway;
grant usage on sequence fetch_requests_id_seq to pacer_fetch_gateway;
grant insert (request_id, fence, step, detail), delete on fetch_steps to pacer_fetch_gateway;
grant insert, update, delete on idempotency_keys to pacer_fetch_gateway;
-- A purchase that was lost is doubted, one whose pages were counted is priced.
grant update (state, billed_cents, billed_pages, pages_awaited, date_modified) on purchases
    to pacer_fetch_gateway;
grant insert (purchase_id, state, detail) on purchase_events to pacer_fetch_gateway;
grant update (item_key, url, media_type, sha256, date_forgotten), delete on captures to pacer_fetch_gateway;
grant insert, update, delete on texts to pacer_fetch_gateway;
grant update (lane, due_at) on text_parts to pacer_fetch_gateway;
grant delete on workers to pacer_fetch_gateway;
grant execute on function provenance_of to pacer_fetch_gateway;
grant select, update (is_lock) on gateway_locks to pacer_fetch_gateway;
-- For login, which asks it over NATS.
grant select, insert (key, value, expires_at), update (value, revision, written_at, expires_at), delete
    on login_records to pacer_fetch_gateway;
grant usage on sequence login_record_revisions to pacer_fetch_gateway;
-- What became of requests. Only the trigger of the requests writes it.
grant select on request_events, request_events_id_seq to pacer_fetch_gateway;
grant select on request_changes to pacer_fetch_gateway;
-- What became of the library. Only triggers write it.
grant select on library_archive, library_changes, library_changes_place_seq to pacer_fetch_gateway;
-- What is fetched on the way to a document that was asked for by its address.
grant select, insert, update (waits_for, max_cost_cents) on fetch_plans to pacer_fetch_gateway;
grant select, insert on fetch_plan_steps to pacer_fetch_gateway;
-- Dockets that are looked at again and again, and the requests for that. A request stays with its tracker: whoever could
-- take it away would have the tracker buy more.
grant select,
    insert (user_id, docket_id, target_court, token_id, session_key, account_digest, client_code, lane, every_hours,
        until, max_cost_cents, next_due),
    update (token_id, every_hours, until, max_cost_cents, state, message, next_due, date_asked, date_found,
        date_modified),
    delete on fetch_trackers to pacer_fetch_gateway;
grant select, insert (tracker_id, due, request_id, quarter), update (is_open) on fetch_tracker_runs
    to pacer_fetch_gateway;
-- Whom to tell of that, and what became of it. That a request has ended the trigger alone writes there: whoever
-- adds a row asks for a test.
grant select, insert (user_id, event_type, version, url, enabled, secret),
    update (url, enabled, date_disabled, secret, previous_secret, previous_secret_until, failure_count, date_modified),
    delete on webhook_endpoints to pacer_fetch_gateway;
grant select, insert (webhook_id, user_id, debug),
    update (event_status, retry_counter, next_try, claim, content, status_code, response, error_message, date_modified),
    delete on webhook_events to pacer_fetch_gateway;

-- Both fetchers: buy, for whoever is the request's. They see no token and no name of a user.
grant select (id) on users to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant update (id) on users to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant select on budgets, courts, workers, fetch_requests, purchases, captures,
    dockets, docket_entries, recap_documents, fetch_plan_steps
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant select (request_id, max_cost_cents) on fetch_plans to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
-- What the tracker of a request may spend, locked while a purchase is held against it.
grant select (id, max_cost_cents), update (id) on fetch_trackers
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant select (tracker_id, request_id, quarter) on fetch_tracker_runs
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant update (next_free, last_turn, asked_until, asked_by, paused_until, consecutive_failures, openings,
    open_since, open_reason, time_outs) on courts
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant insert, update (slots, seen, has_left) on workers
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant execute on function provenance_of to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant update (state, status, message, failure, docket_id, attempts, snoozes, put_off, put_off_since,
    not_before, date_started, date_completed, date_modified, court_ms, unclaimed, fence, worker, lease_until,
    published_at, found_case_id, found_case_number, login_until) on fetch_requests
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant insert (request_id, fence, step, detail) on fetch_steps
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant insert (request_id, user_id, account_digest, client_code, court_id, item_key, fence, state, quoted_cents,
    flagged) on purchases
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant insert (purchase_id, state, detail) on purchase_events
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant insert (request_id, court_id, item_key, url, media_type, sha256, byte_count, in_vain) on captures
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
-- Until when a request may wait for a login.
grant select (request_id, step, at) on fetch_steps to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant update (state, quoted_cents, billed_cents, billed_pages, billed_by, receipt, capture_id, pages_awaited,
    date_modified) on purchases
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant update (item_key) on captures to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
grant select, update (is_lock) on merge_locks to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;
-- What was added and changed for a request, with the rows that it tells of.
grant select, insert, update (docket_new, entries_new, entries_changed, documents_new, documents_changed,
    parties_new, parties_changed) on request_changes
    to pacer_fetch_docket_fetcher, pacer_fetch_pdf_fetcher;

-- docket-fetcher: merges what it has bought.
grant select on bankruptcy_information, originating_court_information, parties, party_types, criminal_counts,
    criminal_complaints, attorneys, roles
    to pacer_fetch_docket_fetcher;
grant insert, update on dockets, bankruptcy_information, originating_court_information, docket_entries,
    recap_documents, parties, party_types, attorneys, roles
    to pacer_fetch_docket_fetcher;
grant usage on sequence docket_entries_id_seq to pacer_fetch_docket_fetcher;
grant insert on criminal_counts, criminal_complaints to pacer_fetch_docket_fetcher;
grant delete on party_types, criminal_counts, criminal_complaints, roles to pacer_fetch_docket_fetcher;

-- pdf-fetcher: gives documents their files, and has them read.
grant update (filepath_local, sha256, sha1, file_size, page_count, is_available, plain_text, ocr_status,
    date_upload, date_modified) on recap_documents
    to pacer_fetch_pdf_fetcher;
grant select, insert, update (state, lane, due_at, attempts) on texts to pacer_fetch_pdf_fetcher;
grant select, update (lane, due_at) on text_parts to pacer_fetch_pdf_fetcher;

-- ocr: opens files of strangers. It sees which requests wait for a text, and nothing of who asked, of who
-- pays or of what was paid.
grant select, insert, update on texts, text_parts, text_pages to pacer_fetch_ocr;
grant select (id, docket_entry_id, document_number, sha256, plain_text, ocr_status, page_count)
    on recap_documents to pacer_fetch_ocr;
grant update (plain_text, ocr_status, page_count, date_modified) on recap_documents to pacer_fetch_ocr;
grant select (id, docket_id) on docket_entries to pacer_fetch_ocr;
grant select (id, docket_number_raw) on dockets to pacer_fetch_ocr;
grant select (id, user_id, request_type, target_court, recap_document_id, state, attempts, fence, traceparent,
    date_modified) on fetch_requests to pacer_fetch_ocr;
grant update (state, status, message, fence, worker, lease_until, date_completed, date_modified)
    on fetch_requests to pacer_fetch_ocr;
grant select, insert (request_id, fence, step, detail) on fetch_steps to pacer_fetch_ocr;
grant select, insert, update (slots, seen, has_left) on workers to pacer_fetch_ocr;
grant execute on function provenance_of to pacer_fetch_ocr;

-- operator: the verbs of `pacer-fetch`, but for `migrate`.
grant select on all tables in schema public to pacer_fetch_operator;
grant insert, update, delete on users, api_tokens, budgets to pacer_fetch_operator;
grant delete on api_calls, fetch_trackers to pacer_fetch_operator;
grant update on courts, queue_settings to pacer_fetch_operator;
grant insert, update on retention to pacer_fetch_operator;
grant update, delete on fetch_requests, idempotency_keys, texts to pacer_fetch_operator;
grant insert (request_id, fence, step, detail), delete on fetch_steps to pacer_fetch_operator;
grant update (id) on fetch_steps to pacer_fetch_operator;
-- What is in doubt is settled from the court's statement.
grant update (state, billed_cents, billed_pages, settled_at, settled_note, date_modified) on purchases
    to pacer_fetch_operator;
grant insert (purchase_id, state, detail) on purchase_events to pacer_fetch_operator;
grant update (is_lock) on gateway_locks to pacer_fetch_operator;
grant update (item_key, url, media_type, sha256, date_forgotten), delete on captures to pacer_fetch_operator;
-- Kept pages are read again: what docket-fetcher merges is merged, and a text is begun again. Nothing of it
-- is bought, and no file of a document is replaced.
grant update (is_lock) on merge_locks to pacer_fetch_operator;
grant insert, update on dockets, bankruptcy_information, originating_court_information, docket_entries,
    parties, party_types, attorneys, roles
    to pacer_fetch_operator;
grant insert, update (document_type, document_number, attachment_number, pacer_doc_id, description, page_count,
    file_size, date_modified) on recap_documents
    to pacer_fetch_operator;
grant usage on sequence docket_entries_id_seq to pacer_fetch_operator;
grant insert on criminal_counts, criminal_complaints to pacer_fetch_operator;
grant delete on party_types, criminal_counts, criminal_complaints, roles to pacer_fetch_operator;
grant update (in_vain) on captures to pacer_fetch_operator;
grant insert, update on texts to pacer_fetch_operator;
grant delete on text_parts, text_pages to pacer_fetch_operator;
grant execute on function provenance_of to pacer_fetch_operator;
grant insert (user_id, event_type, version, url, enabled, secret),
    update (url, enabled, date_disabled, secret, previous_secret, previous_secret_until, failure_count, date_modified),
    delete on webhook_endpoints to pacer_fetch_operator;
grant insert (webhook_id, user_id, debug),
    update (event_status, retry_counter, next_try, claim, date_modified),
    delete on webhook_events to pacer_fetch_operator;

-- follower: keeps in step with another archive, whose rows it takes over as they are, and which go when they go there.
-- It sees nothing else.
grant select, insert, update, delete on dockets, bankruptcy_information, originating_court_information, docket_entries,
    recap_documents, parties, party_types, criminal_counts, criminal_complaints, attorneys, roles
    to pacer_fetch_follower;
grant select on library_archive, library_changes, library_changes_place_seq to pacer_fetch_follower;
grant select on library_follows to pacer_fetch_follower;
grant insert (archive), update (cursor, date_modified) on library_follows to pacer_fetch_follower;

insert into granted (version) select max(version) from _sqlx_migrations
on conflict (only_row) do update set version = excluded.version;
