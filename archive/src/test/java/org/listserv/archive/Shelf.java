package org.listserv.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.MailDates;
import org.listserv.mail.MessageIds;
import org.listserv.store.Database;
import org.listserv.store.TestDatabase;
import org.listserv.store.WakeUps;

/// A database with lists and posts in it, filed through the same SQL function that accepts real ones.
final class Shelf implements AutoCloseable {
    static final EmailAddress DEV = EmailAddress.parse("dev@lists.example.org");
    static final EmailAddress USERS = EmailAddress.parse("users@lists.example.org");
    static final EmailAddress PRIVATE = EmailAddress.parse("private@lists.example.org");
    static final EmailAddress HIDDEN = EmailAddress.parse("hidden@lists.example.org");
    static final EmailAddress MEMBER = EmailAddress.parse("member@example.net");

    private static final String MESSAGE = "jsonb_build_object('octets', ?::integer, 'size', ?::integer, 'sha256', ?, 'source', 'import')";
    private static final String TARGET = """
            jsonb_build_object('message', ?::integer, 'list', (select l.id from list l where l.local_part = ?),
                               'function', 'import', 'outcome', 'accepted', 'post', jsonb_strip_nulls(jsonb_build_object(
                                    'filedAt', ?::timestamptz, 'sentAt', ?::timestamptz, 'messageId', ?, 'hash', ?::bigint, 'refs', to_jsonb(?::text[]),
                                    'refHashes', to_jsonb(?::bigint[]), 'authorName', ?, 'authorAddress', ?, 'subject', ?)))
            """;

    final TestDatabase testDatabase = TestDatabase.fresh();
    final Database database = testDatabase.database();

    /// Two public lists, one for members (with one member) and one that nobody may read.
    Shelf() {
        testDatabase.sql("""
                insert into domain (name) values ('lists.example.org');
                insert into list (domain_id, local_part, description, archive)
                select d.id, l.name, 'List ' || l.name, l.archive
                  from domain d, (values ('dev', 'public'), ('users', 'public'), ('private', 'members'), ('hidden', 'off')) l(name, archive);
                insert into list_head (list_id, chain) select id, sha256('') from list;
                insert into address (mailbox, normal) values ('member@example.net', 'member@example.net');
                insert into subscription (list_id, kind, address_id)
                select l.id, 'main', a.id from list l, address a where l.local_part in ('private', 'hidden');
                """);
    }

    MailingList list(EmailAddress address) {
        try (var wakeUps = new WakeUps(testDatabase.settings())) {
            return new Lists(database, wakeUps).existing(address);
        }
    }

    /// A message with the fields every message has.
    static String message(String messageId, String author, String subject, String text, String... parents) {
        return "From: " + author + "\r\nSubject: " + subject + "\r\nMessage-ID: <" + messageId + ">\r\n"
                + (parents.length == 0 ? "" : "References: <" + String.join("> <", parents) + ">\r\n")
                + "Date: Wed, 06 Mar 2024 10:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                + text.replace("\n", "\r\n") + "\r\n";
    }

    long post(EmailAddress list, String filedAt, String message) {
        return post(list, Instant.parse(filedAt), message.getBytes(UTF_8));
    }

    /// @param filedAt null: now
    /// @param messages filed by one call, as posts that wait for the same commit are
    /// @return the number of the first
    long post(EmailAddress list, @Nullable Instant filedAt, byte[]... messages) {
        var sql = "select take(jsonb_build_object('messages', jsonb_build_array("
                + String.join(", ", Collections.nCopies(messages.length, MESSAGE))
                + "), 'targets', jsonb_build_array(" + String.join(", ", Collections.nCopies(messages.length, TARGET))
                + ")), ?::bytea[], '{}')->0->>'number'";
        return database.write(connection -> {
            try (var statement = connection.prepareStatement(sql)) {
                int i = 1;
                for (int at = 0; at < messages.length; at++) {
                    statement.setInt(i++, at + 1);
                    statement.setInt(i++, messages[at].length);
                    statement.setString(i++, HexFormat.of().formatHex(sha256(messages[at])));
                }
                for (int at = 0; at < messages.length; at++) {
                    var octets = messages[at];
                    var header = HeaderSection.parse(octets);
                    var messageId = MessageIds.of(header)
                            .orElse("none-" + MessageIds.hash(new String(octets, UTF_8)) + "@example.org");
                    var references = MessageIds.references(header);
                    var author = Author.of(header);
                    statement.setInt(i++, at);
                    statement.setString(i++, list.localPart());
                    statement.setObject(i++, filedAt == null ? null : filedAt.atOffset(ZoneOffset.UTC));
                    statement.setObject(i++, MailDates.sent(header).map(sent -> sent.atOffset(ZoneOffset.UTC)).orElse(null));
                    statement.setString(i++, messageId);
                    statement.setLong(i++, MessageIds.hash(messageId));
                    statement.setArray(i++, connection.createArrayOf("text", references.toArray()));
                    statement.setArray(i++, connection.createArrayOf("bigint", hashes(references)));
                    statement.setString(i++, author.name());
                    statement.setString(i++, author.address());
                    statement.setString(i++, header.first("Subject").map(field -> field.decoded()).orElse(""));
                }
                statement.setArray(i, connection.createArrayOf("bytea", messages));
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    return rows.getLong(1);
                }
            }
        });
    }

    private static Object[] hashes(List<String> messageIds) {
        return messageIds.stream().map(MessageIds::hash).toArray();
    }

    static byte[] sha256(byte[] octets) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(octets);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    long one(String sql) {
        return database.read(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
                rows.next();
                return rows.getLong(1);
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        });
    }

    @Override
    public void close() {
        testDatabase.close();
    }
}
