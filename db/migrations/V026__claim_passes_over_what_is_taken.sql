-- A claim looked closely at every list with a batch in it, also where all of them were at work: with posts to 300 lists a second and claims every 20 ms
-- that was most of the database's work. Now it hops over those as well, and where no more is due than it may take it takes that in one look.

-- Takes up to `batches` due batches, at most `per_list` of one list, starting behind list `after`: lists with due work are found by
-- hopping along the index, so a long queue of one list costs others nothing; what has an owner at work on it is passed over. Asks at most `lists` lists. A batch that is the claimer's
-- already but not `in_hand` comes again: the answer to an earlier claim was lost.
--
-- Messages of more than `light` octets are heavy: one is taken only as long as there is `room`, so that the last may exceed it and every message
-- gets its turn. `messages` are the outgoings the claimer has in memory; they weigh nothing more.
--
create or replace function claim(claimer smallint, claimer_epoch bigint, small_ones boolean, after bigint, lists integer, per_list integer, batches integer,
                      in_hand bigint[], room bigint default 1, light bigint default 9223372036854775807, messages bigint[] default '{}')
    returns table (id bigint, outgoing_id bigint, list_id bigint, subscriptions bytea, forward_path text, recipients smallint,
                   done text, deferred text, attempts integer, heavy bigint, go_on_after bigint)
    language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    at_list   bigint := after;
    next_list bigint;
    asked     integer := 0;
    left_over integer := batches;
    ids       bigint[];
    weights   bigint[];
    weight    bigint;
    fits      boolean;
begin
    if not exists (select 1 from node n where n.id = claimer and n.epoch = claimer_epoch) then
        return;
    end if;
    if left_over > 0 then
        update batch b
           set parked = false
          from (select p.id from batch p
                 where p.parked and p.small = small_ones and p.next_attempt_at <= clock_now()
                 order by p.next_attempt_at
                 limit lists
                   for no key update skip locked) due
         where b.id = due.id;
    end if;
    -- Little is due most of the time. Then nothing has to be shared out among lists, and nothing is locked before that is known.
    with due as materialized (
        select d.id, d.outgoing_id, d.list_id
          from batch d
         where not d.parked and d.small = small_ones and d.next_attempt_at <= clock_now()
           and (d.owner is null
                or d.owner_epoch <> (select n.epoch from node n where n.id = d.owner)
                or d.owner = claimer and d.id <> all (in_hand))
         limit greatest(left_over, 0) + 1)
    select array_agg(d.id),
           case when count(*) > left_over then false
                else not exists (select 1 from due group by list_id having count(*) > per_list)
                     and not exists (select 1 from (select distinct outgoing_id from due where outgoing_id <> all (messages)) o
                                      where outgoing_octets(o.outgoing_id) > light) end
      into ids, fits
      from due d;
    if fits then
        if ids is not null then
            return query
                with free as materialized (
                    select d.id from batch d
                     where d.id = any (ids) and not d.parked and d.next_attempt_at <= clock_now()
                       and (d.owner is null
                            or d.owner_epoch <> (select n.epoch from node n where n.id = d.owner)
                            or d.owner = claimer and d.id <> all (in_hand))
                       for no key update skip locked)
                update batch b
                   set owner = claimer, owner_epoch = claimer_epoch
                  from free
                 where b.id = free.id
                returning b.id, b.outgoing_id, b.list_id, b.subscriptions, b.forward_path, b.recipients,
                          b.done::text, b.deferred::text, b.attempts, 0::bigint, null::bigint;
        end if;
        return query select null::bigint, null::bigint, null::bigint, null::bytea, null::text, null::smallint, null::text, null::text, null::integer,
                            null::bigint, null::bigint;
        return;
    end if;
    loop
        exit when asked >= lists or left_over <= 0;
        select b.list_id into next_list
          from batch b
         where not b.parked and b.small = small_ones and b.list_id > at_list
           and (b.owner is null
                or b.owner_epoch <> (select n.epoch from node n where n.id = b.owner)
                or b.owner = claimer and b.id <> all (in_hand))
         order by b.list_id
         limit 1;
        at_list := next_list;
        exit when at_list is null;
        asked := asked + 1;
        -- Without room one look at the list's next batch: if it is heavy, the list waits. To lock what is not taken costs a write.
        with due as materialized (
            select d.id, d.outgoing_id, d.next_attempt_at
              from batch d
             where not d.parked and d.small = small_ones and d.list_id = at_list and d.next_attempt_at <= clock_now()
               and (d.owner is null
                    or d.owner_epoch <> (select n.epoch from node n where n.id = d.owner)
                    or d.owner = claimer and d.id <> all (in_hand))
             order by d.next_attempt_at, d.id
             limit case when room > 0 then least(per_list, left_over) else 1 end
               for no key update skip locked),
        weighed as materialized (
            select d.*, case when d.outgoing_id = any (messages) then 0 else outgoing_octets(d.outgoing_id) end as octets from due d),
        heavy as (
            select w.id, w.outgoing_id, w.next_attempt_at, case when w.octets > light then w.octets else 0 end as octets,
                   row_number() over (partition by w.outgoing_id order by w.next_attempt_at, w.id) = 1 as is_first
              from weighed w),
        summed as (
            select h.*, coalesce(sum(h.octets) filter (where h.is_first)
                                     over (order by h.next_attempt_at, h.id rows between unbounded preceding and 1 preceding), 0) as before
              from heavy h),
        placed as (     -- with a message come all its batches
            select s.*, min(s.before) over (partition by s.outgoing_id) as before_first from summed s)
        select array_agg(s.id), array_agg(s.octets), coalesce(sum(s.octets) filter (where s.is_first), 0)
          into ids, weights, weight
          from placed s
         where s.octets = 0 or s.before_first < room;
        continue when ids is null;
        return query
            update batch b
               set owner = claimer, owner_epoch = claimer_epoch
              from unnest(ids, weights) taken(id, octets)
             where b.id = taken.id
            returning b.id, b.outgoing_id, b.list_id, b.subscriptions, b.forward_path, b.recipients,
                      b.done::text, b.deferred::text, b.attempts, taken.octets, null::bigint;
        left_over := left_over - cardinality(ids);
        room := room - weight;
    end loop;
    -- The last row tells where to go on; null: every list was asked, begin again.
    return query select null::bigint, null::bigint, null::bigint, null::bytea, null::text, null::smallint, null::text, null::text, null::integer,
                        null::bigint, at_list;
end $$;
