-- What a conversation last looked for; how a person reads clocks; cities that the provider named.
alter table chat_session add column last_search text;
alter table account add column hours24 integer not null default 0;
create table city (
    code text primary key,
    name text not null,
    slug text not null,
    zone text not null,
    latitude real not null,
    longitude real not null,
    radius_m integer not null
) strict, without rowid;
