package org.listserv.members;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.MailingList;
import org.listserv.lists.Progress;
import org.listserv.store.Audit;
import org.listserv.store.Database;

/// Takes many addresses, some thousand a transaction: each of these is complete with its line in `audit`, and the whole can be
/// repeated after an interruption.
final class Enrolment {
    private static final int AT_ONCE = 10_000;

    /// In an order of their own, so that two imports that share addresses wait for each other and never dead-lock.
    private static final String NEW_ADDRESSES = """
            insert into address (mailbox, normal)
            select g.mailbox, g.normal
              from unnest(?::text[], ?::text[]) g(mailbox, normal)
             where not exists (select from address a where a.normal = g.normal)
             order by g.normal
                on conflict (normal) do nothing
            """;

    /// A second statement, since what another transaction has just committed is not in the first one's snapshot.
    private static final String SUBSCRIBE = """
            with changed as (
                insert into subscription as s (list_id, kind, address_id, name, mode)
                select ?, ?, a.id, g.name, ?
                  from unnest(?::text[], ?::text[]) g(normal, name)
                  join address a on a.normal = g.normal
                 order by a.id
                    on conflict (address_id, list_id, kind) do update
                   set mode = excluded.mode, mail_again_at = null
                 where ? and (s.mode <> excluded.mode or s.mail_again_at is not null)
                returning s.address_id, s.name, s.xmax = 0 as joined),
            logged as (
                insert into membership_log (list_id, kind, at, event, address, name, actor)
                select ?, ?, clock_now(), '+manual', a.mailbox, c.name, ?
                  from changed c join address a on a.id = c.address_id where c.joined)
            select a.mailbox from changed c join address a on a.id = c.address_id
            """;

    /// As ezmlm's Log has it, where no mail made the change.
    private static final String LOG = """
            insert into membership_log (list_id, kind, at, event, address, actor)
            select ?, ?, clock_now(), ?, address, ? from unnest(?::text[]) address
            """;

    private static final String UNSUBSCRIBE = """
            delete from subscription s
             using address a
             where a.normal = any (?) and s.address_id = a.id and s.list_id = ? and s.kind = ?
            returning a.mailbox
            """;

    private static final String GIVE_ACCESS = """
            insert into list_access (list_id, kind, pattern)
            select ?, ?, pattern from unnest(?::text[]) pattern order by pattern
                on conflict do nothing
            returning pattern
            """;

    private static final String TAKE_ACCESS = "delete from list_access where list_id = ? and kind = ? and pattern = any (?) returning pattern";

    private static final String GRANT = """
            with changed as (
                insert into list_role (list_id, role, address_id)
                select ?, ?, a.id from address a where a.normal = any (?) order by a.id
                    on conflict do nothing
                returning address_id)
            select a.mailbox from changed c join address a on a.id = c.address_id
            """;

    private static final String REVOKE = """
            delete from list_role r
             using address a
             where r.list_id = ? and r.role = ? and a.normal = any (?) and r.address_id = a.id
            returning a.mailbox
            """;

    private final Database database;
    private final MailingList list;
    private final String actor;

    Enrolment(Database database, MailingList list, String actor) {
        this.database = database;
        this.list = list;
        this.actor = actor;
    }

    /// @param mode null: who is there keeps his, who is new gets `EACH`
    Enrolled subscribe(MemberSet set, @Nullable Mode mode, Iterable<String> lines, Progress progress) {
        return inChunks("member.add", set.word(), lines, false, progress, (connection, entries) -> {
            addAddresses(connection, entries);
            try (var statement = connection.prepareStatement(SUBSCRIBE)) {
                statement.setLong(1, list.id());
                statement.setString(2, set.word());
                statement.setString(3, (mode == null ? Mode.EACH : mode).word());
                setTexts(statement, 4, entries, Entry::normal);
                setTexts(statement, 5, entries, Entry::name);
                statement.setBoolean(6, mode != null);
                statement.setLong(7, list.id());
                statement.setString(8, set.word());
                statement.setString(9, actor);
                return mailboxes(statement);
            }
        });
    }

    Enrolled unsubscribe(MemberSet set, Iterable<String> lines, Progress progress) {
        return inChunks("member.remove", set.word(), lines, false, progress, (connection, entries) -> {
            try (var statement = connection.prepareStatement(UNSUBSCRIBE)) {
                setTexts(statement, 1, entries, Entry::normal);
                statement.setLong(2, list.id());
                statement.setString(3, set.word());
                return logged(connection, set, "-manual", mailboxes(statement));
            }
        });
    }

