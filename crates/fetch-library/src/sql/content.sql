-- Counts and roles are written anew when one of them changes, so they go by what they say.
select part as "part!", key as "key!", name as "name!", fields as "fields!"
from (
    select 1 as nth, '' as place, 'docket' as part, 'docket' as key, 'docket' as name,
           to_jsonb(dockets) - '{id,source,slug,date_created,date_modified}'::text[] as fields
    from dockets where id = $1
    union all
    select 2, '', 'docket', 'bankruptcy', 'bankruptcy information',
           to_jsonb(bankruptcy_information) - '{id,docket_id,date_created,date_modified}'::text[]
    from bankruptcy_information where docket_id = $1
    union all
    select 3, '', 'docket', 'below', 'originating court',
           to_jsonb(originating_court_information) - '{id,docket_id,date_created,date_modified}'::text[]
    from originating_court_information where docket_id = $1
    union all
    select 4, recap_sequence_number || to_char(id, 'FM000000000000'), 'entry', id::text,
           concat_ws(' ', 'entry', coalesce(entry_number::text, 'without a number'), 'of', date_filed),
           to_jsonb(docket_entries) - '{id,docket_id,date_created,date_modified}'::text[]
    from docket_entries where docket_id = $1
    union all
    select 5, recap_sequence_number || to_char(recap_documents.id, 'FM000000000000'), 'document',
           recap_documents.id::text,
           concat_ws(' ', 'document', nullif(document_number, ''), 'attachment ' || attachment_number),
           to_jsonb(recap_documents) - '{id,docket_entry_id,date_created,date_modified,date_upload,
               plain_text,ocr_status,filepath_local,sha1,sha256,is_available}'::text[]
    from recap_documents join docket_entries on docket_entries.id = docket_entry_id
    where docket_id = $1
    union all
    select 6, '', 'party', name, name,
           jsonb_build_object('date_terminated', date_terminated, 'extra_info', extra_info,
               'highest_offense_level_opening', highest_offense_level_opening,
               'highest_offense_level_terminated', highest_offense_level_terminated)
    from (select parties.name || ' (' || party_types.name || ')' as name, party_types.date_terminated,
                 party_types.extra_info, highest_offense_level_opening, highest_offense_level_terminated
          from party_types join parties on parties.id = party_id
          where party_types.docket_id = $1) as in_roles
    union all
    select 7, '', 'count',
           said || ' #' || row_number() over (partition by said), said, fields
    from (select parties.name || ': ' || criminal_counts.name as said,
                 to_jsonb(criminal_counts) - '{id,party_type_id}'::text[] as fields
          from criminal_counts
          join party_types on party_types.id = party_type_id join parties on parties.id = party_id
          where party_types.docket_id = $1
          union all
          select parties.name || ': ' || criminal_complaints.name,
                 to_jsonb(criminal_complaints) - '{id,party_type_id}'::text[]
          from criminal_complaints
          join party_types on party_types.id = party_type_id join parties on parties.id = party_id
          where party_types.docket_id = $1) as counts
    union all
    select 8, '', 'attorney', name, name,
           to_jsonb(attorneys) - '{id,docket_id,date_created,date_modified}'::text[]
    from attorneys where docket_id = $1
    union all
    select 9, '', 'role',
           said || ' #' || row_number() over (partition by said order by date_action), said, fields
    from (select attorneys.name || ' for ' || parties.name || ': ' || role_raw as said, date_action,
                 jsonb_build_object('role', role, 'date_action', date_action) as fields
          from roles
          join parties on parties.id = party_id join attorneys on attorneys.id = attorney_id
          where roles.docket_id = $1) as in_roles
) as content
order by nth, place, key
