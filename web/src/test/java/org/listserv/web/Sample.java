package org.listserv.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;

import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderField;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MailDates;
import org.listserv.mail.MessageIds;
import org.listserv.store.Database;
import org.listserv.store.TestDatabase;
import org.listserv.store.WakeUps;

/// A small archive of invented people, in a database of its own: two public lists, one for members and one that is off.
/// Posts are filed through the same SQL function as real ones.
final class Sample implements AutoCloseable {
    static final EmailAddress DEV = EmailAddress.parse("dev@lists.example.org");
    static final EmailAddress USERS = EmailAddress.parse("users@lists.example.org");
    static final EmailAddress PRIVATE = EmailAddress.parse("private@lists.example.org");
    static final EmailAddress OFF = EmailAddress.parse("off@lists.example.org");

    private final TestDatabase testDatabase = TestDatabase.fresh();

    Sample() {
        testDatabase.sql("""
                insert into domain (name) values ('lists.example.org');
                insert into list (domain_id, local_part, description, archive)
                select d.id, l.name, l.description, l.archive
                  from domain d, (values ('dev', 'Development of Tern, the tide-gauge logger: patches, design, releases', 'public'),
                                         ('users', 'Questions about running Tern on a pier near you', 'public'),
                                         ('private', 'Those who hold the keys', 'members'), ('off', 'Not archived', 'off')) l(name, description, archive);
                insert into list_head (list_id, chain) select id, sha256('') from list;
                """);
    }

    Database database() {
        return testDatabase.database();
    }

    MailingList list(EmailAddress address) {
        try (var wakeUps = new WakeUps(testDatabase.settings())) {
            return new Lists(database(), wakeUps).existing(address);
        }
    }

    void sql(String statements) {
        testDatabase.sql(statements);
    }

    /// The messages of `sample.mbox`, filed on `dev` when their Date field says.
    Sample withThread() {
        try (var in = Sample.class.getResourceAsStream("sample.mbox")) {
            for (var message : new String(in.readAllBytes(), UTF_8).split("(?m)^From \\S+ \\w{3} \\w{3} .*\n")) {
                if (!message.isBlank()) {
                    post(DEV, message);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    static String message(String messageId, String from, String subject, String date, String text, String... references) {
        return "From: " + from + "\nTo: dev@lists.example.org\nSubject: " + subject + "\nMessage-ID: <" + messageId + ">\nDate: " + date
                + "\n"
                + (references.length == 0 ? "" : "References: <" + String.join("> <", references) + ">\n")
                + "Content-Type: text/plain; charset=utf-8\n\n" + text + "\n";
    }

    long post(EmailAddress list, String message) {
        return post(list, message.replace("\n", "\r\n").getBytes(UTF_8));
    }

    long post(EmailAddress list, byte[] octets) {
        var sent = MailDates.sent(HeaderSection.parse(octets)).orElse(Instant.parse("2024-03-01T00:00:00Z"));
        return post(list, octets, sent, MessageIds.of(HeaderSection.parse(octets)).orElseThrow());
    }

    /// @param messageId taken for the message's own, whatever it says
    long post(EmailAddress list, byte[] octets, String messageId) {
        return post(list, octets, Instant.parse("2024-03-01T00:00:00Z"), messageId);
    }

    private long post(EmailAddress list, byte[] octets, Instant filedAt, String messageId) {
        var header = HeaderSection.parse(octets);
        var references = MessageIds.references(header);
        var author = Author.of(header);
        return database().write(connection -> {
            try (var statement = connection.prepareStatement("""
                    select take(jsonb_build_object('messages', jsonb_build_array(jsonb_build_object('octets', 1, 'size', ?::integer, 'sha256', ?, 'source', 'import')),
                                'targets', jsonb_build_array(jsonb_build_object('message', 0, 'list', (select l.id from list l where l.local_part = ?),
                                     'function', 'import', 'outcome', 'accepted', 'post', jsonb_strip_nulls(jsonb_build_object(
                                        'filedAt', ?::timestamptz, 'sentAt', ?::timestamptz, 'messageId', ?, 'hash', ?::bigint, 'refs', to_jsonb(?::text[]),
                                        'refHashes', to_jsonb(?::bigint[]), 'authorName', ?, 'authorAddress', ?, 'subject', ?))))),
                                array[?::bytea], '{}')->0->>'number'
                    """)) {
                int i = 1;
                statement.setInt(i++, octets.length);
                statement.setString(i++, sha256(octets));
                statement.setString(i++, list.localPart());
                statement.setObject(i++, filedAt.atOffset(ZoneOffset.UTC));
                statement.setObject(i++, MailDates.sent(header).map(sent -> sent.atOffset(ZoneOffset.UTC)).orElse(null));
                statement.setString(i++, messageId);
                statement.setLong(i++, MessageIds.hash(messageId));
                statement.setArray(i++, array(connection, "text", references));
                statement.setArray(i++, array(connection, "bigint", references.stream().map(MessageIds::hash).toList()));
                statement.setString(i++, author.name());
                statement.setString(i++, author.address());
                statement.setString(i++, header.first("Subject").map(HeaderField::decoded).orElse(""));
                statement.setBytes(i, octets);
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    return rows.getLong(1);
                }
            }
        });
    }

    private static Array array(Connection connection, String type, List<?> values) throws SQLException {
        return connection.createArrayOf(type, values.toArray());
    }

    private static String sha256(byte[] octets) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        testDatabase.close();
    }
}
