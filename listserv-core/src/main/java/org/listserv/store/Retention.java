package org.listserv.store;

import java.util.LinkedHashMap;
import java.util.Map;

/// A recurring job: what is older than `retention` says goes, in small batches, so that no transaction is long and vacuum keeps up. Also takes
/// outgoings that lost their last batch to two nodes at once.
public final class Retention {
    private static final int AT_A_TIME = 1_000;

    /// Each deletes at most `?` rows older than the row of `retention` allows.
    private static final Map<String, String> DELETE = new LinkedHashMap<>();

    static {
        DELETE.put("arrival", """
                delete from arrival where (list_id, function, key) in (
                    select list_id, function, key from arrival
                     where received_at < clock_now() - (select keep from retention where what = 'arrival') limit ?)
                """);
        DELETE.put("delivery_total", """
                delete from delivery_total where outgoing_id in (
                    select outgoing_id from delivery_total
                     where finished_at < clock_now() - (select keep from retention where what = 'delivery_total') limit ?)
                """);
        DELETE.put("bounce", """
                delete from bounce where id in (
                    select id from bounce where received_at < clock_now() - (select keep from retention where what = 'bounce') order by id limit ?)
                """);
        DELETE.put("held_post", """
                delete from held_post where id in (
                    select id from held_post where decided_at < clock_now() - (select keep from retention where what = 'held_post') order by id limit ?)
                """);
        DELETE.put("aside", """
                delete from aside where id in (
                    select id from aside where decided_at < clock_now() - (select keep from retention where what = 'aside') order by id limit ?)
                """);
        DELETE.put("audit", """
                delete from audit where id in (
                    select id from audit where at < clock_now() - (select keep from retention where what = 'audit') order by id limit ?)
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
                return delete.executeUpdate();
            }
        });
    }
}
