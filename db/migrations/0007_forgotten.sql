-- A telling that is forgotten counts no more, but the message that told is still found by it, to be
-- edited when the table goes.
alter table told add column forgotten integer not null default 0;
