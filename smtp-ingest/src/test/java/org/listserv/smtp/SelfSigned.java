package org.listserv.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for `localhost` that signs itself, made by the JDK's own keytool.
record SelfSigned(X509Certificate certificate, PrivateKey key) {

    private static final String PASSWORD = "password";

    /// keytool takes a second, so what has been made is used again.
    private static final Map<String, SelfSigned> MADE = new ConcurrentHashMap<>();

    /// @param algorithm and its parameters as keytool takes them, such as `-keyalg RSA -keysize 2048`
    /// @param number another number is another key
    static SelfSigned of(String algorithm, int number) {
        return MADE.computeIfAbsent(number + algorithm, _ -> {
            try {
                return make(algorithm);
            } catch (IOException | GeneralSecurityException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static SelfSigned make(String algorithm) throws IOException, GeneralSecurityException, InterruptedException {
        var directory = Files.createTempDirectory("keytool");
        var file = directory.resolve("keys.p12");
        var tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var command = (tool + " -genkeypair -alias a -dname CN=localhost -ext SAN=dns:localhost -validity 2 -storetype PKCS12 -storepass "
                + PASSWORD + " -keystore " + file + " " + algorithm).split(" ");
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        var store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        Files.delete(file);
        Files.delete(directory);
        return new SelfSigned((X509Certificate) store.getCertificate("a"), (PrivateKey) store.getKey("a", PASSWORD.toCharArray()));
    }

    void write(Path certificateFile, Path keyFile) throws IOException, GeneralSecurityException {
        Files.writeString(certificateFile, pem("CERTIFICATE", certificate.getEncoded()));
        Files.writeString(keyFile, pem("PRIVATE KEY", key.getEncoded()));
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    /// A client that believes in this certificate only.
    SSLContext client() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("a", certificate);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
