-- What the language model had done, to be read by its person.
create table tool_call_log (
    id integer primary key,
    account_id integer not null references account (id) on delete cascade,
    inbox_id integer not null,
    tool text not null,
    arguments text not null,
    outcome text not null,
    took_ms integer not null,
    created_ms integer not null
) strict;
create index tool_call_log_account on tool_call_log (account_id, id);
create index tool_call_log_old on tool_call_log (created_ms);
