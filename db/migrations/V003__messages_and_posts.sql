-- What was received, what became of it, and the archive.

-- A received message: the octets after DATA with dot-stuffing undone, and no field of ours. Partitioned by id
-- so that vacuum, backup and moving old mail to slower disks work on pieces; a later migration adds pieces.
create sequence message_id_seq;
create table message (
    id           bigint      not null default nextval('message_id_seq'),
    octets       bytea,                              -- null: redacted; hash and size stay
    size         integer     not null check (size >= 0),
    sha256       bytea       not null check (length(sha256) = 32),
    source       text        not null check (source in ('smtp', 'lmtp', 'import')),
    reverse_path text,                               -- '' is the null reverse-path; null: none known (imports)
    client       text        not null default '',    -- host and address that handed it to us
    trace        text        not null default '',    -- our Received field, put on copies only
    node_id      smallint,
    received_at  timestamptz not null,
    primary key (id)
) partition by range (id);
alter sequence message_id_seq owned by message.id;
create table message_p0 partition of message for values from (0) to (10000000);
create table message_p1 partition of message for values from (10000000) to (20000000);
create table message_p2 partition of message for values from (20000000) to (30000000);
create table message_p3 partition of message for values from (30000000) to (40000000);
create table message_p4 partition of message for values from (40000000) to (50000000);
create table message_p5 partition of message for values from (50000000) to (60000000);
create table message_rest partition of message default;
-- LZ4 where the server has it: a third of pglz's CPU time on mail.
do $$
declare
    part regclass;
begin
    alter table message alter column octets set compression lz4;
    for part in select inhrelid from pg_inherits where inhparent = 'message'::regclass loop
        execute format('alter table %s alter column octets set compression lz4', part);
    end loop;
exception when feature_not_supported then null;
end $$;

-- P2: a message a list has already taken for a function is not taken again. Two keys a message: all octets plus
-- reverse-path, and the fingerprint (docs/formats.md). list_id 0 stands for the mail domain itself (postmaster, abuse).
create table arrival (
    list_id      bigint      not null,
    function     text        not null,
    key          bytea       not null check (length(key) = 33),
    message      bigint      not null,
    outcome      text        not null,
    received_at  timestamptz not null,
    last_seen_at timestamptz not null,
    seen         integer     not null default 1 check (seen > 0),
    primary key (list_id, function, key)
) with (fillfactor = 80);
create index arrival_message on arrival (message);
create index arrival_age on arrival using brin (received_at) with (pages_per_range = 32);

-- Messages of one conversation. A late parent unites two threads by one row: merged_into names the
-- survivor, never a merged thread.
create table thread (
    id          bigint generated always as identity primary key,
    list_id     bigint not null references list,
    merged_into bigint references thread check (merged_into <> id)
);
create index thread_merged on thread (merged_into) where merged_into is not null;

-- The archive. seq: gap-free in filing order, carries chain and indexing. number: the public one.
-- Never updated except by redaction and thread repair, which raise `revision`.
create table post (
    list_id         bigint      not null references list,
    seq             bigint      not null check (seq > 0),
    number          bigint      not null check (number > 0),
    message         bigint      not null,                        -- row of `message`
    sha256          bytea       not null check (length(sha256) = 32),
    chain           bytea       not null check (length(chain) = 32),
    message_id      text        not null,                        -- without angle brackets; derived where the message has none
    message_id_hash bigint      not null,                        -- first 8 octets of its SHA-256
    refs            text[]      not null default '{}',           -- up to 20 Message-IDs, oldest first; the last is the parent
    thread_id       bigint      not null references thread,
    author_name     text        not null default '',
    author_address  text        not null default '',
    subject         text        not null default '',             -- decoded
    size            integer     not null,
    filed_at        timestamptz not null,
    sent_at         timestamptz,                                 -- the Date field, wrong clocks included
    revision        bigint      not null default 0,
    redacted_at     timestamptz,
    primary key (list_id, seq),
    unique (list_id, number)
);
create index post_message_id on post (message_id_hash, list_id);
create index post_thread on post (thread_id, filed_at, seq);
create index post_filed on post (list_id, filed_at, seq);
create index post_message on post (message);
create index post_author on post (lower(author_address), list_id, seq);
create index post_revision on post (list_id, revision) where revision > 0;
-- Import is idempotent by the bytes of a message within a list.
create index post_sha256 on post (list_id, sha256);

-- Which thread a Message-ID belongs to, whether the post is here or was only mentioned by others.
create table thread_message_id (
    list_id         bigint not null,
    message_id_hash bigint not null,
    thread_id       bigint not null,   -- of `thread`; a reference would need an index only to delete threads, which go with their list
    primary key (list_id, message_id_hash)
);

-- Month counters, changed under the head's lock, so no new point of contention.
create table list_month (
    list_id  bigint  not null references list on delete cascade,
    month    date    not null check (extract(day from month) = 1),
    posts    integer not null check (posts > 0),
    last_seq bigint  not null,
    primary key (list_id, month)
) with (fillfactor = 50);

-- Permalinks of other archives that must keep resolving. Many to many.
create table legacy_id (
    kind    text   not null,
    id      text   not null,
    list_id bigint not null,
    seq     bigint not null,
    primary key (kind, id, list_id, seq),
    foreign key (list_id, seq) references post
);
create index legacy_id_post on legacy_id (list_id, seq);

-- A message that waits for a moderator, and what was decided.
create table held_post (
    id         bigint      generated by default as identity primary key,
    list_id    bigint      not null references list,
    message    bigint      not null,
    author     text        not null default '',
    subject    text        not null default '',
    reasons    text[]      not null check (cardinality(reasons) > 0),
    state      text        not null default 'held' check (state in ('held', 'accepted', 'rejected', 'discarded', 'expired')),
    held_at    timestamptz not null,
    expires_at timestamptz not null,
    decided_at timestamptz,
    decided_by text,
    comment    text,
    number     bigint,                                   -- of the post it became
    repeats    integer     not null default 0,           -- decisions that came after the first
    check ((state = 'held') = (decided_at is null)),
    check ((state = 'held') = (decided_by is null)),
    check ((state = 'accepted') = (number is not null))
);
create index held_post_waiting on held_post (list_id, id) where state = 'held';
create index held_post_expiring on held_post (expires_at) where state = 'held';
create index held_post_message on held_post (message);

-- A received message that our own code could not process. A human looks.
create table aside (
    id           bigint      generated always as identity primary key,
    message      bigint      not null,
    list_id      bigint      not null,                    -- 0: an address of the domain itself
    function     text        not null,
    forward_path text        not null,
    reason       text        not null,
    state        text        not null default 'waiting' check (state in ('waiting', 'retried', 'dropped')),
    aside_at     timestamptz not null,
    decided_at   timestamptz,
    decided_by   text,
    check ((state = 'waiting') = (decided_at is null))
);
create index aside_waiting on aside (id) where state = 'waiting';
create index aside_message on aside (message);
