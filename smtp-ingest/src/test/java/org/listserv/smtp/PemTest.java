package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"-keyalg RSA -keysize 2048", "-keyalg EC -groupname secp384r1", "-keyalg Ed25519"})
    void a_key_in_pkcs8_is_read(String algorithm) throws Exception {
        var pair = SelfSigned.of(algorithm, 1);
        var file = directory.resolve("both.pem");
        pair.write(file, directory.resolve("key.pem"));
        assertThat(Pem.privateKey(directory.resolve("key.pem"))).isEqualTo(pair.key());
        assertThat(Pem.certificates(file)).containsExactly(pair.certificate());
    }

    /// What `openssl genrsa -traditional` and Puppet's own authority write.
    @Test
    void an_rsa_key_in_the_older_form_is_read() throws Exception {
        var pair = SelfSigned.of("-keyalg RSA -keysize 2048", 1);
        var file = directory.resolve("key.pem");
        Files.writeString(file, SelfSigned.pem("RSA PRIVATE KEY", inner(pair.key().getEncoded())));
        assertThat(Pem.privateKey(file)).isEqualTo(pair.key());
    }

    /// RFC 5915 §3: version 1, the number, then the curve, here prime256v1.
    @Test
    void an_ec_key_that_names_its_curve_is_read() throws Exception {
        var pair = SelfSigned.of("-keyalg EC -groupname secp256r1", 1);
        var number = HexFormat.of().parseHex("%064x".formatted(((ECPrivateKey) pair.key()).getS()));
        var key = new ByteArrayOutputStream();
        key.writeBytes(new byte[]{0x30, (byte) (3 + 2 + number.length + 12), 0x02, 0x01, 0x01, 0x04, (byte) number.length});
        key.writeBytes(number);
        key.writeBytes(HexFormat.of().parseHex("a00a06082a8648ce3d030107"));
        var file = directory.resolve("key.pem");
        Files.writeString(file, SelfSigned.pem("EC PARAMETERS", HexFormat.of().parseHex("06082a8648ce3d030107"))
                + SelfSigned.pem("EC PRIVATE KEY", key.toByteArray()));
        assertThat(((ECPrivateKey) Pem.privateKey(file)).getS()).isEqualTo(((ECPrivateKey) pair.key()).getS());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ENCRYPTED PRIVATE KEY | is encrypted
            PUBLIC KEY            | no private key
            EC PRIVATE KEY        | does not name its curve
            PRIVATE KEY           | neither RSA, EC nor Ed25519
            """)
    void what_cannot_be_used_is_named(String label, String why) throws IOException {
        var file = directory.resolve("key.pem");
        Files.writeString(file, SelfSigned.pem(label, new byte[]{0x30, 0x03, 0x02, 0x01, 0x01}));
        assertThatIOException().isThrownBy(() -> Pem.privateKey(file)).withMessageContaining(why).withMessageContaining(file.toString());
    }

    /// The key inside PKCS#8: the OCTET STRING at its end, here with a length in two octets.
    private static byte[] inner(byte[] pkcs8) {
        int at = 0;
        while (pkcs8[at] != 0x04 || (pkcs8[at + 1] & 0xff) != 0x82) {
            at++;
        }
        return Arrays.copyOfRange(pkcs8, at + 4, pkcs8.length);
    }
}
