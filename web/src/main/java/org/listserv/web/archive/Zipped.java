package org.listserv.web.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.MboxExport.Mbox;
import org.listserv.web.page.Pages;

/// Compressed mbox files that are made while they are sent: whole, a range of their octets (RFC 9110 §14), or their checksum.
///
/// The same posts give the same octets wherever the same zlib is at work, so a download goes on where it broke off, on another node too.
/// What length and checksum a file has is only known once it was made; whoever asks for a range or a checksum waits for that once.
final class Zipped {
    private static final MediaType GZIP = MediaType.parseMediaType("application/gzip");
    private static final Pattern RANGE = Pattern.compile("bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))");
    private static final int BUFFER = 65_536;
    private static final int KNOWN = 10_000;
    private static final String ZLIB = zlib();

    private final Pages pages;
    private final UnderWay underWay;
    private final Cache<String, Sum> sums = Caffeine.newBuilder().maximumSize(KNOWN).expireAfterAccess(Duration.ofDays(1)).build();

    Zipped(Pages pages, UnderWay underWay) {
        this.pages = pages;
        this.underWay = underWay;
    }

    /// @param sha256 of all octets
    record Sum(long length, byte[] sha256) {
        String hex() {
            return HexFormat.of().formatHex(sha256);
        }
    }

    /// Both ends count.
    private record Range(long first, long last) {}

    /// The file's strong entity tag (RFC 9110 §8.8.3).
    String tag(Mbox mbox) {
        return pages.site().entityTag(mbox.tag(), "mbox", ZLIB);
    }

    /// Where a transfer breaks off, the connection breaks too, and nobody takes a piece for the whole.
    ServerResponse answer(Mbox mbox, String name, ServerRequest request) {
        var tag = tag(mbox);
        return request.checkNotModified(tag).orElseGet(() -> {
            var headers = request.headers();
            boolean same = Optional.ofNullable(headers.firstHeader(HttpHeaders.IF_RANGE)).map(tag::equals).orElse(true);
            var asked = Optional.ofNullable(headers.firstHeader(HttpHeaders.RANGE)).map(RANGE::matcher).filter(range -> range.matches());
            if (asked.isEmpty() || !same || !request.method().equals(HttpMethod.GET)) {
                return whole(mbox, name, tag);
            }
            var sum = sum(mbox);
            var range = range(asked.get().group(1), asked.get().group(2), asked.get().group(3), sum.length());
            return range.map(some -> part(mbox, name, tag, sum, some)).orElseGet(() -> described(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                    name, tag).header(HttpHeaders.CONTENT_RANGE, "bytes */" + sum.length()).build());
        });
    }

    /// Length and checksum; the whole file is made for them once.
    Sum sum(Mbox mbox) {
        var tag = tag(mbox);
        var known = sums.getIfPresent(tag);
        if (known != null) {
            return known;
        }
        var digest = sha256();
        var counting = new Piece(new DigestOutputStream(OutputStream.nullOutputStream(), digest), 0, Long.MAX_VALUE);
        try (var zipped = new GZIPOutputStream(counting, BUFFER)) {
            mbox.writeTo(zipped);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var sum = new Sum(counting.at, digest.digest());
        sums.put(tag, sum);
        return sum;
    }

    private ServerResponse whole(Mbox mbox, String name, String tag) {
        var answer = described(HttpStatus.OK, name, tag);
        var known = sums.getIfPresent(tag);
        if (known != null) {
            answer = answer.header("Repr-Digest", reprDigest(known)).contentLength(known.length());
        }
        return underWay.send(answer, out -> {
            try (var zipped = new GZIPOutputStream(out, BUFFER)) {
                mbox.writeTo(zipped);
            }
        });
    }

    private ServerResponse part(Mbox mbox, String name, String tag, Sum sum, Range range) {
        return underWay.send(described(HttpStatus.PARTIAL_CONTENT, name, tag)
                .header(HttpHeaders.CONTENT_RANGE, "bytes " + range.first() + "-" + range.last() + "/" + sum.length())
                .header("Repr-Digest", reprDigest(sum)).contentLength(range.last() - range.first() + 1), out -> {
                    try {
                        var zipped = new GZIPOutputStream(new Piece(out, range.first(), range.last() + 1), BUFFER);
                        mbox.writeTo(zipped);
                        zipped.finish();
                    } catch (Piece.Enough e) {
                        // all that was asked for is sent
                    }
                });
    }

    private static ServerResponse.BodyBuilder described(HttpStatus status, String name, String tag) {
        return ServerResponse.status(status).contentType(GZIP).eTag(tag).cacheControl(CacheControl.noCache())
                .header(HttpHeaders.ACCEPT_RANGES, "bytes").header("X-Robots-Tag", "noindex")
                .header(HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment().filename(name, StandardCharsets.UTF_8).build().toString());
    }

    /// RFC 9530 §3.
    private static String reprDigest(Sum sum) {
        return "sha-256=:" + Base64.getEncoder().encodeToString(sum.sha256()) + ":";
    }

    /// RFC 9110 §14.1.2.
    private static Optional<Range> range(String first, String last, String suffix, long length) {
        if (suffix != null) {
            long wanted = Math.min(Long.parseLong(suffix), length);
            return wanted == 0 ? Optional.empty() : Optional.of(new Range(length - wanted, length - 1));
        }
        long from = Long.parseLong(first);
        long to = last.isEmpty() ? length - 1 : Math.min(Long.parseLong(last), length - 1);
        return from > to ? Optional.empty() : Optional.of(new Range(from, to));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }

    /// What this node's zlib makes of a text: nodes that compress differently have different files, and say so by their tags.
    private static String zlib() {
        var octets = new ByteArrayOutputStream();
        try (var zipped = new GZIPOutputStream(octets)) {
            for (int i = 0; i < 20_000; i++) {
                zipped.write("%d %x %s\n".formatted(i % 97, i * 31, "From ".repeat(i % 5)).getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(sha256().digest(octets.toByteArray()));
    }

    /// Passes on some of the octets written to it.
    private static final class Piece extends OutputStream {
        /// There is no more to come; spares making the rest.
        private static final class Enough extends IOException {
            private static final long serialVersionUID = 1;
        }

        private final OutputStream out;
        private final long from;
        private final long to;
        private long at;

        /// @param to the first octet that is not passed on
        Piece(OutputStream out, long from, long to) {
            this.out = out;
            this.from = from;
            this.to = to;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[]{(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
            long start = Math.max(at, from);
            long end = Math.min(at + length, to);
            if (start < end) {
                out.write(octets, offset + (int) (start - at), (int) (end - start));
            }
            at += length;
            if (at >= to) {
                throw new Enough();
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
