package org.listserv.deploy.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;

import org.listserv.deploy.config.Configuration;
import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.deploy.log.Logging;
import org.listserv.deploy.node.Core;
import org.listserv.deploy.node.Node;
import org.listserv.deploy.node.Role;
import org.listserv.deploy.node.RunUntilStopped;
import org.listserv.lists.Change;
import org.listserv.lists.Progress;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MboxReader;
import org.listserv.members.MemberSet;
import org.listserv.store.Migrations;

/// The whole system on this machine's loopback, kept below one folder. What runs is an ordinary node from an ordinary configuration file.
public final class Demo implements AutoCloseable {

    private static final EmailAddress LIST = EmailAddress.parse("dev@lists.example.org");
    private static final List<String> SUBSCRIBERS = List.of("Ines Calloway <ines@example.org>", "Hanne Lindqvist <hanne@example.net>",
            "Raj Patwardhan <raj@example.org>");
    private static final String OWNER = "ines@example.org";
    private static final String ACTOR = "demo";
    private static final Duration LONGEST_PAGE = Duration.ofSeconds(10);
    private static final int LARGEST_SAMPLE = 1 << 20;

    /// @param folder made if it is not there; kept between runs
    public record Places(Path folder, int smtpPort, int webPort, int imapPort) {
        Path configuration() {
            return folder.resolve("listserv.yaml");
        }
    }

    private final Places places;
    private final PrintStream out;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();

    private Demo(Places places, PrintStream out) {
        this.places = places;
        this.out = out;
    }

    /// Runs until the process is told to end.
    ///
    /// @throws DemoTrouble when it cannot: a taken port, a folder in use
    public static void run(Places places, PrintStream out) throws IOException, InterruptedException, ConfigurationMistakes {
        RunUntilStopped
                .run(List.<AutoCloseable>of(start(places, out), () -> out.println("stopped; everything is kept in " + places.folder())));
    }

