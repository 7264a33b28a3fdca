-- When work on a text is due, which is the order in which readers take it: what has waited for
-- long goes before what came later, whatever its lane and its place in a text.
alter table texts add column due_at timestamptz not null default clock_timestamp();
alter table text_parts add column due_at timestamptz not null default clock_timestamp();
update texts set due_at = date_created + lane * interval '1 hour' where state <> 'done';
update text_parts
set due_at = due_at + lane * interval '1 hour'
    + least((part - 1) * interval '20 seconds', interval '10 minutes')
where is_open;
create index texts_due on texts (state, due_at) where state in ('planning', 'assembling');
create index text_parts_due on text_parts (due_at, id) where is_open;

alter table courts
    -- when the last turn begins that was given to anybody; `next_free` may be later
    add column last_turn timestamptz,
    -- until when the court has asked to be left alone, and by what answer
    add column asked_until timestamptz,
    add column asked_by text not null default '';