    private List<String> logged(Connection connection, MemberSet set, String event, List<String> addresses) throws SQLException {
        try (var log = connection.prepareStatement(LOG)) {
            log.setLong(1, list.id());
            log.setString(2, set.word());
            log.setString(3, event);
            log.setString(4, actor);
            log.setArray(5, connection.createArrayOf("text", addresses.toArray()));
            log.executeUpdate();
        }
        return addresses;
    }

    Enrolled giveAccess(MemberSet set, Iterable<String> lines, Progress progress) {
        return access("member.add", GIVE_ACCESS, set, lines, progress);
    }

    Enrolled takeAccess(MemberSet set, Iterable<String> lines, Progress progress) {
        return access("member.remove", TAKE_ACCESS, set, lines, progress);
    }

    Enrolled grant(Role role, Iterable<String> lines) {
        return inChunks("role.grant", role.word(), lines, false, Progress.NONE, (connection, entries) -> {
            addAddresses(connection, entries);
            return inRole(connection, GRANT, role, entries);
        });
    }

    Enrolled revoke(Role role, Iterable<String> lines) {
        return inChunks("role.revoke", role.word(), lines, false, Progress.NONE,
                (connection, entries) -> inRole(connection, REVOKE, role, entries));
    }

    private Enrolled access(String action, String sql, MemberSet set, Iterable<String> lines, Progress progress) {
        return inChunks(action, set.word(), lines, true, progress, (connection, entries) -> {
            try (var statement = connection.prepareStatement(sql)) {
                statement.setLong(1, list.id());
                statement.setString(2, set.word());
                setTexts(statement, 3, entries, Entry::normal);
                return logged(connection, set, action.equals("member.add") ? "+manual" : "-manual", mailboxes(statement));
            }
        });
    }

    private List<String> inRole(Connection connection, String sql, Role role, List<Entry> entries) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setLong(1, list.id());
            statement.setString(2, role.word());
            setTexts(statement, 3, entries, Entry::normal);
            return mailboxes(statement);
        }
    }

    /// Does it to some entries and returns those that are different now.
    private interface Change {
        List<String> make(Connection connection, List<Entry> entries) throws SQLException;
    }

    private Enrolled inChunks(String action, String what, Iterable<String> lines, boolean patterns, Progress progress, Change change) {
        var problems = new ArrayList<Enrolled.Problem>();
        var chunk = new LinkedHashMap<String, Entry>();
        long line = 0;
        long entries = 0;
        long changed = 0;
        for (var text : lines) {
            line++;
            var stripped = text.strip();
            if (stripped.isEmpty() || stripped.startsWith("#")) {
                continue;
            }
            try {
                var entry = Entry.of(stripped, patterns);
                chunk.putIfAbsent(entry.normal(), entry);
                entries++;
            } catch (IllegalArgumentException e) {
                problems.add(new Enrolled.Problem(line, stripped, String.valueOf(e.getMessage())));
            }
            if (chunk.size() == AT_ONCE) {
                changed += make(action, what, chunk, change);
                chunk.clear();
                progress.at(line);
            }
        }
        if (!chunk.isEmpty()) {
            changed += make(action, what, chunk, change);
        }
        progress.at(line);
        return new Enrolled(changed, entries - changed, problems);
    }

    private int make(String action, String what, Map<String, Entry> chunk, Change change) {
        var entries = List.copyOf(chunk.values());
        return database.writeLong(connection -> {
            var changed = change.make(connection, entries);
            if (!changed.isEmpty()) {
                var subject = (changed.size() == 1 ? changed.getFirst() : changed.size() + " addresses") + " in " + what + " of "
                        + list.address();
                Audit.recordMany(connection, actor, action, list.id(), subject, changed.toArray(String[]::new));
            }
            return changed.size();
        });
    }

    private static void addAddresses(Connection connection, List<Entry> entries) throws SQLException {
        try (var statement = connection.prepareStatement(NEW_ADDRESSES)) {
            setTexts(statement, 1, entries, Entry::address);
            setTexts(statement, 2, entries, Entry::normal);
            statement.executeUpdate();
        }
    }

    private static void setTexts(PreparedStatement statement, int at, List<Entry> entries, Function<Entry, String> text)
            throws SQLException {
        statement.setArray(at, statement.getConnection().createArrayOf("text", entries.stream().map(text).toArray()));
    }

    private static List<String> mailboxes(PreparedStatement statement) throws SQLException {
        var mailboxes = new ArrayList<String>();
        try (var rows = statement.executeQuery()) {
            while (rows.next()) {
                mailboxes.add(rows.getString(1));
            }
        }
        return mailboxes;
    }
}
