-- A watch may ask several questions: of several restaurants, days, numbers of people. It may have a
-- title, be paused, be silent for a while, or end with the first table that it finds. A telling is
-- counted in answers, which no clock moves.
alter table venue_watch add column title text not null default '';
alter table venue_watch add column paused integer not null default 0;
alter table venue_watch add column snoozed_ms integer not null default 0;
alter table venue_watch add column once integer not null default 0;
alter table venue_watch add column found_ms integer not null default 0;
alter table watch_question add column until_ms integer not null default 0;
update watch_question set until_ms = (select until_ms from venue_watch where id = watch_id);
alter table told add column answer integer not null default 0;
update told set answer = (select case when closed_ms > told_ms then closed_answer - 1
    else opened_answer end from slot where id = slot_id);
drop index question_due;
create index question_due on question (due_ms, asked_ms) where due_ms is not null;
