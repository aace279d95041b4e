-- A question may also be a search, which belongs to no restaurant: what it says of each is a hint,
-- worth a find. Each watch has its own view of the hints. Rebuilt, since a column cannot be made
-- nullable otherwise; foreign keys are off meanwhile and checked at the end.
create table question_new (
    id integer primary key,
    kind text not null check (kind in ('find', 'search', 'calendar')),
    venue_id integer references venue (id),
    criteria text not null default '',
    day text not null,
    party integer not null,
    interval_ms integer not null,
    pace_ms integer not null default 0,    -- how often it is really asked: see question_repace
    meal_ms integer not null default 0,    -- about when the meal is
    release_ms integer not null default 0, -- when its tables are released, if that is published
    cost integer not null default 1, -- requests that it takes to ask it
    due_ms integer,
    claim text,
    asked_ms integer not null default 0,
    answered_ms integer not null default 0,
    first_answer_ms integer not null default 0,
    answers integer not null default 0,
    fails integer not null default 0,
    failing_since_ms integer not null default 0,
    why text not null default '',
    look_ms integer,
    fingerprint integer not null default 0,
    tables integer not null default 0,
    emptied_ms integer not null default 0,
    doubted integer not null default 0,
    created_ms integer not null,
    gate_open integer not null default 1, -- whether a calendar has it asked: see watch_question
    check ((kind = 'search') = (venue_id is null))
) strict;
insert into question_new (id, kind, venue_id, day, party, interval_ms, pace_ms, due_ms, claim, asked_ms,
    answered_ms, first_answer_ms, answers, fails, failing_since_ms, why, look_ms, fingerprint,
    tables, emptied_ms, doubted, created_ms)
    select id, kind, venue_id, day, party, interval_ms, interval_ms, due_ms, claim, asked_ms, answered_ms,
    first_answer_ms, answers, fails, failing_since_ms, why, look_ms, fingerprint, tables,
    emptied_ms, doubted, created_ms from question;
drop table question;
alter table question_new rename to question;
create unique index question_find on question (venue_id, day, party) where kind = 'find';
create unique index question_calendar on question (venue_id, party) where kind = 'calendar';
create unique index question_search on question (criteria, day, party) where kind = 'search';
create index question_venue on question (venue_id) where venue_id is not null;
create index question_due on question (due_ms, asked_ms) where due_ms is not null;
create index question_tables on question (venue_id) where tables > 0;
create index question_emptied on question (emptied_ms) where emptied_ms > 0;
create index question_doubted on question (id) where doubted;

create table venue_watch_new (
    id integer primary key autoincrement,
    account_id integer not null references account (id) on delete cascade,
    chat_id integer not null references chat (id) on delete cascade,
    venue_id integer references venue (id),
    looking text not null default '', -- what it looks for, if for no restaurant by name
    zone text not null default '',    -- the clock that counts then
    day text not null,
    party integer not null,
    from_minute integer not null,
    to_minute integer not null,
    seating text,
    max_fee_cents integer,
    interval_ms integer not null,
    until_ms integer not null,
    state text not null check (state in ('active', 'stopped', 'expired')),
    ended_ms integer,
    ended_by integer,
    inbox_id integer not null unique,
    created_ms integer not null,
    title text not null default '',
    paused integer not null default 0,
    snoozed_ms integer not null default 0,
    once integer not null default 0,
    found_ms integer not null default 0,
    affected_ms integer not null default 0, -- since when its person knows that it is blind
    roll_ms integer -- of one without dates: when its days move on
) strict;
insert into venue_watch_new (id, account_id, chat_id, venue_id, day, party, from_minute, to_minute,
    seating, max_fee_cents, interval_ms, until_ms, state, ended_ms, ended_by, inbox_id, created_ms,
    title, paused, snoozed_ms, once, found_ms)
    select id, account_id, chat_id, venue_id, day, party, from_minute, to_minute, seating,
    max_fee_cents, interval_ms, until_ms, state, ended_ms, ended_by, inbox_id, created_ms, title,
    paused, snoozed_ms, once, found_ms from venue_watch;
update sqlite_sequence set seq = (select seq from sqlite_sequence where name = 'venue_watch')
    where name = 'venue_watch_new';
drop table venue_watch;
alter table venue_watch_new rename to venue_watch;
create index venue_watch_until on venue_watch (until_ms) where state = 'active';
create index venue_watch_account on venue_watch (account_id, state);
create index venue_watch_roll on venue_watch (roll_ms) where state = 'active' and roll_ms > 0;

create table hint (
    id integer primary key,
    question_id integer not null references question (id) on delete cascade,
    venue_id integer not null references venue (id),
    open integer not null,
    missed integer not null default 0,
    shown text not null, -- JSON: the minutes that the search showed last, a part of those there are
    opened_ms integer not null,
    opened_answer integer not null,
    closed_ms integer not null default 0,
    closed_answer integer not null default 0,
    unique (question_id, venue_id)
) strict;

create table known (
    watch_id integer not null references venue_watch (id) on delete cascade,
    hint_id integer not null references hint (id) on delete cascade,
    state text not null check (state in ('there', 'asking', 'nothing')),
    shown text not null default '', -- what it was asked for
    primary key (hint_id, watch_id)
) strict, without rowid;
create index known_watch on known (watch_id);

-- For a find that is asked because of a hint; and whether what was there at the start is known.
alter table watch_question add column hint_id integer references hint (id) on delete cascade;
alter table watch_question add column based integer not null default 1;
-- One of many days: asked only while the restaurant's calendar says that it has tables.
alter table watch_question add column gated integer not null default 0;
create index watch_question_hint on watch_question (hint_id) where hint_id is not null;
create index watch_question_hinted on watch_question (question_id) where hint_id is not null;

-- Who is meant by a name of a printed guide, or that the provider has nobody of that name.
create table guide_venue (
    name text primary key,
    venue_id integer references venue (id),
    asked_ms integer not null
) strict, without rowid;

create index outbox_alerted on outbox (chat_id, sent_ms) where kind = 'alert' and state = 'sent';

-- How many checks an incident cost; who wants a line a day, in which chat, and who had it when.
alter table incident add column failed integer not null default 0;
alter table account add column daily_minute integer;
alter table account add column daily_chat integer references chat (id) on delete set null;
alter table account add column daily_day text not null default '';
create index account_daily on account (id) where daily_minute is not null;
create index question_failing on question (failing_since_ms) where fails > 0;
create index venue_watch_affected on venue_watch (chat_id, account_id) where affected_ms > 0;

-- When a restaurant releases its tables, as its page says in words; null: it does not.
alter table venue add column release_days integer;
alter table venue add column release_minute integer;

-- Every table that was seen to open. Points to no question: those go.
create table opening (
    id integer primary key,
    venue_id integer not null,
    party integer not null,
    start text not null,
    seating text not null,
    opened_ms integer not null,
    closed_ms integer,
    unique (venue_id, party, start, seating, opened_ms)
) strict;
create index opening_old on opening (opened_ms);

create table venue_search_snapshot (
    id integer primary key,
    chat_id integer not null references chat (id) on delete cascade,
    wish text not null,
    venues text not null,
    made_ms integer not null,
    unique (chat_id, wish)
) strict;
create index venue_search_snapshot_old on venue_search_snapshot (made_ms);
