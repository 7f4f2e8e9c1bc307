package org.listserv.deploy.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.HeaderSection;
import org.listserv.mail.MessageIds;
import org.listserv.store.Database;

/// What became of one received message, everywhere.
///
/// @param node that received it; null when it is not known
/// @param reversePath empty for the null one; null for imports
record MessageTrail(String messageId, long message, Instant receivedAt, @Nullable String node, String source, String client, int size,
        @Nullable String reversePath, List<Place> places) {

    /// One function of one list, and what it did with the message.
    ///
    /// @param list empty: the mail domain itself
    /// @param seen how often it came
    /// @param byFingerprint it came with other octets too
    record Place(String list, String function, String outcome, long seen, boolean byFingerprint, Instant lastSeenAt, @Nullable Long number,
            boolean redacted, List<Held> held, List<Aside> asides, List<Copies> copies) {}

    record Held(long id, String state, @Nullable String decidedBy, List<String> reasons) {}

    record Aside(long id, String state, String reason) {}

    /// @param departed left the list before their copy was sent
    /// @param late at most 100
    /// @param failed at most 100
    record Copies(String kind, int recipients, int delivered, int refused, int departed, int waiting, List<Late> late,
            List<Failed> failed) {}

    record Late(String address, String reply, Instant nextAttemptAt) {}

    record Failed(String address, String reply) {}

    /// Archives know Message-IDs. What did not become a post is found by looking: at all that is held or set aside, and at what came last.
    private static final Question MESSAGES = new Question("""
            with candidate as (
                select p.message as id from post p where p.message_id_hash = ? and p.message_id = ?
                 union
                select x.id
                  from (select m.id, m.octets from message m where m.id in (select message from held_post union select message from aside)
                         union
                        (select m.id, m.octets from message m where m.source <> 'import' order by m.id desc limit 5000)) x
                 where position(convert_to(?, 'UTF8') in substr(x.octets, 1, 65536)) > 0)
            select m.id, substr(m.octets, 1, 65536), m.received_at, n.name, m.source, m.client, m.size, m.reverse_path,
                   (select max(p.message_id) from post p where p.message = m.id)
              from candidate c
              join message m on m.id = c.id
              left join node n on n.id = m.node_id
             order by m.id
            """);

    private static final Question PLACES = new Question("""
            with came as (
                select a.list_id, a.function, max(a.outcome) as outcome, max(a.last_seen_at) as last_seen_at,
                       coalesce(max(a.seen) filter (where get_byte(a.key, 0) = 0), 0) as by_octets,
                       coalesce(max(a.seen) filter (where get_byte(a.key, 0) = 1), 0) as by_print
                  from arrival a
                 where a.message = ?
                 group by a.list_id, a.function),
            place as (
                select * from came
                 union all
                select p.list_id, 'post', 'imported', p.filed_at, 1, 0 from post p
                 where p.message = ? and not exists (select 1 from came c where c.list_id = p.list_id and c.function = 'post')
                   and not exists (select 1 from held_post h where h.message = p.message and h.list_id = p.list_id))
            select x.list_id, coalesce(l.local_part || '@' || d.name, ''), x.function, x.outcome, greatest(x.by_octets, x.by_print),
                   x.by_print > x.by_octets, x.last_seen_at, p.number, p.redacted_at is not null
              from place x
              left join list l on l.id = x.list_id
              left join domain d on d.id = l.domain_id
              left join post p on p.message = ? and p.list_id = x.list_id and x.function = 'post'
             order by 2, 3
            """);

    private static final Question HELD = new Question("""
            select id, state, decided_by, reasons from held_post where message = ? and list_id = ? order by id
            """);

    private static final Question ASIDES = new Question("""
            select id, state, reason from aside where message = ? and list_id = ? and function = ? order by id
            """);

    private static final Question COPIES = new Question("""
            select coalesce(o.id, t.outgoing_id), coalesce(o.kind, t.kind), coalesce(o.recipients, t.delivered + t.refused + t.departed),
                   coalesce(t.delivered, 0) + coalesce(b.settled - b.refused - b.departed, 0), coalesce(t.refused, 0) + coalesce(b.refused, 0),
                   coalesce(t.departed, 0) + coalesce(b.departed, 0)
              from (select * from outgoing where message = ? and coalesce(list_id, 0) = ?) o
              full join (select * from delivery_total where message = ? and coalesce(list_id, 0) = ?) t on t.outgoing_id = o.id
              left join lateral (
                   select sum(bit_count(done)) as settled, sum(refused) as refused, sum(departed) as departed
                     from batch where outgoing_id = o.id) b on true
             where coalesce(o.kind, t.kind) in ('post', 'forward')
             order by 1
            """);

    private static final Question LATE = new Question("""
            select p.forward_path, p.reply, p.next_attempt_at
              from batch b join delivery_problem p on p.batch_id = b.id
             where b.outgoing_id = ?
             order by p.batch_id, p.position
             limit 100
            """);

    private static final Question FAILED = new Question("""
            select address, reply from bounce where list_id = ? and number = ? and source = 'relay' order by id limit 100
            """);

    private record Found(String messageId, MessageTrail trail) {}

    static List<MessageTrail> of(Database database, String messageId) {
        var found = MESSAGES.ask(database, row -> {
            var octets = row.getBytes(2);
            var filed = row.getString(9);
            // The text may stand in References or in a body as well.
            var own = filed != null ? filed : octets == null ? "" : MessageIds.of(HeaderSection.parse(octets)).orElse("");
            return new Found(own,
                    new MessageTrail(own, row.getLong(1), Question.at(row, 3), row.getString(4), row.getString(5), row.getString(6),
                            row.getInt(7), row.getString(8), List.of()));
        }, MessageIds.hash(messageId), messageId, messageId);
        return found.stream().filter(one -> one.messageId().equals(messageId))
                .map(one -> one.trail().with(places(database, one.trail().message()))).toList();
    }

    private MessageTrail with(List<Place> found) {
        return new MessageTrail(messageId, message, receivedAt, node, source, client, size, reversePath, found);
    }

    private static List<Place> places(Database database, long message) {
        var byId = new ArrayList<Place>();
        var lists = new ArrayList<Long>();
        PLACES.ask(database, row -> {
            lists.add(row.getLong(1));
            var number = row.getLong(8);
            return byId.add(
                    new Place(row.getString(2), row.getString(3), row.getString(4), row.getLong(5), row.getBoolean(6), Question.at(row, 7),
                            number == 0 ? null : number, row.getBoolean(9), List.of(), List.of(), List.of()));
        }, message, message, message);
        var places = new ArrayList<Place>();
        for (int i = 0; i < byId.size(); i++) {
            var place = byId.get(i);
            long list = lists.get(i);
            boolean isPost = place.function().equals("post");
            var held = isPost
                    ? HELD.ask(database, row -> new Held(row.getLong(1), row.getString(2), row.getString(3),
                            List.of((String[]) row.getArray(4).getArray())), message, list)
                    : List.<Held>of();
            var asides = ASIDES.ask(database, row -> new Aside(row.getLong(1), row.getString(2), row.getString(3)), message, list,
                    place.function());
            places.add(new Place(place.list(), place.function(), place.outcome(), place.seen(), place.byFingerprint(), place.lastSeenAt(),
                    place.number(),
                    place.redacted(), held, asides, copies(database, message, list, place, isPost ? "post" : "forward")));
        }
        return places;
    }

    private static List<Copies> copies(Database database, long message, long list, Place place, String kind) {
        var ids = new LinkedHashMap<Long, Copies>();
        COPIES.ask(database, row -> {
            int recipients = row.getInt(3);
            int done = row.getInt(4) + row.getInt(5) + row.getInt(6);
            return ids.put(row.getLong(1),
                    new Copies(row.getString(2), recipients, row.getInt(4), row.getInt(5), row.getInt(6), recipients - done, List.of(),
                            List.of()));
        }, message, list, message, list);
        return ids.entrySet().stream().filter(entry -> entry.getValue().kind().equals(kind)).map(entry -> {
            var copies = entry.getValue();
            var late = LATE.ask(database, row -> new Late(row.getString(1), row.getString(2), Question.at(row, 3)), entry.getKey());
            var failed = place.number() == null || copies.refused() == 0
                    ? List.<Failed>of()
                    : FAILED.ask(database, row -> new Failed(row.getString(1), row.getString(2)), list, place.number());
            return new Copies(copies.kind(), copies.recipients(), copies.delivered(), copies.refused(), copies.departed(), copies.waiting(),
                    late, failed);
        }).toList();
    }
}
