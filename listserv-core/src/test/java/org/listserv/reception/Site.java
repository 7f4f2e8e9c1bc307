package org.listserv.reception;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.listserv.bounce.Verp;
import org.listserv.lists.AddressBook;
import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.members.Members;
import org.listserv.moderation.HeldPosts;
import org.listserv.posting.ChainCheck;
import org.listserv.posting.Posting;
import org.listserv.store.Database;
import org.listserv.store.SigningKeys;
import org.listserv.store.TestDatabase;
import org.listserv.store.WakeUps;

/// A site for scenarios: one real database, one domain, and a node's receiving parts. Tests send, and look.
public final class Site implements AutoCloseable {
    public static final URI BASE_URL = URI.create("https://lists.example.org");
    public static final EmailAddress POSTMASTER = EmailAddress.parse("postmaster@example.org");

    private final TestDatabase test = TestDatabase.fresh();
    public final Database database = test.database();
    public final WakeUps wakeUps = new WakeUps(test.settings());
    public final Lists lists = new Lists(database, wakeUps);
    public final Members members = new Members(database);
    public final Posting posting = new Posting(database, members, wakeUps, 0);
    public final Verp verp = new Verp(new SigningKeys(database));
    public final HeldPosts held = new HeldPosts(database, lists, posting, BASE_URL, Clock.systemUTC());
    public final ChainCheck chain = new ChainCheck(database);
    private final Effects effects = new Effects(members, posting, verp, BASE_URL, POSTMASTER, Clock.systemUTC());

    public Site() {
        lists.createDomain("lists.example.org", "test");
    }

    public MailingList list(String local, String... settings) {
        var address = EmailAddress.parse(local + "@lists.example.org");
        var given = new java.util.HashMap<String, String>(Map.of("posting", "anyone"));
        for (var i = 0; i < settings.length; i += 2) {
            given.put(settings[i], settings[i + 1]);
        }
        lists.create(address, given, "test");
        return lists.existing(address);
    }

    public Reception reception(Upstream upstream) {
        return new Reception(database, new AddressBook(database, lists), effects, posting, upstream);
    }

    /// Sends by ESMTP, as an MX that has already taken the message.
    public Reply send(String reversePath, String message, String... to) {
        return send(Upstream.QUEUED, "ESMTP", reversePath, message.replace("\n", "\r\n").getBytes(UTF_8), to).getFirst();
    }

    public List<Reply> send(Upstream upstream, String protocol, String reversePath, byte[] octets, String... to) {
        var client = new Client("192.0.2.1", "mx.example.org", protocol);
        var recipients = Arrays.stream(to).map(EmailAddress::parse).toList();
        return reception(upstream).receive(new Submission(client, ReversePath.parse(reversePath), recipients, false, octets));
    }

    /// The id of an address, made when there is none.
    public String address(String mailbox) {
        var normal = EmailAddress.parse(mailbox).normal();
        run("insert into address (mailbox, normal) values ('%s', '%s') on conflict do nothing".formatted(mailbox, normal));
        return ask("select id from address where normal = '%s'".formatted(normal));
    }

    public void subscribe(MailingList list, String... mailboxes) {
        var values = Arrays.stream(mailboxes).map(mailbox -> "('%s', '%s')".formatted(mailbox, EmailAddress.parse(mailbox).normal()))
                .collect(Collectors.joining(", "));
        run("insert into address (mailbox, normal) values " + values + " on conflict do nothing");
        run("insert into subscription (list_id, kind, address_id) select %d, 'main', a.id from address a join (values %s) v(m, n) on v.n = a.normal order by a.id"
                .formatted(list.id(), values));
    }

    /// What became of the messages to a list's posting address, in the order they came.
    public List<String> outcomes(MailingList list) {
        var outcomes = ask(
                "select string_agg(outcome, '|' order by message, key) from arrival where function = 'post' and get_byte(key, 0) = 0 and list_id = "
                        + list.id());
        return List.of(outcomes.split("\\|"));
    }

    /// One value from the database, as text.
    public String ask(String sql) {
        return database.read(connection -> {
            try (var statement = connection.createStatement(); var row = statement.executeQuery(sql)) {
                return row.next() ? String.valueOf(row.getString(1)) : "nothing";
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        });
    }

    public void run(String sql) {
        database.write(connection -> {
            try (var statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    @Override
    public void close() {
        wakeUps.close();
        test.close();
    }
}
