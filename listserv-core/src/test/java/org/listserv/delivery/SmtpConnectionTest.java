package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.delivery.SmtpSink.Action;
import org.listserv.delivery.SmtpSink.Point;
import org.listserv.delivery.SmtpSink.Received;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.ReversePath;

class SmtpConnectionTest {
    private static final WireMessage MESSAGE = WireMessage.of("Subject: hello\r\n\r\n.one\r\n".getBytes(StandardCharsets.US_ASCII));

    private final Watch watch = new Watch(() -> {
    });
    private SmtpSink sink;

    @AfterEach
    void nothing_broke_the_protocol() {
        watch.close();
        sink.close();
        assertThat(sink.violations()).isEmpty();
    }

    /// How a relay may be spoken to; outcomes must not depend on it.
    enum Way {
        PIPELINED,
        STEP_BY_STEP;

        SmtpSink.Setup setup() {
            return this == PIPELINED ? SmtpSink.setup() : SmtpSink.setup().lacking("PIPELINING");
        }
    }

    @ParameterizedTest
    @EnumSource
    void copies_come_back_in_order_one_behind(Way way) throws IOException {
        sink = way.setup().start();
        var connection = connect();
        assertThat(connection.send(copy("u1@example.org"))).isEmpty();
        assertThat(connection.send(copy("u2@example.org")).orElseThrow().copy().forwardPaths()).hasToString("[u1@example.org]");
        assertThat(connection.finish().orElseThrow().copy().forwardPaths()).hasToString("[u2@example.org]");
        assertThat(connection.finish()).isEmpty();
        assertThat(connection.send(copy("u3@example.org"))).isEmpty();
        assertThat(connection.finish().orElseThrow().outcomes()).hasToString("[Delivered[reply=250 2.0.0 ok]]");
        assertThat(sink.received()).extracting(Received::forwardPath, Received::reversePath, Received::text).containsExactly(
                got("u1@example.org"), got("u2@example.org"), got("u3@example.org"));
        assertThat(sink.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void a_refused_recipient_does_not_touch_the_others(Way way) throws IOException {
        sink = way.setup().script(SmtpSink.refusing("^bad", "550 5.1.1 no such mailbox").or(SmtpSink.refusing("^busy", "450 4.2.1 later")))
                .start();
        assertThat(outcomes(connect(), copy("good@a.org"), copy("bad@a.org"), copy("busy@a.org"),
                copy("good@b.org", "bad@b.org", "busy@b.org")))
                .containsExactly("Delivered 250", "Failed 550", "Deferred 450", "Delivered 250, Failed 550, Deferred 450");
        assertThat(sink.counts()).containsOnlyKeys("good@a.org", "good@b.org");
    }

    @ParameterizedTest
    @EnumSource
    void a_refused_reverse_path_is_the_answer_to_all_recipients(Way way) throws IOException {
        sink = way.setup()
                .script(event -> event.is(Point.MAIL) && event.transaction() == 2 ? SmtpSink.say("451 4.3.0 no disk") : SmtpSink.usual())
                .start();
        assertThat(outcomes(connect(), copy("u1@a.org"), copy("u2@a.org", "u3@a.org"), copy("u4@a.org")))
                .containsExactly("Delivered 250", "Deferred 451, Deferred 451", "Delivered 250");
        assertThat(sink.counts()).containsOnlyKeys("u1@a.org", "u4@a.org");
    }

    @ParameterizedTest
    @EnumSource
    void a_refused_data_is_the_answer_to_recipients_without_one(Way way) throws IOException {
        sink = way.setup().script(SmtpSink.refusing("^bad", "550 5.1.1 no such mailbox").or(
                event -> event.is(Point.DATA) && event.transaction() == 1 ? SmtpSink.say("554 5.7.1 not from you") : SmtpSink.usual()))
                .start();
        assertThat(outcomes(connect(), copy("bad@a.org", "u1@a.org"), copy("u2@a.org")))
                .containsExactly("Failed 550, Failed 554", "Delivered 250");
    }

    @ParameterizedTest
    @EnumSource
    void a_refused_message_is_the_answer_to_recipients_that_were_taken(Way way) throws IOException {
        sink = way.setup().script(SmtpSink.refusing("^bad", "550 5.1.1 no such mailbox").or(
                event -> event.is(Point.DOT) && event.transaction() == 1 ? SmtpSink.say("452 4.3.1 no space left") : SmtpSink.usual()))
                .start();
        assertThat(outcomes(connect(), copy("bad@a.org", "u1@a.org"), copy("u2@a.org")))
                .containsExactly("Failed 550, Deferred 452", "Delivered 250");
    }

    /// RFC 2920 §3.1: the client cannot assume that DATA is refused because all recipients were.
    @Test
    void a_relay_that_wants_a_message_for_nobody_gets_none() throws IOException {
        sink = SmtpSink.setup().script(SmtpSink.refusing("^bad", "550 5.1.1 no such mailbox").or(
                event -> event.is(Point.DATA) ? SmtpSink.say("354 go ahead") : SmtpSink.usual())).start();
        assertThat(outcomes(connect(), copy("bad@a.org"), copy("u1@a.org"), copy("bad@b.org")))
                .containsExactly("Failed 550", "Delivered 250", "Failed 550");
        assertThat(sink.counts()).containsOnlyKeys("u1@a.org");
    }

    @ParameterizedTest(name = "{0}, pipelining: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            MAIL    | true  | Unsent says 421 4.3.2 shutting down
            MAIL    | false | Unsent says 421 4.3.2 shutting down
            RCPT    | true  | Deferred 421
            RCPT    | false | Deferred 421
            DATA    | true  | Unsent says 421 4.3.2 shutting down
            DATA    | false | Unsent says 421 4.3.2 shutting down
            DOT     | true  | Deferred 421
            DOT     | false | Deferred 421
            """)
    void what_comes_after_421_is_unsent(Point point, boolean pipelining, String second) throws IOException {
        sink = (pipelining ? Way.PIPELINED : Way.STEP_BY_STEP).setup().script(event -> event.is(point) && event.transaction() == 2
                ? new Action.SayAndClose("421 4.3.2 shutting down")
                : SmtpSink.usual()).start();
        var connection = connect();
        assertThat(outcomes(connection, copy("u1@a.org"), copy("u2@a.org"), copy("u3@a.org"), copy("u4@a.org")))
                .containsExactly("Delivered 250", second, "Unsent says 421 4.3.2 shutting down", "Unsent says 421 4.3.2 shutting down");
        assertThat(connection.isOpen()).isFalse();
        assertThat(sink.counts()).containsOnlyKeys("u1@a.org");
    }

    @ParameterizedTest(name = "{0}, pipelining: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            MAIL    | true  | false
            MAIL    | false | false
            RCPT    | true  | false
            RCPT    | false | false
            DATA    | true  | false
            DATA    | false | false
            CONTENT | true  | true
            CONTENT | false | true
            DOT     | true  | true
            DOT     | false | true
            """)
    void a_lost_connection_is_held_against_no_recipient(Point point, boolean pipelining, boolean mayHaveIt) throws IOException {
        sink = (pipelining ? Way.PIPELINED : Way.STEP_BY_STEP).setup()
                .script(event -> event.is(point) && event.transaction() == 2 ? new Action.Drop() : SmtpSink.usual()).start();
        var connection = connect();
        var outcomes = outcomes(connection, copy("u1@a.org"), copy("u2@a.org"), copy("u3@a.org"));
        assertThat(outcomes.getFirst()).isEqualTo("Delivered 250");
        assertThat(outcomes.get(1)).startsWith("Unsent");
        assertThat(outcomes.get(1).contains("may have it")).isEqualTo(mayHaveIt);
        assertThat(outcomes.get(2)).startsWith("Unsent").doesNotContain("may have it");
        assertThat(connection.brokeInside()).as("is it the relay's trouble?").isEqualTo(mayHaveIt);
        assertThat(sink.counts()).containsOnlyKeys("u1@a.org");
    }

    @ParameterizedTest
    @EnumSource
    void a_message_taken_without_an_answer_is_not_delivered_as_far_as_we_know(Way way) throws IOException {
        sink = way.setup().script(event -> event.is(Point.DOT) && event.transaction() == 2 ? new Action.TakeAndDrop() : SmtpSink.usual())
                .start();
        var outcomes = outcomes(connect(), copy("u1@a.org"), copy("u2@a.org"), copy("u3@a.org"));
        assertThat(outcomes.get(1)).startsWith("Unsent").endsWith("the whole message was sent, so the relay may have it");
        assertThat(sink.counts()).containsOnlyKeys("u1@a.org", "u2@a.org");
    }

    @ParameterizedTest(name = "a connection lost within a message of {0} octets")
    @ValueSource(ints = {200_000, 30_000_000})
    void a_message_cut_off_is_not_taken(int octets) throws IOException {
        sink = SmtpSink.setup().lacking("SIZE").script(SmtpSink.at(Point.CONTENT, new Action.Drop())).start();
        var outcomes = outcomes(connect(), copy(message(octets), "u1@a.org"), copy("u2@a.org"));
        assertThat(outcomes).allMatch(outcome -> outcome.startsWith("Unsent"));
        if (octets > 20_000_000) {
            assertThat(outcomes.getFirst()).as("more than the network holds").doesNotContain("may have it");
        }
        assertThat(sink.copies()).isZero();
    }

    @ParameterizedTest(name = "{0} octets")
    @ValueSource(ints = {0, 1, 4_000, 32_700, 32_766, 32_768, 33_000, 131_072, 1_000_000, 20_000_000})
    void octets_arrive_as_they_are_whatever_their_number(int octets) throws IOException {
        sink = SmtpSink.start();
        var message = message(octets);
        assertThat(outcomes(connect(), copy(message, "u1@a.org"), copy(message, "u2@a.org"))).containsOnly("Delivered 250");
        var sent = content(octets);
        assertThat(sink.received()).hasSize(2).allSatisfy(received -> assertThat(Arrays.equals(received.octets(), sent)).isTrue());
    }

    @Test
    void personal_lines_reach_only_their_recipient() throws IOException {
        sink = SmtpSink.start();
        var template = WireMessage
                .template(List.of("A: b\r\n".getBytes(StandardCharsets.US_ASCII), "\r\nbody\r\n".getBytes(StandardCharsets.US_ASCII)));
        var connection = connect();
        IntStream.range(0, 3).forEach(
                i -> connection.send(copy(template.with(("List-Unsubscribe: <" + i + ">\r\n").getBytes(StandardCharsets.US_ASCII)),
                        "u" + i + "@a.org")));
        connection.finish();
        assertThat(sink.received()).extracting(Received::text).containsExactly("A: b\r\nList-Unsubscribe: <0>\r\n\r\nbody\r\n",
                "A: b\r\nList-Unsubscribe: <1>\r\n\r\nbody\r\n", "A: b\r\nList-Unsubscribe: <2>\r\n\r\nbody\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void outcomes_are_matched_to_recipients_whatever_the_relay_says(Way way) throws IOException {
        var random = new Random(2920);
        // Everything about a transaction follows from its number, so that the test can tell what must come of it.
        sink = way.setup().script(event -> {
            int kind = new Random(event.transaction()).nextInt(8);
            return switch (event.point()) {
                case MAIL -> kind == 1 ? SmtpSink.say("451 4.3.0 mail") : SmtpSink.usual();
                case RCPT -> kind != 1 && event.argument().startsWith("bad") ? SmtpSink.say("550 5.1.1 rcpt") : SmtpSink.usual();
                case DATA -> kind == 2 ? SmtpSink.say("452 4.3.1 data") : kind == 3 ? SmtpSink.say("354 whatever") : SmtpSink.usual();
                case DOT -> kind == 4 ? SmtpSink.say("554 5.6.0 dot") : SmtpSink.usual();
                default -> SmtpSink.usual();
            };
        }).start();
        var copies = new ArrayList<Copy>();
        var expected = new ArrayList<String>();
        for (int i = 1; i <= 500; i++) {
            int number = i;
            int kind = new Random(i).nextInt(8);
            // Where 354 is said to everything, somebody must be left in the stepwise way, which never asks for it otherwise.
            var names = IntStream.rangeClosed(0, random.nextInt(4)).mapToObj(
                    j -> (random.nextInt(3) == 0 ? "bad" : "good") + number + "-" + j + "@a.org").toList();
            if (kind == 3 && names.stream().allMatch(name -> name.startsWith("bad"))) {
                names = way == Way.PIPELINED ? names : List.of("good" + i + "@a.org");
            }
            copies.add(copy(names.toArray(String[]::new)));
            var others = switch (kind) {
                case 1 -> "Deferred 451";
                case 2 -> "Deferred 452";
                case 4 -> "Failed 554";
                default -> "Delivered 250";
            };
            expected.add(
                    String.join(", ", names.stream().map(name -> kind != 1 && name.startsWith("bad") ? "Failed 550" : others).toList()));
        }
        assertThat(outcomes(connect(), copies.toArray(Copy[]::new))).isEqualTo(expected);
        long delivered = expected.stream().flatMap(line -> Arrays.stream(line.split(", "))).filter("Delivered 250"::equals).count();
        assertThat(sink.copies()).isEqualTo(delivered);
        assertThat(sink.connections()).isEqualTo(1);
    }

    @Test
    void a_copy_handed_over_can_be_taken_back_before_its_message_is_sent() throws IOException {
        sink = SmtpSink.start();
        var connection = connect();
        connection.send(copy("u1@a.org"));
        connection.send(copy("u2@a.org"));
        var sent = connection.abandon("must stop").orElseThrow();
        assertThat(sent.copy().forwardPaths()).hasToString("[u2@a.org]");
        assertThat(sent.outcomes()).containsExactly(new Outcome.Unsent("must stop"));
        assertThat(connection.abandon("again")).isEmpty();
        assertThat(connection.isOpen()).isFalse();
        assertThat(sink.counts()).containsOnlyKeys("u1@a.org");
    }

    @ParameterizedTest(name = "offers {0}: {1} from {2} to {3} is {4}")
    @CsvSource(delimiter = '|', textBlock = """
            SIZE 26214400    | ascii | l@x.org   | u@a.org       | SIZE=8
            SIZE             | ascii | l@x.org   | u@a.org       | SIZE=8
            8BITMIME         | ascii | l@x.org   | u@a.org       | ''
            8BITMIME         | 8bit  | l@x.org   | u@a.org       | BODY=8BITMIME
            NOTHING          | 8bit  | l@x.org   | u@a.org       | ''
            SMTPUTF8         | ascii | l@x.org   | u@a.org       | ''
            SMTPUTF8         | ascii | l@x.org   | jörg@a.org    | SMTPUTF8
            SMTPUTF8         | ascii | l@x.org   | u@müller.de   | SMTPUTF8
            SMTPUTF8         | ascii | döf@x.org | u@a.org       | SMTPUTF8
            NOTHING          | ascii | l@x.org   | Jo@müller.de  | ''
            """)
    void parameters_of_mail_are_used_where_they_are_offered_and_needed(String offer, String content, String from, String to,
            String parameters)
            throws IOException {
        sink = SmtpSink.setup().offering("PIPELINING", offer).start();
        var message = WireMessage.of((content.equals("8bit") ? "A: b\u00e9\r\n" : "A: bcd\r\n").getBytes(StandardCharsets.ISO_8859_1));
        assertThat(outcomes(connect(), Copy.to(EmailAddress.parse(to), ReversePath.parse(from), message))).containsExactly("Delivered 250");
        assertThat(sink.received().getFirst().parameters()).isEqualTo(parameters);
        assertThat(sink.received().getFirst().forwardPath())
                .isEqualTo(offer.equals("SMTPUTF8") || !to.contains("ü") ? to : "Jo@xn--mller-kva.de");
    }

    @Test
    void who_needs_smtputf8_is_refused_with_the_reason_where_the_relay_lacks_it() throws IOException {
        sink = SmtpSink.setup().lacking("SMTPUTF8").start();
        var fromUtf8 = new Copy(ReversePath.parse("döf@x.org"), false, List.of(EmailAddress.parse("u3@a.org")), MESSAGE);
        var sent = sendAll(connect(), copy("u1@a.org", "jörg@a.org"), fromUtf8, copy("jörg@b.org"), copy("u4@a.org"));
        assertThat(sent).extracting(one -> one.outcomes().toString()).containsExactly(
                "[Delivered[reply=250 2.0.0 ok], Failed[reply=550 5.6.7 the address needs SMTPUTF8, which " + sink.address() + " lacks]]",
                "[Failed[reply=550 5.6.7 the list address needs SMTPUTF8, which " + sink.address() + " lacks]]",
                "[Failed[reply=550 5.6.7 the address needs SMTPUTF8, which " + sink.address() + " lacks]]",
                "[Delivered[reply=250 2.0.0 ok]]");
        assertThat(sink.counts()).containsOnlyKeys("u1@a.org", "u4@a.org");
    }

    @ParameterizedTest
    @EnumSource
    void what_is_too_large_for_the_relay_is_not_offered_to_it(Way way) throws IOException {
        sink = way.setup().lacking("SIZE").alsoOffering("SIZE 1000").start();
        assertThat(outcomes(connect(), copy(message(1001), "u1@a.org", "u2@a.org"), copy(message(1000), "u3@a.org"),
                copy(message(1001), "u4@a.org")))
                .containsExactly("Failed 552, Failed 552", "Delivered 250", "Failed 552");
        assertThat(sink.counts()).containsOnlyKeys("u3@a.org");
    }

    @Test
    void a_relay_that_expands_reverse_paths_gets_one_transaction_for_many() throws IOException {
        sink = SmtpSink.setup().alsoOffering("XVERP").start();
        var connection = connect();
        assertThat(connection.xverp()).isTrue();
        var copy = new Copy(ReversePath.parse("dev-return-17@lists.example.org"), true,
                List.of(EmailAddress.parse("u1@a.org"), EmailAddress.parse("u2@b.org")), MESSAGE);
        assertThat(outcomes(connection, copy)).containsExactly("Delivered 250, Delivered 250");
        assertThat(sink.received()).extracting(Received::reversePath).containsExactly("dev-return-17-u1=a.org@lists.example.org",
                "dev-return-17-u2=b.org@lists.example.org");
    }

    @Test
    void xverp_is_not_used_where_the_settings_say_off() throws IOException {
        sink = SmtpSink.setup().alsoOffering("XVERP").start();
        var settings = new RelaySettings(List.of(sink.address()), 1, RelaySettings.Xverp.OFF, RelaySettings.Tls.OFF, "node.example.org",
                RelaySettings.Timeouts.RFC_5321, RelaySettings.DEFAULT_IDLE);
        assertThat(connect(settings, Starttls.of(RelaySettings.Tls.OFF)).xverp()).isFalse();
    }

    @Test
    void the_null_reverse_path_and_quoted_local_parts_are_written_as_the_standard_wants() throws IOException {
        sink = SmtpSink.start();
        outcomes(connect(), Copy.to(EmailAddress.parse("\"a b\\\"\"@a.org"), new ReversePath.Null(), MESSAGE));
        assertThat(sink.received()).extracting(Received::reversePath, Received::forwardPath).containsExactly(
                tuple("", "\"a b\\\"\"@a.org"));
    }

    @ParameterizedTest(name = "a relay that greets with {0}")
    @CsvSource(delimiter = '|', textBlock = """
            554 5.7.1 not you                   | greeted with 554 5.7.1 not you
            421 4.3.2 too many                  | greeted with 421 4.3.2 too many
            HTTP/1.1 400 Bad Request            | no SMTP reply: "HTTP/1.1 400 Bad Request"
            220                                 | OPENS
            """)
    void only_220_is_a_welcome(String greeting, String why) throws IOException {
        sink = SmtpSink.setup().script(SmtpSink.at(Point.CONNECT, SmtpSink.say(greeting))).start();
        if (why.equals("OPENS")) {
            assertThat(connect().isOpen()).isTrue();
        } else {
            assertThatThrownBy(this::connect).isInstanceOf(IOException.class).hasMessage(why);
        }
    }

    @Test
    void a_relay_without_ehlo_gets_helo() throws IOException {
        sink = SmtpSink.setup().script(event -> event.is(Point.EHLO) && event.argument().startsWith("EHLO")
                ? SmtpSink.say("502 5.5.1 what?")
                : SmtpSink.usual()).start();
        assertThat(outcomes(connect(), copy("u1@a.org"), copy("u2@a.org"))).containsOnly("Delivered 250");
        assertThat(sink.received().getFirst().parameters()).isEmpty();
    }

    @ParameterizedTest(name = "no answer to {0}")
    @EnumSource(value = Point.class, names = {"CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT", "DOT"})
    void no_relay_holds_a_thread_for_longer_than_it_may(Point point) throws IOException {
        sink = SmtpSink.setup().lacking("SIZE").script(SmtpSink.at(point, new Action.Hang())).start();
        long start = System.nanoTime();
        if (point == Point.CONNECT || point == Point.EHLO) {
            assertThatThrownBy(() -> connect(impatient(), Starttls.of(RelaySettings.Tls.OFF))).isInstanceOf(SocketTimeoutException.class);
        } else {
            var connection = connect(impatient(), Starttls.of(RelaySettings.Tls.OFF));
            // More than the network holds, so that writing has to wait, too.
            assertThat(outcomes(connection, copy(message(30_000_000), "u1@a.org"))).first().asString().startsWith("Unsent")
                    .contains("no answer within");
            assertThat(connection.brokeInside()).isTrue();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void a_relay_that_dribbles_an_answer_is_as_slow_as_one_that_gives_none() throws Exception {
        sink = SmtpSink.start();
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var socket = server.accept()) {
                    while (true) {
                        socket.getOutputStream().write('2');
                        LockSupport.parkNanos(50_000_000);
                    }
                } catch (IOException e) {
                    // The client has had enough.
                }
            });
            var settings = new RelaySettings(List.of(new HostPort("127.0.0.1", server.getLocalPort())), 1, RelaySettings.Xverp.AUTO,
                    RelaySettings.Tls.OFF, "node.example.org", impatient().timeouts(), RelaySettings.DEFAULT_IDLE);
            assertThatThrownBy(() -> connect(settings, Starttls.of(RelaySettings.Tls.OFF))).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource(delimiter = '|', textBlock = """
            354 go on   | MAIL
            354 go on   | RCPT
            250 ok      | DATA
            354 go on   | DOT
            nonsense    | MAIL
            199 low     | MAIL
            250+ok      | MAIL
            """)
    void a_relay_that_is_out_of_step_is_left(String reply, Point point) throws IOException {
        sink = SmtpSink.setup().script(SmtpSink.at(point, SmtpSink.say(reply))).start();
        var connection = connect();
        assertThat(outcomes(connection, copy("u1@a.org"))).allMatch(outcome -> outcome.startsWith("Unsent"));
        assertThat(connection.isOpen()).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            endless lines | a reply of more than 200 lines
            a long line   | a reply line of more than 4096 octets
            """)
    void replies_are_bounded(String what, String why) throws IOException {
        var reply = what.equals("a long line") ? "250 " + "x".repeat(5_000) : "250-x\r\n".repeat(300) + "250 x";
        sink = SmtpSink.setup().script(SmtpSink.at(Point.EHLO, SmtpSink.say(reply))).start();
        assertThatThrownBy(this::connect).hasMessage(why);
    }

    @Test
    void an_answer_of_several_lines_is_kept_whole() throws IOException {
        sink = SmtpSink.setup().script(SmtpSink.at(Point.RCPT, SmtpSink.say("550-5.1.1 no such\r\n550 5.1.1 mailbox"))).start();
        assertThat(sendAll(connect(), copy("u1@a.org")).getFirst().outcomes()).hasToString("[Failed[reply=550 5.1.1 no such mailbox]]");
    }

    @Test
    void a_connection_that_was_cut_wakes_whoever_waits_on_it() throws Exception {
        sink = SmtpSink.setup().script(SmtpSink.at(Point.DOT, new Action.Hang())).start();
        var connection = connect();
        var outcomes = new ArrayList<String>();
        var sender = Thread.ofVirtual().start(() -> outcomes.addAll(outcomes(connection, copy("u1@a.org"))));
        await().until(() -> sender.getState() == Thread.State.WAITING);
        watch.close();
        assertThat(sender.join(Duration.ofSeconds(5))).isTrue();
        assertThat(outcomes).singleElement().asString().startsWith("Unsent").endsWith("may have it");
    }

    private SmtpConnection connect() throws IOException {
        var settings = RelaySettings.to(List.of(sink.address()), "node.example.org");
        return connect(settings, Starttls.of(settings.tls()));
    }

    private SmtpConnection connect(RelaySettings settings, Starttls starttls) throws IOException {
        return SmtpConnection.open(settings.hosts().getFirst(), settings, starttls, watch,
                (reply, origin, afterContent) -> Outcome.of(reply));
    }

    private RelaySettings impatient() {
        var soon = Duration.ofMillis(500);
        return new RelaySettings(List.of(sink.address()), 1, RelaySettings.Xverp.AUTO, RelaySettings.Tls.OFF, "node.example.org",
                new RelaySettings.Timeouts(soon, soon, soon, soon, soon, soon), RelaySettings.DEFAULT_IDLE);
    }

    private static List<Sent> sendAll(SmtpConnection connection, Copy... copies) {
        var sent = new ArrayList<Sent>();
        for (var copy : copies) {
            connection.send(copy).ifPresent(sent::add);
        }
        connection.finish().ifPresent(sent::add);
        assertThat(sent).extracting(Sent::copy).containsExactly(copies);
        return sent;
    }

    /// One line for each copy, such as `Delivered 250, Failed 550`.
    private List<String> outcomes(SmtpConnection connection, Copy... copies) {
        return sendAll(connection, copies).stream().map(sent -> String.join(", ", sent.outcomes().stream().map(outcome -> switch (outcome) {
            case Outcome.Delivered(var reply) -> "Delivered " + reply.code();
            case Outcome.Deferred(var reply) -> "Deferred " + reply.code();
            case Outcome.Failed(var reply) -> "Failed " + reply.code();
            case Outcome.Unsent(var why) -> "Unsent " + why.replace(sink.address() + ": ", "");
        }).toList())).toList();
    }

    private static Copy copy(String... forwardPaths) {
        return copy(MESSAGE, forwardPaths);
    }

    private static Copy copy(WireMessage message, String... forwardPaths) {
        var addresses = Arrays.stream(forwardPaths).map(EmailAddress::parse).toList();
        return new Copy(ReversePath.parse("dev-return-1@lists.example.org"), false, addresses, message);
    }

    private static Tuple got(String forwardPath) {
        return tuple(forwardPath, "dev-return-1@lists.example.org", "Subject: hello\r\n\r\n.one\r\n");
    }

    private static WireMessage message(int octets) {
        return WireMessage.of(content(octets));
    }

    /// Lines with dots in awkward places, of exactly that many octets where that is possible.
    private static byte[] content(int octets) {
        var content = new byte[Math.max(octets, octets == 0 ? 0 : 3)];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i % 61 == 0 ? '.' : i % 61 == 59 ? '\r' : i % 61 == 60 ? '\n' : 'a' + i % 26);
        }
        if (content.length > 0) {
            if (content[content.length - 3] == '\r') {
                content[content.length - 3] = 'x';
            }
            content[content.length - 2] = '\r';
            content[content.length - 1] = '\n';
        }
        return content;
    }
}
