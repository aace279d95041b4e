-- A chat may be of several people, be reached at any time, or be out of reach. People are let in by
-- an owner, have a name and quiet hours. A message may be answered with a word before the answer.
alter table chat add column crowd integer not null default 0;
alter table chat add column title text not null default '';
alter table chat add column allowed integer not null default 1; -- of a crowd: by an owner
alter table chat add column pushes integer not null default 0;  -- reached at any time
alter table chat add column rest_ms integer not null default 0; -- its pace: nothing goes before
alter table chat add column away_ms integer not null default 0; -- out of reach, since then
alter table account add column alone integer not null default 1; -- may talk outside of crowds
alter table account add column name text not null default '';
alter table account add column quiet_from integer; -- minutes of their day
alter table account add column quiet_to integer;
alter table inbox add column preface text not null default '';
alter table outbox add column quiet integer not null default 0; -- it waits for the morning

-- Who asks to be let in: a person, or a crowd to which we were added.
create table newcomer (
    id integer primary key,
    platform text not null,
    own text not null,
    who text not null,
    chat_id integer not null references chat (id) on delete cascade,
    crowd integer not null,
    name text not null,
    code text not null default '',
    state text not null check (state in ('asks', 'in', 'out')),
    asked integer not null default 0,
    expires_ms integer not null,
    created_ms integer not null,
    unique (platform, own, who)
) strict;
create index newcomer_code on newcomer (code) where state = 'asks';
create index newcomer_chat on newcomer (chat_id);
create index inbox_chat on inbox (chat_id, id);
create index outbox_last on outbox (chat_id, sent_ms) where state = 'sent' and edits is null;
-- Of the last message that had reached the room when this was first tried: a lost one is behind it.
alter table outbox add column after_ref text;
-- An owner by the claim code, and not by the configuration alone.
alter table account add column claimed integer not null default 0;
