package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.listserv.mail.MboxReader.Message;
import org.listserv.mail.MboxReader.Quoting;

/// Mail that nobody in this project wrote, much of it broken on purpose: reading it gives values, never an exception.
class RealMailTest {
    @ParameterizedTest(name = "corpora/{0}")
    @ValueSource(strings = {"mime", "lists", "spam", "eai", "auth", "bounces", "dmarc"})
    void every_file_can_be_read_as_a_message(String folder) {
        var files = Corpora.files(folder);
        assertThat(files).isNotEmpty();
        for (var file : files) {
            var octets = Corpora.octets(file);
            try {
                read(octets);
            } catch (RuntimeException e) {
                throw new AssertionError(Corpora.name(file), e);
            }
        }
    }

    @ParameterizedTest(name = "corpora/{0}")
    @ValueSource(strings = {"lists", "spam", "imap"})
    void every_message_of_every_mbox_can_be_read(String folder) throws IOException {
        int messages = 0;
        for (var file : Corpora.files(folder)) {
            try (var reader = new MboxReader(Files.newInputStream(file), Quoting.MBOXRD, 25_000_000)) {
                for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                    if (entry.get() instanceof Message message) {
                        messages++;
                        try {
                            read(message.octets());
                        } catch (RuntimeException e) {
                            throw new AssertionError(Corpora.name(file) + " at " + message.offset(), e);
                        }
                    }
                }
            }
        }
        assertThat(messages).isPositive();
    }

    private static void read(byte[] octets) {
        HeaderSectionTest.check(octets);
        MimeViewTest.check(octets);
        var header = HeaderSection.parse(octets);
        header.fields().forEach(field -> assertThat(field.decoded()).doesNotContain("\0"));
        assertThat(Author.of(header).name()).doesNotContain("\0");
        assertThat(MessageIds.references(header)).hasSizeLessThanOrEqualTo(MessageIds.MAX_REFERENCES);
        assertThat(Fingerprint.fingerprint(octets, header).isPresent()).isEqualTo(MessageIds.of(header).isPresent());
        assertThat(MailDates.sent(header)).isNotNull();
        assertThat(MailDates.topmostReceived(header)).isNotNull();
    }
}
