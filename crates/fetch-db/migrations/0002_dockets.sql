-- court -> docket -> entry -> document; parties and attorneys hang off the docket.
-- Names and meanings are those of the RECAP Fetch API.
create table dockets (
    id bigint generated always as identity primary key,
    court_id text not null references courts,
    pacer_case_id text,
    docket_number text,
    docket_number_raw text not null default '',
    docket_number_core text not null default '',
    federal_dn_office_code text not null default '',
    federal_dn_case_type text not null default '',
    federal_dn_judge_initials_assigned text not null default '',
    federal_dn_judge_initials_referred text not null default '',
    federal_defendant_number integer,
    case_name text not null default '',
    slug text not null default '',
    source smallint not null default 1,
    assigned_to_str text not null default '',
    referred_to_str text not null default '',
    cause text not null default '',
    nature_of_suit text not null default '',
    jury_demand text not null default '',
    jurisdiction_type text not null default '',
    mdl_status text not null default '',
    -- what only dockets of appellate courts tell; the id is CourtListener's, of the court below
    appeal_from_str text not null default '',
    appeal_from_id text,
    panel_str text not null default '',
    appellate_fee_status text not null default '',
    appellate_case_type_information text not null default '',
    date_filed date,
    date_terminated date,
    date_last_filing date,
    date_created timestamptz not null default now(),
    date_modified timestamptz not null default now()
);
create unique index dockets_of_a_case on dockets (court_id, pacer_case_id, docket_number);
create index dockets_by_case_id on dockets (court_id, pacer_case_id);
create index dockets_by_core on dockets (court_id, docket_number_core) where docket_number_core <> '';
create index dockets_by_number on dockets (docket_number);
create index dockets_by_date_modified on dockets (date_modified, id);
create index dockets_by_date_created on dockets (date_created, id);

create table bankruptcy_information (
    id bigint generated always as identity primary key,
    docket_id bigint not null unique references dockets on delete cascade,
    date_converted timestamptz,
    date_last_to_file_claims timestamptz,
    date_last_to_file_govt timestamptz,
    date_debtor_dismissed timestamptz,
    chapter text not null default '',
    trustee_str text not null default '',
    date_created timestamptz not null default now(),
    date_modified timestamptz not null default now()
);

create table originating_court_information (
    id bigint generated always as identity primary key,
    docket_id bigint not null unique references dockets on delete cascade,
    docket_number text not null default '',
    docket_number_raw text not null default '',
    assigned_to_str text not null default '',
    ordering_judge_str text not null default '',
    court_reporter text not null default '',
    date_disposed date,
    date_filed date,
    date_judgment date,
    date_judgment_eod date,
    date_filed_noa date,
    date_received_coa date,
    date_created timestamptz not null default now(),
    date_modified timestamptz not null default now()
);

create table docket_entries (
    id bigint generated always as identity primary key,
    docket_id bigint not null references dockets on delete cascade,
    entry_number bigint,
    recap_sequence_number text not null default '',
    pacer_sequence_number integer,
    date_filed date,
    time_filed time,
    description text not null default '',
    date_created timestamptz not null default now(),
    date_modified timestamptz not null default now()
);
create index docket_entries_of_a_docket on docket_entries (docket_id, recap_sequence_number, entry_number);
create index docket_entries_by_number on docket_entries (docket_id, entry_number);
create index docket_entries_by_date_modified on docket_entries (date_modified, id);
create index docket_entries_by_date_created on docket_entries (date_created, id);

create table recap_documents (
    id bigint generated always as identity primary key,
    docket_entry_id bigint not null references docket_entries on delete cascade,
    document_type smallint not null check (document_type in (1, 2)),
    document_number text not null default '',
    attachment_number smallint,
    pacer_doc_id text not null default '',
    description text not null default '',
    is_available boolean not null default false,
    is_free_on_pacer boolean,
    is_sealed boolean,
    sha1 text not null default '',
    sha256 text,
    page_count integer,
    file_size bigint,
    filepath_local text,
    plain_text text not null default '',
    ocr_status smallint,
    date_upload timestamptz,
    date_created timestamptz not null default now(),
    date_modified timestamptz not null default now()
);
create index recap_documents_of_an_entry on recap_documents
    (docket_entry_id, document_type, document_number, attachment_number);
create index recap_documents_by_pacer_doc_id on recap_documents (pacer_doc_id) where pacer_doc_id <> '';
create index recap_documents_by_sha256 on recap_documents (sha256) where sha256 is not null;
create unique index recap_documents_by_path on recap_documents (filepath_local);
create index recap_documents_by_date_modified on recap_documents (date_modified, id);
create index recap_documents_by_date_created on recap_documents (date_created, id);

create table parties (
    id bigint generated always as identity primary key,
    docket_id bigint not null references dockets on delete cascade,
    name text not null,
    extra_info text not null default '',
    date_created timestamptz not null default now(),
    date_modified timestamptz not null default now(),
    unique (docket_id, name)
);

create table party_types (
    id bigint generated always as identity primary key,
    docket_id bigint not null references dockets on delete cascade,
    party_id bigint not null references parties on delete cascade,
    name text not null,
    date_terminated date,
    extra_info text not null default '',
    highest_offense_level_opening text not null default '',
    highest_offense_level_terminated text not null default '',
    unique (docket_id, party_id, name)
);
create index party_types_of_a_party on party_types (party_id);

create table criminal_counts (
    id bigint generated always as identity primary key,
    party_type_id bigint not null references party_types on delete cascade,
    name text not null,
    disposition text not null default '',
    -- 1 pending, 2 terminated
    status smallint not null
);
create index criminal_counts_of_a_party_type on criminal_counts (party_type_id);

create table criminal_complaints (
    id bigint generated always as identity primary key,
    party_type_id bigint not null references party_types on delete cascade,
    name text not null,
    disposition text not null default ''
);
create index criminal_complaints_of_a_party_type on criminal_complaints (party_type_id);

create table attorneys (
    id bigint generated always as identity primary key,
    docket_id bigint not null references dockets on delete cascade,
    name text not null,
    contact_raw text not null default '',
    phone text not null default '',
    fax text not null default '',
    email text not null default '',
    date_created timestamptz not null default now(),
    date_modified timestamptz not null default now(),
    unique (docket_id, name)
);

create table roles (
    id bigint generated always as identity primary key,
    docket_id bigint not null references dockets on delete cascade,
    party_id bigint not null references parties on delete cascade,
    attorney_id bigint not null references attorneys on delete cascade,
    -- 1 to be noticed, 2 lead, 3 sealed group, 4 pro hac vice, 5 self-terminated, 6 terminated,
    -- 7 suspended, 8 inactive, 9 disbarred, 10 unknown; null if the text means none of these
    role smallint,
    role_raw text not null default '',
    date_action date
);
create index roles_of_a_party on roles (party_id);
create index roles_of_an_attorney on roles (attorney_id);
create index roles_of_a_docket on roles (docket_id);
