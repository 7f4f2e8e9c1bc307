-- What links into other archives need: the names those had for our lists, and ids found by how they begin.

create table former_name (
    name    text   collate "C" primary key,   -- lower case: an address, a list id, a folder of mod_mbox, `ezmlm-cgi/3`
    list_id bigint not null references list on delete cascade
);
create index former_name_list on former_name (list_id);

alter table legacy_id alter column id type text collate "C";
