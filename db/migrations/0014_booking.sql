-- What a person was asked to confirm, and what came of it: a booking, or the cancellation of one. All
-- are of the one account at the provider that the configuration names, so one call is under way at a
-- time, whoever pressed.
create table booking_attempt (
    id integer primary key autoincrement,
    account_id integer not null references account (id) on delete cascade,
    chat_id integer not null references chat (id) on delete cascade,
    kind text not null check (kind in ('book', 'cancel')),
    state text not null
        check (state in ('offered', 'calling', 'unclear', 'done', 'refused', 'released', 'lost')),
    venue_id integer not null,
    venue text not null,
    zone text not null,
    day text not null,
    party integer not null,
    minute integer not null,
    start_ms integer not null,
    seating text not null,          -- as it is shown
    table_token text not null,      -- of a booking: what the provider calls the table
    total_cents integer not null,   -- what the person was shown, and confirms: this and the next four
    fee_cents integer not null,
    currency text not null,
    fee_from_ms integer not null,
    refund_until_ms integer not null,
    reservation_id integer not null default 0,
    before_id integer not null default 0, -- what looks the same and was held before
    watch_id integer not null default 0, -- whose alert it came from
    inbox_id integer not null default 0, -- of the press that confirmed it
    expires_ms integer not null,
    called_ms integer not null default 0,
    due_ms integer not null default 0,   -- of an unclear one: when the account is read
    reads integer not null default 0,
    absent integer not null default 0,   -- times that the account was read and spoke against it
    say text not null default '',        -- how it ended, for the person
    ended_ms integer not null default 0,
    created_ms integer not null
) strict;
create unique index booking_attempt_one on booking_attempt ((1)) where state in ('calling', 'unclear');
create index booking_attempt_held on booking_attempt (start_ms) where kind = 'book' and state in ('done', 'lost');
create index booking_attempt_account on booking_attempt (account_id);
create index booking_attempt_old on booking_attempt (created_ms);
