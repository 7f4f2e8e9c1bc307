-- take() counted the posts it had just filed by asking `post` for those behind the first seq. Prepared while the list was small, that statement
-- read the whole list for every post: 80 posts a second at 18,000 posts. What take() files it knows; nothing of `post` is read for it.

create or replace function take(doc jsonb, octets bytea[], subscribers bytea[]) returns jsonb
    language plpgsql as $$
declare
    at          timestamptz := clock_now();
    keep        interval := (select kept.keep from retention kept where kept.what = 'arrival');
    messages    jsonb := doc->'messages';
    targets     jsonb := doc->'targets';
    results     jsonb[] := array_fill('{}'::jsonb, array[jsonb_array_length(doc->'targets')]);
    ids         bigint[] := '{}';      -- message rows, by index
    needed      boolean[] := '{}';     -- message rows to write, by index
    live        boolean[];             -- targets whose gate opened, by index
    seen_before jsonb := '{}';         -- arrival keys that stood already
    lists       bigint[];
    head        list_head%rowtype;
    list_now    bigint;
    t           jsonb;
    m           jsonb;
    p           jsonb;
    o           jsonb;
    r           record;
    k           text;
    i           integer;
    mi          integer;
    hashes      bigint[];
    roots       bigint[];
    in_thread   bigint;
    post_number bigint;
    filed       timestamptz;
    months      date[];
    seqs        bigint[];
    digest      bytea;
