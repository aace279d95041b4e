-- Asked for with every message that is sent.
create index outbox_gone on outbox (chat_id) where kind = 'alert' and state = 'gone' and last = 0;
create index chat_away on chat (id) where away_ms > 0;
-- Whose questions rest while the chat is out of reach.
create index venue_watch_chat on venue_watch (chat_id) where state = 'active';
-- In which their platform talks with them, such as "de" or "pt-br".
alter table account add column language text not null default '';
-- outbox_last serves for it.
drop index outbox_alerted;
