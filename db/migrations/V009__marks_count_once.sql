-- A mark writes its batch and nothing else. What became of a batch's copies is counted in the batch and goes to delivery_total once, when the
-- batch ends: a total that every mark raised cost as much WAL as the marks themselves, and was one row that all nodes waited for.

alter table batch
    add column refused  smallint not null default 0,      -- of those done
    add column departed smallint not null default 0;      -- of those done: left the list before the copy was sent

-- What standing batches have done so far was counted already; now it comes with their end.
update delivery_total t
   set delivered = t.delivered - b.settled
  from (select outgoing_id, sum(bit_count(done))::integer as settled from batch group by outgoing_id) b
 where b.outgoing_id = t.outgoing_id;

create or replace function mark(marker smallint, marker_epoch bigint, ids bigint[], bits text[], complete boolean[],
                                delivered integer[], refused integer[], departed integer[],
                                refused_batch bigint[], refused_subscription bigint[], refused_address text[], refused_reply text[])
    returns bigint[] language plpgsql as $$
#variable_conflict use_column
declare
    ours bigint[];
    gone bigint[];
    at   timestamptz := clock_now();
begin
    if not exists (select 1 from node n where n.id = marker and n.epoch = marker_epoch) then
        return '{}';
    end if;
    with touched as (
        update batch b set done = b.done | m.bits::bit varying, refused = b.refused + m.refused, departed = b.departed + m.departed
          from unnest(ids, bits, complete, mark.refused, mark.departed) m(id, bits, complete, refused, departed)
         where b.id = m.id and not m.complete and b.owner = marker and b.owner_epoch = marker_epoch
        returning b.id, b.outgoing_id),
    ended as (
        delete from batch b
         using unnest(ids, complete, mark.refused, mark.departed) m(id, complete, refused, departed)
         where b.id = m.id and m.complete and b.owner = marker and b.owner_epoch = marker_epoch
        returning b.id, b.outgoing_id, b.recipients, b.refused + m.refused as refused, b.departed + m.departed as departed),
    mine as (select t.id, t.outgoing_id from touched t union all select e.id, e.outgoing_id from ended e),
    counted as (
        insert into delivery_total as dt (outgoing_id, kind, list_id, number, message, delivered, refused, departed, accepted_at, finished_at)
        select o.id, o.kind, o.list_id, o.number, o.message, sum(e.recipients - e.refused - e.departed), sum(e.refused), sum(e.departed),
               o.accepted_at, at
          from ended e join outgoing o on o.id = e.outgoing_id
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
    select array_agg(mine.id), (select array_agg(distinct e.outgoing_id) from ended e) into ours, gone from mine;
    if gone is not null then
        -- Two nodes that end the last two batches at once may both leave the outgoing; the job 'sweep' takes it.
        delete from outgoing o where o.id = any (gone) and not exists (select 1 from batch b where b.outgoing_id = o.id);
    end if;
    return coalesce(ours, '{}');
end $$;
