package org.listserv.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

import org.jspecify.annotations.Nullable;

/// The opaque part of an ETag (RFC 9110 §8.8.3), without quotes.
///
/// Made of the hash chain and never of numbers alone: after a fail-over a number may come back with another post behind it.
public final class EntityTag {
    private final MessageDigest digest;

    private EntityTag() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);  // every Java has it
        }
    }

    /// @param shown everything the page is made of: posts, or values whose text says all
    public static String of(@Nullable Object... shown) {
        var tag = new EntityTag();
        for (var value : shown) {
            tag.add(value);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(tag.digest.digest()).substring(0, 22);
    }

    private void add(@Nullable Object value) {
        switch (value) {
            case null -> digest.update((byte) 0);
            case Post post -> add(post.list() + " " + post.chain() + " " + post.revision() + " " + post.redacted());
            case Iterable<?> values -> {
                for (var one : values) {
                    add(one);
                }
                digest.update((byte) 1);
            }
            default -> {
                digest.update(value.toString().getBytes(UTF_8));
                digest.update((byte) 2);
            }
        }
    }
}
