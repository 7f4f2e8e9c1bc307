-- What is owed to subscribers, and what came back.

-- One message to send: a received message with edits, or bytes of our own. An edit cuts `edit_cut[i]` octets at
-- `edit_at[i]` of the message and puts `edit_put[i]` there; everything else leaves byte-exact.
create table outgoing (
    id           bigint      generated always as identity primary key,
    kind         text        not null check (kind in ('post', 'notice', 'forward', 'digest')),
    list_id      bigint      references list,             -- null: from the mail domain itself
    number       bigint,                                  -- of the post; put in place of the number mark in edits
    message      bigint,
    edit_at      integer[]   not null default '{}',
    edit_cut     integer[]   not null default '{}',
    edit_put     bytea[]     not null default '{}',
    octets       bytea,
    reverse_path text        not null,                    -- '' is null; '{u}' stands for the subscriber (VERP)
    recipients   integer     not null check (recipients > 0),
    accepted_at  timestamptz not null,
    check (num_nonnulls(message, octets) = 1),
    check (cardinality(edit_at) = cardinality(edit_cut) and cardinality(edit_at) = cardinality(edit_put)),
    check (number is not null or kind <> 'post')
);
create index outgoing_message on outgoing (message);

-- Up to 500 recipients of an outgoing. Marks change only columns no index knows, so they stay HOT.
create table batch (
    id              bigint      generated always as identity primary key,
    outgoing_id     bigint      not null references outgoing,
    list_id         bigint      not null,                 -- 0: the mail domain itself; for fairness between lists
    small           boolean     not null,                 -- outgoings below 100 recipients and notices: own connections (P7)
    subscriptions   bytea,                                -- subscription ids, ascending, delta-coded (docs/formats.md) ...
    forward_path    text,                                 -- ... or one explicit address
    recipients      smallint    not null check (recipients between 1 and 500),
    done            bit varying not null,                 -- by position: 1 = delivered, refused or gone
    deferred        bit varying not null,                 -- by position: 1 = delivery_problem says when to try again
    attempts        integer     not null default 0,
    next_attempt_at timestamptz not null,
    owner           smallint    references node,          -- who sends it now, under which epoch (fencing);
    owner_epoch     bigint,                               -- a mark under another epoch changes nothing
    check (num_nonnulls(subscriptions, forward_path) = 1),
    check (forward_path is null or recipients = 1),
    check (length(done) = recipients and length(deferred) = recipients),
    check ((owner is null) = (owner_epoch is null))
) with (fillfactor = 50);
create index batch_due on batch (small, list_id, next_attempt_at, id);
create index batch_outgoing on batch (outgoing_id);

-- Why a copy is late. Reply texts are capped where they are read.
create table delivery_problem (
    batch_id        bigint      not null references batch on delete cascade,
    position        smallint    not null,
    forward_path    text        not null,
    reply           text        not null check (length(reply) <= 1000),
    attempts        integer     not null check (attempts > 0),
    next_attempt_at timestamptz not null,
    primary key (batch_id, position)
);

-- What became of an outgoing, for `find`; kept after its batches are gone.
create table delivery_total (
    outgoing_id bigint      primary key,
    kind        text        not null,
    list_id     bigint,
    number      bigint,
    message     bigint,
    delivered   integer     not null default 0,
    refused     integer     not null default 0,
    departed    integer     not null default 0,           -- left the list before the copy was sent
    accepted_at timestamptz not null,
    finished_at timestamptz not null
) with (fillfactor = 70);
create index delivery_total_message on delivery_total (message);

-- A delivery failure: a relay's 5xx, or a report that came back to a VERP address.
create table bounce (
    id              bigint      generated always as identity primary key,
    list_id         bigint      not null references list on delete cascade,
    subscription_id bigint,                               -- no reference: the subscriber may have left
    address         text        not null default '',
    number          bigint,                               -- of the post that bounced
    source          text        not null check (source in ('relay', 'report')),
    reply           text        check (length(reply) <= 1000),
    message         bigint,                               -- the report
    forward_path    text        not null default '',
    received_at     timestamptz not null,
    check (num_nonnulls(reply, message) = 1)
);
create index bounce_subscription on bounce (subscription_id, received_at);
create index bounce_list on bounce (list_id, received_at);
create index bounce_message on bounce (message);
