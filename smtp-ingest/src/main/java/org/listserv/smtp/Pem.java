package org.listserv.smtp;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// Certificates and private keys in the text form of RFC 7468, as every tool on a Linux host writes them.
final class Pem {

    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

    /// DER of the algorithm in a PKCS#8 key: rsaEncryption with a NULL parameter (RFC 8017 §A.1).
    private static final byte[] RSA = {0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01,
            0x05, 0x00};

    /// DER of the object identifier id-ecPublicKey (RFC 5480 §2.1.1).
    private static final byte[] EC = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};

    private Pem() {}

    /// @return the certificate of the server first
    static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        var factory = CertificateFactory.getInstance("X.509");
        var chain = new ArrayList<X509Certificate>();
        for (var block : blocks(file)) {
            if (block.label().equals("CERTIFICATE")) {
                chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
            }
        }
        if (chain.isEmpty()) {
            throw new IOException("no certificate in " + file);
        }
        return chain;
    }

    static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        for (var block : blocks(file)) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return pkcs8(file, block.der());
                }
                case "RSA PRIVATE KEY" -> {
                    return pkcs8(file, wrapped(RSA, block.der()));
                }
                case "EC PRIVATE KEY" -> {
                    return pkcs8(file, wrapped(der(0x30, EC, curve(file, block.der())), block.der()));
                }
                case "ENCRYPTED PRIVATE KEY" -> throw new IOException("the key in " + file + " is encrypted; it must not be");
                default -> {
                    // EC PARAMETERS and certificates may stand in the same file.
                }
            }
        }
        throw new IOException("no private key in " + file);
    }

    private record Block(String label, byte[] der) {}

    private static List<Block> blocks(Path file) throws IOException {
        var blocks = new ArrayList<Block>();
        var matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException e) {
                throw new IOException("damaged " + matcher.group(1) + " in " + file, e);
            }
        }
        return blocks;
    }

    /// PKCS#8 does not say by name which kind of key it holds; only one kind of factory understands it.
    private static PrivateKey pkcs8(Path file, byte[] der) throws IOException, GeneralSecurityException {
        for (var algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                continue;
            }
        }
        throw new IOException("the key in " + file + " is neither RSA, EC nor Ed25519");
    }

    /// A key of the older forms put into PKCS#8 (RFC 5208 §5): version 0, algorithm, key.
    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return der(0x30, new byte[]{0x02, 0x01, 0x00}, algorithm, der(0x04, key));
    }

    /// The object identifier of the curve inside an EC key (RFC 5915 §3): tag 0xa0 after version and number.
    private static byte[] curve(Path file, byte[] key) throws IOException {
        int at = key.length > 1 && (key[1] & 0xff) > 0x80 ? 2 + (key[1] & 0x7f) : 2;
        while (at + 1 < key.length) {
            int length = key[at + 1];
            if (length < 0 || at + 2 + length > key.length) {
                break;
            }
            if ((key[at] & 0xff) == 0xa0) {
                return Arrays.copyOfRange(key, at + 2, at + 2 + length);
            }
            at += 2 + length;
        }
        throw new IOException("the EC key in " + file + " does not name its curve");
    }

    private static byte[] der(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (var part : parts) {
            content.writeBytes(part);
        }
        var der = new ByteArrayOutputStream();
        der.write(tag);
        int length = content.size();
        if (length < 0x80) {
            der.write(length);
        } else if (length < 0x100) {
            der.write(0x81);
            der.write(length);
        } else {
            der.write(0x82);
            der.write(length >> 8);
            der.write(length);
        }
        der.writeBytes(content.toByteArray());
        return der.toByteArray();
    }
}
