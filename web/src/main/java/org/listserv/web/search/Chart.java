package org.listserv.web.search;

import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import org.listserv.archive.SearchResult.InMonth;

/// Results over time as bars, each a link; by month, or by year where months would be too thin to hit.
///
/// @param width of the drawing in units; it scales
/// @param by    `month` or `year`
public record Chart(int width, int height, String by, List<Bar> bars) {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 80;
    private static final int MOST_MONTHS = 60;
    private static final int MOST_YEARS = 120;

    /// @param x      of its left edge
    /// @param top    of the bar, from above
    /// @param height never 0 where there is anything
    public record Bar(double x, double width, double top, double height, String name, String href, String posts) {}

    public Chart {
        bars = List.copyOf(bars);
    }

    /// @param months with results, oldest first
    /// @param href   of the search narrowed by a term
    /// @return null where there is nothing to compare
    static @Nullable Chart of(List<InMonth> months, UnaryOperator<String> href) {
        if (months.size() < 2) {
            return null;
        }
        var first = months.getFirst().month();
        var last = months.getLast().month();
        boolean byMonth = (last.getYear() - first.getYear()) * 12 + last.getMonthValue() - first.getMonthValue() < MOST_MONTHS;
        var counts = new TreeMap<YearMonth, Long>();
        for (var month : months) {
            counts.merge(byMonth ? month.month() : YearMonth.of(month.month().getYear(), 1), month.posts(), Long::sum);
        }
        var start = counts.firstKey();
        int slots = byMonth
                ? (last.getYear() - first.getYear()) * 12 + last.getMonthValue() - first.getMonthValue() + 1
                : Math.min(MOST_YEARS, last.getYear() - first.getYear() + 1);
        double slot = (double) WIDTH / slots;
        long most = counts.values().stream().mapToLong(Long::longValue).max().orElse(1);
        var bars = new ArrayList<Bar>();
        counts.forEach((month, posts) -> {
            int at = byMonth
                    ? (month.getYear() - start.getYear()) * 12 + month.getMonthValue() - start.getMonthValue()
                    : Math.min(slots - 1, month.getYear() - start.getYear());
            double height = Math.max(2, (double) HEIGHT * posts / most);
            var name = byMonth ? month.toString() : "%04d".formatted(month.getYear());
            bars.add(new Bar(rounded(at * slot), rounded(Math.max(1, slot - 1)), rounded(HEIGHT - height), rounded(height), name,
                    href.apply("date:" + name), String.format(Locale.ENGLISH, "%,d", posts)));
        });
        return bars.size() < 2 ? null : new Chart(WIDTH, HEIGHT, byMonth ? "month" : "year", bars);
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
