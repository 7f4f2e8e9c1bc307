package org.listserv.smtp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What we show after STARTTLS. The files are looked at whenever a client asks; when they have changed and fit together, the
/// new ones count from then on, and until then the old ones do.
final class Certificates {

    private static final Logger log = LoggerFactory.getLogger(Certificates.class);

    /// Both files as they were when loaded. Kept for a failed load too, so that a broken file is reported once.
    private record Version(String certificate, String key) {}

    private final SmtpSettings.Tls tls;
    private @Nullable Version seen;
    private @Nullable SSLContext context;

    private Certificates(SmtpSettings.Tls tls) {
        this.tls = tls;
    }

    /// @throws IOException naming the key and the file that cannot be used
    static Certificates load(SmtpSettings.Tls tls) throws IOException {
        var certificates = new Certificates(tls);
        if (tls instanceof SmtpSettings.Tls.Pem pem) {
            try {
                certificates.seen = version(pem);
                certificates.context = context(pem);
            } catch (IOException | GeneralSecurityException e) {
                throw new IOException(
                        "listserv.smtp.tls: " + pem.certificate() + " and " + pem.key() + " cannot be used: " + e.getMessage(), e);
            }
        }
        return certificates;
    }

    boolean isConfigured() {
        return tls instanceof SmtpSettings.Tls.Pem;
    }

    synchronized SSLContext current() {
        if (tls instanceof SmtpSettings.Tls.Pem pem) {
            refresh(pem);
        }
        if (context == null) {
            throw new IllegalStateException("STARTTLS without a certificate");
        }
        return context;
    }

    private void refresh(SmtpSettings.Tls.Pem pem) {
        try {
            var now = version(pem);
            if (!now.equals(seen)) {
                seen = now;
                context = context(pem);
                log.info("{}: certificate loaded again", pem.certificate());
            }
        } catch (IOException | GeneralSecurityException e) {
            log.warn("{} and {} have changed and cannot be used, the certificate loaded before stays: {}", pem.certificate(), pem.key(),
                    e.getMessage());
        }
    }

    private static Version version(SmtpSettings.Tls.Pem pem) throws IOException {
        return new Version(version(pem.certificate()), version(pem.key()));
    }

    private static String version(Path file) throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
    }

    private static SSLContext context(SmtpSettings.Tls.Pem pem) throws IOException, GeneralSecurityException {
        var chain = Pem.certificates(pem.certificate());
        var key = Pem.privateKey(pem.key());
        requireMatch(chain, key);
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("smtp", key, new char[0], chain.toArray(Certificate[]::new));
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /// Between the renewal of the one file and of the other they do not belong together.
    private static void requireMatch(List<X509Certificate> chain, PrivateKey key) throws GeneralSecurityException {
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        var probe = new byte[]{1, 2, 3};
        var signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(probe);
        var signed = signature.sign();
        try {
            signature.initVerify(chain.getFirst().getPublicKey());
            signature.update(probe);
            if (signature.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException("the key is not the certificate's", e);
        }
        throw new GeneralSecurityException("the key is not the certificate's");
    }
}
