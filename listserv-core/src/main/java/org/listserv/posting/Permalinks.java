package org.listserv.posting;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

import org.listserv.lists.MailingList;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MessageIds;
import org.listserv.mail.PonyMailId;
import org.listserv.store.Database;

/// Writes down under which names other archives knew our posts, so that their links go on leading somewhere (`legacy_id`). Every name can
/// stand for several posts and every post have several names; writing one twice changes nothing.
public final class Permalinks {
    private static final String BY_OCTETS = """
            insert into legacy_id (kind, id, list_id, seq)
            select x.kind, x.id, p.list_id, p.seq
              from unnest(?::text[], ?::text[], ?::text[]) x(sha256, kind, id)
             cross join lateral (select list_id, seq from post where list_id = ? and sha256 = decode(x.sha256, 'hex') limit 10) p
                on conflict do nothing
            """;
    private static final String BY_NUMBER = """
            insert into legacy_id (kind, id, list_id, seq)
            select ?, ?, list_id, seq from post where list_id = ? and number = ? on conflict do nothing
            """;
    private static final String BY_MESSAGE_ID = """
            insert into legacy_id (kind, id, list_id, seq)
            select ?, ?, list_id, seq from post where message_id_hash = ? and list_id = ? and message_id = ? on conflict do nothing
            """;
    private static final Pattern EZMLM_RETURN_PATH = Pattern.compile("<?(?<list>[^<>@]+)-return-(?<number>[1-9][0-9]{0,17})-[^@]*@.*");

    private final Database database;

    public Permalinks(Database database) {
        this.database = database;
    }

    /// A name of the message with these octets.
    record Computed(byte[] sha256, LegacyId id) {}

    /// The names that can be told from the message itself: Pony Mail's id for each of the list's ids, and ezmlm's number where the message
    /// came to the old archive by its list (the reverse-path says so).
    ///
    /// @param listIds present and former ids of the list (RFC 2919), without brackets
    static List<Computed> computed(byte[] octets, byte[] sha256, HeaderSection header, MailingList list, List<String> listIds) {
        var all = new ArrayList<Computed>();
        for (var id : listIds) {
            all.add(new Computed(sha256, new LegacyId(LegacyId.PONY_MAIL, PonyMailId.of(octets, id))));
        }
        header.first("Return-Path").map(field -> EZMLM_RETURN_PATH.matcher(field.value()))
                .filter(path -> path.matches() && path.group("list").toLowerCase(Locale.ROOT).equals(list.localPart()))
                .ifPresent(path -> all.add(new Computed(sha256, LegacyId.ezmlm(Long.parseLong(path.group("number"))))));
        return all;
    }

    /// @param computed names of messages; those that are no posts of the list are passed over
    void write(MailingList list, List<Computed> computed) {
        if (computed.isEmpty()) {
            return;
        }
        database.write(connection -> {
            try (var statement = connection.prepareStatement(BY_OCTETS)) {
                statement.setArray(1, connection.createArrayOf("text",
                        computed.stream().map(one -> HexFormat.of().formatHex(one.sha256())).toArray()));
                statement.setArray(2, connection.createArrayOf("text", computed.stream().map(one -> one.id().kind()).toArray()));
                statement.setArray(3, connection.createArrayOf("text", computed.stream().map(one -> one.id().id()).toArray()));
                statement.setLong(4, list.id());
                return statement.executeUpdate();
            }
        });
    }

    /// One line of a file of permalinks.
    ///
    /// @param message a post number of the list, or a Message-ID with or without brackets
    public record Link(MailingList list, LegacyId id, String message) {}

    /// What became of a [Link].
    public enum Result {
        WRITTEN,
        UNCHANGED,
        NO_SUCH_POST
    }

    /// All in one transaction.
    public List<Result> write(List<Link> links) {
        return database.writeLong(connection -> {
            var results = new ArrayList<Result>();
            for (var link : links) {
                int written = write(connection, link);
                results.add(written > 0 ? Result.WRITTEN : exists(connection, link) ? Result.UNCHANGED : Result.NO_SUCH_POST);
            }
            return results;
        });
    }

    private static int write(Connection connection, Link link) throws SQLException {
        var number = number(link);
        try (var statement = connection.prepareStatement(number.isPresent() ? BY_NUMBER : BY_MESSAGE_ID)) {
            int i = 1;
            statement.setString(i++, link.id().kind());
            statement.setString(i++, link.id().id());
            if (number.isPresent()) {
                statement.setLong(i++, link.list().id());
                statement.setLong(i, number.get());
            } else {
                var id = messageId(link);
                statement.setLong(i++, MessageIds.hash(id));
                statement.setLong(i++, link.list().id());
                statement.setString(i, id);
            }
            return statement.executeUpdate();
        }
    }

    private static boolean exists(Connection connection, Link link) throws SQLException {
        try (var statement = connection.prepareStatement("select 1 from legacy_id where kind = ? and id = ? and list_id = ?")) {
            statement.setString(1, link.id().kind());
            statement.setString(2, link.id().id());
            statement.setLong(3, link.list().id());
            try (var rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    private static Optional<Long> number(Link link) {
        return link.message().matches("[1-9][0-9]{0,17}") ? Optional.of(Long.valueOf(link.message())) : Optional.empty();
    }

    private static String messageId(Link link) {
        var id = link.message();
        return id.startsWith("<") && id.endsWith(">") ? id.substring(1, id.length() - 1) : id;
    }
}
