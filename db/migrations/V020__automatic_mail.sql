-- P11: all automatic mail to addresses that did not prove themselves shares one budget, whichever node writes it.

create table automatic_mail_limit (
    kind text     primary key,
    most integer  not null check (most > 0),
    per  interval not null check (per > interval '0')
);
insert into automatic_mail_limit values
    ('confirmation', 1, interval '1 day'),    -- an address and a list
    ('answer', 3, interval '1 day'),          -- an address and a list
    ('stored', 100, interval '1 day'),        -- an address with a role or a subscription, and a list; counted by itself
    ('address', 10, interval '1 day'),        -- an address, over all lists
    ('domain', 200, interval '1 hour');       -- a domain, over all lists and addresses

-- What was owed in the stretch of time that began at `since`: with the first mail, not at midnight, so that nobody gets two days' worth at once.
create table automatic_mail (
    kind    text        not null references automatic_mail_limit,
    what    text        not null,             -- an address in normal form, or a domain
    list_id bigint      not null,             -- 0: over all lists
    since   timestamptz not null,
    sent    integer     not null check (sent > 0),
    primary key (kind, what, list_id)
) with (fillfactor = 70);
create index automatic_mail_age on automatic_mail (since);
insert into retention values ('automatic_mail', interval '2 days');

-- Who wants nothing automatic from us, whoever asks for it in his name.
create table automatic_mail_refused (
    normal text        primary key,
    since  timestamptz not null default clock_now()
);

-- Takes one mail to `address` from the budget. False: be silent.
-- What is used up is found by reading, so that a flood of requests neither writes nor waits. The domain comes before the address: whoever
-- takes several mails from the budget in one transaction goes by domain, then address, and two of them never wait for each other in a ring.
create function spend(budget text, list bigint, address text, at_domain text, at timestamptz) returns boolean
    language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
    r record;
begin
    if exists (select 1 from automatic_mail_refused where normal = address)
       or exists (select 1
                    from (values ('domain', at_domain, 0::bigint), ('address', address, 0::bigint), (budget, address, list)) w(kind, what, list_id)
                    join automatic_mail a using (kind, what, list_id)
                    join automatic_mail_limit l using (kind)
                   where (budget <> 'stored' or a.kind = 'stored') and a.sent >= l.most and a.since > at - l.per) then
        return false;
    end if;
    for r in
        select l.most, l.per, w.*
          from (values (1, 'domain', at_domain, 0::bigint), (2, 'address', address, 0::bigint), (3, budget, address, list)) w(i, kind, what, list_id)
          join automatic_mail_limit l on l.kind = w.kind
         where budget <> 'stored' or w.kind = 'stored'
         order by w.i
    loop
        insert into automatic_mail as a (kind, what, list_id, since, sent)
        values (r.kind, r.what, r.list_id, at, 1)
            on conflict (kind, what, list_id) do update
           set since = case when a.since <= at - r.per then at else a.since end,
               sent  = case when a.since <= at - r.per then 1 else a.sent + 1 end
         where a.since <= at - r.per or a.sent < r.most;
        if not found then    -- another transaction was faster; what it left of the domain's budget is one less than could be
            return false;
        end if;
    end loop;
    return true;
end $$;
