package org.listserv.bench;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.regex.Pattern;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.bench.Load.Mail;

/// Everything by mail, from outside: people who subscribe and confirm, posts that moderators accept by a reply, and what a flood brings a victim.
@Command(name = "bench/requests", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Subscribe requests through one node, each from another address, until every confirmation is at the relay; then a reply to each, until all",
        "are welcomed. Posts to a moderated list, until each is with its moderator; then a reply to each, until every subscriber has every post. At",
        "last requests in the name of one victim and from addresses of one domain, through two nodes: what goes out is counted against the budget.",
        "Exit 1: a bar is missed. Needs PostgreSQL. About two minutes; with --short a quarter."})
final class Requests implements Callable<Integer> {

    private static final Duration LONGEST = Duration.ofSeconds(300);
    private static final Pattern REPLY_TO = Pattern.compile("(?m)^Reply-To: <([^>]+)>");
    private static final int SUBSCRIBERS = 3;
    /// An hour's budget of a domain: docs/formats.md, "automatic mail".
    private static final int OF_DOMAIN = 200;

    @Option(names = "--requests", paramLabel = "N", defaultValue = "5000", description = "People who subscribe (${DEFAULT-VALUE}).")
    private int requests;

    @Option(names = "--posts", paramLabel = "N", defaultValue = "2000", description = "Posts that are moderated (${DEFAULT-VALUE}).")
    private int posts;

    @Option(names = "--flood", paramLabel = "N", defaultValue = "10000", description = "Requests of each flood (${DEFAULT-VALUE}).")
    private int flood;

    @Option(names = "--sessions", paramLabel = "N", defaultValue = "16", description = "SMTP sessions at once (${DEFAULT-VALUE}).")
    private int sessions;

    @Option(names = "--short", description = "For every build: 500 people, 200 posts, floods of 1,000; counts are judged, rates are not.")
    private boolean brief;

    private final Map<String, List<Letters>> arrived = new ConcurrentHashMap<>();
    private final AtomicLong count = new AtomicLong();

    /// What the relay took for somebody.
    private record Letters(String subject, String replyTo) {}

    public static void main(String... words) {
        System.exit(new CommandLine(new Requests()).execute(words));
    }

    @Override
    public Integer call() throws Exception {
        if (brief) {
            requests = 500;
            posts = 200;
            flood = 1_000;
        }
        try (var place = Workplace.create("requests")) {
            var tally = new Tally(place);
            var scores = new Scores(tally, !brief);
            var sink = place.add(Sink.start(this::take));
            var site = Site.create(place, sink.port());
            site.list("join", 0);
            site.list("held", SUBSCRIBERS, "posting=moderated");
            site.command("member", "add", "held@" + Site.DOMAIN, "mod@moderators.example", "--role", "moderator");
            site.list("victims", 0);
            var relay = "127.0.0.1:" + sink.port();
            var one = site.unwatched("one", relay, Expansion.ROLES, List.of(), List.of("-Xmx384m"));
            var two = site.unwatched("two", relay, Expansion.ROLES, List.of(), List.of("-Xmx384m"));
            one.startAndWait();
            site.postgres().execute(Site.DATABASE, "vacuum analyze");
            var nodes = List.of(one.smtp());

            // What a node does first is slow everywhere; nobody measures it.
            step(nodes, 300, number -> mail("early%d@e%d.example".formatted(number, number), "join-subscribe"), 300);
            arrived.clear();

            var asked = step(nodes, requests, number -> mail(person(number), "join-subscribe"), requests);
            scores.atLeast("subscribe requests, to the confirmation at the relay", asked, 200, 400, "/s");
            var confirmed = step(nodes, requests, number -> new Mail(person(number), List.of(last(person(number)).replyTo()),
                    octets(person(number), "Re: " + last(person(number)).subject())), requests);
            scores.tell("replies that confirm, to the welcome at the relay", confirmed, "/s");
            tally.check(
                    site.postgres().count(Site.DATABASE,
                            "select count(*) from subscription s join list l on l.id = s.list_id where l.local_part = 'join'") == requests,
                    "all %d are subscribed", requests);
            var double_ = arrived.values().stream().filter(letters -> letters.size() != 2).count();
            tally.check(double_ == 0, "everybody got one confirmation and one welcome");

            arrived.clear();
            var held = step(nodes, posts, number -> mail("author%d@a.example".formatted(number), "held"), posts);
            scores.tell("posts that wait, to the letter at the moderator's relay", held, "/s");
            var moderate = List.copyOf(arrived.getOrDefault("mod@moderators.example", List.of()));
            var accepted = step(nodes, posts,
                    number -> new Mail("mod@moderators.example", List.of(moderate.get((int) number - 1).replyTo()),
                            octets("mod@moderators.example", "Re: MODERATE")),
                    (long) posts * SUBSCRIBERS);
            scores.tell("posts accepted by a reply, to the last of " + SUBSCRIBERS + " copies", accepted, "/s");
            var published = site.postgres().count(Site.DATABASE,
                    "select last_number from list_head h join list l on l.id = h.list_id where l.local_part = 'held'");
            tally.check(published == posts, "%d posts are published", published);

            two.startAndWait();
            var both = List.of(one.smtp(), two.smtp());
            arrived.clear();
            Load.mails(both, sessions, flood,
                    number -> mail("forger%d@f%d.example".formatted(number, number), "victims-subscribe-victim=v.example"));
            drain(site);
            tally.check(got("victim@v.example") == 1, "%d requests in the name of one victim brought him %d mails", flood,
                    got("victim@v.example"));
            tally.check(arrived.size() == 1, "and nobody else any");
            arrived.clear();
            Load.mails(both, sessions, flood, number -> mail("u%d@one-domain.example".formatted(number), "victims-subscribe"));
            drain(site);
            var domain = arrived.values().stream().mapToInt(List::size).sum();
            tally.check(domain == Math.min(flood, OF_DOMAIN), "%d addresses of one domain asked within an hour: %d mails", flood, domain);
            scores.print();
            return tally.summary();
        }
    }

