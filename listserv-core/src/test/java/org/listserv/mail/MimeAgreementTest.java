package org.listserv.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.junit.jupiter.api.Test;

/// Another parser, mime4j's token stream, as a second opinion on real and broken mail: the same media types in the same order. Where the two
/// differ, the file is named with the reason.
class MimeAgreementTest {
    @Test
    void parts_are_found_where_mime4j_finds_them() throws Exception {
        var differ = new TreeSet<String>();
        int compared = 0;
        for (var file : Stream.of("mime", "bounces", "eai", "dmarc", "lists/notmuch").flatMap(folder -> Corpora.files(folder).stream())
                .toList()) {
            if (file.toString().matches(".*\\.(json|xml|txt|out|md|py|LICENSE|tsv)")) {
                continue;
            }
            var octets = Corpora.octets(file);
            var ours = MimeView.of(octets).parts().stream().map(Part::mediaType).toList();
            compared++;
            if (!ours.equals(mime4j(octets))) {
                differ.add(Corpora.name(file));
            }
        }
        assertThat(compared).isGreaterThan(500);
        assertThat(differ).containsExactly(
                // a multipart without boundary: a multipart without parts for us, text/plain for mime4j
                "bounces/sisimai/crlf/lhost-apachejames-01.eml", "bounces/sisimai/lf/lhost-apachejames-01.eml",
                // an embedded message in base64, against RFC 2046 §5.2.1, is one part: its lines are not in the octets
                "mime/mime4j/bad-newlines-multiple-parts-base64.msg", "mime/mime4j/base64encoded-rfc822message-nested.msg",
                "mime/mime4j/base64encoded-rfc822message.msg",
                // a boundary that ends with spaces, against RFC 2046 §5.1.1: spaces at the end of a line do not count
                "mime/mime4j/very-long-boundary.msg", "mime/mime4j/very-very-long-boundary.msg", "mime/mime4j/weird-boundary.msg",
                // boundaries that are beginnings of each other: the longer one decides
                "mime/stalwart-mail-parser/malformed/005.eml",
                // a forgotten semicolon before the boundary
                "mime/stalwart-mail-parser/malformed/017.eml",
                // an empty part behind the last delimiter: a part
                "mime/stalwart-mail-parser/malformed/020.eml", "mime/stalwart-mail-parser/malformed/021.eml",
                // base64 again
                "mime/stalwart-mail-parser/rfc/008.eml");
    }

    private static List<String> mime4j(byte[] octets) throws IOException, MimeException {
        var types = new ArrayList<String>();
        boolean within = false;
        var stream = new MimeTokenStream(MimeConfig.PERMISSIVE);
        stream.parse(new ByteArrayInputStream(octets));
        for (var state = stream.getState(); state != EntityState.T_END_OF_STREAM; state = stream.next()) {
            if (state == EntityState.T_BODY || state == EntityState.T_START_MULTIPART) {
                types.add(stream.getBodyDescriptor().getMimeType());
            } else if (state == EntityState.T_START_MESSAGE) {
                if (within) {
                    types.add("message/rfc822");
                }
                within = true;
            }
        }
        return types;
    }
}
