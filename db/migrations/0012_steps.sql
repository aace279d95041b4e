-- What a run has done so far, so that it goes on from there after a crash, and what later messages
-- of the conversation may read of it.
create table run_step (
    inbox_id integer not null references inbox (id) on delete cascade,
    step integer not null,
    kind text not null check (kind in ('answer', 'result')),
    body text not null,
    primary key (inbox_id, step)
) strict, without rowid;

-- How much of the language model somebody has used on a day of theirs.
create table llm_use (
    account_id integer not null references account (id) on delete cascade,
    day text not null,
    tokens integer not null,
    primary key (account_id, day)
) strict, without rowid;
