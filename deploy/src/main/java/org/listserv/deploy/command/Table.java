package org.listserv.deploy.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Rows under headings for people: columns as wide as they must be, numbers to the right, the last column as long as it is.
final class Table {

    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        this.headings = List.of(headings);
    }

    /// @param cells one a heading; numbers are grouped by thousands; the last may have several lines
    Table row(Object... cells) {
        int last = headings.size() - 1;
        var lines = String.valueOf(cells[last]).split("\n", -1);
        for (int line = 0; line < lines.length; line++) {
            var row = new ArrayList<String>();
            for (int i = 0; i < last; i++) {
                row.add(line == 0 ? plain(cells[i]) : "");
            }
            row.add(lines.length == 1 ? plain(cells[last]) : plain(lines[line]));
            rows.add(row);
        }
        return this;
    }

    /// @return this table, or the sentence when there is no row
    Object orIfEmpty(String sentence) {
        return rows.isEmpty() ? sentence : this;
    }

    @Override
    public String toString() {
        var all = new ArrayList<List<String>>();
        if (headings.stream().anyMatch(heading -> !heading.isEmpty())) {
            all.add(headings);
        }
        all.addAll(rows);
        var widths = IntStream.range(0, headings.size())
                .map(column -> all.stream().mapToInt(row -> width(row.get(column))).max().orElse(0))
                .toArray();
        var numbers = IntStream.range(0, headings.size())
                .mapToObj(column -> !rows.isEmpty() && rows.stream().allMatch(row -> row.get(column).matches("[0-9,]+")))
                .toList();
        return all.stream().map(row -> line(row, widths, numbers)).collect(Collectors.joining("\n"));
    }

    private static String line(List<String> row, int[] widths, List<Boolean> numbers) {
        var line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            var space = " ".repeat(widths[i] - width(row.get(i)));
            line.append(numbers.get(i) ? space + row.get(i) : row.get(i) + space).append("  ");
        }
        return line.toString().stripTrailing();
    }

    /// What came from mail may hold anything; a terminal must not be told to do things.
    private static String plain(Object cell) {
        var text = cell instanceof Long || cell instanceof Integer ? grouped(((Number) cell).longValue()) : String.valueOf(cell);
        return Texts.printable(text).replace('\n', ' ').replace('\t', ' ');
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
