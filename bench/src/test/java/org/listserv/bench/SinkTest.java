package org.listserv.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What our client sends, our relay takes, octet by octet.
class SinkTest {

    @ParameterizedTest
    @ValueSource(strings = {"a: b\r\n\r\ntext\r\n", ".\r\n..\r\n. .\r\n", "no line end\r\n", "\0\200\377\r\n", "bare \n line feed\r\n",
            "\r\n", "\n.\r\n"})
    void octets_arrive_as_they_were_sent(String message) throws Exception {
        var octets = message.getBytes(StandardCharsets.ISO_8859_1);
        var taken = new CopyOnWriteArrayList<Sink.Taken>();
        try (var sink = Sink.start(taken::add);
                var session = SmtpSession.open(new InetSocketAddress("127.0.0.1", sink.port()), Duration.ofSeconds(10))) {
            session.ehlo();
            assertThat(session.begin("MAIL FROM:<a@b.example> BODY=8BITMIME", List.of("c@d.example", "e@f.example")).code()).isEqualTo(354);
            session.content(octets);
            assertThat(session.end().code()).isEqualTo(250);
            assertThat(sink.copies()).isEqualTo(2);
        }
        assertThat(taken).hasSize(1);
        assertThat(taken.getFirst().octets()).isEqualTo(octets);
        assertThat(taken.getFirst().reversePath()).isEqualTo("a@b.example");
        assertThat(taken.getFirst().forwardPaths()).containsExactly("c@d.example", "e@f.example");
    }

    @Test
    void a_message_that_was_not_ended_was_not_taken() throws Exception {
        var taken = new CopyOnWriteArrayList<Sink.Taken>();
        try (var sink = Sink.start(taken::add)) {
            try (var session = SmtpSession.open(new InetSocketAddress("127.0.0.1", sink.port()), Duration.ofSeconds(10))) {
                session.ehlo();
                session.begin("MAIL FROM:<a@b.example>", List.of("c@d.example"));
                session.content("half\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(sink.copies()).isZero();
        }
        assertThat(taken).isEmpty();
    }
}
