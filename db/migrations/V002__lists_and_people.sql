-- Domains, lists and the people of a list.

create table domain (
    id         bigint      generated always as identity primary key,
    name       text        not null unique check (name = lower(name) and name <> ''),
    created_at timestamptz not null default clock_now()
);

-- The settings of a list, one typed column each (CONTRACT: keys of --set, `-` written `_`).
create table list (
    id              bigint      generated always as identity primary key,
    domain_id       bigint      not null references domain,
    local_part      text        not null check (local_part = lower(local_part) and local_part <> ''),
    created_at      timestamptz not null default clock_now(),
    version         integer     not null default 0,       -- raised by every change of a setting
    state           text        not null default 'active' check (state in ('active', 'closed')),
    description     text        not null default '',
    language        text        not null default 'en',
    prefix          text        not null default '',
    footer          text        not null default '',
    reply_to        text        not null default 'author' check (reply_to in ('author', 'list') or reply_to like '%_@_%'),
    posting         text        not null default 'members-or-hold'
                                check (posting in ('anyone', 'members', 'members-or-hold', 'moderated', 'moderators-only')),
    refused         text        not null default 'hold' check (refused in ('hold', 'discard')),
    subscribing     text        not null default 'confirm'
                                check (subscribing in ('open', 'confirm', 'confirm-and-approve', 'closed')),
    unsubscribing   text        not null default 'confirm' check (unsubscribing in ('confirm', 'open')),
    archive         text        not null default 'public' check (archive in ('public', 'members', 'off')),
    max_size        bigint      not null default 1000000 check (max_size >= 0),  -- octets; 0 = the server's limit
    min_size        bigint      not null default 0 check (min_size >= 0),        -- octets of body
    remove_headers  text[]      not null default '{}',
    add_headers     text[]      not null default '{}',
    reject_types    text[]      not null default '{}',
    remove_types    text[]      not null default '{}',
    digest_count    integer     not null default 30 check (digest_count > 0),
    digest_size     bigint      not null default 65536 check (digest_size > 0),
    digest_hours    integer     not null default 48 check (digest_hours > 0),
    hold_hours      integer     not null default 120 check (hold_hours between 24 and 240),
    verp            text        not null default 'on' check (verp in ('on')),
    personal        text        not null default 'off' check (personal in ('off', 'footer', 'unsubscribe')),
    unique (domain_id, local_part)
);

-- What every accepted post of a list changes, apart from its settings: the row is locked from
-- numbering until the commit is durable.
create table list_head (
    list_id       bigint      primary key references list on delete cascade,
    last_number   bigint      not null default 0 check (last_number >= 0),
    last_seq      bigint      not null default 0 check (last_seq >= 0),
    chain         bytea       not null check (length(chain) = 32),
    revision      bigint      not null default 0,   -- raised when an old post changes (redaction, thread repair)
    last_filed_at timestamptz not null default '-infinity'
) with (fillfactor = 50);

-- A mailbox. `normal` is what two spellings of one mailbox share (docs/formats.md).
create table address (
    id      bigint generated always as identity primary key,
    mailbox text   not null check (mailbox like '%_@_%' and length(mailbox) <= 400),
    normal  text   not null unique
);

-- A person with verified addresses. Accounts come with the web's login; the key is here so that
-- an address can belong to one.
create table account (
    id         bigint      generated always as identity primary key,
    name       text        not null default '',
    created_at timestamptz not null default clock_now()
);
create table account_address (
    address_id  bigint      primary key references address,
    account_id  bigint      not null references account on delete cascade,
    verified_at timestamptz not null
);
create index account_address_account on account_address (account_id);

-- Who gets the list. Main and digest are two subscriptions that may both stand. The id is never
-- used again: batches name it, so a newcomer cannot get somebody else's copy.
create table subscription (
    id         bigint      generated always as identity primary key,
    list_id    bigint      not null references list on delete cascade,
    kind       text        not null check (kind in ('main', 'digest')),
    address_id bigint      not null references address,
    name       text        not null default '',
    mode       text        not null default 'each' check (mode in ('each', 'none')),
    state      text        not null default 'active' check (state in ('active', 'suspended')),
    since      timestamptz not null default clock_now(),
    unique (address_id, list_id, kind)
);
-- Expansion reads ids in order from this index alone.
create index subscription_recipients on subscription (list_id, id) where kind = 'main' and mode = 'each' and state = 'active';
create index subscription_members on subscription (list_id, kind, address_id);

-- ezmlm knows three moderator sets; `moderator` stands for all of them.
create table list_role (
    list_id    bigint      not null references list on delete cascade,
    role       text        not null check (role in ('owner', 'moderator', 'post-moderator', 'subscription-moderator', 'remote-administrator')),
    address_id bigint      not null references address,
    since      timestamptz not null default clock_now(),
    primary key (list_id, role, address_id)
);
create index list_role_address on list_role (address_id);

-- Addresses, or `@domain` patterns, that may always or never post.
create table list_access (
    list_id bigint      not null references list on delete cascade,
    kind    text        not null check (kind in ('allow', 'deny')),
    pattern text        not null check (pattern like '%@_%'),  -- in normal form
    since   timestamptz not null default clock_now(),
    primary key (list_id, kind, pattern)
);
create index list_access_pattern on list_access (pattern);

-- Secrets behind tokens and VERP tags; rotated by adding a row, valid until they retire.
create table signing_key (
    id         smallint    generated always as identity primary key,
    secret     bytea       not null check (length(secret) >= 32),
    created_at timestamptz not null default clock_now(),
    retires_at timestamptz
);
insert into signing_key (secret)
    values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
