package org.listserv.bounce;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

import org.listserv.mail.Corpora;

/// How many reports one thread reads in a second, and how long the slowest takes. `java -cp ... org.listserv.bounce.ReportReaderBenchmark`,
/// with `$LISTSERV_CORPORA` unless they lie beside the project. The first rounds are cold.
final class ReportReaderBenchmark {
    private static final int ROUNDS = 10;
    private static final int TIMES = 10;

    private ReportReaderBenchmark() {}

    private record Mail(String name, byte[] octets) {}

    public static void main(String[] arguments) {
        var mails = Corpora.files(BounceCorpus.FOLDER + "lf").stream()
                .map(file -> new Mail(file.getFileName().toString(), Corpora.octets(file))).toList();
        for (int round = 1; round <= ROUNDS; round++) {
            round(mails);
        }
    }

    private static void round(List<Mail> mails) {
        var reader = new ReportReader();
        record Taken(String name, long nanos) {}
        var slowest = new Taken("", 0);
        var start = System.nanoTime();
        for (int time = 0; time < TIMES; time++) {
            for (var mail : mails) {
                var before = System.nanoTime();
                reader.read(mail.octets());
                var taken = new Taken(mail.name(), System.nanoTime() - before);
                slowest = List.of(slowest, taken).stream().max(Comparator.comparingLong(Taken::nanos)).orElseThrow();
            }
        }
        var seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(Locale.ROOT, "%.0f reports/s, slowest %.1f ms (%s)%n", TIMES * mails.size() / seconds, slowest.nanos() / 1e6,
                slowest.name());
    }
}
