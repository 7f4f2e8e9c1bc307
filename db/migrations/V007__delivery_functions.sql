-- COMMIT 2. Claims and marks are one autocommit call each; both carry (node, epoch) and change nothing once the epoch has moved.

-- Takes up to `batches` due batches, at most `per_list` of one list, starting behind list `after`: lists with due work are found by
-- hopping along the index, so a long queue of one list costs others nothing. Asks at most `lists` lists. A batch that is the claimer's
-- already but not `in_hand` comes again: the answer to an earlier claim was lost.
create function claim(claimer smallint, claimer_epoch bigint, small_ones boolean, after bigint, lists integer, per_list integer, batches integer,
                      in_hand bigint[])
    returns table (id bigint, outgoing_id bigint, list_id bigint, subscriptions bytea, forward_path text, recipients smallint,
                   done text, deferred text, attempts integer, go_on_after bigint)
    language plpgsql as $$
#variable_conflict use_column
declare
    at_list bigint := after;
    asked   integer := 0;
    found_here integer;
    left_over  integer := batches;
begin
    if not exists (select 1 from node n where n.id = claimer and n.epoch = claimer_epoch) then
        return;
    end if;
    loop
        select b.list_id into at_list from batch b where b.small = small_ones and b.list_id > at_list order by b.list_id limit 1;
        exit when at_list is null or asked >= lists or left_over <= 0;
        asked := asked + 1;
        return query
            update batch b
               set owner = claimer, owner_epoch = claimer_epoch
              from (select d.id
                      from batch d
                     where d.small = small_ones and d.list_id = at_list and d.next_attempt_at <= clock_now()
                       and (d.owner is null
                            or d.owner_epoch <> (select n.epoch from node n where n.id = d.owner)
                            or d.owner = claimer and d.id <> all (in_hand))
                     order by d.next_attempt_at, d.id
                     limit least(per_list, left_over)
                       for no key update skip locked) due
             where b.id = due.id
            returning b.id, b.outgoing_id, b.list_id, b.subscriptions, b.forward_path, b.recipients,
                      b.done::text, b.deferred::text, b.attempts, null::bigint;
        get diagnostics found_here = row_count;
        left_over := left_over - found_here;
    end loop;
    -- The last row tells where to go on; null: every list was asked, begin again.
    return query select null::bigint, null::bigint, null::bigint, null::bytea, null::text, null::smallint, null::text, null::text, null::integer, at_list;
end $$;

-- Writes what became of copies. Arrays run in parallel, an element a batch:
--   bits        positions settled since the last mark ('1'), as text of the batch's length
--   complete    every position is settled: the batch goes
--   delivered, refused, departed   how many of each since the last mark
-- Problems and refusals name their batch; those of a batch that is no longer ours are dropped with its marks.
-- Answers the batches that are still ours.
create function mark(marker smallint, marker_epoch bigint, ids bigint[], bits text[], complete boolean[],
                     delivered integer[], refused integer[], departed integer[],
                     refused_batch bigint[], refused_subscription bigint[], refused_address text[], refused_reply text[])
    returns bigint[] language plpgsql as $$
declare
    ours bigint[];
    gone bigint[];
    at   timestamptz := clock_now();
begin
    if not exists (select 1 from node n where n.id = marker and n.epoch = marker_epoch) then
        return '{}';
    end if;
    with touched as (
        update batch b set done = b.done | m.bits::bit varying
          from unnest(ids, bits, complete) m(id, bits, complete)
         where b.id = m.id and not m.complete and b.owner = marker and b.owner_epoch = marker_epoch
        returning b.id, b.outgoing_id),
    ended as (
        delete from batch b
         using unnest(ids, complete) m(id, complete)
         where b.id = m.id and m.complete and b.owner = marker and b.owner_epoch = marker_epoch
        returning b.id, b.outgoing_id),
    mine as (select t.id, t.outgoing_id from touched t union all select e.id, e.outgoing_id from ended e),
    counted as (
        insert into delivery_total as dt (outgoing_id, kind, list_id, number, message, delivered, refused, departed, accepted_at, finished_at)
        select o.id, o.kind, o.list_id, o.number, o.message, sum(m.delivered), sum(m.refused), sum(m.departed), o.accepted_at, at
          from mine join unnest(ids, delivered, refused, departed) m(id, delivered, refused, departed) on m.id = mine.id
               join outgoing o on o.id = mine.outgoing_id
         group by o.id
         order by o.id
            on conflict (outgoing_id) do update
           set delivered = dt.delivered + excluded.delivered, refused = dt.refused + excluded.refused,
               departed = dt.departed + excluded.departed, finished_at = excluded.finished_at),
    bounced as (
        insert into bounce (list_id, subscription_id, address, number, source, reply, received_at)
        select o.list_id, f.subscription, f.address, o.number, 'relay', left(f.reply, 1000), at
          from unnest(refused_batch, refused_subscription, refused_address, refused_reply) f(batch, subscription, address, reply)
               join mine on mine.id = f.batch
               join outgoing o on o.id = mine.outgoing_id
         where o.list_id is not null)
    select array_agg(mine.id), array_agg(distinct mine.outgoing_id) filter (where mine.id in (select e.id from ended e))
      into ours, gone from mine;
    if gone is not null then
        -- Two nodes that end the last two batches at once may both leave the outgoing; the job 'sweep' takes it.
        delete from outgoing o where o.id = any (gone) and not exists (select 1 from batch b where b.outgoing_id = o.id);
    end if;
    return coalesce(ours, '{}');
end $$;

-- Ends a node's turn with a batch: what was deferred is written down, the batch is free again at `next_at`.
create function release(releaser smallint, releaser_epoch bigint, batch_row bigint, next_at timestamptz, tried boolean,
                        positions smallint[], paths text[], replies text[], tries integer[], next_tries timestamptz[])
    returns boolean language plpgsql as $$
declare
    mask bit varying;
begin
    update batch b
       set owner = null, owner_epoch = null, next_attempt_at = next_at, attempts = b.attempts + case when tried then 1 else 0 end
     where b.id = batch_row and b.owner = releaser and b.owner_epoch = releaser_epoch
       and exists (select 1 from node n where n.id = releaser and n.epoch = releaser_epoch)
    returning b.deferred into mask;
    if not found then
        return false;
    end if;
    if cardinality(positions) > 0 then
        insert into delivery_problem as dp (batch_id, position, forward_path, reply, attempts, next_attempt_at)
        select batch_row, p.position, p.path, left(p.reply, 1000), p.tries, p.next_try
          from unnest(positions, paths, replies, tries, next_tries) p(position, path, reply, tries, next_try)
            on conflict (batch_id, position) do update
           set reply = excluded.reply, attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at;
        select bit_or(set_bit(mask, p.position, 1)) into mask from unnest(positions) p(position);
        update batch b set deferred = mask where b.id = batch_row;
    end if;
    return true;
end $$;
