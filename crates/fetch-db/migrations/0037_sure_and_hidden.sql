-- What share of a page's words was recognised surely, 0 to 1, and what its text has that a reader
-- of the printed page does not see. Readers of the version before leave both as they are.

alter table text_pages
    add column sure_words real,
    add column hidden_text jsonb not null default '[]';
