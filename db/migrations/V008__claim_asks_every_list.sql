-- claim() told the caller to go on behind a list it had not asked: with more lists than one call asks, or fewer free places than lists, that
-- one list was passed over, in the worst case for ever. Now it goes on behind the last one asked.

-- Takes up to `batches` due batches, at most `per_list` of one list, starting behind list `after`: lists with due work are found by
-- hopping along the index, so a long queue of one list costs others nothing. Asks at most `lists` lists. A batch that is the claimer's
-- already but not `in_hand` comes again: the answer to an earlier claim was lost.
create or replace function claim(claimer smallint, claimer_epoch bigint, small_ones boolean, after bigint, lists integer, per_list integer, batches integer,
                      in_hand bigint[])
    returns table (id bigint, outgoing_id bigint, list_id bigint, subscriptions bytea, forward_path text, recipients smallint,
                   done text, deferred text, attempts integer, go_on_after bigint)
    language plpgsql as $$
#variable_conflict use_column
declare
    at_list bigint := after;
    next_list bigint;
    asked   integer := 0;
    found_here integer;
    left_over  integer := batches;
begin
    if not exists (select 1 from node n where n.id = claimer and n.epoch = claimer_epoch) then
        return;
    end if;
    loop
        exit when asked >= lists or left_over <= 0;
        select b.list_id into next_list from batch b where b.small = small_ones and b.list_id > at_list order by b.list_id limit 1;
        at_list := next_list;
        exit when at_list is null;
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
