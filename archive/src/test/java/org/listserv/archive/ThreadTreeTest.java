package org.listserv.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.archive.Conversation.Node.Ghost;
import org.listserv.archive.Conversation.Node.Present;
import org.listserv.archive.ThreadTree.Entry;
import org.listserv.mail.Author;
import org.listserv.mail.EmailAddress;

class ThreadTreeTest {
    /// `c:a+b` is a post c that refers to a and then b; a number is its depth, brackets say that it is not here.
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a b:a c:a+b             | 0a 1b 2c
            a b:a c:a               | 0a 1b 1c
            b:a a                   | 0a 1b
            c:a+b b:a a             | 0a 1b 2c
            b:x c:x                 | 0(x) 1b 1c
            c:x+y                   | 0(y) 1c
            a c:a+b                 | 0a 1(b) 2c
            a c:a+x+y               | 0a 1(y) 2c
            a:b b:a                 | 0b 1a
            a:a                     | 0a
            a:b b:c c:a             | 0c 1b 2a
            a a                     | 0a 0a
            a b:a a                 | 0a 1b 0a
            a b c:a                 | 0a 1c 0b
            b:a+c c:b a             | 0c 1b 0a
            a b:a c:b+a             | 0a 1b 1c
            """)
    void references_make_a_tree_whatever_they_say(String posts, String tree) {
        assertThat(outline(ThreadTree.of(entries(posts)))).isEqualTo(tree);
    }

    private static List<Entry> entries(String posts) {
        var entries = new ArrayList<Entry>();
        for (var post : posts.split(" ")) {
            var parts = post.split(":");
            entries.add(entry(entries.size() + 1, parts[0], parts.length == 1 ? List.of() : Arrays.asList(parts[1].split("\\+"))));
        }
        return entries;
    }

    private static Entry entry(int seq, String messageId, List<String> references) {
        return new Entry(
                new Post(new EmailAddress("dev", "lists.example.org"), seq, seq, messageId, new Author("", ""), "", Instant.EPOCH, null, 0,
                        0, false, ""),
                references);
    }

    private static String outline(ThreadTree tree) {
        return tree.outline().stream().map(line -> line.depth() + switch (line.node()) {
            case Present(var post, var _) -> post.messageId();
            case Ghost(var messageId, var _) -> "(" + messageId + ")";
        }).collect(Collectors.joining(" "));
    }

    @Test
    @Timeout(20)
    void a_thread_as_deep_or_as_wide_as_can_be_is_built() {
        var deep = new ArrayList<Entry>();
        var wide = new ArrayList<Entry>();
        var backwards = new ArrayList<Entry>();
        for (int i = 0; i < Threads.LONGEST; i++) {
            deep.add(entry(i + 1, "m" + i, List.of("m" + Math.max(0, i - 2), "m" + (i - 1))));
            wide.add(entry(i + 1, "m" + i, i == 0 ? List.of() : List.of("m0")));
            backwards.add(entry(i + 1, "m" + i, List.of("m" + (i + 1))));
        }
        long start = System.nanoTime();
        assertThat(ThreadTree.of(deep).outline().getLast().depth()).isGreaterThan(Threads.LONGEST - 3);
        assertThat(ThreadTree.of(wide).outline()).hasSize(Threads.LONGEST);
        assertThat(ThreadTree.of(backwards).outline()).hasSize(Threads.LONGEST + 1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
}
