package org.listserv.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Whole conversations, held by the mail programs people use.
@Command(name = "bench/dialogues", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Subscribe, confirm by a plain reply, post, have the post accepted by a reply to all, post again (now allowed at once), unsubscribe, confirm:",
        "with neomutt, typing as a person does, and with swaks; each step to the next of two nodes. Needs PostgreSQL, neomutt, swaks, script."})
final class Dialogues implements Callable<Integer> {

    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Map<String, List<Got>> mailboxes = new ConcurrentHashMap<>();

    /// A mail in somebody's mailbox.
    private record Got(String text) {
        String field(String name) {
            var field = Pattern.compile("(?mi)^" + name + ": (.*(?:\r?\n[ \t].*)*)").matcher(text.split("\r?\n\r?\n", 2)[0]);
            return field.find() ? field.group(1).replaceAll("\r?\n[ \t]+", " ").strip() : "";
        }

        /// The bare address of a field.
        String address(String name) {
            return field(name).replaceAll(".*<|>.*", "");
        }
    }

    /// A mail program.
    private interface Program {
        void send(Node node, String from, String to, String subject) throws IOException;

        /// @param all whether everybody the letter names gets it
        void reply(Node node, String from, Got letter, boolean all) throws IOException;
    }

    public static void main(String... words) {
        System.exit(new CommandLine(new Dialogues()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        try (var place = Workplace.create("dialogues")) {
            var tally = new Tally(place);
            for (var needed : List.of("neomutt", "script", "swaks")) {
                if (!Shell.has(needed)) {
                    System.err.println("missing: " + needed + " (Debian: apt-get install neomutt bsdutils swaks)");
                    return 1;
                }
            }
            var sink = place.add(Sink.start(this::take));
            var site = Site.create(place, sink.port());
            var relay = "127.0.0.1:" + sink.port();
            var nodes = List.of(site.unwatched("one", relay, Expansion.ROLES, List.of(), Node.SHORT_LIVED),
                    site.unwatched("two", relay, Expansion.ROLES, List.of(), Node.SHORT_LIVED));
            nodes.forEach(Node::startAndWait);
            hold(tally, site, nodes, "neomutt", new Neomutt(place));
            hold(tally, site, nodes, "swaks", new Swaks());
            return tally.summary();
        }
    }

    private void hold(Tally tally, Site site, List<Node> nodes, String name, Program program) throws IOException {
        var list = site.list(name, 0, "posting=members-or-hold");
        var jane = "jane@" + name + ".example";
        var guest = "guest@" + name + ".example";
        var mod = "mod@" + name + ".example";
        site.command("member", "add", list, mod, "--role", "moderator");
        program.send(nodes.get(0), jane, name + "-subscribe@" + Site.DOMAIN, "subscribe");
        var confirm = next(jane, 1);
        tally.check(confirm.field("Subject").equals("confirm subscribe to " + list), "%s: a request is answered: %s", name,
                confirm.field("Subject"));
        program.reply(nodes.get(1), jane, confirm, false);
        tally.check(next(jane, 2).field("Subject").equals("WELCOME to " + list), "%s: a plain reply confirms", name);
        program.send(nodes.get(0), jane, list, "A first post");
        tally.check(next(jane, 3).field("Subject").endsWith("A first post"), "%s: a subscriber's post comes back as a copy", name);
        program.send(nodes.get(1), guest, list, "From a guest");
        var moderate = next(mod, 1);
        tally.check(moderate.field("Subject").equals("MODERATE for " + list), "%s: a guest's post waits", name);
        program.reply(nodes.get(0), mod, moderate, true);
        tally.check(next(jane, 4).field("Subject").endsWith("From a guest"), "%s: a reply to all accepts it", name);
        program.send(nodes.get(1), guest, list, "From a guest again");
        tally.check(next(jane, 5).field("Subject").endsWith("From a guest again"), "%s: and allows its author from then on", name);
        tally.check(mailboxes.getOrDefault(guest, List.of()).isEmpty(), "%s: the guest was not told that he was rejected", name);
        // The address may have one confirmation a day from a list.
        site.postgres().execute(Site.DATABASE, "delete from automatic_mail");
        program.send(nodes.get(0), jane, name + "-unsubscribe@" + Site.DOMAIN, "unsubscribe");
        program.reply(nodes.get(1), jane, next(jane, 6), false);
        tally.check(next(jane, 7).field("Subject").equals("GOODBYE from " + list), "%s: leaving takes a reply as well", name);
        tally.check(site.command("member", "list", list, "--format", "json").out().strip().equals("[]"), "%s: nobody is left", name);
    }

    private void take(Sink.Taken message) {
        var got = new Got(new String(message.octets(), StandardCharsets.UTF_8));
        message.forwardPaths().forEach(to -> mailboxes.merge(to.toLowerCase(Locale.ROOT), List.of(got), (some, more) -> {
            var all = new ArrayList<>(some);
            all.addAll(more);
            return all;
        }));
    }

    private Got next(String who, int number) {
        if (!Workplace.await(LONGEST, () -> mailboxes.getOrDefault(who, List.of()).size() >= number)) {
            throw new IllegalStateException(
                    "%s has %d mails, not %d: %s".formatted(who, mailboxes.getOrDefault(who, List.of()).size(), number,
                            mailboxes.getOrDefault(who, List.of()).stream().map(got -> got.field("Subject")).toList()));
        }
        return mailboxes.getOrDefault(who, List.of()).get(number - 1);
    }

    /// Its own defaults but for what a person sets: who he is, the server, no questions.
    private static final class Neomutt implements Program {
        private final Workplace place;
        private int mailboxes;

        Neomutt(Workplace place) {
            this.place = place;
        }

        @Override
        public void send(Node node, String from, String to, String subject) throws IOException {
            Shell.run("Text.\n".getBytes(StandardCharsets.US_ASCII), "neomutt", "-n", "-F", settings(node, from).toString(), "-s", subject,
                    "--", to);
        }

        @Override
        public void reply(Node node, String from, Got letter, boolean all) throws IOException {
            var mailbox = place.path("mailbox" + ++mailboxes);
            Files.writeString(mailbox, "From relay@sink.example Mon Jan  1 10:00:00 2024\n"
                    + letter.text().replace("\r\n", "\n").replaceAll("(?m)^From ", ">From ") + "\n");
            var keys = all ? "<group-reply>" : "<reply>";
            Shell.run("env", "TERM=xterm", "script", "-qec",
                    "timeout 30 neomutt -n -F " + settings(node, from) + " -f " + mailbox + " -e 'push "
                            + keys + "<send-message><exit>'",
                    "/dev/null");
        }

        private Path settings(Node node, String from) throws IOException {
            return Files.writeString(place.path("neomuttrc-" + from + "-" + node.name()), """
                    set from="%1$s" use_from=yes use_envelope_from=yes envelope_from_address="%1$s"
                    set smtp_url="smtp://127.0.0.1:%2$d/" ssl_starttls=no ssl_force_tls=no record="" hostname="desk.example"
                    set editor="true" autoedit=yes fast_reply=yes include=yes abort_unmodified=no abort_nosubject=no
                    set reply_to=yes wait_key=no sleep_time=0 move=no delete=no mbox_type=mbox header_cache="" confirmappend=no folder="%3$s"
                    """.formatted(from, node.smtp().getPort(), place.path(".")));
        }
    }

    private static final class Swaks implements Program {
        @Override
        public void send(Node node, String from, String to, String subject) {
            swaks(node, from, List.of(to), subject, "Text.");
        }

        @Override
        public void reply(Node node, String from, Got letter, boolean all) {
            var to = new ArrayList<>(List.of(letter.address("Reply-To")));
            if (all) {
                to.add(letter.address("To"));
                to.add(letter.address("Cc"));
            }
            swaks(node, from, to, "Re: " + letter.field("Subject"),
                    "ok\\n" + letter.text().lines().skip(20).limit(10).map(line -> "> " + line.replace("%", "%%"))
                            .collect(Collectors.joining("\\n")));
        }

        private static void swaks(Node node, String from, List<String> to, String subject, String body) {
            Shell.run("swaks", "--server", "127.0.0.1:" + node.smtp().getPort(), "--from", from, "--to", String.join(",", to), "--header",
                    "Subject: " + subject, "--body", body);
        }
    }
}
