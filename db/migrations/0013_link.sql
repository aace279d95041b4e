-- Where a person wants all alerts; null: each where it was asked for.
alter table account add column alerts_chat integer references chat (id) on delete set null;
