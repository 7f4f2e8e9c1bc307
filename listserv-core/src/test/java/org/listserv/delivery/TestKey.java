package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A self-signed certificate for a name, made on the spot with the JDK's keytool: what expires in a repository breaks a test one day.
record TestKey(SSLContext server, SSLContext trustingIt) {
    private static final char[] PASSWORD = "changeit".toCharArray();

    /// @param subjectAlternativeName such as `dns:relay.example.org,ip:127.0.0.1`
    static TestKey named(String subjectAlternativeName, Path folder) throws IOException, GeneralSecurityException, InterruptedException {
        var file = folder.resolve(subjectAlternativeName.replaceAll("\\W", "-") + ".p12");
        var keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-keyalg",
                "EC",
                "-alias", "relay", "-dname", "CN=relay", "-ext", "san=" + subjectAlternativeName, "-ext", "bc:c", "-validity", "2",
                "-keystore",
                file.toString(), "-storetype", "PKCS12", "-storepass", new String(PASSWORD)).inheritIO().start();
        assertThat(keytool.waitFor()).as("keytool").isZero();

        var store = KeyStore.getInstance(file.toFile(), PASSWORD);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        var server = SSLContext.getInstance("TLS");
        server.init(keys.getKeyManagers(), null, null);

        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("relay", store.getCertificate("relay"));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var client = SSLContext.getInstance("TLS");
        client.init(null, trust.getTrustManagers(), null);
        return new TestKey(server, client);
    }
}
