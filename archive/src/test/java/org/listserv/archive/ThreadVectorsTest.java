package org.listserv.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.archive.Conversation.Node;
import org.listserv.archive.Conversation.Node.Ghost;
import org.listserv.archive.Conversation.Node.Present;
import org.listserv.lists.MailingList;
import org.listserv.mail.Corpora;
import org.listserv.mail.MboxReader;
import org.listserv.mail.MboxReader.Quoting;
import org.listserv.posting.Import;
import org.listserv.posting.Permalinks;
import org.listserv.reception.Site;

/// Threads others have made of the same mail: the expectations of an IMAP server's tests for THREAD=REFERENCES, and trees of patch series written
/// down from their fields. The mail is imported, and the threads are what readers get.
///
/// Trees are written as IMAP writes them (RFC 5256 §4): `(1 (2)(3 4))` is 1 with the replies 2 and 3, which has 4; `((1)(2))` two replies to what
/// is not here. Numbers are places in the file.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ThreadVectorsTest {
    private final Site site = new Site();
    private final Threads threads = new Threads(site.database);
    private int lists;

    @AfterAll
    void close() {
        site.close();
    }

    @Test
    void trees_are_those_of_the_imap_tests() {
        var differ = new TreeMap<String, String>();
        int compared = 0;
        for (var file : List.of("thread", "thread2", "thread3", "thread4", "thread5", "thread6", "thread7", "thread8")) {
            for (var step : steps(file)) {
                compared++;
                var ours = trees(step.mailbox());
                if (!ours.equals(topLevel(step.trees()))) {
                    differ.put(file + " " + step.trees(), String.join("", ours));
                }
            }
        }
        assertThat(compared).isEqualTo(14);
        // 2 is an answer by its subject, but names another message as its parent. That one may still come, so no other is guessed.
        assertThat(differ).isEqualTo(Map.of("thread4 (1 2)", "(1)(2)"));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', textBlock = """
            base-cover-letter                 | (1 (2)(3))
            base-deep-threaded                | (1 (2)(3))
            base-different-versions           | (1 (2)(3)(4)(5))
            base-extra-patches                | (1 (2)(3)(4))
            base-incomplete                   | (1 2)
            base-no-cover-letter              | (1 2)
            base-no-references-no-cover       | (1)(2)(3)
            base-no-references                | (1)(2)
            base-out-of-order                 | (3 (2)(1))
            base-single-patch                 | (1)
            bugs-mixed-versions               | (1)(2)
            bugs-multiple-content-types       | (1 2)
            # two fields of each kind, against RFC 5322 §3.6: the first counts
            bugs-multiple-references          | (1 2 (3)(4)(5))
            bugs-nocover-noversion            | (1 (2)(3 4))
            bugs-nocover                      | (1 (2)(3 4))
            bugs-spamming                     | (1)(2)(3)
            bugs-unnumbered                   | (1 (2)(3))
            dependency-base-patch             | (1 (2)(3))
            mercurial-cover-letter            | (1 (2)(3))
            mercurial-no-cover-letter         | (1 2)
            revision-basic                    | (1 (2)(3))(4 (5)(6))
            revision-no-cover-letter          | (1 (2)(3))(4 5)
            revision-out-of-order             | (1 (2)(3 6 (5)(4)))
            revision-threaded-to-cover        | (1 (2)(3)(4 (5)(6)))
            revision-threaded-to-patch        | (1 (2)(3 4 (6)(5)))
            revision-threaded-to-single-patch | (1 2)
            revision-unlabeled-noreferences   | (1)(2)(3)(4)
            revision-unlabeled                | (1 (2)(3))(4 (6)(5))
            """)
    void a_patch_series_is_the_tree_its_fields_say(String series, String trees) {
        assertThat(trees(messages("lists/patchwork/series/" + series + ".mbox"))).isEqualTo(topLevel(trees));
    }

    @Test
    void every_patch_series_is_written_down() {
        assertThat(Corpora.files("lists/patchwork/series")).hasSize(28);
    }

    /// @param mailbox what is in it when the trees are asked for
    private record Step(List<MboxReader.Message> mailbox, String trees) {}

    /// Plays a script of imaptest. What it expunges was never there for us: an archive loses nothing.
    private static List<Step> steps(String name) {
        var script = lines("imap/imaptest/" + name);
        var all = messages("imap/imaptest/" + name + ".mbox");
        var mailbox = new ArrayList<MboxReader.Message>(script.contains("messages: all") ? all : List.of());
        Set<MboxReader.Message> deleted = new HashSet<>();
        int appended = mailbox.size();
        var steps = new ArrayList<Step>();
        for (var line : script) {
            var words = line.toLowerCase(Locale.ROOT).split(" ");
            if (line.equals("ok append")) {
                mailbox.add(all.get(appended++));
            } else if (line.startsWith("ok store ")) {
                for (var number : words[2].split(",")) {
                    deleted.add(mailbox.get(Integer.parseInt(number) - 1));
                }
            } else if (line.equals("ok expunge")) {
                mailbox.removeAll(deleted);
            } else if (line.toLowerCase(Locale.ROOT).startsWith("* thread ")) {
                steps.add(new Step(List.copyOf(mailbox), line.substring("* thread ".length())));
            }
        }
        return steps;
    }

    /// The threads of a new list with these messages.
    private Set<String> trees(List<MboxReader.Message> messages) {
        var list = site.list("threads" + ++lists);
        var importing = new Import(site.posting, new Permalinks(site.database), list, List.of(), Clock.systemUTC());
        for (var i = 0; i < messages.size(); i++) {
            importing.add(another(messages, i), messages.get(i).date(), "");
        }
        importing.flush();
        assertThat(importing.progress().refused()).isEmpty();
        var trees = new LinkedHashSet<String>();
        for (var messageId : messageIds(list)) {
            threads.find(Reader.ANONYMOUS, list.address(), messageId).orElseThrow().roots()
                    .forEach(root -> trees.add("(" + line(root) + ")"));
        }
        return trees;
    }

    /// A list takes the same octets once, an IMAP server as often as they come: a field without meaning makes them another message.
    private static byte[] another(List<MboxReader.Message> messages, int index) {
        var octets = messages.get(index).octets();
        boolean repeated = messages.subList(0, index).stream().anyMatch(before -> Arrays.equals(before.octets(), octets));
        return repeated ? ("X-Place: " + index + "\n" + new String(octets, ISO_8859_1)).getBytes(ISO_8859_1) : octets;
    }

    private List<String> messageIds(MailingList list) {
        return List.of(site.ask("select string_agg(message_id, ' ' order by seq) from post where list_id = " + list.id()).split(" "));
    }

    private static String line(Node node) {
        var replies = node.replies().size() == 1
                ? line(node.replies().getFirst())
                : node.replies().stream().map(reply -> "(" + line(reply) + ")").collect(Collectors.joining());
        return switch (node) {
            case Present(var post, var _) -> replies.isEmpty() ? "" + post.number() : post.number() + " " + replies;
            case Ghost _ -> replies;
        };
    }

    private static Set<String> topLevel(String trees) {
        var all = new LinkedHashSet<String>();
        int depth = 0;
        int from = 0;
        for (int i = 0; i < trees.length(); i++) {
            depth += trees.charAt(i) == '(' ? 1 : trees.charAt(i) == ')' ? -1 : 0;
            if (depth == 0) {
                all.add(trees.substring(from, i + 1));
                from = i + 1;
            }
        }
        return all;
    }

    private static List<String> lines(String name) {
        try {
            return Files.readAllLines(Corpora.file(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<MboxReader.Message> messages(String name) {
        var messages = new ArrayList<MboxReader.Message>();
        try (var reader = new MboxReader(Files.newInputStream(Corpora.file(name)), Quoting.MBOXRD, 1_000_000)) {
            for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                messages.add((MboxReader.Message) entry.get());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return messages;
    }
}
