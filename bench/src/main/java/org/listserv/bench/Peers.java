package org.listserv.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Other programs doing the same into the same sink, in the same run, so that what counts are ratios.
final class Peers {

    /// What each did on a quiet machine of the kind the bars were set on. Where a run's ratio to the raw limit is far from these, something
    /// else was using the machine.
    enum Peer {
        RAW("raw limit: smtp-source -d -s 8", 31_000, 31_000),
        MLMMJ("mlmmj, receiver acknowledges at once", 8_600, 8_600),
        MLMMJ_LARGE("mlmmj, the large list", 9_900, 9_900),
        POSTFIX_ALIAS("Postfix alias, 50 recipients a transaction, no VERP", 4_300, 4_300),
        POSTFIX_XVERP("Postfix XVERP fed by SMTP", 1_650, 1_930),
        MLMMJ_XVERP("mlmmj through Postfix XVERP", 930, 930);

        private final String text;
        private final double least;
        private final double most;

        Peer(String text, double least, double most) {
            this.text = text;
            this.least = least;
            this.most = most;
        }

        String text() {
            return text;
        }

        /// How far it is from its place beside the raw limit: 0.2 means 20 % off. The published figures are a range for some.
        double off(double perSecond, double rawPerSecond) {
            var scale = rawPerSecond / RAW.most;
            if (perSecond < least * scale) {
                return 1 - perSecond / (least * scale);
            }
            return Math.max(0, perSecond / (most * scale) - 1);
        }
    }

    private static final Duration LONGEST = Duration.ofSeconds(300);

    private final FastSink sink;
    private final Group group;
    private final String run = "p" + System.currentTimeMillis();
    private long number;

    Peers(FastSink sink, Group group) {
        this.sink = sink;
        this.group = group;
    }

    record Figure(double perSecond, double cpuPer1000, long copies) {}

    private interface Way {
        void go(Letter letter) throws IOException;
    }

    private Figure measure(String list, int expected, Way way) throws IOException {
        var letter = Expander.letter(run, ++number, list);
        sink.resetToCount();
        var cpu = group.cpuSeconds();
        var began = Expander.micros();
        way.go(letter);
        var stat = sink.await(expected, LONGEST);
        if (stat.copies() < expected) {
            throw new IllegalStateException("%s: %d of %d copies".formatted(list, stat.copies(), expected));
        }
        return new Figure(stat.copies() / ((stat.last() - began) / 1e6), (group.cpuSeconds() - cpu) / stat.copies() * 1_000, stat.copies());
    }

    void count(Postfix postfix) throws IOException {
        group.add(postfix.pid());
    }

    /// Postfix's own load generator, one recipient a transaction.
    Figure raw(int messages) throws IOException {
        var words = group.inside(List.of("smtp-source", "-4", "-d", "-s", "8", "-m", "" + messages, "-l", "4096", "-f", "a@x.example", "-t",
                "u1@sink.example", "127.0.0.1:" + sink.port()));
        return measure("u1@sink.example", messages, _ -> Shell.run(words.toArray(String[]::new)));
    }

    Figure mlmmj(Mlmmj list, int subscribers) throws IOException {
        return measure(list.address(), subscribers, letter -> list.post(letter, group));
    }

    Figure alias(Postfix postfix, String name, int subscribers) throws IOException {
        return measure(name + "@lists.test", subscribers, letter -> {
            try (var session = SmtpSession.open(postfix.smtp(), Duration.ofSeconds(60))) {
                session.ehlo();
                deliver(session, "MAIL FROM:<ann@letters.example>", letter.lists(), letter);
            }
        });
    }

    /// All recipients in one transaction, with the parameter that makes Postfix give each a reverse-path of its own.
    Figure xverp(Postfix postfix, List<String> recipients) throws IOException {
        return measure("verp@lists.test", recipients.size(), letter -> {
            try (var session = SmtpSession.open(postfix.smtp(), Duration.ofSeconds(60))) {
                session.ehlo();
                deliver(session, "MAIL FROM:<verp-owner@lists.test> XVERP=+=", recipients, letter);
            }
        });
    }

    private static void deliver(SmtpSession session, String mail, List<String> recipients, Letter letter) throws IOException {
        expect(session.command(mail), 250);
        for (var from = 0; from < recipients.size(); from += 500) {
            var some = recipients.subList(from, Math.min(recipients.size(), from + 500));
            var commands = new StringBuilder();
            some.forEach(recipient -> commands.append("RCPT TO:<").append(recipient).append(">\r\n"));
            session.send(commands.toString().getBytes(StandardCharsets.US_ASCII));
            for (var i = 0; i < some.size(); i++) {
                expect(session.reply(), 250);
            }
        }
        expect(session.command("DATA"), 354);
        session.content(letter.octets());
        expect(session.end(), 250);
    }

    private static void expect(SmtpSession.Reply reply, int code) {
        if (reply.code() != code) {
            throw new IllegalStateException("expected %d, got %s".formatted(code, reply));
        }
    }

    static List<String> missingPrograms() {
        var missing = new ArrayList<String>();
        if (!Shell.has("smtp-source") || !Shell.has("postfix")) {
            missing.add("postfix");
        }
        if (!Mlmmj.PROGRAMS.stream().allMatch(Shell::has)) {
            missing.add("mlmmj");
        }
        return missing;
    }
}
