-- A docket that is held is not bought again while the court says that nothing was filed since.
alter table fetch_requests
    add column skip_if_unchanged boolean not null default false;
