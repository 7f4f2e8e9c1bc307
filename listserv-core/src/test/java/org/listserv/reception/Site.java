package org.listserv.reception;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import org.listserv.bounce.Verp;
import org.listserv.lists.AddressBook;
import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.HeaderField;
import org.listserv.mail.HeaderSection;
import org.listserv.mail.Reply;
import org.listserv.mail.ReversePath;
import org.listserv.members.Members;
import org.listserv.moderation.HeldPosts;
import org.listserv.notices.Texts;
import org.listserv.posting.ChainCheck;
import org.listserv.posting.Posting;
import org.listserv.requests.HeldReminders;
import org.listserv.requests.Kit;
import org.listserv.requests.Tokens;
import org.listserv.store.Database;
import org.listserv.store.SigningKeys;
import org.listserv.store.TestDatabase;
import org.listserv.store.WakeUps;

/// A site for scenarios: one real database, one domain, and a node's receiving parts. Tests send, and look.
public class Site implements AutoCloseable {
    public static final URI BASE_URL = URI.create("https://lists.example.org");
    public static final EmailAddress POSTMASTER = EmailAddress.parse("postmaster@example.org");

    private final TestDatabase test = TestDatabase.fresh();
    public final Database database = test.database();
    public final WakeUps wakeUps = new WakeUps(test.settings());
    public final Lists lists = new Lists(database, wakeUps);
    public final Members members = new Members(database);
    public final Posting posting = new Posting(database, members, wakeUps, 0);
    public final Verp verp = new Verp(new SigningKeys(database));
    public final Texts texts = new Texts(database);
    public final HeldPosts held = new HeldPosts(database, lists, posting, texts, BASE_URL, Clock.systemUTC());
    public final ChainCheck chain = new ChainCheck(database);
    public final Tokens tokens = new Tokens(new SigningKeys(database));
    private final Kit kit = new Kit(database, lists, members, held, posting, texts, tokens, BASE_URL, POSTMASTER,
            Clock.systemUTC());
    private final Effects effects = new Effects(kit, verp);

    private final List<Database> nodes = new ArrayList<>();

    public Site() {
        lists.createDomain("lists.example.org", "test");
    }

    public MailingList list(String local, String... settings) {
        var address = EmailAddress.parse(local + "@lists.example.org");
        var given = new HashMap<String, String>(Map.of("posting", "anyone"));
        for (var i = 0; i < settings.length; i += 2) {
            given.put(settings[i], settings[i + 1]);
        }
        lists.create(address, given, "test");
        return lists.existing(address);
    }

    public Reception reception(Upstream upstream) {
        return new Reception(database, new AddressBook(database, lists), effects, posting, upstream);
    }

    /// A node of its own: another pool, other caches, its own look at the secrets.
    public Reception anotherNode() {
        var itsDatabase = Database.open(test.settings());
        nodes.add(itsDatabase);
        var itsLists = new Lists(itsDatabase, wakeUps);
        var itsMembers = new Members(itsDatabase);
        var itsPosting = new Posting(itsDatabase, itsMembers, wakeUps, 0);
        var itsTexts = new Texts(itsDatabase);
        var itsHeld = new HeldPosts(itsDatabase, itsLists, itsPosting, itsTexts, BASE_URL, Clock.systemUTC());
        var kit = new Kit(itsDatabase, itsLists, itsMembers, itsHeld, itsPosting, itsTexts,
                new Tokens(new SigningKeys(itsDatabase)), BASE_URL,
                POSTMASTER, Clock.systemUTC());
        return new Reception(itsDatabase, new AddressBook(itsDatabase, itsLists), new Effects(kit, new Verp(new SigningKeys(itsDatabase))),
                itsPosting,
                Upstream.QUEUED);
    }

    public HeldReminders reminders() {
        return new HeldReminders(kit);
    }

