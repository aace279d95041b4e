-- What the last answer had, believed or not; when it turned empty, until somebody vouches for it;
-- and whether it was not believed.
alter table question add column tables integer not null default 0;
alter table question add column emptied_ms integer not null default 0;
alter table question add column doubted integer not null default 0;
create index question_tables on question (venue_id) where tables > 0;
create index question_emptied on question (emptied_ms) where emptied_ms > 0;
create index question_doubted on question (id) where doubted;
