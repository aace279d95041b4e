-- The language that a person chose; '': the one that their platform says.
alter table account add column chosen text not null default '';