    /// Starts, lets one post and a few pages through, and ends: what a JVM is to learn about a node before it is one.
    public static void once(Path folder, PrintStream out) throws IOException, InterruptedException, ConfigurationMistakes {
        var places = new Places(folder, freePort(), freePort(), freePort());
        try (var _ = start(places, out); var reader = HttpClient.newHttpClient()) {
            GreenMailUtil.sendTextEmail(LIST.toString(), OWNER, "Once", "It works.",
                    new ServerSetup(places.smtpPort(), "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
            for (var page : List.of("", LIST + "/", "search?q=list", "health/ready")) {
                var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + places.webPort() + "/" + page)).timeout(LONGEST_PAGE)
                        .build();
                var status = reader.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
                if (status != HttpURLConnection.HTTP_OK) {
                    throw new IOException("/" + page + " answers " + status);
                }
            }
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Returns when everything works.
    static Demo start(Places places, PrintStream out) throws IOException, InterruptedException, ConfigurationMistakes {
        var demo = new Demo(places, out);
        try {
            demo.start();
            return demo;
        } catch (IOException | InterruptedException | ConfigurationMistakes | RuntimeException e) {
            demo.close();
            throw e;
        }
    }

    /// The node first, the folder last.
    @Override
    public void close() {
        running.forEach(RunUntilStopped::close);
    }

    private void start() throws IOException, InterruptedException, ConfigurationMistakes {
        var folder = DemoFolder.take(places.folder());
        running.push(folder);
        checkPort("--smtp-port", places.smtpPort());
        checkPort("--web-port", places.webPort());
        checkPort("--imap-port", places.imapPort());
        Logging.intoFile(places.folder().resolve("listserv.log"));
        say("starting PostgreSQL in " + places.folder().resolve("postgres"));
        var database = DemoDatabase.start(places.folder().toAbsolutePath().resolve("postgres"));
        running.push(database);
        var mailboxes = DemoMailboxes.start(places.imapPort());
        running.push(mailboxes);
        write(database, mailboxes);
        var configuration = Configuration.read(places.configuration(), Map.of(), Purpose.SERVE);
        new Migrations(configuration.database()).migrate();
        try (var core = new Core(configuration)) {
            sample(core);
        }
        say("starting a node with all roles");
        running.push(Node.start(configuration, EnumSet.allOf(Role.class), false));
        ready(database);
    }

    /// Before anything is started: the message must name the flag that helps.
    private static void checkPort(String flag, int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new DemoTrouble("port " + port + " is taken by another program: choose another with " + flag + " PORT");
        }
    }

    private void write(DemoDatabase database, DemoMailboxes mailboxes) throws IOException {
        var file = places.configuration();
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))); // it holds a password
        Files.writeString(file,
                """
                # Written by `listserv demo` at each start. Other commands work beside it: listserv --config %s list list
                listserv:
                  node.name: demo
                  database:
                    url: %s
                    user: %s
                    password: %s
                  smtp.listen: 127.0.0.1:%d
                  relay.hosts: 127.0.0.1:%d
                  postmaster: postmaster@example.org
                  web:
                    listen: 127.0.0.1:%d
                    base-url: http://127.0.0.1:%d
                  archive.index-dir: '%s'
                """.formatted(file, database.url(), database.user(), database.password(), places.smtpPort(), mailboxes.relayPort(),
                        places.webPort(),
                        places.webPort(), places.folder().toAbsolutePath().resolve("index").toString().replace("'", "''")));
    }

    /// Once: who changes the sample later finds it as he left it.
    private void sample(Core core) throws IOException {
        core.lists().createDomain(LIST.domain(), ACTOR);
        var description = "Running mailing lists: questions, answers, patches";
        if (core.lists().find(LIST).isPresent() || core.lists().create(LIST, Map.of("description", description), ACTOR) != Change.CREATED) {
            return;
        }
        say("making the list " + LIST + " and its archive");
        var list = core.lists().existing(LIST);
        core.members().add(list, MemberSet.MAIN, null, SUBSCRIBERS, ACTOR, Progress.NONE);
        core.members().grant(list, org.listserv.members.Role.OWNER, List.of(OWNER), ACTOR);
        var importing = core.importing(core.posting(), list);
        try (var file = Demo.class.getResourceAsStream("/demo/dev.mbox")) {
            if (file == null) {
                throw new IOException("the sample archive is missing from this build");
            }
            try (var mbox = new MboxReader(file, MboxReader.Quoting.MBOXRD, LARGEST_SAMPLE)) {
                for (Optional<MboxReader.Entry> entry = mbox.next(); entry.isPresent(); entry = mbox.next()) {
                    if (entry.get() instanceof MboxReader.Message message) {
                        importing.add(message.octets(), message.date(), "the demo's sample");
                    }
                }
            }
        }
        importing.flush();
    }

    private void ready(DemoDatabase database) {
        var listserv = Files.isExecutable(Path.of("listserv")) ? "./listserv" : "listserv";
        say("""
                ready: web http://127.0.0.1:%2$d/  SMTP 127.0.0.1:%1$d  IMAP 127.0.0.1:%3$d (any address, password = address)  PostgreSQL 127.0.0.1:%4$d

                Read the archive of %5$s:
                  http://127.0.0.1:%2$d/%5$s/

                Write to the list as its subscriber Ines:
                  printf 'From: Ines Calloway <ines@example.org>\\nTo: %5$s\\nSubject: Hello\\nDate: %%s\\nMessage-ID: <%%s@example.org>\\n\\nIt works.\\n' \\
                    "$(date -R)" "$(date +%%s)" | curl -sS --crlf smtp://127.0.0.1:%1$d --mail-from ines@example.org --mail-rcpt %5$s -T -
                or
                  swaks --server 127.0.0.1:%1$d --from ines@example.org --to %5$s --header 'Subject: Hello' --body 'It works.'

                See it in the archive, and in the mailbox of the subscriber Hanne (the latest message):
                  curl -sS --user hanne@example.net:hanne@example.net 'imap://127.0.0.1:%3$d/INBOX;MAILINDEX=*'

                What somebody writes who is not subscribed waits for the owner:
                  swaks --server 127.0.0.1:%1$d --from stranger@example.com --to %5$s --header 'Subject: May I?' --body 'Hello?'
                  %6$s --config %7$s held list

                All commands work beside it, such as
                  %6$s --config %7$s list show %5$s
                  %6$s --config %7$s find ines@example.org
                  %6$s --config %7$s status

                Ctrl-C stops everything. It is kept in %8$s, events are in %8$s/listserv.log; `rm -r %8$s` begins anew.
                """.stripTrailing().formatted(places.smtpPort(), places.webPort(), places.imapPort(), database.port(), LIST, listserv,
                places.configuration(),
                places.folder()));
    }

    private void say(String text) {
        out.println(text);
        out.flush();
    }
}
