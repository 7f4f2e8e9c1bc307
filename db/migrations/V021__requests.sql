-- Everything by mail: settings that ezmlm had as flags, the log of members, texts of a list's own, posts their authors have to confirm.

alter table list
    drop constraint list_subscribing_check,
    add constraint list_subscribing_check check (subscribing in ('open', 'confirm', 'approve', 'confirm-and-approve', 'closed')),
    drop constraint list_unsubscribing_check,
    add constraint list_unsubscribing_check check (unsubscribing in ('confirm', 'confirm-and-approve', 'open')),
    add remote_admin  text    not null default 'on' check (remote_admin in ('on', 'off')),
    add member_list   text    not null default 'on' check (member_list in ('on', 'off')),
    add text_editing  text    not null default 'on' check (text_editing in ('on', 'off')),
    add retrieval     text    not null default 'readers' check (retrieval in ('readers', 'members', 'moderators')),
    add confirm_posts text    not null default 'off' check (confirm_posts in ('on', 'off')),
    add timed_out     text    not null default 'discard' check (timed_out in ('discard', 'return')),
    add flood_limit   integer not null default 0 check (flood_limit >= 0);

-- Who joined and left, as ezmlm's Log: `+` and `-` by the subscriber, `+mod` and `-mod` by a moderator, `+manual` and `-manual` by command,
-- `-probe` because mail came back; `nomail` and `mail` are ours.
create table membership_log (
    id      bigint      generated always as identity primary key,
    list_id bigint      not null references list on delete cascade,
    kind    text        not null check (kind in ('main', 'digest', 'allow', 'deny')),
    at      timestamptz not null,
    event   text        not null,
    address text        not null,
    name    text        not null default '',    -- from the From field of the mail that confirmed
    actor   text        not null default '',    -- who did it; for the site's administrators, never mailed
    client  text        not null default ''     -- who handed us the mail that did it
);
create index membership_log_list on membership_log (list_id, kind, id);
create index membership_log_age on membership_log using brin (at) with (pages_per_range = 32);
insert into retention values ('membership_log', interval '10 years');

-- Who gets no mail for a while may have said until when.
alter table subscription add mail_again_at timestamptz, add check (mail_again_at is null or mode = 'none');
create index subscription_mail_again on subscription (mail_again_at) where mail_again_at is not null;

-- A text of our mail that a list (or the site, list 0) has in place of the shipped one.
create table notice_text (
    list_id  bigint      not null,
    language text        not null,
    name     text        not null check (name ~ '^[a-z][a-z0-9-]*$'),
    text     text        not null check (length(text) <= 20000),
    since    timestamptz not null default clock_now(),
    primary key (list_id, language, name)
);

-- The key of a list that came from ezmlm: its cookies in people's mailboxes are honoured, none are made.
create table ezmlm_key (
    list_id     bigint      primary key references list on delete cascade,
    key         bytea       not null check (length(key) between 1 and 1024),
    imported_at timestamptz not null default clock_now()
);

-- A post may wait for its own author before it waits for moderators.
alter table held_post
    drop constraint held_post_state_check,
    add constraint held_post_state_check check (state in ('unconfirmed', 'held', 'accepted', 'rejected', 'discarded', 'expired')),
    drop constraint held_post_check,
    add constraint held_post_check check ((state in ('unconfirmed', 'held')) = (decided_at is null)),
    drop constraint held_post_check1,
    add constraint held_post_check1 check ((state in ('unconfirmed', 'held')) = (decided_by is null)),
    add reminded_at timestamptz,       -- half of its time is over: its moderators were told again
    add owners_told_at timestamptz;    -- three quarters: nobody answers
drop index held_post_expiring;
create index held_post_expiring on held_post (expires_at) where state in ('unconfirmed', 'held');
create index held_post_author on held_post (list_id, lower(author));

-- Somebody joins, leaves, or changes what he gets. Answers how it went.
create function change_membership(m jsonb, list bigint, at timestamptz) returns text
    language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
    op      text := m->>'op';
    wanted  text := m->>'set';
    who     bigint;
    is_mail boolean := m->>'set' in ('main', 'digest');
    said    text := 'unchanged';
begin
    if op = 'never' then
        insert into automatic_mail_refused (normal, since) values (m->>'normal', at) on conflict do nothing;
        return case when found then 'changed' else said end;
    elsif op = 'again' then
        delete from automatic_mail_refused where normal = m->>'normal';
        return case when found then 'changed' else said end;
    end if;
    select id into who from address where normal = m->>'normal';
    if op = 'look' then
        return case when (is_mail and exists (select 1 from subscription where address_id = who and list_id = list and kind = wanted))
                         or (not is_mail and exists (select 1 from list_access where list_id = list and kind = wanted and pattern = m->>'normal'))
                    then 'there' else 'absent' end;
    elsif op = 'add' and is_mail then
        if who is null then
            insert into address (mailbox, normal) values (m->>'mailbox', m->>'normal') on conflict (normal) do nothing returning id into who;
            if who is null then    -- another transaction has just made it
                select id into who from address where normal = m->>'normal';
            end if;
        end if;
        insert into subscription (list_id, kind, address_id, name, since)
        values (list, wanted, who, coalesce(m->>'name', ''), at) on conflict (address_id, list_id, kind) do nothing;
    elsif op = 'add' then
        insert into list_access (list_id, kind, pattern, since) values (list, wanted, m->>'normal', at) on conflict do nothing;
    elsif op = 'remove' and is_mail then
        delete from subscription where address_id = who and list_id = list and kind = wanted;
    elsif op = 'remove' then
        delete from list_access where list_id = list and kind = wanted and pattern = m->>'normal';
    elsif op = 'mode' then
        if not exists (select 1 from subscription where address_id = who and list_id = list and kind = wanted) then
            return 'absent';
        end if;
        update subscription set mode = m->>'mode', mail_again_at = (m->>'until')::timestamptz
         where address_id = who and list_id = list and kind = wanted
           and (mode <> m->>'mode' or mail_again_at is distinct from (m->>'until')::timestamptz);
    else
        raise exception 'no membership operation %', op;
    end if;
    if not found then
        return said;
    end if;
    if m ? 'event' then
        insert into membership_log (list_id, kind, at, event, address, name, actor, client)
        values (list, wanted, at, m->>'event', m->>'mailbox', coalesce(m->>'name', ''), coalesce(m->>'actor', ''), coalesce(m->>'client', ''));
    end if;
    return 'changed';
end $$;

-- A text is replaced if it still is the one that was sent out to be edited; `was` and `shipped` are SHA-256 in hexadecimal.
create function change_text(p jsonb, list bigint, at timestamptz) returns text
    language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
    stands text;
begin
    select encode(sha256(convert_to(text, 'UTF8')), 'hex') into stands
      from notice_text where list_id = list and language = p->>'language' and name = p->>'name' for no key update;
    if coalesce(stands, p->>'shipped') <> p->>'was' then
        return 'stale';
    end if;
    if stands is null then
        insert into notice_text (list_id, language, name, text, since)
        values (list, p->>'language', p->>'name', p->>'text', at) on conflict do nothing;
        if not found then
            return 'stale';
        end if;
    else
        update notice_text set text = p->>'text', since = at where list_id = list and language = p->>'language' and name = p->>'name';
    end if;
    insert into audit (at, actor, action, list_id, subject, after)
    values (at, p->>'by', 'text.set', list, p->>'name', jsonb_build_object('language', p->'language'));
    return 'changed';
end $$;
