-- What reports say about a failure (docs/formats.md). A report that came back to a reverse-path of a list is a claim, which anybody can make: it is
-- recorded for subscribers who got the post it names, within 30 days, and once a day for each of them and each post.

-- Null: a relay's own refusal, or recorded before reports were read.
alter table bounce
    add column kind       text check (kind in ('hard', 'soft', 'policy')),
    add column status     text check (status ~ '^([245]\.\d{1,3}\.\d{1,3})?$'),    -- RFC 3463; empty where the report has none
    add column diagnostic text check (length(diagnostic) <= 500),                   -- one line, for people
    add check (num_nulls(kind, status, diagnostic) in (0, 3)),
    add check (kind is null or number is not null);

create unique index bounce_once_a_day
    on bounce (list_id, number, subscription_id, lower(address), ((received_at at time zone 'UTC')::date)) nulls not distinct
    where kind is not null;

create index bounce_address on bounce (lower(address), received_at);

-- Who has left is known from the log.
create index membership_log_address on membership_log (list_id, kind, lower(address), at);

-- @param f      normal: address in its normal form; kind, status, diagnostic: as the columns
-- @param wanted 'main' or 'digest'
-- @return 'recorded', or why it is not
create function record_failure(f jsonb, list bigint, wanted text, post_number bigint, report bigint, path text, at timestamptz) returns text
    language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
    filed      timestamptz := (select p.filed_at from post p where p.list_id = list and p.number = post_number);
    who        text;
    subscribed bigint;
begin
    if filed is null then
        return 'no such post';
    elsif filed < at - interval '30 days' then
        return 'the post is older than 30 days';
    end if;
    select a.mailbox, s.id into who, subscribed
      from address a join subscription s on s.address_id = a.id
     where a.normal = f->>'normal' and s.list_id = list and s.kind = wanted and s.since <= filed;
    if not found then
        -- Whoever left since then was there: leaving is the first that happened.
        select l.address into who
          from (select x.address, x.event from membership_log x
                 where x.list_id = list and x.kind = wanted and lower(x.address) = f->>'normal' and x.at >= filed and x.event ~ '^[+-]'
                 order by x.at, x.id limit 1) l
         where l.event like '-%';
        if not found then
            return 'it names nobody who got the post';
        end if;
    end if;
    insert into bounce (list_id, subscription_id, address, number, source, message, forward_path, received_at, kind, status, diagnostic)
    values (list, subscribed, who, post_number, 'report', report, path, at, f->>'kind', f->>'status', f->>'diagnostic')
        on conflict do nothing;
    return case when found then 'recorded' else 'recorded today already' end;
end $$;

-- take() as in V028, but for
--
--   doc.targets[]   failures: {number, set, forwardPath, of: [{normal, kind, status, diagnostic} ...]}     -- record_failure()
--
-- whose `said` is 'recorded' where at least one of them is, else why the first is not; the arrival has that as its outcome.
-- Lock order: as before; failures come after texts, by list, post, set and address.

create or replace function take(doc jsonb, octets bytea[], subscribers bytea[]) returns jsonb
    language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
    at          timestamptz := clock_now();
    keep        interval := (select kept.keep from retention kept where kept.what = 'arrival');
    messages    jsonb[]   := array(select value from jsonb_array_elements(doc->'messages'));
    targets     jsonb[]   := array(select value from jsonb_array_elements(doc->'targets'));
    -- by message
    ids         bigint[]  := array(select coalesce((m->>'id')::bigint, nextval('message_id_seq')) from unnest(messages) m);
    needed      integer[];                                                     -- messages of live targets
    -- by target
    mis         integer[] := array(select (x->>'message')::integer + 1 from unnest(targets) x);
    live        boolean[] := array_fill(true, array[cardinality(targets)]);    -- its gate opened
    results     jsonb[]   := array_fill('{}'::jsonb, array[cardinality(targets)]);
    post_number bigint[]  := array_fill(null::bigint, array[cardinality(targets)]);
    said        text[]    := array_fill('done'::text, array[cardinality(targets)]);    -- which of the answers prepared for it are owed
    silent      integer[] := array_fill(0, array[cardinality(targets)]);               -- answers the budget did not allow
    paid        text[]    := '{}';     -- answers it allowed: target/answer
    -- by post
    whose       integer[] := '{}';     -- its target
    list_of     bigint[]  := '{}';
    seqs        bigint[]  := '{}';
    chains      bytea[]   := '{}';
    filed       timestamptz[] := '{}';
    threads     bigint[]  := '{}';
    -- of one list
    lists       bigint[];
    list_now    bigint;
    first       integer;
    head        list_head%rowtype;
    known       bigint[];              -- hashes of Message-IDs ...
    known_in    bigint[];              -- ... and the threads they belong to
    news        bigint[];              -- as `known`, to be written
    news_in     bigint[];
    begun       bigint[];              -- threads to be written
    placed_here bigint[];              -- those of `known` whose place an owner decided ...
    apart_here  bigint[];              -- ... and threads an owner split or joined
    seen_before jsonb := '{}';         -- arrival keys that stood already
    hashes      bigint[];
    roots       bigint[];
    in_thread   bigint;
    since       integer;               -- the first reference of a post that counts
    ours        bigint;
    accepted_at timestamptz;
    digest      bytea;
    number_now  bigint;
    h           bigint;
    t           jsonb;
    p           jsonb;
    o           jsonb;
    r           record;
    k           text;
    i           integer;
    at_known    integer;
