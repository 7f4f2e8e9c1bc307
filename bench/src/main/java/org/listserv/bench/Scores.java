package org.listserv.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Figures beside their bars, printed as one table at the end of a run.
final class Scores {

    private record Row(String figure, String measured, String bar, String aim, String word) {}

    private final Tally tally;
    private final boolean judging;
    private final List<Row> rows = new ArrayList<>();

    /// @param judging false: figures that a busy machine changes are shown and not judged
    Scores(Tally tally, boolean judging) {
        this.tally = tally;
        this.judging = judging;
    }

    void atLeast(String figure, double measured, double bar, double aim, String unit) {
        row(figure, measured, ">= ", bar, aim, unit, measured >= bar, measured >= aim, judging);
    }

    void atMost(String figure, double measured, double bar, double aim, String unit) {
        row(figure, measured, "<= ", bar, aim, unit, measured <= bar, measured <= aim, judging);
    }

    /// What no machine may excuse: judged in every run.
    void exactly(String figure, double measured, double bar, String unit) {
        row(figure, measured, "<= ", bar, Double.NaN, unit, measured <= bar, false, true);
    }

    private void row(String figure, double measured, String sign, double bar, double aim, String unit, boolean held, boolean aimed,
            boolean judged) {
        if (judged) {
            tally.quietly(held, "%s: %s %s, bar %s%s", figure, text(measured), unit, sign, text(bar));
        }
        rows.add(new Row(figure, text(measured) + " " + unit, sign + text(bar), Double.isNaN(aim) ? "" : sign + text(aim),
                !judged ? "not judged" : !held ? "MISSED" : aimed ? "aim" : "ok"));
    }

    /// A figure without a bar.
    void tell(String figure, double measured, String unit) {
        rows.add(new Row(figure, text(measured) + " " + unit, "", "", ""));
    }

    void tell(String figure, String text) {
        rows.add(new Row(figure, text, "", "", ""));
    }

    void print() {
        System.out.printf("%n%-78s %18s %10s %10s%n", "", "measured", "bar", "aim");
        rows.forEach(
                row -> System.out.printf("%-78s %18s %10s %10s  %s%n", row.figure(), row.measured(), row.bar(), row.aim(), row.word()));
        System.out.println();
    }

    static double median(List<Double> figures) {
        var sorted = figures.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }

    private static String text(double figure) {
        if (Double.isNaN(figure)) {
            return "none";
        }
        return Math.abs(figure) >= 100 || figure == Math.rint(figure)
                ? String.format(Locale.ROOT, "%,.0f", figure)
                : String.format(Locale.ROOT, Math.abs(figure) < 1 ? "%.3f" : "%.2f", figure);
    }
}
