package org.listserv.members;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.lists.Progress;
import org.listserv.mail.EmailAddress;
import org.listserv.store.Buffers;
import org.listserv.store.TestDatabase;
import org.listserv.store.WakeUps;

/// A list of 100,000 beside one of 10, and what each costs. Times are bars for a machine that is busy with other things; what is seen on an
/// idle one stands in docs/performance.md.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LargeListTest {
    private static final List<String> PEOPLE = IntStream.range(0, 100_000).mapToObj("subscriber%d@provider.example"::formatted).toList();

    private static TestDatabase test;
    private static WakeUps wakeUps;
    private static Members members;
    private static MailingList large;
    private static MailingList small;

    @BeforeAll
    static void open() {
        test = TestDatabase.fresh();
        wakeUps = new WakeUps(test.settings());
        members = new Members(test.database());
        var lists = new Lists(test.database(), wakeUps);
        lists.createDomain("lists.example.org", "root");
        large = list(lists, "large@lists.example.org");
        small = list(lists, "small@lists.example.org");
    }

    @AfterAll
    static void close() {
        wakeUps.close();
        test.close();
    }

    @Test
    @Order(1)
    void a_hundred_thousand_go_in_within_seconds_and_tell_how_far_they_are() {
        var seen = new ArrayList<Long>();
        var started = System.nanoTime();
        assertThat(members.add(large, MemberSet.MAIN, null, PEOPLE, "root", seen::add)).isEqualTo(new Enrolled(100_000, 0, List.of()));
        var took = Duration.ofNanos(System.nanoTime() - started);
        assertThat(took).isLessThan(Duration.ofSeconds(60));
        assertThat(seen).hasSizeGreaterThan(5).isSorted().endsWith(100_000L);

        started = System.nanoTime();
        assertThat(members.add(large, MemberSet.MAIN, null, PEOPLE, "root", Progress.NONE)).isEqualTo(new Enrolled(0, 100_000, List.of()));
        System.out.printf("100,000 members: added in %d ms, found unchanged in %d ms%n", took.toMillis(),
                Duration.ofNanos(System.nanoTime() - started).toMillis());
        members.add(small, MemberSet.MAIN, null, PEOPLE.subList(0, 10), "root", Progress.NONE);
        test.sql("vacuum analyze");
    }

    @Test
    @Order(2)
    void the_recipients_of_a_post_are_read_in_milliseconds() {
        var quickest = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            var started = System.nanoTime();
            assertThat(members.recipients(large.id())).hasSize(100_000);
            quickest = Math.min(quickest, System.nanoTime() - started);
        }
        System.out.printf("100,000 recipients read in %.1f ms%n", quickest / 1e6);
        assertThat(Duration.ofNanos(quickest)).isLessThan(Duration.ofMillis(500));
    }

    @Test
    @Order(3)
    void asking_about_a_writer_costs_the_same_on_both() {
        assertThat(standingBuffers(large)).isLessThanOrEqualTo(standingBuffers(small) * 3 / 2);
    }

    @Test
    @Order(4)
    void a_page_in_the_middle_costs_what_the_first_one_does() {
        Optional<String> next = Optional.empty();
        for (int i = 0; i < 10; i++) {
            next = members.page(large.id(), MemberSet.MAIN, next, 5_000).next();
        }
        assertThat(pageBuffers(Long.parseLong(next.orElseThrow()))).isLessThanOrEqualTo(pageBuffers(0) * 3 / 2);
    }

    @Test
    @Order(5)
    void a_hundred_thousand_leave_as_quickly() {
        var started = System.nanoTime();
        assertThat(members.remove(large, MemberSet.MAIN, PEOPLE, "root", Progress.NONE).changed()).isEqualTo(100_000);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(60));
        assertThat(members.recipients(large.id())).isEmpty();
        assertThat(members.recipients(small.id())).hasSize(10);
    }

    private static long standingBuffers(MailingList list) {
        return Buffers.of(test.database(), Members.STANDING, statement -> {
            var connection = statement.getConnection();
            var people = connection.createArrayOf("text", new String[]{"subscriber5@provider.example"});
            statement.setArray(1, people);
            statement.setLong(2, list.id());
            statement.setLong(3, list.id());
            statement.setArray(4, connection.createArrayOf("text", new String[]{"subscriber5@provider.example", "@provider.example"}));
            statement.setArray(5, people);
            statement.setLong(6, list.id());
        });
    }

    /// As Hibernate puts it.
    private static long pageBuffers(long after) {
        return Buffers.of(test.database(), """
                select s.address_id, a.mailbox, s.name, s.mode, s.state, s.since
                  from subscription s join address a on a.id = s.address_id
                 where s.list_id = ? and s.kind = 'main' and s.address_id > ? and a.id > ?
                 order by s.address_id
                 fetch first 100 rows only
                """, statement -> {
            statement.setLong(1, large.id());
            statement.setLong(2, after);
            statement.setLong(3, after);
        });
    }

    private static MailingList list(Lists lists, String address) {
        lists.create(EmailAddress.parse(address), Map.of(), "root");
        return lists.existing(EmailAddress.parse(address));
    }
}
