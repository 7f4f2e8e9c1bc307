package org.listserv.posting;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.listserv.lists.MailingList;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Copies;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Message;
import org.listserv.posting.Intake.PostFacts;
import org.listserv.reception.Site;

/// Posts that arrive while others commit are published together, and each is answered, whatever happens to the one who publishes.
class PostingTest {
    private final Site site = new Site();
    private final MailingList list = site.list("dev");
    private final List<String> answers = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        site.close();
    }

    @Test
    void when_memory_ends_while_posts_are_published_together_each_of_them_is_answered() throws Exception {
        var calls = new AtomicInteger();
        var atWork = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var healthy = new AtomicBoolean();
        // The first publishes until the others have gathered; who publishes for those meets the end of memory.
        var posting = new Posting(site.database, site.members, site.wakeUps, () -> {
            if (calls.incrementAndGet() == 1) {
                atWork.countDown();
                waitFor(goOn);
            } else if (!healthy.get()) {
                throw new OutOfMemoryError("as for a test");
            }
            return 0;
        });
        var threads = new ArrayList<Thread>();
        threads.add(publisher(posting, "0@example.org"));
        waitFor(atWork);
        IntStream.range(1, 5).forEach(i -> threads.add(publisher(posting, i + "@example.org")));
        await().until(() -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        goOn.countDown();
        for (var thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(20))).as("answered").isTrue();
        }
        assertThat(answers).containsExactlyInAnyOrder("taken", "OutOfMemoryError", "OutOfMemoryError", "OutOfMemoryError",
                "OutOfMemoryError");

        healthy.set(true);
        assertThat(publisher(posting, "9@example.org").join(Duration.ofSeconds(20))).isTrue();
        assertThat(answers).as("the list goes on").last().isEqualTo("taken");
        assertThat(site.ask("select count(*) from post")).isEqualTo("2");
    }

    @Test
    void posts_of_several_lists_share_a_transaction_where_as_many_as_may_be_are_under_way() throws Exception {
        var calls = new AtomicInteger();
        var goOn = new CountDownLatch(1);
        var posting = new Posting(site.database, site.members, site.wakeUps, () -> {
            if (calls.incrementAndGet() <= Posting.AT_ONCE) {
                waitFor(goOn);
            }
            return 0;
        });
        var lists = IntStream.range(0, Posting.AT_ONCE + 3).mapToObj(i -> site.list("list" + i)).toList();
        var threads = new ArrayList<Thread>();
        for (var one : lists) {
            threads.add(publisher(posting, one, one.localPart() + "@example.org"));
            await().until(() -> threads.getLast().getState() == Thread.State.WAITING);
        }
        threads.add(publisher(posting, lists.getLast(), "another@example.org"));
        await().until(() -> threads.getLast().getState() == Thread.State.WAITING);
        assertThat(calls).hasValue(Posting.AT_ONCE);
        goOn.countDown();
        for (var thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(20))).as("answered").isTrue();
        }
        assertThat(answers).hasSize(lists.size() + 1).containsOnly("taken");
        assertThat(calls).as("one more for the four that waited").hasValue(Posting.AT_ONCE + 1);
        assertThat(site.ask("select string_agg(h.last_number::text, '' order by h.list_id) from list_head h join list l on l.id = h.list_id"
                + " where l.local_part like 'list%'")).isEqualTo("1".repeat(lists.size() - 1) + "2");
    }

    private Thread publisher(Posting posting, String messageId) {
        return publisher(posting, list, messageId);
    }

    /// A sender of one post, who notes how he was answered.
    private Thread publisher(Posting posting, MailingList list, String messageId) {
        var octets = ("Message-ID: <" + messageId + ">\r\n\r\nHi.\r\n").getBytes(US_ASCII);
        var message = new Message.Fresh(octets, sha256(octets), "smtp", "", "", "");
        var facts = new PostFacts(messageId, List.of(), "", "", "", null, null, null);
        var effect = new Effect(list.id(), "post", "posted", new Gate.Arrival(List.of(key(octets))),
                new Act.Publish(facts, new Copies(List.of(), "dev-return-{n}-{u}@lists.example.org")), List.of());
        return Thread.ofVirtual().start(() -> {
            try {
                posting.publish(new Intake(message, List.of(effect)));
                answers.add("taken");
            } catch (Throwable e) {
                answers.add(e.getClass().getSimpleName());
            }
        });
    }

    private static byte[] key(byte[] octets) {
        var key = new byte[33];
        System.arraycopy(sha256(octets), 0, key, 1, 32);
        return key;
    }

    private static byte[] sha256(byte[] octets) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(octets);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