begin
    for m in select value from jsonb_array_elements(messages) loop
        ids := ids || coalesce((m->>'id')::bigint, nextval('message_id_seq'));
        needed := needed || false;
    end loop;
    live := array_fill(true, array[jsonb_array_length(targets)]);

    -- Gate 1, arrival keys. "Duplicate" writes the sighting before it is answered, so the answer waits for the commit like any other.
    for r in
        insert into arrival as a (list_id, function, key, message, outcome, received_at, last_seen_at)
        select (x.t->>'list')::bigint, x.t->>'function', decode(key, 'hex'), ids[(x.t->>'message')::integer + 1], x.t->>'outcome', at, at
          from jsonb_array_elements(targets) x(t), jsonb_array_elements_text(x.t->'keys') key
         order by 1, 2, 3
            on conflict (list_id, function, key) do update
           set seen         = case when a.received_at < at - keep then 1 else a.seen + 1 end,
               message      = case when a.received_at < at - keep then excluded.message else a.message end,
               outcome      = case when a.received_at < at - keep then excluded.outcome else a.outcome end,
               received_at  = case when a.received_at < at - keep then excluded.received_at else a.received_at end,
               last_seen_at = excluded.last_seen_at
        returning a.list_id, a.function, encode(a.key, 'hex') as key, a.seen, a.message, a.outcome
    loop
        if r.seen > 1 then
            seen_before := seen_before || jsonb_build_object(r.list_id || '/' || r.function || '/' || r.key,
                                                             jsonb_build_object('message', r.message, 'was', r.outcome));
        end if;
    end loop;
    if seen_before <> '{}' then
        for i in 1 .. cardinality(live) loop
            t := targets->(i - 1);
            for k in select jsonb_array_elements_text(t->'keys') loop
                o := seen_before->((t->>'list') || '/' || (t->>'function') || '/' || k);
                if o is not null and live[i] then
                    live[i] := false;
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

    -- Gate 2, decisions about held messages: the first stands, a later one is counted and told what stands.
    for r in
        select ix::integer as ix, (x.t->'held'->>'id')::bigint as id, x.t->'held' as decision
          from jsonb_array_elements(targets) with ordinality x(t, ix)
         where x.t ? 'held'
         order by 2
    loop
        update held_post h set repeats = h.repeats + 1 where h.id = r.id and h.state <> 'held'
            returning jsonb_build_object('outcome', 'decided', 'state', h.state, 'by', h.decided_by, 'number', h.number) into o;
        if found then
            live[r.ix] := false;
            results[r.ix] := o;
        else
            -- an accepted message gets its number below; until then the row is locked by this update
            update held_post h
               set state = r.decision->>'state', decided_at = at, decided_by = r.decision->>'by', comment = r.decision->>'comment',
                   number = case when r.decision->>'state' = 'accepted' then 0 end
             where h.id = r.id and h.state = 'held';
            if found then
                insert into audit (at, actor, action, list_id, subject, after)
                select at, h.decided_by, 'held.' || h.state, h.list_id, h.id::text, jsonb_build_object('author', h.author, 'comment', h.comment)
                  from held_post h where h.id = r.id;
            else
                live[r.ix] := false;
                results[r.ix] := jsonb_build_object('outcome', 'unknown');
            end if;
        end if;
    end loop;

    for i in 1 .. cardinality(live) loop
        t := targets->(i - 1);
        if t ? 'retry' then
            update aside set state = 'retried', decided_at = at, decided_by = t->'retry'->>'by'
             where id = (t->'retry'->>'aside')::bigint and state = 'waiting';
            if not found then
                live[i] := false;
                results[i] := '{"outcome": "unknown"}';
            end if;
        end if;
    end loop;

    -- Heads, in order; held until the commit is durable.
    select array_agg(distinct (x.t->>'list')::bigint order by (x.t->>'list')::bigint) into lists
      from jsonb_array_elements(targets) with ordinality x(t, ix)
     where x.t ? 'post' and live[ix];
    if lists is not null then
        perform 1 from list_head where list_id = any (lists) order by list_id for no key update;
    end if;

    -- Gate 3, imports: under the head's lock, so two imports of one file cannot both win.
    for i in 1 .. cardinality(live) loop
        t := targets->(i - 1);
        if live[i] and t ? 'onceByBytes' then
            digest := decode(messages->(t->>'message')::integer->>'sha256', 'hex');
            select jsonb_build_object('outcome', 'duplicate', 'by', 'octets', 'number', number, 'seq', seq) into o
              from post where list_id = (t->>'list')::bigint and sha256 = digest limit 1;
            if found or exists (select 1 from jsonb_array_elements(targets) with ordinality x(earlier, ix)
                                 where ix < i and live[ix] and earlier->>'list' = t->>'list'
                                   and messages->(earlier->>'message')::integer->>'sha256' = encode(digest, 'hex')) then
                live[i] := false;
                results[i] := coalesce(o, '{"outcome": "duplicate", "by": "octets"}');
            end if;
        end if;
        if live[i] then
            needed[(t->>'message')::integer + 1] := true;
        end if;
    end loop;

    for mi in 1 .. cardinality(ids) loop
        m := messages->(mi - 1);
        if needed[mi] and not m ? 'id' then
            insert into message (id, octets, size, sha256, source, reverse_path, client, trace, node_id, received_at)
            values (ids[mi], octets[(m->>'octets')::integer], (m->>'size')::integer, decode(m->>'sha256', 'hex'), m->>'source',
                    m->>'reversePath', coalesce(m->>'client', ''), coalesce(m->>'trace', ''), (m->>'node')::smallint, at);
        end if;
    end loop;

    -- Posts: number, chain, thread, copies; list by list.
    foreach list_now in array coalesce(lists, '{}') loop
        select * into head from list_head where list_id = list_now;
        months := '{}';
        seqs := '{}';
        for i in 1 .. cardinality(live) loop
            t := targets->(i - 1);
            continue when not live[i] or not t ? 'post' or (t->>'list')::bigint <> head.list_id;
            p := t->'post';
            mi := (t->>'message')::integer + 1;
            m := messages->(mi - 1);
            digest := decode(m->>'sha256', 'hex');
            post_number := coalesce((p->>'number')::bigint, head.last_number + 1);
            filed := coalesce((p->>'filedAt')::timestamptz, greatest(clock_now(), head.last_filed_at));
            head.last_seq := head.last_seq + 1;
            head.last_number := greatest(head.last_number, post_number);
            head.chain := sha256(head.chain || int8send(head.last_seq) || int8send(post_number) || digest);
            if not p ? 'filedAt' then
                head.last_filed_at := filed;
            end if;

            hashes := (p->>'hash')::bigint || array(select v::bigint from jsonb_array_elements_text(p->'refHashes') v);
            select array_agg(distinct coalesce(th.merged_into, th.id) order by coalesce(th.merged_into, th.id)) into roots
              from thread_message_id tm join thread th on th.id = tm.thread_id
             where tm.list_id = head.list_id and tm.message_id_hash = any (hashes);
            if roots is null then
                insert into thread (list_id) values (head.list_id) returning id into in_thread;
            else
                in_thread := roots[1];
                if cardinality(roots) > 1 then
                    update thread set merged_into = in_thread where id = any (roots[2:]) or merged_into = any (roots[2:]);
                    head.revision := head.revision + 1;
                end if;
            end if;
            insert into thread_message_id (list_id, message_id_hash, thread_id)
            select head.list_id, h, in_thread from unnest(hashes) h on conflict do nothing;

            insert into post (list_id, seq, number, message, sha256, chain, message_id, message_id_hash, refs, thread_id,
                              author_name, author_address, subject, size, filed_at, sent_at)
            values (head.list_id, head.last_seq, post_number, ids[mi], digest, head.chain, p->>'messageId', (p->>'hash')::bigint,
                    array(select jsonb_array_elements_text(p->'refs')), in_thread,
                    p->>'authorName', p->>'authorAddress', p->>'subject', (m->>'size')::integer, filed, (p->>'sentAt')::timestamptz);
            months := months || date_trunc('month', filed at time zone 'UTC')::date;
            seqs := seqs || head.last_seq;
            for o in select value from jsonb_array_elements(t->'outgoing') loop
                perform owe(o, head.list_id, case when o->>'kind' = 'post' then post_number end, ids[mi], octets, subscribers, at);
            end loop;
            if t ? 'held' then
                update held_post set number = post_number where id = (t->'held'->>'id')::bigint;
            end if;
            results[i] := jsonb_build_object('outcome', 'done', 'number', post_number, 'seq', head.last_seq, 'message', ids[mi]);
        end loop;

        insert into list_month as c (list_id, month, posts, last_seq)
        select head.list_id, f.month, count(*), max(f.seq)
          from unnest(months, seqs) f(month, seq)
         group by f.month
            on conflict (list_id, month) do update set posts = c.posts + excluded.posts, last_seq = excluded.last_seq;
        update list_head
           set last_number = head.last_number, last_seq = head.last_seq, chain = head.chain, revision = head.revision,
               last_filed_at = head.last_filed_at
         where list_id = head.list_id;
    end loop;

    -- Everything that is not a post.
    for i in 1 .. cardinality(live) loop
        t := targets->(i - 1);
        continue when not live[i] or t ? 'post';
        mi := (t->>'message')::integer + 1;
        results[i] := jsonb_build_object('outcome', 'done', 'message', ids[mi]);
        if t ? 'hold' then
            p := t->'hold';
            insert into held_post (id, list_id, message, author, subject, reasons, held_at, expires_at)
            values ((p->>'id')::bigint, (t->>'list')::bigint, ids[mi], p->>'author', p->>'subject',
                    array(select jsonb_array_elements_text(p->'reasons')), at, at + make_interval(hours => (p->>'hours')::integer));
            results[i] := results[i] || jsonb_build_object('held', p->'id');
        end if;
        if t ? 'bounce' then
            p := t->'bounce';
            insert into bounce (list_id, subscription_id, address, number, source, message, forward_path, received_at)
            values ((t->>'list')::bigint, (p->>'subscription')::bigint, coalesce(p->>'address', ''), (p->>'number')::bigint, 'report', ids[mi],
                    p->>'forwardPath', at);
        end if;
        if t ? 'aside' then
            p := t->'aside';
            insert into aside (message, list_id, function, forward_path, reason, aside_at)
            values (ids[mi], (t->>'list')::bigint, t->>'function', p->>'forwardPath', p->>'reason', at);
        end if;
        for o in select value from jsonb_array_elements(t->'outgoing') loop
            perform owe(o, (t->>'list')::bigint, null, ids[mi], octets, subscribers, at);
        end loop;
    end loop;
    return to_jsonb(results);
end $$;
