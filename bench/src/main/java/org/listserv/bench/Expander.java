package org.listserv.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;

/// Hands one post to a node and watches until every copy is taken and marked.
final class Expander {

    private static final Duration LONGEST = Duration.ofSeconds(300);
    private static final int OCTETS = 4_096;

    private final Site site;
    private final FastSink sink;
    private final Tally tally;
    private final String run = "x" + System.currentTimeMillis();
    private long number;

    Expander(Site site, FastSink sink, Tally tally) {
        this.site = site;
        this.sink = sink;
        this.tally = tally;
    }

    /// Times in seconds.
    ///
    /// @param seconds     from the connection that brings the post to the last copy
    /// @param first       from its 250 to the first copy; may be negative, for the commit stands before the 250 is read
    /// @param marked      from the connection to the last mark, as a poll every 10 ms sees it
    /// @param nodeCpu     of the node, for all copies; likewise of all processes of the database
    record Sent(long copies, double seconds, double first, double marked, double nodeCpu, double databaseCpu, CopyCount count) {
        double perSecond() {
            return copies / seconds;
        }

        double cpuPer1000() {
            return (nodeCpu + databaseCpu) / copies * 1_000;
        }
    }

    static Letter letter(String run, long number, String list) {
        return Letter.write(run, number, List.of(list), OCTETS);
    }

    Letter letter(String list) {
        return letter(run, ++number, list);
    }

    /// @param owed     the list's subscribers
    /// @param personal fields in which copies may differ
    Sent expand(Node node, String list, List<String> owed, Group nodes, Group database, String... personal) throws IOException {
        var letter = letter(list);
        sink.reset(personal);
        try (var connection = site.postgres().connect(Site.DATABASE)) {
            var nodeBefore = nodes.cpuSeconds();
            var databaseBefore = database.cpuSeconds();
            var began = micros();
            var accepted = post(node, letter);
            sink.await(owed.size(), LONGEST);
            awaitMarks(connection);
            var marked = micros();
            var nodeCpu = nodes.cpuSeconds() - nodeBefore;
            var databaseCpu = database.cpuSeconds() - databaseBefore;
            var stat = sink.stat();
            var count = CopyCount.of(sink.taken(), owed);
            tally.quietly(count.isExact(), "%s, letter %d: %s", list, number, count);
            tally.quietly(stat.bare() == 0, "%s, letter %d: %d messages had a bare LF", list, number, stat.bare());
            if (stat.contents() > 0) {
                tally.quietly(Arrays.equals(Letter.body(sink.content(0)), letter.body()), "%s, letter %d: the body is another", list,
                        number);
            }
            return new Sent(stat.copies(), (stat.last() - began) / 1e6, (stat.first() - accepted) / 1e6, (marked - began) / 1e6, nodeCpu,
                    databaseCpu, count);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @return when 250 was read, in microseconds since 1970
    static long post(Node node, Letter letter) throws IOException {
        try (var session = SmtpSession.open(node.smtp(), Duration.ofSeconds(60))) {
            session.ehlo();
            var begun = session.begin("MAIL FROM:<ann@letters.example>", letter.lists());
            if (begun.code() != 354) {
                throw new IOException("not taken: " + begun);
            }
            session.content(letter.octets());
            var end = session.end();
            var at = micros();
            if (end.code() != 250) {
                throw new IOException("not taken: " + end);
            }
            return at;
        }
    }

    private static void awaitMarks(Connection connection) throws SQLException {
        var until = System.nanoTime() + LONGEST.toNanos();
        try (var ask = connection.prepareStatement("select not exists (select 1 from batch) and not exists (select 1 from outgoing)")) {
            while (System.nanoTime() < until) {
                try (var row = ask.executeQuery()) {
                    if (row.next() && row.getBoolean(1)) {
                        return;
                    }
                }
                Workplace.pause(Duration.ofMillis(10));
            }
        }
        throw new IllegalStateException("copies are not marked");
    }

    static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}
