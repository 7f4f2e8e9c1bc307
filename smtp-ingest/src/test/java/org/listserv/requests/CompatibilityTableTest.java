package org.listserv.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

/// Counts both sides of docs/ezmlm-compatibility.md: every row has a test that names it, and no test names a row that is not there.
class CompatibilityTableTest {
    private static final Pattern ROW = Pattern
            .compile("(?m)^\\| (2\\.\\d+\\.\\d+b?) \\| .+ \\| (same|fixed|different|later)[^|]* \\|.*\\|$");
    private static final Pattern TEST = Pattern.compile("void (row_2_[a-z0-9_]+)\\(");
    private static final Pattern NAMED = Pattern.compile("row_2_(\\d+)_(\\d+b?)");

    @Test
    void every_row_has_a_test_and_every_test_has_a_row() throws IOException {
        var rows = new TreeMap<String, String>();
        var table = ROW.matcher(Files.readString(root().resolve("docs/ezmlm-compatibility.md")));
        while (table.find()) {
            assertThat(rows.put(table.group(1), table.group(2))).as("row " + table.group(1) + " is there once").isNull();
        }
        var tested = new TreeSet<String>();
        for (var module : List.of("smtp-ingest", "listserv-core")) {
            try (var files = Files.walk(root().resolve(module + "/src/test/java"))) {
                for (var file : files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
                    var tests = TEST.matcher(Files.readString(file));
                    while (tests.find()) {
                        NAMED.matcher(tests.group(1)).results().forEach(row -> tested.add("2." + row.group(1) + "." + row.group(2)));
                    }
                }
            }
        }
        var expected = new TreeSet<>(rows.keySet());
        expected.removeIf(row -> "later".equals(rows.get(row)));
        assertThat(tested).containsExactlyElementsOf(expected);
        assertThat(tested).hasSizeGreaterThan(100);
    }

    private static Path root() {
        var here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("docs")) ? here : here.getParent();
    }
}
