package org.listserv.lists;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.listserv.store.Audit;
import org.listserv.store.Database;

/// Takes a list away, with or without its archive.
final class Removal {
    private static final int POSTS_AT_ONCE = 1_000;

    /// Newest first, so that what is left is a whole archive of earlier times should this end in the middle. The octets go
    /// where no other list, no held message and no copy still needs them.
    private static final String NEWEST_POSTS = """
            with doomed as (
                select seq, message from post where list_id = ? order by seq desc limit ?),
            links as (
                delete from legacy_id i using doomed where i.list_id = ? and i.seq = doomed.seq),
            posts as (
                delete from post p using doomed where p.list_id = ? and p.seq = doomed.seq returning p.message)
            select coalesce(array_agg(message), '{}') from posts
            """;

    private static final String UNUSED_MESSAGES = """
            delete from message m
             where m.id = any (?)
               and not exists (select from post where message = m.id)
               and not exists (select from held_post where message = m.id)
               and not exists (select from outgoing where message = m.id)
               and not exists (select from aside where message = m.id)
               and not exists (select from bounce where message = m.id)
            """;

    /// What holds on to messages besides posts.
    private static final List<String> HOLDING_MESSAGES = List.of(
            "delete from outgoing where list_id = ? returning message",
            "delete from held_post where list_id = ? returning message",
            "delete from bounce where list_id = ? returning message");

    /// In this order, because of what refers to what.
    private static final List<String> THE_REST = List.of(
            "delete from thread_message_id where list_id = ?",
            "delete from thread where list_id = ? and merged_into is not null",
            "delete from thread where list_id = ?",
            "delete from arrival where list_id = ?",
            "delete from notice_text where list_id = ?",
            "delete from automatic_mail where list_id = ?",
            "delete from list where id = ?");

    private final Database database;
    private final MailingList list;
    private final String actor;

    Removal(Database database, MailingList list, String actor) {
        this.database = database;
        this.list = list;
        this.actor = actor;
    }

    Change unlessUsed() {
        return database.write(connection -> {
            lockHead(connection);
            long posts = count(connection, "select last_seq from list_head where list_id = ?");
            long held = count(connection, "select count(*) from held_post where list_id = ? and state = 'held'");
            if (posts > 0) {
                throw new RefusedChange(list.address() + " has " + posts + (posts == 1 ? " post" : " posts")
                        + ": `list set --set state=closed` keeps the archive readable, `list delete --with-archive` removes it");
            }
            if (held > 0) {
                throw new RefusedChange(list.address() + " has " + held + " messages that wait for a moderator: `held list` shows them");
            }
            return rest(connection);
        });
    }

    Change withArchive(Progress progress) {
        long removed = 0;
        for (int some = newestPosts(); some > 0; some = newestPosts()) {
            removed += some;
            progress.at(removed);
        }
        return database.writeLong(connection -> {
            lockHead(connection);
            return rest(connection);
        });
    }

    private int newestPosts() {
        return database.writeLong(connection -> {
            lockHead(connection);
            try (var posts = connection.prepareStatement(NEWEST_POSTS)) {
                posts.setLong(1, list.id());
                posts.setInt(2, POSTS_AT_ONCE);
                posts.setLong(3, list.id());
                posts.setLong(4, list.id());
                try (var rows = posts.executeQuery()) {
                    rows.next();
                    var messages = (Long[]) rows.getArray(1).getArray();
                    deleteUnused(connection, messages);
                    return messages.length;
                }
            }
        });
    }

    /// Nobody publishes meanwhile, and nobody will afterwards.
    private void lockHead(Connection connection) throws SQLException {
        try (var statement = connection.prepareStatement("select 1 from list_head where list_id = ? for no key update")) {
            statement.setLong(1, list.id());
            statement.executeQuery().close();
        }
    }

    private static void deleteUnused(Connection connection, Long[] messages) throws SQLException {
        try (var statement = connection.prepareStatement(UNUSED_MESSAGES)) {
            statement.setArray(1, connection.createArrayOf("bigint", messages));
            statement.executeUpdate();
        }
    }

    private Change rest(Connection connection) throws SQLException {
        run(connection, "delete from batch where outgoing_id in (select id from outgoing where list_id = ?)");
        for (var sql : HOLDING_MESSAGES) {
            var messages = new ArrayList<Long>();
            try (var statement = connection.prepareStatement(sql)) {
                statement.setLong(1, list.id());
                try (var rows = statement.executeQuery()) {
                    while (rows.next()) {
                        messages.add(rows.getLong(1)); // 0, which no message has, where there was none
                    }
                }
            }
            deleteUnused(connection, messages.toArray(Long[]::new));
        }
        int gone = 0;
        for (var sql : THE_REST) {
            gone = run(connection, sql);
        }
        if (gone == 0) {
            return Change.UNCHANGED; // somebody else was faster
        }
        Audit.record(connection, actor, "list.delete", list.id(), list.address().toString(), Map.of(), null);
        return Change.DELETED;
    }

    private int run(Connection connection, String sql) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setLong(1, list.id());
            return statement.executeUpdate();
        }
    }

    private long count(Connection connection, String sql) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setLong(1, list.id());
            try (var rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }
}
