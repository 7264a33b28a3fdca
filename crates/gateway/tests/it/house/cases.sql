-- Two cases that never were: one civil, with entries, documents and counsel, one in bankruptcy.
update users set is_active = false where name = 'gone';

insert into dockets (court_id, pacer_case_id, docket_number, docket_number_raw, docket_number_core,
    case_name, slug, nature_of_suit, date_filed, date_last_filing, date_created)
values
    ('cand', '990123', '3:24-cv-09876', '3:24-cv-09876', '2409876',
     'Acme Widgets, Inc. v. Example Bolts LLC', 'acme-widgets-inc-v-example-bolts-llc',
     'Contract: Other', '2024-12-30', '2025-01-06', '2026-11-20T17:15:06.02Z'),
    ('cob', '5151', '1:23-bk-00042', '1:23-bk-00042', '2300042', 'Nemo Example', 'nemo-example',
     '', '2023-02-01', null, '2026-11-20T18:20:30Z');

insert into bankruptcy_information (docket_id, chapter, trustee_str)
values (2, '7', 'Terry Trustee');

insert into docket_entries (docket_id, entry_number, recap_sequence_number, date_filed, description)
values
    (1, 1, '2024-12-30.001', '2024-12-30', 'COMPLAINT'),
    (1, null, '2025-01-06.001', '2025-01-06', 'Minute entry'),
    (2, 1, '2023-02-01.001', '2023-02-01', 'Petition');

insert into recap_documents (docket_entry_id, document_type, document_number, attachment_number,
    pacer_doc_id, description, is_available, plain_text, ocr_status, sha256, file_size,
    filepath_local)
values
    (1, 1, '1', null, '035099000001', 'Complaint', true, 'the text', 2, 'SHA256', 30,
     'recap/gov.uscourts.cand.990123/gov.uscourts.cand.990123.1.0.pdf'),
    (1, 2, '1', 1, '035099000002', 'Exhibit A', false, '', null, null, null, null),
    (2, 1, '', null, '', '', false, '', null, null, null, null),
    (3, 1, '1', null, '038001000001', 'Petition', false, '', null, null, null, null);

insert into parties (docket_id, name) values (1, 'Acme Widgets, Inc.'), (2, 'Nemo Example');
insert into party_types (docket_id, party_id, name) values (1, 1, 'Defendant');
insert into criminal_counts (party_type_id, name, status) values (1, 'FRAUD', 1);
insert into attorneys (docket_id, name, contact_raw) values (1, 'Robin Placeholder', 'Example Plaza');
insert into roles (docket_id, party_id, attorney_id, role) values (1, 1, 1, 2);
