package org.listserv.notices;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;

import org.listserv.mail.HeaderText;

/// A plain mail we write ourselves: text/plain, UTF-8, marked so that no robot answers it (RFC 3834 §5).
///
/// @param from      as to be shown, an address or `Name <address>`
/// @param to        as to be shown; who gets it is the envelope's business
/// @param subject   any text
/// @param text      lines ending in `\n`
/// @param automatic `auto-generated` (nobody asked) or `auto-replied` (an answer)
public record Notice(String from, String to, String subject, String text, String automatic) {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /// @param host right of the @ in its Message-ID
    /// @return the octets, with CRLF
    public byte[] octets(Instant now, String host) {
        var ascii = text.chars().allMatch(c -> c < 0x80);
        var head = """
                Date: %s
                From: %s
                To: %s
                Subject: %s
                Message-ID: <%s@%s>
                Auto-Submitted: %s
                MIME-Version: 1.0
                Content-Type: text/plain; charset=%s
                Content-Transfer-Encoding: %s

                """.formatted(date(now), from, to, HeaderText.of(subject), id(), host, automatic,
                ascii ? "us-ascii" : "utf-8", ascii ? "7bit" : "8bit");
        return (head + text).replace("\r\n", "\n").replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    static String date(Instant now) {
        return DATE.format(now);
    }

    /// Left of the @ in a Message-ID.
    static String id() {
        var random = UUID.randomUUID();
        return HexFormat.of().toHexDigits(random.getMostSignificantBits()) + HexFormat.of().toHexDigits(random.getLeastSignificantBits());
    }
}
