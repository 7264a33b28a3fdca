-- What only dockets of appellate courts tell. Names and meanings are those of the RECAP Fetch API.
alter table dockets
    add column appeal_from_str text not null default '',
    -- CourtListener's id of the court below
    add column appeal_from_id text,
    add column panel_str text not null default '',
    add column appellate_fee_status text not null default '',
    add column appellate_case_type_information text not null default '';

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
