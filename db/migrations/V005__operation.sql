-- Who did what, how long things are kept, and recurring jobs.

create table audit (
    id      bigint      generated always as identity primary key,
    at      timestamptz not null default clock_now(),
    actor   text        not null,                          -- 'root@node1', a mailbox, 'job:retention'
    action  text        not null,                          -- 'list.create', 'held.accept', ...
    list_id bigint,
    subject text        not null,                          -- what it was done to
    before  jsonb,
    after   jsonb
);
create index audit_list on audit (list_id, id);

-- How long what is kept; a job applies it in small batches.
create table retention (
    what text     primary key,
    keep interval not null check (keep > interval '0')
);
insert into retention values
    ('arrival', interval '14 days'),
    ('delivery_total', interval '90 days'),
    ('bounce', interval '180 days'),
    ('held_post', interval '90 days'),      -- decided ones
    ('aside', interval '90 days'),          -- decided ones
    ('audit', interval '5 years');

-- db-scheduler's table (its documented PostgreSQL layout).
create table scheduled_tasks (
    task_name            text        not null,
    task_instance        text        not null,
    task_data            bytea,
    execution_time       timestamptz,
    picked               boolean     not null,
    picked_by            text,
    last_success         timestamptz,
    last_failure         timestamptz,
    consecutive_failures integer,
    last_heartbeat       timestamptz,
    version              bigint      not null,
    priority             smallint,
    state                text,
    primary key (task_name, task_instance)
);
create index scheduled_tasks_due on scheduled_tasks (execution_time);
create index scheduled_tasks_heartbeat on scheduled_tasks (last_heartbeat);
