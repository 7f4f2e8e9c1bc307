package org.listserv.mail;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The hash of the archive (FIPS 180-4).
public final class Sha256 {
    private Sha256() {}

    /// @return 32 octets
    public static byte[] of(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
