package org.listserv.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

import org.listserv.bench.Evidence.Movement;
import org.listserv.bench.Evidence.Span;

/// Those who do more than post while the cluster is in trouble: people who join and leave by mail, a moderator who accepts, readers of the
/// archive. Each waits for an answer as a person does and keeps what he was told.
final class People implements Sink.Taker {

    /// How long a letter is waited for; a primary that is cut off, its relays and retries lie within it.
    private static final Duration PATIENCE = Duration.ofSeconds(170);
    private static final Pattern REPLY_TO = Pattern.compile("(?im)^Reply-To: *<?([^>\\s]+)>?\\s*$");
    private static final Pattern MESSAGE_ID = Pattern.compile("(?im)^Message-ID: *<([^>]+)>");

    /// @param text header and beginning of the body
    private record Got(String subject, String replyTo, String text) {}

    private final CopyLog copies;
    private final Sender sender;
    private final Map<String, LinkedBlockingQueue<Got>> letters = new ConcurrentHashMap<>();
    private final Queue<Movement> movements = new ConcurrentLinkedQueue<>();
    private final Queue<String> unanswered = new ConcurrentLinkedQueue<>();
    private final Set<String> decided = ConcurrentHashMap.newKeySet();
    private final AtomicLong count = new AtomicLong();
    private final Map<Integer, AtomicLong> pages = new ConcurrentHashMap<>();
    private final AtomicLong unreadable = new AtomicLong();

    /// @param copies takes what is a copy of a post
    People(CopyLog copies, Sender sender) {
        this.copies = copies;
        this.sender = sender;
    }

    @Override
    public void take(Sink.Taken message) {
        var before = copies.others().size();
        copies.take(message);
        if (copies.others().size() == before) {
            return;
        }
        var text = new String(message.octets(), 0, Math.min(message.octets().length, 12_000), StandardCharsets.UTF_8);
        var replyTo = REPLY_TO.matcher(text);
        var got = new Got(Letter.field(message.octets(), "Subject"), replyTo.find() ? replyTo.group(1) : "", text);
        message.forwardPaths().forEach(to -> mailbox(to).add(got));
    }

    private LinkedBlockingQueue<Got> mailbox(String address) {
        return letters.computeIfAbsent(address.toLowerCase(Locale.ROOT), _ -> new LinkedBlockingQueue<>());
    }

    // --- members ---------------------------------------------------------------------------------------------------

    /// Joins by mail, and stays.
    void join(String list, String address) {
        move(list, address, true, "subscribe", "confirm subscribe", "WELCOME");
    }

    /// Leaves by mail.
    void leave(String list, String address) {
        move(list, address, false, "unsubscribe", "confirm unsubscribe", "GOODBYE");
    }

    private void move(String list, String address, boolean comes, String command, String question, String end) {
        var from = System.nanoTime();
        var to = Span.NEVER;
        var reached = "the " + command + " was not accepted";
        try {
            if (say(address, list.replace("@", "-" + command + "@"), command)) {
                reached = "no letter \"" + question + "\"";
                var confirm = next(address, question);
                if (confirm.isPresent()) {
                    reached = "the answer to \"" + question + "\" was not accepted";
                    if (say(address, confirm.get().replyTo(), "Re: " + confirm.get().subject())) {
                        reached = "no letter \"" + end + "\"";
                        to = next(address, end).isPresent() ? System.nanoTime() : to;
                    }
                }
            }
        } finally {
            movements.add(new Movement(list, address, comes, new Span(from, to)));
            if (to == Span.NEVER) {
                unanswered.add(address + ": " + reached);
            }
        }
    }

    /// The next letter whose subject begins so; others are read and passed over, a second copy of the same among them.
    private Optional<Got> next(String address, String subject) {
        var until = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (var left = PATIENCE.toNanos(); left > 0; left = until - System.nanoTime()) {
                var got = mailbox(address).poll(left, TimeUnit.NANOSECONDS);
                if (got != null && got.subject().startsWith(subject)) {
                    return Optional.of(got);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    private boolean say(String from, String to, String subject) {
        var id = "people%d.%d@letters.example".formatted(count.incrementAndGet(), System.nanoTime());
        var text = "From: %s\nTo: %s\nSubject: %s\nMessage-ID: <%s>\n\nok\n".formatted(from, to, subject, id);
        var letter = new Letter(id, List.of(to), text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
        return sender.deliver(from, letter, Duration.ofSeconds(20)).accepted();
    }

    // --- the moderator -----------------------------------------------------------------------------------------------

    /// Accepts whatever waits, until told to stop and nothing more comes.
    void moderate(String address, java.util.function.BooleanSupplier goOn) {
        try {
            while (true) {
                var got = mailbox(address).poll(500, TimeUnit.MILLISECONDS);
                if (got == null) {
                    if (!goOn.getAsBoolean()) {
                        return;
                    }
                } else if (got.subject().startsWith("MODERATE") && say(address, got.replyTo(), "Re: " + got.subject())) {
                    heldIn(got.text()).forEach(decided::add);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The letter to a moderator holds the whole message that waits.
    private static List<String> heldIn(String text) {
        var ids = new ArrayList<String>();
        var id = MESSAGE_ID.matcher(text);
        while (id.find()) {
            if (id.group(1).endsWith("@letters.example")) {
                ids.add(id.group(1));
            }
        }
        return ids;
    }

    // --- readers -----------------------------------------------------------------------------------------------------

    /// Looks at one page after the other.
    void read(String site, List<String> paths, java.util.function.BooleanSupplier goOn) {
        try (var http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).version(HttpClient.Version.HTTP_1_1).build()) {
            for (var i = 0; goOn.getAsBoolean(); i++) {
                var request = HttpRequest.newBuilder(URI.create(site + paths.get(i % paths.size()))).timeout(Duration.ofSeconds(20))
                        .build();
                try {
                    var status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
                    pages.computeIfAbsent(status, _ -> new AtomicLong()).incrementAndGet();
                } catch (IOException e) {
                    unreadable.incrementAndGet();
                }
                Workplace.pause(Duration.ofMillis(400));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // --- what they know ----------------------------------------------------------------------------------------------

    List<Movement> movements() {
        return List.copyOf(movements);
    }

    Set<String> decided() {
        return new HashSet<>(decided);
    }

    @Override
    public String toString() {
        var answered = movements.stream().filter(Movement::isAnswered).toList();
        var slowest = answered.stream().mapToLong(one -> one.span().to() - one.span().from()).max().orElse(0);
        return "%d joined, %d left (the slowest took %.1f s), %d still wait for an answer %s; %d accepted by a moderator; pages: %s, %d broken off"
                .formatted(answered.stream().filter(Movement::comes).count(), answered.stream().filter(one -> !one.comes()).count(),
                        slowest / 1e9, unanswered.size(), unanswered, decided.size(), new TreeMap<>(pages), unreadable.get());
    }
}
