create table account (
    id integer primary key,
    role text not null check (role in ('owner', 'member')),
    zone text not null,
    city text not null,
    created_ms integer not null
) strict;

create table identity (
    id integer primary key,
    account_id integer not null references account (id) on delete cascade,
    platform text not null,
    who text not null,
    created_ms integer not null,
    unique (platform, who)
) strict;

create table chat (
    id integer primary key,
    platform text not null,
    own text not null,
    ref text not null,
    created_ms integer not null,
    unique (platform, own, ref)
) strict;

create table chat_session (
    id integer primary key,
    chat_id integer not null references chat (id) on delete cascade,
    pending text,
    started_ms integer not null,
    ended_ms integer
) strict;
create unique index chat_session_current on chat_session (chat_id) where ended_ms is null;

create table inbox (
    id integer primary key autoincrement,
    platform text not null,
    own text not null,
    ref text not null,
    chat_id integer not null references chat (id) on delete cascade,
    account_id integer not null references account (id) on delete cascade,
    kind text not null check (kind in ('text', 'press')),
    text text not null,
    acts integer not null,
    state text not null default 'new' check (state in ('new', 'done')),
    tries integer not null default 0,
    received_ms integer not null,
    done_ms integer,
    unique (platform, own, ref)
) strict;
create index inbox_waiting on inbox (id) where state = 'new';
create index inbox_account on inbox (account_id, received_ms);

create table message (
    id integer primary key,
    session_id integer not null references chat_session (id) on delete cascade,
    inbox_id integer not null references inbox (id) on delete cascade,
    role text not null check (role in ('person', 'maitred')),
    text text not null,
    created_ms integer not null,
    unique (inbox_id, role)
) strict;
create index message_session on message (session_id, id);

create table venue (
    id integer primary key,
    name text not null,
    slug text not null,
    city text not null,
    city_slug text not null,
    zone text not null,
    neighborhood text not null,
    cuisine text not null,
    price integer not null,
    party_min integer not null,
    party_max integer not null,
    fetched_ms integer not null
) strict;

create table question (
    id integer primary key,
    kind text not null check (kind in ('find')),
    venue_id integer not null references venue (id),
    day text not null,
    party integer not null,
    interval_ms integer not null,
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
    created_ms integer not null,
    unique (kind, venue_id, day, party)
) strict;
create index question_due on question (due_ms) where due_ms is not null;
create index question_venue on question (venue_id);

create table slot (
    id integer primary key,
    question_id integer not null references question (id) on delete cascade,
    start text not null,
    minute integer not null,
    start_ms integer not null,
    seating text not null,
    shown text not null,
    template text not null,
    fee_cents integer not null,
    open integer not null,
    witnessed integer not null,
    missed integer not null default 0,
    opened_ms integer not null,
    opened_answer integer not null,
    closed_ms integer not null default 0,
    closed_answer integer not null default 0,
    unique (question_id, start, seating)
) strict;

create table venue_watch (
    id integer primary key autoincrement,
    account_id integer not null references account (id) on delete cascade,
    chat_id integer not null references chat (id) on delete cascade,
    venue_id integer not null references venue (id),
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
    created_ms integer not null
) strict;
create index venue_watch_until on venue_watch (until_ms) where state = 'active';
create index venue_watch_account on venue_watch (account_id, state);

create table watch_question (
    watch_id integer not null references venue_watch (id) on delete cascade,
    question_id integer not null references question (id) on delete cascade,
    since_ms integer not null,
    since_answer integer not null,
    primary key (question_id, watch_id)
) strict, without rowid;
create index watch_question_watch on watch_question (watch_id);

create table outbox (
    id integer primary key,
    chat_id integer not null references chat (id) on delete cascade,
    kind text not null check (kind in ('reply', 'alert', 'edit', 'notice')),
    state text not null default 'due'
        check (state in ('due', 'sending', 'sent', 'gone', 'undeliverable')),
    due_ms integer not null,
    tries integer not null default 0,
    maybe integer not null default 0,
    payload text not null,
    inbox_id integer,
    last integer not null default 0,
    watch_id integer,
    edits integer references outbox (id) on delete cascade,
    platform_ref text,
    seen_ms integer not null,
    sent_ms integer,
    why text
) strict;
create index outbox_due on outbox (due_ms) where state = 'due';
create index outbox_chat on outbox (chat_id, id) where state in ('due', 'sending');
create index outbox_old on outbox (seen_ms) where state not in ('due', 'sending');
create index outbox_edits on outbox (edits) where edits is not null;
create unique index outbox_edit on outbox (edits) where state = 'due' and edits is not null;

create table told (
    watch_id integer not null references venue_watch (id) on delete cascade,
    slot_id integer not null references slot (id) on delete cascade,
    outbox_id integer not null references outbox (id) on delete cascade,
    told_ms integer not null,
    primary key (slot_id, watch_id)
) strict, without rowid;
create index told_outbox on told (outbox_id);
create index told_watch on told (watch_id);

create table button (
    token text primary key,
    account_id integer not null references account (id) on delete cascade,
    chat_id integer not null references chat (id) on delete cascade,
    action text not null,
    args text not null,
    outbox_id integer,
    once integer not null,
    expires_ms integer not null,
    used_ms integer,
    used_by integer,
    created_ms integer not null
) strict, without rowid;
create index button_expires on button (expires_ms);
create index button_outbox on button (outbox_id) where outbox_id is not null;

create table incident (
    id integer primary key,
    cause text not null,
    why text not null,
    opened_ms integer not null,
    told integer not null default 0,
    closed_ms integer
) strict;
create unique index incident_open on incident (cause) where closed_ms is null;
