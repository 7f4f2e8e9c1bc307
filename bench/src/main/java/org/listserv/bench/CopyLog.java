package org.listserv.bench;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import org.listserv.bench.Evidence.Copy;
import org.listserv.bench.Sink.Taken;

/// What a relay took, as evidence: which copy of which post it was, by its reverse-path, and whether its body is whole.
final class CopyLog implements Sink.Taker {

    private static final Pattern VERP = Pattern.compile("(?<local>.+)-return-(?<number>\\d+)-(?<who>.+)@(?<host>[^@]+)");

    private final List<Copy> copies = new ArrayList<>();
    private final List<String> others = new ArrayList<>();
    private final Set<List<Object>> seen = new HashSet<>();
    private final List<Long> doubled = new ArrayList<>();

    @Override
    public void take(Taken message) {
        var verp = VERP.matcher(message.reversePath());
        if (!verp.matches()) {
            synchronized (this) {
                others.add(message.reversePath());
            }
            return;
        }
        var list = (verp.group("local") + "@" + verp.group("host")).intern();
        var number = Long.parseLong(verp.group("number"));
        var id = Letter.field(message.octets(), "Message-ID").replaceAll("[<>]", "");
        var body = Digest.hex(Letter.body(message.octets())).intern();
        synchronized (this) {
            for (var to : message.forwardPaths()) {
                copies.add(new Copy(list, number, id.intern(), to.intern(), body));
                if (!seen.add(List.of(list, number, to.intern()))) {
                    doubled.add(System.nanoTime());
                }
            }
        }
    }

    synchronized List<Copy> copies() {
        return List.copyOf(copies);
    }

    synchronized int size() {
        return copies.size();
    }

    /// When copies came that had come before, in the time of [System#nanoTime].
    synchronized List<Long> doubled() {
        return List.copyOf(doubled);
    }

    /// Reverse-paths of what was no copy: notices, forwarded mail.
    synchronized List<String> others() {
        return List.copyOf(others);
    }
}