begin
    -- Gate 1, arrival keys. "Duplicate" writes the sighting before it is answered, so the answer waits for the commit like any other.
    for r in
        with sighted as (
            insert into arrival as a (list_id, function, key, message, outcome, received_at, last_seen_at)
            select (x.t->>'list')::bigint, x.t->>'function', decode(key, 'hex'), ids[coalesce((x.t->>'arrived')::integer + 1, x.mi)],
                   x.t->>'outcome', at, at
              from unnest(targets, mis) x(t, mi), jsonb_array_elements_text(x.t->'keys') key
             order by 1, 2, 3
                on conflict (list_id, function, key) do update
               set seen         = case when a.received_at < at - keep then 1 else a.seen + 1 end,
                   message      = case when a.received_at < at - keep then excluded.message else a.message end,
                   outcome      = case when a.received_at < at - keep then excluded.outcome else a.outcome end,
                   received_at  = case when a.received_at < at - keep then excluded.received_at else a.received_at end,
                   last_seen_at = excluded.last_seen_at
            returning a.list_id, a.function, a.key, a.seen, a.message, a.outcome)
        select s.list_id, s.function, encode(s.key, 'hex') as key, s.message, s.outcome from sighted s where s.seen > 1
    loop
        seen_before := seen_before || jsonb_build_object(r.list_id || '/' || r.function || '/' || r.key,
                                                         jsonb_build_object('message', r.message, 'was', r.outcome));
    end loop;
    if seen_before <> '{}' then
        for i in 1 .. cardinality(targets) loop
            t := targets[i];
            for k in select jsonb_array_elements_text(t->'keys') loop
                o := seen_before->((t->>'list') || '/' || (t->>'function') || '/' || k);
                if o is not null and live[i] then
                    live[i] := false;
                    said[i] := 'duplicate';
                    results[i] := o || jsonb_build_object('outcome', 'duplicate', 'by', case when k like '00%' then 'octets' else 'fingerprint' end);
                end if;
            end loop;
            if not live[i] then    -- a key that is new beside one that is not: it means the same message
                update arrival a set message = (results[i]->>'message')::bigint, outcome = results[i]->>'was'
                 where list_id = (t->>'list')::bigint and function = t->>'function' and a.seen = 1
                   and key in (select decode(x, 'hex') from jsonb_array_elements_text(t->'keys') x);
            end if;
        end loop;
    end if;

    -- Gate 2, decisions about held messages: the first stands, a later one is counted and told what stands. Who decides at the same
    -- time waits in the first update for the other's commit, and his second update sees it. Of one mail that says both, accepting comes
    -- first: a moderator who answers to all means to accept.
    for r in
        select x.ix::integer as ix, (x.t->'held'->>'id')::bigint as id, x.t->'held' as decision,
               array(select jsonb_array_elements_text(x.t->'held'->'from')) as open
          from unnest(targets, live) with ordinality x(t, l, ix)
         where x.t ? 'held' and x.l
         order by 2, x.t->'held'->>'state' <> 'accepted', 1
    loop
        if r.decision->>'state' = 'held' then
            -- its author says that it is his; the moderators' time begins now
            update held_post held
               set state = 'held', reasons = array(select jsonb_array_elements_text(r.decision->'reasons')),
                   expires_at = at + (held.expires_at - held.held_at), held_at = at
             where held.id = r.id and held.state = any (r.open);
        else
            -- an accepted message gets its number below; until then the row is locked by this update
            update held_post held
               set state = r.decision->>'state', decided_at = at, decided_by = r.decision->>'by', comment = r.decision->>'comment',
                   number = case when r.decision->>'state' = 'accepted' then 0 end
             where held.id = r.id and held.state = any (r.open);
        end if;
        if not found then
            update held_post held set repeats = held.repeats + 1 where held.id = r.id and held.state <> all (r.open)
                returning jsonb_build_object('outcome', 'decided', 'state', held.state, 'by', coalesce(held.decided_by, ''),
                                             'number', held.number) into o;
            live[r.ix] := false;
            results[r.ix] := case when found then o else '{"outcome": "unknown"}' end;
            said[r.ix] := coalesce(results[r.ix]->>'state', 'unknown');
        elsif r.decision->>'state' <> 'held' then
            insert into audit (at, actor, action, list_id, subject, after)
            select at, held.decided_by, 'held.' || held.state, held.list_id, held.id::text,
                   jsonb_build_object('author', held.author, 'comment', held.comment)
              from held_post held where held.id = r.id;
        end if;
    end loop;

    for r in
        select x.ix::integer as ix, x.t->'retry' as retry from unnest(targets) with ordinality x(t, ix) where x.t ? 'retry' order by 1
    loop
        update aside set state = 'retried', decided_at = at, decided_by = r.retry->>'by'
         where id = (r.retry->>'aside')::bigint and state = 'waiting';
        if not found then
            live[r.ix] := false;
            said[r.ix] := 'unknown';
            results[r.ix] := '{"outcome": "unknown"}';
        end if;
    end loop;

    -- Heads, in order; held until the commit is durable.
    lists := array(select distinct (x.t->>'list')::bigint from unnest(targets, live) x(t, l) where x.l and x.t ? 'post' order by 1);
    if lists <> '{}' then
        perform 1 from list_head where list_id = any (lists) order by list_id for no key update;
    end if;
    accepted_at := clock_now();

    -- Gate 3, imports: under the head's lock, so two imports of one file cannot both win.
    for r in
        select once.ix, stands.number, stands.seq
          from (select x.ix::integer as ix, (x.t->>'list')::bigint as list, d.digest,
                       row_number() over (partition by x.t->>'list', d.digest order by x.ix) as nth
                  from unnest(targets, live, mis) with ordinality x(t, l, mi, ix),
                       lateral (select decode(messages[x.mi]->>'sha256', 'hex')) d(digest)
                 where x.l and x.t ? 'onceByBytes') once
          left join lateral (select number, seq from post where list_id = once.list and sha256 = once.digest limit 1) stands on true
         where stands.seq is not null or once.nth > 1
    loop
        live[r.ix] := false;
        said[r.ix] := 'duplicate';
        results[r.ix] := jsonb_build_object('outcome', 'duplicate', 'by', 'octets')
                         || case when r.seq is null then '{}' else jsonb_build_object('number', r.number, 'seq', r.seq) end;
    end loop;

    needed := array(select x.mi from unnest(live, mis) x(l, mi) where x.l
                    union
                    select (x.t->>'arrived')::integer + 1    -- a mail that came too late is kept like any other that was taken
                      from unnest(targets, said) x(t, said)
                     where x.t ? 'arrived' and x.said <> 'duplicate');
    insert into message (id, octets, size, sha256, source, reverse_path, client, trace, node_id, received_at)
    select ids[x.mi], octets[(x.m->>'octets')::integer], (x.m->>'size')::integer, decode(x.m->>'sha256', 'hex'), x.m->>'source',
           x.m->>'reversePath', coalesce(x.m->>'client', ''), coalesce(x.m->>'trace', ''), (x.m->>'node')::smallint, at
      from unnest(messages) with ordinality x(m, mi)
     where x.mi = any (needed) and not x.m ? 'id';

    -- Posts: number, chain, thread; list by list.
    foreach list_now in array lists loop
        select * into head from list_head where list_id = list_now;
        first := cardinality(whose) + 1;
        news := '{}';
        news_in := '{}';
        begun := '{}';
        select coalesce(array_agg(tm.message_id_hash), '{}'), coalesce(array_agg(coalesce(th.merged_into, th.id)), '{}'),
               coalesce(array_agg(tm.message_id_hash) filter (where tm.placed), '{}'),
               coalesce(array_agg(coalesce(th.merged_into, th.id)) filter (where th.apart), '{}')
          into known, known_in, placed_here, apart_here
          from thread_message_id tm join thread th on th.id = tm.thread_id
         where tm.list_id = list_now
           and tm.message_id_hash = any (array(
                select hash::bigint
                  from unnest(targets, live) x(t, l), lateral (values (x.t->'post'->>'hash')) own(hash)
                 where x.l and x.t ? 'post' and (x.t->>'list')::bigint = list_now
                union
                select hash::bigint
                  from unnest(targets, live) x(t, l), jsonb_array_elements_text(x.t->'post'->'refHashes') hash
                 where x.l and x.t ? 'post' and (x.t->>'list')::bigint = list_now));

        for i in 1 .. cardinality(targets) loop
            continue when not live[i];
            t := targets[i];
            p := t->'post';
            continue when p is null or (t->>'list')::bigint <> list_now;
            digest := decode(messages[mis[i]]->>'sha256', 'hex');
            number_now := coalesce((p->>'number')::bigint, head.last_number + 1);
            head.last_seq := head.last_seq + 1;
            head.last_number := greatest(head.last_number, number_now);
            head.chain := sha256(head.chain || int8send(head.last_seq) || int8send(number_now) || digest);
            if p ? 'filedAt' then
                filed := filed || (p->>'filedAt')::timestamptz;
            else
                head.last_filed_at := greatest(accepted_at, head.last_filed_at);
                filed := filed || head.last_filed_at;
            end if;
            whose := whose || i;
            list_of := list_of || list_now;
            seqs := seqs || head.last_seq;
            chains := chains || head.chain;
            post_number[i] := number_now;
            results[i] := jsonb_build_object('outcome', 'done', 'number', number_now, 'seq', head.last_seq, 'message', ids[mis[i]]);

            hashes := (p->>'hash')::bigint || translate(p->>'refHashes', '[]', '{}')::bigint[];
            since := 1;
            if placed_here <> '{}' then
                if hashes[1] = any (placed_here) then
                    since := cardinality(hashes);    -- what it answers was decided: none of them counts
                else
                    for j in reverse cardinality(hashes) .. 2 loop
                        if hashes[j] = any (placed_here) then
                            since := j - 1;
                            exit;
                        end if;
                    end loop;
                end if;
                hashes := hashes[1] || hashes[since + 1:];
            end if;

            roots := '{}';
            foreach h in array hashes loop
                at_known := array_position(known, h);
                if at_known is not null and not known_in[at_known] = any (roots) then
                    roots := roots || known_in[at_known];
                end if;
            end loop;
            if cardinality(roots) > 1 and roots && apart_here then
                -- From the nearest reference on, up to one in a thread that is kept apart: where that one belongs was decided.
                roots := '{}';
                ours := null;
                for j in reverse cardinality(hashes) .. 2 loop
                    at_known := array_position(known, hashes[j]);
                    continue when at_known is null;
                    if not known_in[at_known] = any (roots) then
                        roots := roots || known_in[at_known];
                    end if;
                    if known_in[at_known] = any (apart_here) then
                        ours := known_in[at_known];
                        since := since + j - 2;
                        hashes := hashes[1] || hashes[j:];
                        exit;
                    end if;
                end loop;
                at_known := array_position(known, hashes[1]);
                if known_in[at_known] = any (apart_here) and known_in[at_known] <> ours then
                    -- Others mentioned it before it came and before they were split; what it says itself counts more.
                    if not exists (select from post where message_id_hash = hashes[1] and list_id = list_now) then
                        update thread_message_id set thread_id = ours where list_id = list_now and message_id_hash = hashes[1];
                        known_in[at_known] := ours;
                        news_in := array(select case when x.hash = hashes[1] then ours else x.th end
                                           from unnest(news, news_in) with ordinality x(hash, th, ix) order by x.ix);
                    end if;
                elsif not known_in[at_known] = any (roots) then
                    roots := roots || known_in[at_known];
                end if;
            end if;
            if since > 1 then
                targets[i] := jsonb_set(t, '{post,refs}', to_jsonb((array(select jsonb_array_elements_text(p->'refs')))[since:]));
            end if;

            -- The oldest thread of those that it belongs to takes the others in; one that is kept apart stays itself.
            if roots = '{}' then
                in_thread := nextval('thread_id_seq');
                begun := begun || in_thread;
            elsif cardinality(roots) = 1 then
                in_thread := roots[1];
            else
                insert into thread (id, list_id) overriding system value select b, list_now from unnest(begun) b;
                begun := '{}';
                in_thread := (select coalesce(min(x) filter (where x = any (apart_here)), min(x)) from unnest(roots) x);
                roots := array_remove(roots, in_thread);
                update thread set merged_into = in_thread, apart = nullif(in_thread = any (apart_here), false)
                 where id = any (roots) or merged_into = any (roots);
                head.revision := head.revision + 1;
                known_in := array(select case when x.th = any (roots) then in_thread else x.th end
                                    from unnest(known_in) with ordinality x(th, ix) order by x.ix);
            end if;
            threads := threads || in_thread;
            foreach h in array hashes loop
                if array_position(known, h) is null then
                    known := known || h;
                    known_in := known_in || in_thread;
                    news := news || h;
                    news_in := news_in || in_thread;
                end if;
            end loop;
        end loop;

        insert into thread (id, list_id) overriding system value select b, list_now from unnest(begun) b;
        insert into thread_message_id (list_id, message_id_hash, thread_id)
        select list_now, x.hash, x.th from unnest(news, news_in) x(hash, th) on conflict do nothing;
        insert into list_month as c (list_id, month, posts, last_seq)
        select list_now, date_trunc('month', f.at at time zone 'UTC')::date, count(*), max(f.seq)
          from unnest(filed[first:], seqs[first:]) f(at, seq)
         group by 2
            on conflict (list_id, month) do update set posts = c.posts + excluded.posts, last_seq = excluded.last_seq;
        update list_head
           set last_number = head.last_number, last_seq = head.last_seq, chain = head.chain, revision = head.revision,
               last_filed_at = head.last_filed_at
         where list_id = list_now;
    end loop;

    insert into post (list_id, seq, number, message, sha256, chain, message_id, message_id_hash, refs, thread_id,
                      author_name, author_address, subject, size, filed_at, sent_at)
    select x.list, x.seq, post_number[x.ix], ids[mis[x.ix]], decode(y.m->>'sha256', 'hex'), x.chain, y.p->>'messageId', (y.p->>'hash')::bigint,
           array(select jsonb_array_elements_text(y.p->'refs')), x.thread,
           y.p->>'authorName', y.p->>'authorAddress', y.p->>'subject', (y.m->>'size')::integer, x.filed, (y.p->>'sentAt')::timestamptz
      from unnest(whose, list_of, seqs, chains, filed, threads) x(ix, list, seq, chain, filed, thread),
           lateral (select targets[x.ix]->'post', messages[mis[x.ix]]) y(p, m);

    -- Everything that is not a post.
    for i in 1 .. cardinality(targets) loop
        continue when not live[i] or post_number[i] is not null;
        t := targets[i];
        results[i] := jsonb_build_object('outcome', 'done', 'message', ids[mis[i]]);
        if t ? 'hold' then
            p := t->'hold';
            insert into held_post (id, list_id, message, author, subject, reasons, state, held_at, expires_at)
            values ((p->>'id')::bigint, (t->>'list')::bigint, ids[mis[i]], p->>'author', p->>'subject',
                    array(select jsonb_array_elements_text(p->'reasons')), coalesce(p->>'state', 'held'), at, at + make_interval(hours => (p->>'hours')::integer));
            results[i] := results[i] || jsonb_build_object('held', p->'id');
        end if;
        if t ? 'bounce' then    -- from nodes that do not read reports yet
            p := t->'bounce';
            insert into bounce (list_id, subscription_id, address, number, source, message, forward_path, received_at)
            values ((t->>'list')::bigint, (p->>'subscription')::bigint, coalesce(p->>'address', ''), (p->>'number')::bigint, 'report', ids[mis[i]],
                    p->>'forwardPath', at);
        end if;
        if t ? 'aside' then
            p := t->'aside';
            insert into aside (message, list_id, function, forward_path, reason, aside_at)
            values (ids[mis[i]], (t->>'list')::bigint, t->>'function', p->>'forwardPath', p->>'reason', at);
        end if;
        if t ? 'membership' then
            said[i] := change_membership(t->'membership', (t->>'list')::bigint, at);
        end if;
        if t ? 'text' then
            said[i] := change_text(t->'text', (t->>'list')::bigint, at);
        end if;
    end loop;
    -- In one order on every node, so that two reports about the same subscribers cannot wait for each other.
    if jsonb_path_exists(doc, '$.targets[*].failures') then
        for r in
            select x.ix::integer as ix, (x.t->>'list')::bigint as list, x.t->'failures' as told, f.failure
              from unnest(targets, live) with ordinality x(t, l, ix), jsonb_array_elements(x.t->'failures'->'of') f(failure)
             where x.l
             order by 2, (x.t->'failures'->>'number')::bigint, x.t->'failures'->>'set', f.failure->>'normal', 1
        loop
            k := record_failure(r.failure, r.list, r.told->>'set', (r.told->>'number')::bigint, ids[mis[r.ix]], r.told->>'forwardPath', at);
            if said[r.ix] <> 'recorded' then
                said[r.ix] := k;
            end if;
        end loop;
        update arrival a
           set outcome = 'dropped: ' || x.said
          from unnest(targets, live, mis, said) x(t, l, mi, said)
         where x.t ? 'failures' and x.l and x.said <> 'recorded'
           and a.message = ids[x.mi] and a.list_id = (x.t->>'list')::bigint and a.function = x.t->>'function';
    end if;
    if seqs <> '{}' then
        update held_post held
           set number = x.number
          from unnest(targets, post_number) x(t, number)
         where x.number is not null and x.t ? 'held' and held.id = (x.t->'held'->>'id')::bigint;
    end if;

    -- P11, in the order spend() asks for.
    if jsonb_path_exists(doc, '$.targets[*].outgoing[*].budget') then
        for r in
            select x.ix::integer as ix, (x.t->>'list')::bigint as list, g.nth, g.o->'budget' as budget
              from unnest(targets, live, said) with ordinality x(t, l, said, ix), jsonb_array_elements(x.t->'outgoing') with ordinality g(o, nth)
             where g.o ? 'budget' and (g.o->>'when' = x.said or x.l and not g.o ? 'when')
             order by g.o->'budget'->>'domain', g.o->'budget'->>'normal', 1, 3
        loop
            if spend(r.budget->>'kind', r.list, r.budget->>'normal', r.budget->>'domain', at) then
                paid := paid || (r.ix || '/' || r.nth);
            else
                silent[r.ix] := silent[r.ix] + 1;
            end if;
        end loop;
    end if;

    -- What is owed, and its batches. A decision that came too late is told what stands.
    with owed as materialized (
        select nextval('outgoing_id_seq') as id, case when x.l then x.mi end as mi, (x.t->>'list')::bigint as list, case when g.o->>'kind' = 'post' then x.number end as number, g.o,
               (g.o->>'octets')::integer as own, (g.o->>'editPut')::integer as puts, jsonb_array_length(g.o->'editAt') as cuts,
               (g.o->>'recipients')::integer as recipients
          from unnest(targets, live, mis, post_number, said) with ordinality x(t, l, mi, number, said, ix),
               jsonb_array_elements(x.t->'outgoing') with ordinality g(o, nth)
         where (g.o->>'when' = x.said or x.l and not g.o ? 'when')
           and (not g.o ? 'budget' or x.ix || '/' || g.nth = any (paid))),
    written as (
        insert into outgoing (id, kind, list_id, number, message, edit_at, edit_cut, edit_put, octets, reverse_path, recipients, accepted_at)
            overriding system value
        select w.id, w.o->>'kind', nullif(w.list, 0), w.number, case when w.own is null then ids[w.mi] end,
               coalesce(translate(w.o->>'editAt', '[]', '{}'), '{}')::integer[], coalesce(translate(w.o->>'editCut', '[]', '{}'), '{}')::integer[],
               array(select octets[g] from generate_series(w.puts, w.puts + w.cuts - 1) g), -- a slice would copy all of `octets`
               case when w.own is not null then octets[w.own] end,
               replace(w.o->>'reversePath', '{n}', coalesce(w.number::text, '')), w.recipients, at
          from owed w)
    insert into batch (outgoing_id, list_id, small, subscriptions, forward_path, recipients, done, deferred, next_attempt_at)
    select w.id, w.list, w.recipients < 100, subscribers[(w.o->>'batches')::integer + b.nth - 1], null, b.n::integer,
           repeat('0', b.n::integer)::bit varying, repeat('0', b.n::integer)::bit varying, at
      from owed w, jsonb_array_elements_text(w.o->'batchSizes') with ordinality b(n, nth)
    union all
    select w.id, w.list, true, null, f.path, 1, b'0', b'0', at
      from owed w, jsonb_array_elements_text(w.o->'forwardPaths') f(path);
    return (select jsonb_agg(x.result || jsonb_build_object('said', x.said, 'silent', x.silent) order by x.ix)
              from unnest(results, said, silent) with ordinality x(result, said, silent, ix));
end $$;