    /// Sends by ESMTP, as an MX that has already taken the message.
    public Reply send(String reversePath, String message, String... to) {
        return send(Upstream.QUEUED, "ESMTP", reversePath, message.replace("\r\n", "\n").replace("\n", "\r\n").getBytes(UTF_8), to)
                .getFirst();
    }

    public List<Reply> send(Upstream upstream, String protocol, String reversePath, byte[] octets, String... to) {
        var client = new Client("192.0.2.1", "mx.example.org", protocol);
        var recipients = Arrays.stream(to).map(address -> EmailAddress.parse(address, EmailAddress.LONGEST_LOCAL_OCTETS)).toList();
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

    /// A mail of our own that is owed to somebody.
    public record Letter(String reversePath, String text) {
        public String field(String name) {
            return HeaderSection.parse(text.getBytes(UTF_8)).first(name).map(HeaderField::decoded).orElse("");
        }

        public String subject() {
            return field("Subject");
        }

        /// The address a reply goes to.
        public String replyTo() {
            return field("Reply-To").replaceAll("[<>]", "");
        }
    }

    /// What we wrote to an address and is not sent yet, oldest first.
    public List<Letter> letters(String to) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement("""
                    select o.reverse_path, convert_from(o.octets, 'UTF8') from batch b join outgoing o on o.id = b.outgoing_id
                     where lower(b.forward_path) = lower(?) and o.octets is not null order by o.id
                    """)) {
                ask.setString(1, to);
                try (var rows = ask.executeQuery()) {
                    var letters = new ArrayList<Letter>();
                    while (rows.next()) {
                        letters.add(new Letter(rows.getString(1), rows.getString(2)));
                    }
                    return letters;
                }
            }
        });
    }

    /// The only letter to an address.
    public Letter letter(String to) {
        var letters = letters(to);
        if (letters.size() != 1) {
            throw new AssertionError(to + " has " + letters.size() + " letters: " + letters.stream().map(Letter::subject).toList());
        }
        return letters.getFirst();
    }

    public Letter lastLetter(String to) {
        return letters(to).getLast();
    }

    private static final AtomicInteger MAILS = new AtomicInteger();

    /// An empty mail, as a person sends it to an address that is a command.
    public Reply mail(String from, String to) {
        return mail(from, to, "", "");
    }

    public Reply mail(String from, String to, String subject, String body) {
        return mailAs(from, from, to, subject, body);
    }

    /// @param author as it stands in From
    public Reply mailAs(String author, String from, String to, String subject, String body) {
        var mail = "From: " + author + "\nTo: " + to + "\nSubject: " + subject + "\nMessage-ID: <mail-" + MAILS.incrementAndGet()
                + "@example.org>\n\n" + body;
        return send(from, mail, to);
    }

    /// Gives a role.
    public void role(MailingList list, String role, String mailbox) {
        run("insert into list_role values (%d, '%s', %s)".formatted(list.id(), role, address(mailbox)));
    }

    /// The addresses of a set, in order.
    public String members(MailingList list, String set) {
        return set.equals("main") || set.equals("digest")
                ? ask("select coalesce(string_agg(a.mailbox, ' ' order by a.mailbox), '') from subscription s join address a on a.id = s.address_id where s.list_id = %d and s.kind = '%s'"
                        .formatted(list.id(), set))
                : ask("select coalesce(string_agg(pattern, ' ' order by pattern), '') from list_access where list_id = %d and kind = '%s'"
                        .formatted(list.id(), set));
    }

    public String log(MailingList list, String set) {
        return ask(
                "select coalesce(string_agg(event || ' ' || address, ', ' order by id), '') from membership_log where list_id = %d and kind = '%s'"
                        .formatted(list.id(), set));
    }

    /// Moves the database's clock, by which budgets and time-outs go.
    public void later(String interval) {
        run("update clock set shift = shift + interval '" + interval + "'");
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
        nodes.forEach(Database::close);
        wakeUps.close();
        test.close();
    }
}
