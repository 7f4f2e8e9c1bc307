package org.listserv.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// A recurring job: what is older than `retention` says goes, in small batches, so that no transaction is long and vacuum keeps up. With the
/// last row that names a message its octets go too: what was discarded, forwarded, bounced or held and never became a post is not kept
/// for ever. Also takes outgoings that lost their last batch to two nodes at once.
public final class Retention {
    private static final int AT_A_TIME = 1_000;

    /// Of these messages the ones nothing names any more.
    private static final String ORPHANS = """
            delete from message m
             where m.id = any (?)
               and not exists (select 1 from post where message = m.id)
               and not exists (select 1 from arrival where message = m.id)
               and not exists (select 1 from held_post where message = m.id)
               and not exists (select 1 from aside where message = m.id)
               and not exists (select 1 from bounce where message = m.id)
               and not exists (select 1 from outgoing where message = m.id)
            """;

    /// Each deletes at most `?` rows older than the row of `retention` allows, and returns the messages they named, where they can name one.
    private static final Map<String, String> DELETE = new LinkedHashMap<>();

    static {
        DELETE.put("arrival", """
                delete from arrival where (list_id, function, key) in (
                    select list_id, function, key from arrival
                     where received_at < clock_now() - (select keep from retention where what = 'arrival') limit ?)
                returning message
                """);
        DELETE.put("delivery_total", """
                delete from delivery_total where outgoing_id in (
                    select outgoing_id from delivery_total
                     where finished_at < clock_now() - (select keep from retention where what = 'delivery_total') limit ?)
                """);
        DELETE.put("bounce", """
                delete from bounce where id in (
                    select id from bounce where received_at < clock_now() - (select keep from retention where what = 'bounce') limit ?)
                returning message
                """);
        DELETE.put("held_post", """
                delete from held_post where id in (
                    select id from held_post where decided_at < clock_now() - (select keep from retention where what = 'held_post') limit ?)
                returning message
                """);
        DELETE.put("aside", """
                delete from aside where id in (
                    select id from aside where decided_at < clock_now() - (select keep from retention where what = 'aside') limit ?)
                returning message
                """);
        DELETE.put("audit", """
                delete from audit where id in (
                    select id from audit where at < clock_now() - (select keep from retention where what = 'audit') limit ?)
                """);
        DELETE.put("automatic_mail", """
                delete from automatic_mail where (kind, what, list_id) in (
                    select kind, what, list_id from automatic_mail
                     where since < clock_now() - (select keep from retention where what = 'automatic_mail') limit ?)
                """);
        DELETE.put("membership_log", """
                delete from membership_log where id in (
                    select id from membership_log where at < clock_now() - (select keep from retention where what = 'membership_log') limit ?)
                """);
        DELETE.put("outgoing without batches", """
                delete from outgoing o where o.id in (
                    select w.id from outgoing w
                     where w.accepted_at < clock_now() - interval '10 minutes' and not exists (select 1 from batch b where b.outgoing_id = w.id) limit ?)
                """);
    }

    private final Database database;

    public Retention(Database database) {
        this.database = database;
    }

    /// @return rows deleted, by what they were
    public Map<String, Integer> run() {
        var deleted = new LinkedHashMap<String, Integer>();
        DELETE.forEach((what, statement) -> {
            var sum = 0;
            int now;
            do {
                now = delete(statement);
                sum += now;
            } while (now == AT_A_TIME);
            if (sum > 0) {
                deleted.put(what, sum);
            }
        });
        return deleted;
    }

    private int delete(String statement) {
        return database.writeLong(connection -> {
            try (var delete = connection.prepareStatement(statement)) {
                delete.setInt(1, AT_A_TIME);
                if (!delete.execute()) {
                    return delete.getUpdateCount();
                }
                var deleted = 0;
                var messages = new HashSet<Long>();
                try (var rows = delete.getResultSet()) {
                    for (; rows.next(); deleted++) {
                        var message = rows.getLong(1);
                        if (!rows.wasNull()) {
                            messages.add(message);
                        }
                    }
                }
                deleteOrphans(connection, messages);
                return deleted;
            }
        });
    }

    private static void deleteOrphans(Connection connection, Set<Long> messages) throws SQLException {
        if (messages.isEmpty()) {
            return;
        }
        try (var delete = connection.prepareStatement(ORPHANS)) {
            delete.setArray(1, connection.createArrayOf("int8", messages.toArray()));
            delete.executeUpdate();
        }
    }
}
