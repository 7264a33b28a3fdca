select captures.id, coalesce(booked.item_key, captures.item_key) as "item_key!", captures.url,
       captures.media_type, captures.sha256, captures.date_created, captures.in_vain,
       captures.date_forgotten is not null as "is_forgotten!",
       buyer.id as "request?", buyer.user_id as "user?", buyer.request_type as "request_type?",
       buyer.state as "state?: _", buyer.pacer_case_id as "pacer_case_id?",
       buyer.docket_number as "docket_number?", buyer.found_case_id, buyer.found_case_number,
       buyer.failure as "failure?", buyer.date_forgotten is not null as "request_is_forgotten?",
       buyer.de_date_start, buyer.de_date_end, buyer.de_number_start, buyer.de_number_end,
       buyer.show_parties_and_counsel as "show_parties_and_counsel?",
       buyer.show_terminated_parties as "show_terminated_parties?",
       buyer.show_list_of_member_cases as "show_list_of_member_cases?",
       buyer.recap_document_id as "document?", recap_documents.pacer_doc_id as "pacer_doc_id?",
       dockets.id as "docket?", dockets.pacer_case_id as "stored_case_id?",
       dockets.docket_number_raw as "stored_number?"
from captures
left join fetch_requests buyer on buyer.id = captures.request_id
left join recap_documents on recap_documents.id = buyer.recap_document_id
left join docket_entries on docket_entries.id = recap_documents.docket_entry_id
left join dockets on dockets.id = coalesce(buyer.docket_id, docket_entries.docket_id)
left join purchases booked on captures.date_forgotten is not null and booked.capture_id = captures.id
where captures.court_id = $1 and captures.id > $2
  and not starts_with(captures.item_key, 'doc/')
  and not starts_with(coalesce(booked.item_key, ''), 'doc/')
order by captures.id
