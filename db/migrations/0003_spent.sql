-- Requests that were made in each minute of the last hour, so that a restart forgets none.
create table spent (
    minute integer primary key,
    requests integer not null
) strict;
