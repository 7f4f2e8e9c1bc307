-- Time and nodes: what decides when a thing is due, and who may do it.

-- Policy time has one source. The shift is zero except in tests and benchmarks
-- (`serve` refuses a shifted clock without --test-clock).
create table clock (
    only_row boolean  primary key default true check (only_row),
    shift    interval not null default interval '0'
);
insert into clock default values;

-- Declared stable so that `due_at <= clock_now()` can use an index; within one statement a
-- few microseconds of drift decide nothing.
create function clock_now() returns timestamptz
    language sql stable
    as $$ select clock_timestamp() + (select shift from clock) $$;

-- A node that has ever joined. Ownership is (node, epoch): raising the epoch takes everything
-- from the node at once, without asking it and without looking at a clock (P6).
create table node (
    id          smallint    generated always as identity primary key,
    name        text        not null unique check (name <> ''),
    epoch       bigint      not null default 1 check (epoch > 0),
    beat        bigint      not null default 0,      -- rises once a second while the node lives
    beat_at     timestamptz not null default now(),  -- shown to people; decides nothing
    started_at  timestamptz not null default now(),
    stopped_at  timestamptz,                         -- a clean goodbye
    roles       text[]      not null default '{}',
    version     text        not null default '',
    schema_from integer     not null default 1,
    schema_to   integer     not null default 1,
    check (schema_from <= schema_to)
) with (fillfactor = 50);
