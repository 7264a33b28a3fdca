select r.id, r.request_type, r.state as "state: _", r.failure, r.fence, r.docket_id,
       r.de_date_start, r.de_date_end, r.de_number_start, r.de_number_end,
       r.show_parties_and_counsel, r.show_terminated_parties, r.show_list_of_member_cases,
       array_remove(array[nullif(r.pacer_case_id, ''), r.found_case_id, dockets.pacer_case_id], null)
           as "case_ids!",
       array_remove(array[nullif(r.docket_number, ''), r.found_case_number,
                          nullif(dockets.docket_number_raw, '')], null) as "numbers!",
       coalesce(recap_documents.pacer_doc_id, '') as "pacer_doc_id!",
       coalesce(r.begins_at, r.date_created) as "begins_at!",
       coalesce(r.date_completed, r.date_modified) as "date_completed!"
from fetch_requests r
left join dockets on dockets.id = r.docket_id
left join recap_documents on recap_documents.id = r.recap_document_id
where r.target_court = $1 and r.state in ('failed', 'done') and r.date_forgotten is null
  and r.request_type in (1, 3)
order by r.id