    /// Hands over, and waits until so much more has reached the relay.
    ///
    /// @return mails a second, from the first MAIL to the last at the relay
    private double step(List<InetSocketAddress> nodes, long mails, LongFunction<Mail> mail, long owed) throws InterruptedException {
        var before = count.get();
        var began = System.nanoTime();
        var result = Load.mails(nodes, sessions, mails, mail);
        if (result.refused() > 0) {
            throw new IllegalStateException(result.refused() + " mails were refused");
        }
        if (!Workplace.await(LONGEST, () -> count.get() >= before + owed)) {
            throw new IllegalStateException("%d of %d reached the relay".formatted(count.get() - before, owed));
        }
        return mails / ((System.nanoTime() - began) / 1e9);
    }

    private static void drain(Site site) {
        if (!site.drained(LONGEST)) {
            throw new IllegalStateException("what is owed does not go out");
        }
    }

    private void take(Sink.Taken message) {
        var head = new String(message.octets(), 0, Math.min(message.octets().length, 4_000), StandardCharsets.UTF_8);
        var subject = head.lines().filter(line -> line.startsWith("Subject: ")).findFirst().orElse("").replaceFirst("Subject: ", "");
        var replyTo = REPLY_TO.matcher(head);
        var letter = new Letters(subject, replyTo.find() ? replyTo.group(1) : "");
        message.forwardPaths().forEach(to -> arrived.merge(to.toLowerCase(Locale.ROOT), List.of(letter), Requests::joined));
        count.addAndGet(message.forwardPaths().size());
    }

    private static List<Letters> joined(List<Letters> some, List<Letters> more) {
        var all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private int got(String address) {
        return arrived.getOrDefault(address, List.of()).size();
    }

    private Letters last(String address) {
        return arrived.getOrDefault(address, List.of()).getLast();
    }

    /// Each of a domain of his own, so that no budget stands between.
    private static String person(long number) {
        return "person%d@p%d.example".formatted(number, number);
    }

    private static Mail mail(String from, String to) {
        return new Mail(from, List.of(to + "@" + Site.DOMAIN), octets(from, "hello"));
    }

    private static final AtomicLong MAILS = new AtomicLong();

    private static byte[] octets(String from, String subject) {
        return "From: %s\r\nSubject: %s\r\nMessage-ID: <r%d@mails.example>\r\n\r\nText.\r\n"
                .formatted(from, subject, MAILS.incrementAndGet())
                .getBytes(StandardCharsets.UTF_8);
    }
}
