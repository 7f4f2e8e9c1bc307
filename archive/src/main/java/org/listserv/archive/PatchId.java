package org.listserv.archive;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

import org.listserv.archive.Body.DiffLine;

/// What `git patch-id --stable` calls a patch: the same however often it was rebased, mailed or re-indented. Without line numbers and white
/// space, file by file, so that their order does not matter either.
final class PatchId {
    private static final int OCTETS = 20;

    private final MessageDigest sha1 = sha1();
    private final byte[] sum = new byte[OCTETS];
    private String[] blobs = {"", ""};
    private boolean begun;
    private boolean binary;

    private PatchId() {}

    /// @return 40 hexadecimal digits; empty for a patch that git did not make
    static Optional<String> of(List<DiffLine> patch) {
        var id = new PatchId();
        patch.forEach(id::add);
        if (!id.begun) {
            return Optional.empty();
        }
        id.endFile(); // of nothing after a binary file; so does git
        return Optional.of(HexFormat.of().formatHex(id.sum));
    }

    private void add(DiffLine line) {
        var text = line.text();
        switch (line.kind()) {
            case FILE -> file(text);
            case HUNK -> {
                // says where, which may differ
            }
            case ADDED, REMOVED, CONTEXT -> hash(text);
        }
    }

    private void file(String text) {
        if (text.startsWith("diff ")) {
            if (binary) {
                binary = false; // git forgets the line that ends a binary file
            } else {
                if (begun) {
                    endFile();
                }
                begun = true;
                hash(text);
            }
        } else if (text.startsWith("index ")) {
            blobs = text.substring(6).split(" ", 2)[0].split("\\.\\.", 2);
        } else if (text.startsWith("GIT binary patch") || text.startsWith("Binary files")) {
            for (var blob : blobs) {
                update(blob);
            }
            endFile();
            binary = true;
        } else {
            hash(text);
        }
    }

    private void hash(String text) {
        // "\ No newline at end of file"
        if (begun && !binary && !text.startsWith("\\ ")) {
            update(text);
        }
    }

    private void update(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > ' ' && c < 128) {
                sha1.update((byte) c);
            } else if (c >= 128 || !isSpace(c)) {
                int end = i + (Character.isHighSurrogate(c) && i + 1 < text.length() ? 2 : 1);
                sha1.update(text.substring(i, end).getBytes(StandardCharsets.UTF_8));
                i = end - 1;
            }
        }
    }

    /// Of C.
    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    /// The files' hashes are added as numbers whose first octet counts least.
    private void endFile() {
        var hash = sha1.digest();
        int carry = 0;
        for (int i = 0; i < OCTETS; i++) {
            carry += (sum[i] & 0xff) + (hash[i] & 0xff);
            sum[i] = (byte) carry;
            carry >>= 8;
        }
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-1
        }
    }
}
